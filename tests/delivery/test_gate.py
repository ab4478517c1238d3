"""Many connections before one gate: a commit for all who wait, and nothing known is lost when it fails."""

import time
from collections.abc import Sequence
from datetime import datetime
from math import inf

import pytest

from digest.delivery import gate as gates
from digest.delivery.gate import FULL, Gate, Settled
from digest.delivery.rows import Result, RowState
from digest.errors import OutsideFailure
from tests.delivery.doubles import EDITION, START, MemoryRows, Process

MANY = 16


class FailingRows(MemoryRows):
    """Rows whose commits may fail."""

    failure: Exception | None = None

    def commit(
        self, edition: int, results: Sequence[Result], next_up: Sequence[int], at: datetime
    ) -> frozenset[int] | None:
        if self.failure:
            raise self.failure
        return super().commit(edition, results, next_up, at)


@pytest.fixture
def rows() -> FailingRows:
    return FailingRows([f"reader{number}@example.org" for number in range(1, MANY + 1)], Process())


def gate_at(rows: MemoryRows) -> Gate:
    return Gate(EDITION, rows, lambda: START)


def sent(subscriber: int) -> Result:
    return Result(subscriber, RowState.SENT, "250 2.0.0 queued (at the final dot)")


def test_all_who_wait_are_let_through_by_one_commit(rows: FailingRows) -> None:
    gate = gate_at(rows)
    for number in range(1, MANY + 1):
        gate.ask(number)
    assert gate.commit() == Settled(list(range(1, MANY + 1)), frozenset(range(1, MANY + 1)), inf)
    assert rows.states() == [RowState.IN_FLIGHT] * MANY
    assert len(rows.commits) == 1


def test_one_who_may_not_pass_does_not_keep_the_others(rows: FailingRows) -> None:
    rows.consenting.discard(5)
    gate = gate_at(rows)
    for number in range(1, MANY + 1):
        gate.ask(number)
    assert gate.commit().allowed == frozenset(range(1, MANY + 1)) - {5}


def test_results_go_with_whichever_commit_comes_next(rows: FailingRows) -> None:
    gate = gate_at(rows)
    gate.ask(1)
    gate.commit()
    gate.note(sent(1))
    gate.ask(2)
    gate.commit()
    gate.note(sent(2))
    gate.record()
    gate.record()
    assert rows.commits == [((), (1,)), ((1,), (2,)), ((2,), ())]


def test_who_waits_for_the_gate_has_no_patience_and_a_result_a_tenth_of_a_second(rows: FailingRows) -> None:
    gate = gate_at(rows)
    assert gate.patience() == inf
    gate.note(sent(1))
    assert gate.patience() == pytest.approx(gates.FLUSH, abs=0.05)
    time.sleep(gates.FLUSH)
    assert gate.patience() == 0
    gate.record()
    assert gate.patience() == inf
    gate.ask(2)
    assert gate.patience() == 0
    assert not gate.is_due()
    for number in range(3, FULL + 2):
        gate.ask(number)
    assert gate.is_due()


def test_a_commit_that_fails_lets_nobody_through_and_loses_no_result(rows: FailingRows) -> None:
    rows.failure = OutsideFailure("the disk is full", "Make room.")
    gate = gate_at(rows)
    gate.note(sent(1))
    gate.ask(2)
    with pytest.raises(OutsideFailure, match="full"):
        gate.commit()
    rows.failure = None
    gate.record()
    assert rows.commits == [((1,), ())]


def test_a_lease_is_renewed_in_time_though_nothing_else_is_to_be_committed(rows: FailingRows) -> None:
    rows.lease = 0.4
    gate = gate_at(rows)
    assert gate.patience() == pytest.approx(0.1, abs=0.05)
    time.sleep(0.1)
    assert gate.patience() == 0
    assert gate.commit().until == pytest.approx(time.monotonic() + 0.4, abs=0.1)
    assert rows.commits == [((), ())]


def test_who_waits_does_so_for_a_tenth_of_a_second_however_much_else_goes_on(rows: FailingRows) -> None:
    gate = gate_at(rows)
    gate.ask(1)
    assert not gate.is_due()
    time.sleep(gates.FLUSH)
    assert gate.is_due()
