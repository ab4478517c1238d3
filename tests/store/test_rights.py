"""What people may ask for themselves: to be erased, to move, to rest; and what is forgotten by itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from digest.addresses import parse_address
from digest.audience.admission import ImportReport, NewSubscriber
from digest.audience.interests import EVERYTHING
from digest.audience.requests import Purpose, Request, Says, Wish
from digest.audience.subscriber import Consent, Evidence
from digest.delivery.rows import Result, RowState
from digest.editions.edition import Edition
from digest.store import tables
from digest.store.database import open_database
from digest.store.deliveries import Deliveries
from digest.store.letters import Letters
from digest.store.requests import Requests
from digest.store.subscribers import Subscribers
from tests.audience.events import agreed, left
from tests.store.people import owe_letter, totals
from tests.store.rows import rows_of

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEY = b"h" * 32
NEW = parse_address("new@paper.example")
Join = Callable[..., int]
Newcomer = Callable[..., NewSubscriber]


def dump(engine: Engine) -> str:
    """Return every row of every table."""
    with engine.connect() as connection:
        return "\n".join(
            f"{table.name} {tuple(row)}"
            for table in tables.METADATA.sorted_tables
            for row in connection.execute(sa.select(table))
        )


def web(subscribers: Subscribers, key: int, evidence: str = "the link") -> None:
    event = Evidence(NOON, "preferences", evidence, "203.0.113.77")
    subscribers.choose(key, Wish("es", ("weekly",), EVERYTHING), NOON + DAY, event)


def a_life(engine: Engine, subscribers: Subscribers, sending: Callable[..., Edition], name: str = "zanzibar") -> int:
    """Return the key of somebody who left traces in every table."""
    requests, letters = Requests(engine, KEY), Letters(engine, KEY)
    wish = Wish("en", ("weekly",))
    request = Request(Purpose.SUBSCRIBE, parse_address(f"{name}@paper.example"), wish, "quartzform", "203.0.113.77")
    requests.take(request, NOON)
    requests.answer(requests.waiting()[0], NOON)
    who = subscribers.get(f"{name}@paper.example")
    assert who
    subscribers.confirm(who.key, agreed(evidence="quartzlink"))
    edition = sending()
    Deliveries(engine).commit(edition.key, [Result(who.key, RowState.BOUNCED, f"550 <{name}@paper.example>")], (), NOON)
    web(subscribers, who.key, "quartzchoice")
    requests.take(
        Request(Purpose.MOVE, parse_address(f"{name}.new@paper.example"), wish, "", "203.0.113.77", who.key), NOON
    )
    requests.answer(requests.waiting()[0], NOON)
    requests.take(Request(Purpose.MANAGE, request.address, wish, "", "203.0.113.77", who.key), NOON)
    assert len(letters.due(0, NOON, 9)) == 3
    return who.key


def test_of_somebody_erased_nothing_stays_but_a_keyed_hash_and_that_rows_were_mailed(
    engine: Engine, subscribers: Subscribers, sending: Callable[..., Edition]
) -> None:
    key = a_life(engine, subscribers, sending)
    before = dump(engine)
    assert {trace for trace in ("zanzibar", "quartz", "203.0.113.77") if trace in before} == {
        "zanzibar",
        "quartz",
        "203.0.113.77",
    }
    assert subscribers.erase(key, NOON)
    assert not subscribers.erase(key, NOON)
    after = dump(engine)
    for trace in ("zanzibar", "quartz", "203.0.113.77"):
        assert trace not in after
    assert [(event.source, event.evidence) for event in subscribers.history(key)] == [("erasure", "erased")]
    (mail,) = subscribers.mails_to(key)
    assert (mail.edition, mail.state, mail.reply, mail.variant) == ("weekly/2026-11-27", RowState.BOUNCED, "", "")
    assert subscribers.letters_to(key) == []


def test_what_a_server_says_of_somebody_erased_in_flight_is_not_kept(
    subscribers: Subscribers, deliveries: Deliveries, sending: Callable[..., Edition], join: Join
) -> None:
    ana, ben = join("ana"), join("ben")
    edition = sending()
    assert deliveries.commit(edition.key, (), (ana, ben), NOON) == frozenset({ana, ben})
    subscribers.erase(ana, NOON)
    said = [Result(key, RowState.BOUNCED, "550 <somebody@paper.example> unknown") for key in (ana, ben)]
    deliveries.commit(edition.key, said, (), NOON)
    assert [row.reply for row in rows_of(deliveries, edition.key)] == ["", "550 <somebody@paper.example> unknown"]


def test_not_a_byte_of_somebody_erased_stays_in_sqlites_files_while_others_work(
    tmp_path: Path, newcomer: Newcomer
) -> None:
    engine = open_database("sqlite:///digest.db", tmp_path)
    subscribers = Subscribers(engine, KEY)
    rows = [newcomer(f"crowd{number}", evidence=f"e{number}" * 9) for number in range(1500)]
    marked = [newcomer(f"zanzibar{number}", evidence="quartz" * 5, ip="203.0.113.77") for number in range(40)]
    subscribers.import_rows(rows[:700] + marked[:20] + rows[700:] + marked[20:], NOON)
    keys = [who.key for one in marked if (who := subscribers.get(one.address.key))]
    for key in keys:
        web(subscribers, key, "quartz")
    for key in keys:
        assert subscribers.erase(key, NOON)
    held = b"".join(path.read_bytes() for path in sorted(tmp_path.glob("digest.db*")))
    assert b"crowd1234" in held
    for trace in (b"zanzibar", b"quartz", b"203.0.113.77"):
        assert trace not in held
    engine.dispose()


def test_no_list_writes_down_again_who_was_erased(
    subscribers: Subscribers, newcomer: Newcomer, join: Join, engine: Engine
) -> None:
    subscribers.erase(join("zanzibar"), NOON)
    for state in Consent:
        report = subscribers.import_rows([newcomer("zanzibar", state=state)], NOON)
        assert report in {ImportReport(known=1), ImportReport(refused=1)}
    assert "zanzibar" not in dump(engine)


def test_an_address_barred_elsewhere_stays_barred_though_its_owner_was_erased_here(
    subscribers: Subscribers, newcomer: Newcomer, join: Join
) -> None:
    subscribers.erase(join("ana"), NOON)
    subscribers.import_rows([newcomer("ana", state=Consent.SUPPRESSED)], NOON)
    subscribers.import_rows([newcomer("ana", state=Consent.LEFT)], NOON)
    assert subscribers.release("ana@paper.example", left("staff", "by mistake")) == "barred where the list comes from"


def test_an_erased_address_that_bounced_before_may_not_come_back(subscribers: Subscribers, join: Join) -> None:
    ana = join("ana")
    subscribers.suppress("ana@paper.example", "5.1.1", "bounce", NOON)
    subscribers.erase(ana, NOON)
    assert subscribers.release("ana@paper.example", left("staff", "by mistake")) == "5.1.1"


def test_who_moves_is_mailed_there_and_the_former_address_is_told(
    subscribers: Subscribers, engine: Engine, join: Join
) -> None:
    ana = join("ana")
    version = subscribers.by_key(ana)
    assert subscribers.move(ana, NEW, agreed("change of address"))
    moved = subscribers.by_key(ana)
    assert moved
    assert version
    assert (moved.address, moved.state, moved.version) == (NEW.address, Consent.CONFIRMED, version.version + 1)
    assert subscribers.get("ana@paper.example") is None
    [letter] = Letters(engine, KEY).due(0, NOON, 9)
    assert (letter.variant, letter.address) == ("moved", "ana@paper.example")


@pytest.mark.parametrize("state", [Consent.CONFIRMED, Consent.LEFT, Consent.SUPPRESSED])
def test_nobody_moves_to_an_address_that_became_somebodys_meanwhile(
    subscribers: Subscribers, join: Join, state: Consent
) -> None:
    ana = join("ana")
    before = [subscribers.by_key(key) for key in (ana, join("new", state=state))]
    assert not subscribers.move(ana, NEW, agreed("change of address"))
    assert [subscribers.by_key(one.key) for one in before if one] == before


def test_who_was_only_asked_at_the_new_address_gives_way_to_its_owner(subscribers: Subscribers, join: Join) -> None:
    ana, asked = join("ana"), join("new", state=Consent.ASKED)
    assert subscribers.move(ana, NEW, agreed("change of address"))
    assert subscribers.by_key(asked) is None
    found = subscribers.get(NEW.key)
    assert found
    assert found.key == ana


def test_nobody_moves_to_an_address_that_bounces_nor_who_left(subscribers: Subscribers, join: Join) -> None:
    ana, ben = join("ana"), join("ben")
    subscribers.suppress(NEW.key, "5.1.1", "bounce", NOON)
    assert not subscribers.move(ana, NEW, agreed("change of address"))
    subscribers.leave(ben, left())
    assert not subscribers.move(ben, parse_address("ben2@paper.example"), agreed("change of address"))


def test_a_departure_in_a_list_makes_links_worthless_and_ends_a_pause(
    subscribers: Subscribers, newcomer: Newcomer, join: Join
) -> None:
    keys = {state: join(state.value, digests=("weekly",)) for state in (Consent.LEFT, Consent.SUPPRESSED)}
    stays = join("stays")
    for key in (*keys.values(), stays):
        web(subscribers, key)
    rows = [newcomer(state.value, state=state, agreed_at=NOON + HOUR) for state in keys]
    report = subscribers.import_rows([*rows, newcomer("stays", digests=("daily",))], NOON + HOUR)
    assert report == ImportReport(changed=2, known=1)
    for state, key in keys.items():
        who = subscribers.by_key(key)
        assert who
        assert (who.state, who.version, who.paused_until) == (state, 1, None)
    same = subscribers.by_key(stays)
    assert same
    assert (same.version, same.paused_until) == (0, NOON + DAY)


def test_ip_addresses_are_forgotten_in_time_and_what_they_proved_stays(subscribers: Subscribers, join: Join) -> None:
    old, late = join("old", ip="203.0.113.1", agreed_at=NOON - DAY), join("late", ip="203.0.113.2", agreed_at=NOON)
    subscribers.forget(NOON, NOON - 30 * DAY)
    assert [subscribers.history(key)[0].ip for key in (old, late)] == [None, "203.0.113.2"]
    assert subscribers.history(old)[0].evidence == "asked at the press conference"


def test_ip_addresses_are_forgotten_some_at_once_so_that_others_can_write_meanwhile(
    subscribers: Subscribers, newcomer: Newcomer
) -> None:
    subscribers.import_rows([newcomer(f"r{number}", ip="203.0.113.1") for number in range(2100)], NOON)
    forgotten: list[int] = []
    hear = lambda *args: forgotten.append(args[1].rowcount)  # noqa: E731 - SQLAlchemy looks at its name otherwise
    sa.event.listen(subscribers.engine, "after_cursor_execute", hear)
    subscribers.forget(NOON + HOUR, NOON)
    sa.event.remove(subscribers.engine, "after_cursor_execute", hear)
    assert [count for count in forgotten if count > 0] == [1000, 1000, 100]
    assert "203.0.113.1" not in dump(subscribers.engine)


def test_who_never_confirmed_is_forgotten_as_if_they_had_never_been_here(
    subscribers: Subscribers, engine: Engine, join: Join
) -> None:
    ana, ben = join("ana", state=Consent.ASKED), join("ben")
    owe_letter(Letters(engine, KEY), ana, Says.CONFIRM, NOON)
    subscribers.forget(NOON, NOON)
    assert subscribers.by_key(ana)
    subscribers.forget(NOON, NOON + HOUR)
    assert subscribers.by_key(ana) is None
    assert subscribers.by_key(ben)
    assert "ana" not in dump(engine)


def test_who_was_asked_again_lately_can_still_confirm(subscribers: Subscribers, engine: Engine, join: Join) -> None:
    ana = join("ana", state=Consent.ASKED)
    requests = Requests(engine, KEY)
    again = Request(Purpose.SUBSCRIBE, parse_address("ana@paper.example"), Wish("en", ("weekly",)), "the form", "::1")
    requests.take(again, NOON + 29 * DAY)
    requests.answer(requests.waiting()[0], NOON + 29 * DAY)
    subscribers.forget(NOON, NOON + DAY)
    assert subscribers.confirm(ana, agreed())


def test_however_many_never_confirmed_are_forgotten_at_once(subscribers: Subscribers, newcomer: Newcomer) -> None:
    subscribers.import_rows([newcomer(f"r{number}", state=Consent.ASKED) for number in range(2100)], NOON)
    subscribers.forget(NOON, NOON + HOUR)
    assert totals(subscribers) == {}


def test_who_rests_is_skipped_with_the_reason_and_gets_the_next_edition(
    subscribers: Subscribers, deliveries: Deliveries, sending: Callable[..., Edition], join: Join
) -> None:
    ana, ben = join("ana"), join("ben")
    web(subscribers, ana)  # until NOON + DAY
    now = sending()
    assert [(row.state, row.reply) for row in rows_of(deliveries, now.key)] == [
        (RowState.SKIPPED, "a pause"),
        (RowState.DUE, ""),
    ]
    assert deliveries.commit(now.key, (), (ana, ben), NOON) == frozenset({ben})
    later = sending(digest="weekly", day=(NOON + DAY).date())
    assert [row.subscriber for row in deliveries.due(later.key, NOON + DAY, 9)] == [ben]


def test_a_pause_holds_at_the_gate_and_ends_to_the_second(
    subscribers: Subscribers, deliveries: Deliveries, sending: Callable[..., Edition], join: Join
) -> None:
    ana, ben = join("ana"), join("ben")
    edition = sending()
    for key in (ana, ben):
        web(subscribers, key)
    assert deliveries.commit(edition.key, (), (ana,), NOON + DAY - timedelta(seconds=1)) == frozenset()
    assert deliveries.commit(edition.key, (), (ben,), NOON + DAY) == frozenset({ben})
    [paused, _] = rows_of(deliveries, edition.key)
    assert (paused.state, paused.reply) == (RowState.SUPPRESSED, "no consent any more, or a pause")


def test_the_database_itself_forbids_steps_that_no_consent_allows(engine: Engine, join: Join) -> None:
    ana = join("ana")
    for before, state in (
        ("suppressed", "confirmed"),
        ("suppressed", "asked"),
        ("confirmed", "asked"),
        ("left", "asked"),
    ):
        row = {"subscriber_id": ana, "at": NOON, "before": before, "state": state, "source": "s", "evidence": "e"}
        with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
            connection.execute(sa.insert(tables.consent).values(row))


def test_the_database_itself_forbids_an_erased_row_with_an_address(engine: Engine, join: Join) -> None:
    ana = join("ana")
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(sa.update(tables.subscriber).where(tables.subscriber.c.id == ana).values(erased_at=NOON))


def test_who_undoes_leaving_rests_as_before_but_who_asks_anew_does_not(
    engine: Engine, subscribers: Subscribers, join: Join
) -> None:
    requests = Requests(engine, KEY)
    for name, again in (("ana", False), ("ben", True)):
        key = join(name, digests=("weekly",))
        subscribers.choose(key, Wish("en", ("weekly",)), NOON + DAY, agreed("choice"))
        subscribers.leave(key, left(), Says.LEFT)
        if again:
            address = parse_address(f"{name}@paper.example")
            requests.take(Request(Purpose.SUBSCRIBE, address, Wish("en", ("weekly",)), "", "203.0.113.7"), NOON)
            for number in requests.waiting():
                requests.answer(number, NOON)
        assert subscribers.confirm(key, agreed())
        who = subscribers.by_key(key)
        assert who
        assert who.paused_until == (None if again else NOON + DAY)
