"""A hundred confirm, leave, bounce and are imported at once, in threads and in processes: one right row each."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from random import Random  # noqa: TID251 - seeded

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from digest.addresses import parse_address
from digest.audience.admission import NewSubscriber
from digest.audience.requests import Purpose, Request, Says, Wish
from digest.audience.subscriber import Consent
from digest.store import tables
from digest.store.database import open_database
from digest.store.requests import Requests
from digest.store.subscribers import Subscribers
from tests.audience.events import agreed, left

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
KEY = b"h" * 32
NAMES = [f"reader{number}" for number in range(6)]
JOBS = 100
WISH = Wish("en", ("weekly",))


def _new(name: str, state: Consent) -> NewSubscriber:
    return NewSubscriber(parse_address(f"{name}@paper.example"), "en", ("weekly", "daily"), state, "list", "as it says")


def _do(engine: Engine, number: int) -> None:
    """Do what that job does, with people in an order of its own."""
    chance = Random(number)
    store, requests = Subscribers(engine, KEY), Requests(engine, KEY)
    names = chance.sample(NAMES, len(NAMES))
    who = store.get(f"{names[0]}@paper.example")
    key = who.key if who else 0
    jobs: list[Callable[[], object]] = [
        lambda: store.confirm(key, agreed()),
        lambda: store.leave(key, left(), Says.LEFT),
        lambda: store.import_rows([_new(name, Consent.CONFIRMED) for name in names], NOON),
        lambda: store.import_rows([_new(name, Consent.SUPPRESSED) for name in names[:2]], NOON),
        lambda: store.suppress(f"{names[0]}@paper.example", "5.1.1", "bounce", NOON),
        lambda: store.release(f"{names[0]}@paper.example", left("staff")),
        lambda: store.choose(key, WISH, NOON, agreed("choice")),
        lambda: store.move(key, parse_address(f"{names[1]}@paper.example"), agreed("move")),
        lambda: store.forget(NOON, NOON + timedelta(days=1)),
        lambda: store.erase(key, NOON),
        lambda: _ask(requests, names[0], number),
    ]
    jobs[number % len(jobs)]()


def _ask(requests: Requests, name: str, number: int) -> None:
    at = NOON + timedelta(days=number)
    requests.take(Request(Purpose.SUBSCRIBE, parse_address(f"{name}@paper.example"), WISH, "form", "::1"), at)
    for waiting in requests.waiting():
        requests.answer(waiting, at)


def _do_in_another_process(url: str, folder: Path, numbers: range) -> None:
    engine = open_database(url, folder)
    try:
        for number in numbers:
            _do(engine, number)
    finally:
        engine.dispose()


def assert_right(engine: Engine) -> None:
    """Each address has one row, whose history is a chain that ends in its state, in the order of the changes."""
    with engine.connect() as connection:
        people = connection.execute(sa.select(tables.subscriber)).all()
        events = connection.execute(sa.select(tables.consent).order_by(tables.consent.c.id)).all()
        barred = set(connection.execute(sa.select(tables.suppression.c.address_hash)).scalars())
    here = [who.address_key for who in people if who.address]
    assert len(here) == len(set(here))
    assert here
    for who in people:
        own = [event for event in events if event.subscriber_id == who.id]
        assert own[-1].state == who.state
        assert all(event.before == former.state for former, event in pairwise(own))
        assert not (who.state == Consent.CONFIRMED and who.address_hash in barred)


def test_what_threads_do_at_once_to_the_same_people_leaves_one_right_row_each(engine: Engine) -> None:
    Subscribers(engine, KEY).import_rows([_new(name, Consent.CONFIRMED) for name in NAMES], NOON)
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda number: _do(engine, number), range(JOBS)))
    assert_right(engine)


def test_what_processes_do_at_once_to_the_same_people_leaves_one_right_row_each(engine: Engine, tmp_path: Path) -> None:
    Subscribers(engine, KEY).import_rows([_new(name, Consent.CONFIRMED) for name in NAMES], NOON)
    url = engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_do_in_another_process, url, tmp_path, range(part, JOBS, 4)) for part in range(4)]
        for job in jobs:
            job.result()
    assert_right(engine)


def test_a_hundred_clicks_on_one_link_are_one_confirmation_with_one_welcome(
    subscribers: Subscribers, join: Callable[..., int]
) -> None:
    ana = join("ana", state=Consent.ASKED)
    with ThreadPoolExecutor(10) as pool:
        confirmed = list(pool.map(lambda _: subscribers.confirm(ana, agreed()), range(JOBS)))
        gone = list(pool.map(lambda _: subscribers.leave(ana, left(), Says.LEFT), range(JOBS)))
    assert (confirmed.count(True), gone.count(True)) == (1, 1)
    assert [letter.says for letter in subscribers.letters_to(ana)] == [Says.WELCOME, Says.LEFT]
    assert len(subscribers.history(ana)) == 3
