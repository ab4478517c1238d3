"""Many connections before one gate: a commit for all who wait, and everybody hears of its failure."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from digest.delivery.gate import Gate
from digest.delivery.rows import Result, RowState
from digest.errors import OutsideFailure
from tests.delivery.doubles import EDITION, START, MemoryRows, Process

MANY = 16


class SlowRows(MemoryRows):
    """Rows whose first commit waits until it is let go."""

    def __init__(self, readers: int) -> None:
        super().__init__([f"reader{number}@example.org" for number in range(1, readers + 1)], Process())
        self.begun, self.let_go = threading.Event(), threading.Event()
        self.failure: Exception | None = None

    def commit(
        self, edition: int, results: Sequence[Result], next_up: Sequence[int], at: datetime
    ) -> frozenset[int] | None:
        self.begun.set()
        assert self.let_go.wait(30)
        if self.failure:
            raise self.failure
        return super().commit(edition, results, next_up, at)


@pytest.fixture
def rows() -> SlowRows:
    return SlowRows(MANY)


def gate_at(rows: SlowRows) -> Gate:
    return Gate(EDITION, rows, lambda: START)


def sent(subscriber: int) -> Result:
    return Result(subscriber, RowState.SENT, "250 2.0.0 queued (at the final dot)")


def all_before(gate: Gate, rows: SlowRows, ask: Callable[[int], object]) -> list[object]:
    """Bring the first to the gate, then all others while its commit goes on; return what each was told."""
    with ThreadPoolExecutor(MANY) as pool:
        first = pool.submit(ask, 1)
        assert rows.begun.wait(30)
        others = [pool.submit(ask, number) for number in range(2, MANY + 1)]
        while len(gate._waiting) < MANY - 1:  # noqa: SLF001 - there is no other way to see that they wait
            threading.Event().wait(0.001)
        rows.let_go.set()
        return [future.exception() or future.result() for future in (first, *others)]


def test_those_who_come_while_one_commits_are_all_let_through_by_the_next_commit(rows: SlowRows) -> None:
    gate = gate_at(rows)
    assert all_before(gate, rows, gate.passes) == [True] * MANY
    assert [len(next_up) for _, next_up in rows.commits] == [1, MANY - 1]
    assert rows.states() == [RowState.IN_FLIGHT] * MANY


def test_one_who_may_not_pass_does_not_keep_the_others(rows: SlowRows) -> None:
    rows.consenting.discard(5)
    gate = gate_at(rows)
    assert all_before(gate, rows, gate.passes) == [number != 5 for number in range(1, MANY + 1)]


def test_results_go_with_whichever_commit_comes_next(rows: SlowRows) -> None:
    rows.let_go.set()
    gate = gate_at(rows)
    for number in (1, 2):
        assert gate.passes(number)
    gate.note(sent(1))
    gate.note(sent(2))
    assert gate.passes(3)
    gate.note(sent(3))
    gate.record()
    gate.record()
    assert rows.commits[2:] == [((1, 2), (3,)), ((3,), ())]


def test_a_commit_that_fails_lets_nobody_through_and_loses_no_result(rows: SlowRows) -> None:
    gate = gate_at(rows)
    rows.failure = OutsideFailure("the disk is full", "Make room.")
    gate.note(sent(1))
    told = all_before(gate, rows, gate.passes)
    assert told == [rows.failure] * MANY
    rows.failure = None
    gate.record()
    assert rows.commits == [((1,), ())]
