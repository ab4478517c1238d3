"""What strangers may cause by the forms: limits that hold over restarts and processes, and letters, one for each."""

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from digest.addresses import parse_address
from digest.audience.interests import Interests
from digest.audience.limits import IN_TOTAL, OF_A_DOMAIN, OF_A_NETWORK, OF_AN_ADDRESS, Reached
from digest.audience.requests import Purpose, Request, Says, Wish
from digest.audience.subscriber import Consent
from digest.audience.tokens import address_hash
from digest.store import tables
from digest.store.database import open_database
from digest.store.letters import Letters
from digest.store.requests import Requests
from digest.store.subscribers import Subscribers
from tests.audience.events import agreed, left

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
KEY = b"h" * 32
Join = Callable[..., int]
Mailed = Callable[[], list[tuple[Says, str]]]


def asking(
    address: str = "ana@paper.example", ip: str = "203.0.113.7", purpose: Purpose = Purpose.SUBSCRIBE, who: int = 0
) -> Request:
    return Request(purpose, parse_address(address), Wish("en", ("weekly",)), "the form of today", ip, who or None)


def anyone(number: int, domain: str = "") -> Request:
    """Return the request of somebody whom no limit but the last knows."""
    return asking(f"a{number}@{domain or f'd{number}.example'}", f"10.{number >> 8}.{number & 255}.1")


@pytest.fixture
def requests(engine: Engine) -> Requests:
    return Requests(engine, KEY)


@pytest.fixture
def answered(requests: Requests, engine: Engine) -> Mailed:
    """Return what answers all that waits, and gives the letters that are owed by then, with their addresses."""

    def answer() -> list[tuple[Says, str]]:
        letters = Letters(engine, KEY)
        for number in requests.waiting():
            requests.answer(number, NOON)
        owed = [letters.owed(row.subscriber) for row in letters.due(0, NOON, 100)]
        return [(letter.says, letter.address) for letter in owed if letter]

    return answer


def test_an_address_is_asked_once_a_day_whoever_writes_it_into_the_form(requests: Requests) -> None:
    assert requests.take(asking(), NOON) is None
    for number in range(5):
        assert requests.take(asking("ANA@Paper.Example", f"198.51.{number}.1"), NOON + 23 * HOUR) == "address"
    assert len(requests.waiting()) == 1
    assert requests.take(asking(), NOON + DAY) is None


def test_each_purpose_has_a_limit_of_its_own(requests: Requests) -> None:
    for purpose in Purpose:
        taken = [requests.take(asking(purpose=purpose), NOON) for _ in range(5)]
        assert taken.count(None) == OF_AN_ADDRESS[purpose].most
        assert set(taken) == {None, "address"}


def test_a_network_asks_for_so_many_an_hour_and_its_neighbour_for_others(requests: Requests) -> None:
    for number in range(OF_A_NETWORK.most):
        assert requests.take(asking(f"a{number}@d{number}.example", f"203.0.113.{number}"), NOON) is None
    assert requests.take(asking("z@z.example", "203.0.113.99"), NOON + 59 * MINUTE) == "network"
    assert requests.take(asking("z@z.example", "203.0.114.99"), NOON + 59 * MINUTE) is None
    assert requests.take(asking("y@z.example", "203.0.113.99"), NOON + HOUR) is None


def _take_before(engine: Engine, count: int, domain: str = "d") -> None:
    row = {"at": NOON, "purpose": Purpose.SUBSCRIBE, "address_hash": "a", "network_hash": "n", "domain_hash": domain}
    with engine.begin() as connection:
        connection.execute(sa.insert(tables.request), [row] * count)


def test_a_domain_is_asked_so_often_an_hour_from_wherever(requests: Requests, engine: Engine) -> None:
    _take_before(engine, OF_A_DOMAIN.most - 1, address_hash(KEY, "domain paper.example"))
    assert requests.take(anyone(0, "paper.example"), NOON) is None
    assert requests.take(anyone(1000, "PAPER.example"), NOON) == "domain"
    assert requests.take(anyone(1000, "mail.paper.example"), NOON) is None
    assert requests.take(anyone(1001, "paper.example"), NOON + HOUR) is None


def test_all_together_ask_for_so_many_an_hour(requests: Requests, engine: Engine) -> None:
    _take_before(engine, IN_TOTAL.most - 1)
    assert requests.take(anyone(1), NOON) is None
    assert requests.take(anyone(2), NOON) == "total"
    assert requests.take(anyone(2), NOON + HOUR) is None


def test_a_network_at_its_limit_does_not_learn_what_was_asked_for_before(requests: Requests) -> None:
    requests.take(asking("ana@paper.example", "198.51.100.1"), NOON)
    for number in range(OF_A_NETWORK.most):
        requests.take(asking(f"a{number}@d{number}.example"), NOON)
    assert {requests.take(asking(f"{name}@paper.example"), NOON) for name in ("ana", "ben")} == {"network"}


def test_who_asks_for_an_address_learns_from_no_other_limit_that_it_was_asked_before(requests: Requests) -> None:
    requests.take(asking("ana@paper.example", "198.51.100.1"), NOON)
    for number, name in enumerate(("ana", "ben")):  # asked before, and not
        ip = f"203.0.{number}.7"
        for _ in range(OF_A_NETWORK.most):
            assert requests.take(asking(f"{name}@paper.example", ip), NOON) in {None, "address"}
        assert requests.take(asking("new@paper.example", ip), NOON) == "network"


def test_a_request_that_an_address_had_before_takes_the_same_statements_as_the_first(
    requests: Requests, engine: Engine
) -> None:
    def statements() -> list[str]:
        seen: list[str] = []
        hear = lambda *args: seen.append(args[2])  # noqa: E731 - SQLAlchemy looks at its name otherwise
        sa.event.listen(engine, "before_cursor_execute", hear)
        requests.take(asking(), NOON)
        sa.event.remove(engine, "before_cursor_execute", hear)
        return seen

    assert statements() == statements()


def test_nobody_keeps_an_owner_out_by_asking_for_their_address_all_day(requests: Requests) -> None:
    for hour in range(24):
        requests.take(asking(ip=f"198.51.{hour}.1"), NOON + hour * HOUR)
    assert requests.take(asking(), NOON + DAY) is None


def _opened_anew(engine: Engine, folder: Path) -> Engine:
    return open_database(engine.url.render_as_string(hide_password=False), folder)


def test_limits_and_requests_outlive_the_process(engine: Engine, requests: Requests, tmp_path: Path) -> None:
    requests.take(asking(), NOON)
    again = _opened_anew(engine, tmp_path)
    try:
        later = Requests(again, KEY)
        assert later.take(asking(), NOON + MINUTE) == "address"
        assert len(later.waiting()) == 1
    finally:
        again.dispose()


def _take_from_another_process(url: str, folder: Path, number: int) -> list[Reached | None]:
    engine = open_database(url, folder)
    try:
        requests = Requests(engine, KEY)
        own = [requests.take(asking(f"a{number}-{turn}@d{number}.example"), NOON) for turn in range(12)]
        return [requests.take(asking(ip=f"198.51.{number}.1"), NOON), *own]
    finally:
        engine.dispose()


def test_processes_that_ask_at_once_share_the_limits(engine: Engine, tmp_path: Path) -> None:
    url = engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_take_from_another_process, url, tmp_path, number) for number in range(3)]
        taken = [job.result() for job in jobs]
    assert [first for first, *_ in taken].count(None) == 1  # of the one address
    assert Counter(each for _, *rest in taken for each in rest) == {None: OF_A_NETWORK.most, "network": 6}


def test_threads_that_answer_at_once_owe_one_letter_each(requests: Requests, engine: Engine) -> None:
    for number in range(8):
        requests.take(anyone(number), NOON)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: requests.answer(number, NOON), [*requests.waiting()] * 4))
    assert len(Letters(engine, KEY).due(0, NOON, 100)) == 8
    assert requests.waiting() == []


def test_a_stranger_is_asked_and_what_the_form_said_is_kept_as_evidence(
    requests: Requests, answered: Mailed, subscribers: Subscribers
) -> None:
    wish = Wish("es", ("daily", "weekly"), Interests(topics=frozenset({"asylum"})))
    request = Request(Purpose.SUBSCRIBE, parse_address("Ana@paper.example"), wish, "the form", "203.0.113.7")
    requests.take(request, NOON)
    assert answered() == [(Says.CONFIRM, "Ana@paper.example")]
    who = subscribers.get("ana@paper.example")
    assert who
    assert (who.state, who.language, who.digests, who.interests) == (Consent.ASKED, *vars(wish).values())
    [event] = subscribers.history(who.key)
    assert (event.state, event.source, event.evidence, event.ip) == (Consent.ASKED, "form", "the form", "203.0.113.7")
    assert subscribers.count("weekly") == 0


def test_who_is_on_the_list_is_told_so_and_keeps_what_they_have(
    requests: Requests, answered: Mailed, subscribers: Subscribers, join: Join
) -> None:
    before = subscribers.by_key(join("ana", digests=("daily",)))
    requests.take(asking(), NOON)
    assert answered() == [(Says.KNOWN, "ana@paper.example")]
    assert subscribers.get("ana@paper.example") == before


def test_who_left_is_asked_again_and_stays_gone_until_they_confirm(
    requests: Requests, answered: Mailed, subscribers: Subscribers, join: Join
) -> None:
    ana = join("ana")
    subscribers.leave(ana, left())
    requests.take(asking(), NOON)
    assert answered() == [(Says.CONFIRM, "ana@paper.example")]
    assert subscribers.count("weekly") == 0
    assert subscribers.confirm(ana, agreed())
    assert subscribers.count("weekly") == 1


def test_an_address_that_bounced_is_not_asked_again(
    requests: Requests, answered: Mailed, subscribers: Subscribers, join: Join
) -> None:
    join("ana")
    for address in ("ana@paper.example", "unknown@paper.example"):
        subscribers.suppress(address, "5.1.1", "bounce", NOON)
        requests.take(asking(address), NOON)
    assert answered() == []
    assert subscribers.get("unknown@paper.example") is None


def test_who_was_erased_may_come_back_as_somebody_new(
    requests: Requests, answered: Mailed, subscribers: Subscribers, join: Join
) -> None:
    old = join("ana")
    subscribers.erase(old, NOON)
    requests.take(asking(), NOON)
    assert answered() == [(Says.CONFIRM, "ana@paper.example")]
    new = subscribers.get("ana@paper.example")
    assert new
    assert new.key != old
    assert subscribers.count("weekly") == 0
    assert subscribers.confirm(new.key, agreed())
    assert subscribers.count("weekly") == 1


@pytest.mark.parametrize(
    ("state", "mailed"),
    [(None, [Says.MOVE]), (Consent.ASKED, [Says.MOVE]), (Consent.CONFIRMED, []), (Consent.LEFT, [])],
)
def test_a_move_is_asked_at_an_address_that_is_nobodys_yet(
    requests: Requests, answered: Mailed, join: Join, state: Consent | None, mailed: list[Says]
) -> None:
    ana = join("ana")
    if state:
        join("ben", state=state)
    requests.take(asking("ben@paper.example", purpose=Purpose.MOVE, who=ana), NOON)
    assert answered() == [(says, "ben@paper.example") for says in mailed]


@pytest.mark.parametrize("purpose", [Purpose.MANAGE, Purpose.MOVE])
def test_what_somebody_asked_for_who_was_erased_meanwhile_is_not_answered(
    requests: Requests, answered: Mailed, subscribers: Subscribers, join: Join, purpose: Purpose
) -> None:
    ana = join("ana")
    address = "ben@paper.example" if purpose is Purpose.MOVE else "ana@paper.example"
    requests.take(asking(address, purpose=purpose, who=ana), NOON)
    subscribers.erase(ana, NOON)
    assert requests.waiting() == []
    assert answered() == []


def test_nobody_moves_who_left_meanwhile(
    requests: Requests, answered: Mailed, subscribers: Subscribers, join: Join
) -> None:
    ana = join("ana")
    requests.take(asking("ben@paper.example", purpose=Purpose.MOVE, who=ana), NOON)
    subscribers.leave(ana, left())
    assert answered() == []


def test_a_request_of_a_subscriber_who_is_no_more_keeps_nobody_else_waiting(
    requests: Requests, answered: Mailed
) -> None:
    requests.take(asking("ben@paper.example", purpose=Purpose.MOVE, who=4711), NOON)
    requests.take(asking(), NOON)
    assert answered() == [(Says.CONFIRM, "ana@paper.example")]


def test_no_address_and_no_ip_stays_of_a_request_that_was_answered(
    requests: Requests, answered: Mailed, engine: Engine
) -> None:
    requests.take(asking(), NOON)
    answered()
    with engine.connect() as connection:
        row = str(connection.execute(sa.select(tables.request)).one())
    assert "paper" not in row
    assert "203.0.113" not in row


def test_requests_are_forgotten_when_no_limit_counts_them_and_unanswered_ones_later(
    requests: Requests, answered: Mailed
) -> None:
    requests.take(asking(), NOON)
    answered()
    requests.take(asking("ben@paper.example"), NOON)
    requests.forget(NOON + HOUR, NOON - 30 * DAY)
    assert requests.take(asking(), NOON + MINUTE) is None
    assert len(requests.waiting()) == 2
    requests.forget(NOON + DAY, NOON + HOUR)
    assert requests.waiting() == []


def test_the_key_of_the_hashes_does_not_show(requests: Requests) -> None:
    assert "hhh" not in repr(requests)
    assert os.fsdecode(KEY) not in repr(Letters(requests.engine, KEY))
