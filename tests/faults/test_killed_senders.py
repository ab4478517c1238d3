"""Senders that are killed at random moments: nobody is lost, and every doubtful recipient is named."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from random import Random  # noqa: TID251 - seeded

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from digest.delivery.rows import MOST_DOUBTS, RowState
from digest.store import tables
from digest.store.deliveries import Deliveries
from tests.faults.sending import CONNECTIONS, LEASE, Policy, Task, post, prepared

LONGEST = 0.6  # seconds from the beginning of a sending to its kill


def doubted(engine: Engine) -> set[str]:
    """Return the addresses of rows that were ever in doubt, as the database names them."""
    row, who = tables.delivery.c, tables.subscriber.c
    query = sa.select(who.address).join(tables.delivery, row.subscriber_id == who.id).where(row.fence > 0)
    with engine.connect() as connection:
        return set(connection.execute(query).scalars())


@pytest.mark.parametrize("policy", ["resend", "hold"])
def test_after_any_number_of_kills_everybody_got_it_and_who_got_it_twice_is_named(
    engine: Engine, url: str, tmp_path: Path, policy: Policy, rounds: Callable[[int, int], int]
) -> None:
    kills, chance = rounds(2, 100), Random(policy)
    readers = 400 * kills
    edition = prepared(engine, readers)
    deliveries = Deliveries(engine)
    hit = 0
    with post() as server:
        for _ in range(kills):
            process = Task(url, tmp_path, edition, server.port).begin(policy, "here")
            assert process.stdout
            assert process.stdout.readline() == "sending\n"
            time.sleep(chance.uniform(0, LONGEST))
            process.kill()
            process.communicate()
            hit += process.returncode == -9
            in_flight = deliveries.counts(edition).get(RowState.IN_FLIGHT, 0)
            assert in_flight <= CONNECTIONS
        last = Task(url, tmp_path, edition, server.port).begin(policy, "here")
        last.communicate()
        assert last.returncode == 0
        copies = server.copies
    counts = deliveries.counts(edition)
    named = doubted(engine)
    twice = {address for address, number in copies.items() if number > 1}
    assert twice <= named
    assert sum(copies.values()) - len(copies) <= CONNECTIONS * hit
    assert hit >= kills / 4
    if policy == "resend":
        held = counts.pop(RowState.IN_DOUBT, 0)  # who was in flight at three kills
        assert counts == {RowState.SENT: readers - held}
        assert held <= CONNECTIONS * hit / MOST_DOUBTS
        assert {f"reader{number}@example.org" for number in range(readers)} - set(copies) <= named
    else:
        assert not twice
        assert counts.get(RowState.SENT, 0) + counts.get(RowState.IN_DOUBT, 0) == readers
        assert {f"reader{number}@example.org" for number in range(readers)} - set(copies) <= named


def test_a_sender_that_was_stopped_while_another_took_over_writes_nothing_and_sends_no_more_than_it_had_committed(
    engine: Engine, url: str, tmp_path: Path, rounds: Callable[[int, int], int]
) -> None:
    stops, chance = rounds(1, 20), Random(7)
    readers = 500 * stops
    edition = prepared(engine, readers)
    deliveries = Deliveries(engine)
    with post() as server:
        task = Task(url, tmp_path, edition, server.port)
        for _ in range(stops):
            stopped = _sender_that_sends(task, "here")
            time.sleep(chance.uniform(0, LONGEST))
            stopped.send_signal(signal.SIGSTOP)
            follower = _sender_that_sends(task, "there")
            time.sleep(2 * LEASE + 3 + chance.uniform(0.1, LONGEST))  # stored moments are whole seconds
            stopped.send_signal(signal.SIGCONT)
            assert stopped.wait(60) == 0
            follower.kill()
            follower.communicate()
            stopped.communicate()
        last = _sender_that_sends(task, "there")
        assert last.wait(60) == 0
        last.communicate()
        copies = server.copies
    assert deliveries.counts(edition) == {RowState.SENT: readers}
    assert len(copies) == readers
    assert {address for address, number in copies.items() if number > 1} <= doubted(engine)


def _sender_that_sends(task: Task, place: str) -> "subprocess.Popen[str]":
    process = task.begin("resend", place)
    assert process.stdout
    assert process.stdout.readline() == "sending\n"
    return process
