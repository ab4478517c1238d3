"""Editions that are paused, resumed and cancelled while a sender in another process is at work."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random  # noqa: TID251 - seeded

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from digest import clock
from digest.delivery.rows import RowState
from digest.editions.edition import State
from digest.store import tables
from digest.store.deliveries import Deliveries
from digest.store.editions import Editions
from tests.faults.sending import CONNECTIONS, START, Post, Task, post, prepared
from tests.store.rows import rows_of

SLOWNESS = 0.02  # seconds for a message: 400 a second at most
ENOUGH = 1.0  # seconds from the step to the last message


@contextmanager
def at_work(url: str, folder: Path, edition: int, server: Post, chance: Random) -> Iterator["subprocess.Popen[str]"]:
    """Give a sender in the middle of its work."""
    before = sum(server.copies.values())
    process = Task(url, folder, edition, server.port).begin("resend", "here")
    try:
        deadline = clock.monotonic() + 30
        while sum(server.copies.values()) < before + 40:
            assert process.poll() is None
            assert clock.monotonic() < deadline
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.1))
        yield process
    finally:
        process.kill()
        process.communicate()


def taken_up(engine: Engine, edition: int) -> set[int]:
    """Return the subscribers of rows that ever were in flight."""
    row = tables.delivery.c
    with engine.connect() as connection:
        query = sa.select(row.subscriber_id).where(row.edition_id == edition, row.attempts > 0)
        return set(connection.execute(query).scalars())


def step(engine: Engine, edition: int, to: State) -> None:
    editions = Editions(engine)
    seen = editions.by_key(edition)
    assert seen
    editions.move(seen, to)


def test_a_pause_ends_a_running_mailing_within_a_second_and_after_any_number_of_them_everybody_got_it_once(
    engine: Engine, url: str, tmp_path: Path, rounds: Callable[[int, int], int]
) -> None:
    pauses, chance = rounds(3, 40), Random(11)
    readers = 160 * (pauses + 1)
    edition, deliveries = prepared(engine, readers), Deliveries(engine, "here")
    with post(SLOWNESS) as server:
        for _ in range(pauses):
            with at_work(url, tmp_path, edition, server, chance) as process:
                asked = clock.monotonic()
                step(engine, edition, State.PAUSED)
                in_flight_by_then = taken_up(engine, edition)
                assert process.wait(10) == 0
            assert server.last - asked < ENOUGH
            assert taken_up(engine, edition) == in_flight_by_then  # nobody was taken up after the step
            counts = deliveries.counts(edition)
            assert counts.keys() == {RowState.SENT, RowState.DUE}
            assert sum(server.copies.values()) == counts[RowState.SENT]
            idle = Task(url, tmp_path, edition, server.port).begin("resend", "here")
            assert idle.wait(30) == 0  # a paused edition is sent by nobody
            idle.communicate()
            assert deliveries.counts(edition) == counts
            step(engine, edition, State.SENDING)
        last = Task(url, tmp_path, edition, server.port).begin("resend", "here")
        assert last.wait(60) == 0
        last.communicate()
        copies = server.copies
    assert deliveries.counts(edition) == {RowState.SENT: readers}
    assert set(copies.values()) == {1}
    assert len(copies) == readers


def test_a_cancelled_mailing_ends_within_a_second_and_every_row_is_accounted_for(
    engine: Engine, url: str, tmp_path: Path
) -> None:
    readers = 1200  # more than are closed at a time
    edition, deliveries = prepared(engine, readers), Deliveries(engine, "here")
    with post(SLOWNESS) as server:
        with at_work(url, tmp_path, edition, server, Random(5)) as process:
            asked = clock.monotonic()
            step(engine, edition, State.CANCELLED)
            skipped = deliveries.close(edition, START)
            assert process.wait(10) == 0
        assert server.last - asked < ENOUGH
        copies = server.copies
    counts = deliveries.counts(edition)
    assert counts == {RowState.SENT: len(copies), RowState.SKIPPED: skipped}
    assert sum(counts.values()) == readers
    assert {row.reply for row in rows_of(deliveries, edition) if row.state is RowState.SKIPPED} == {"cancelled"}
    assert Editions(engine).unclosed() == []


def test_who_was_sent_it_twice_perhaps_is_in_doubt_and_not_skipped_when_the_edition_is_cancelled(
    engine: Engine, url: str, tmp_path: Path
) -> None:
    edition, deliveries = prepared(engine, 400), Deliveries(engine, "here")
    with post(SLOWNESS) as server:
        with at_work(url, tmp_path, edition, server, Random(5)) as process:
            process.kill()
        copies = server.copies
    doubts = deliveries.recover(edition, "resend", START)  # they are due again
    assert 0 < doubts <= CONNECTIONS
    step(engine, edition, State.CANCELLED)
    assert [one.key for one in Editions(engine).unclosed()] == [edition]
    deliveries.close(edition, START)
    counts = deliveries.counts(edition)
    assert counts[RowState.IN_DOUBT] == doubts
    assert sum(counts.values()) == 400
    certain = {row.address for row in rows_of(deliveries, edition) if row.state is RowState.SKIPPED}
    assert not certain & copies.keys()
