"""The gate: one commit records what is known and puts rows in flight, for all connections that wait at it.

    body of n+1 is out ─▶ passes(n+1) ─▶ [ one transaction: results, n+1 and others' rows in flight ] ─▶ the dot of n+1

Whoever comes while nobody commits does so for all who wait by then; who comes meanwhile waits for the next commit. So
groups are as large as the disk is slow, and a single connection pays no waiting.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from digest.clock import Clock
from digest.delivery.rows import Result, Rows


@dataclass
class _Ticket:
    """One row before the gate, or the wish that what is known be recorded."""

    next_up: Sequence[int]
    turn: threading.Lock = field(default_factory=threading.Lock)  # held until it is settled, or has to commit
    settled: bool = False
    passed: bool | None = False
    failure: BaseException | None = None

    def __post_init__(self) -> None:
        self.turn.acquire()


class Gate:
    """The gate of one run; any thread may call it."""

    def __init__(self, edition: int, rows: Rows, at: Clock) -> None:
        self._edition, self._rows, self._at = edition, rows, at
        self._lock = threading.Lock()
        self._committing = False
        self._waiting: list[_Ticket] = []
        self._known: list[Result] = []  # and not recorded yet

    def note(self, result: Result) -> None:
        """Keep a result for the next commit, whoever makes it."""
        with self._lock:
            self._known.append(result)

    def passes(self, subscriber: int) -> bool | None:
        """Put the row in flight; return whether its message may be sent, None when none may. Raises as the commit."""
        return self._through(_Ticket((subscriber,)))

    def record(self) -> None:
        """Record what is known; there may be nothing."""
        with self._lock:
            if not self._known:
                return
        self._through(_Ticket(()))

    def _through(self, ticket: _Ticket) -> bool | None:
        with self._lock:
            self._waiting.append(ticket)
            commits = not self._committing
            self._committing = True
        if not commits:
            ticket.turn.acquire()
        if not ticket.settled:
            self._commit()
        if ticket.failure:
            raise ticket.failure
        return ticket.passed

    def _commit(self) -> None:
        """Settle all who wait, and let one of those who came meanwhile commit next."""
        with self._lock:
            group, self._waiting = self._waiting, []
            results, self._known = self._known, []
        try:
            next_up = [subscriber for ticket in group for subscriber in ticket.next_up]
            allowed = self._rows.commit(self._edition, results, next_up, self._at())
            for ticket in group:
                ticket.passed = None if allowed is None else allowed.issuperset(ticket.next_up)
        except BaseException as error:  # noqa: BLE001 - each of the group hears of it
            with self._lock:
                self._known = results + self._known
            for ticket in group:
                ticket.failure = error
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._committing = following is not None
            for ticket in group:
                ticket.settled = True
                ticket.turn.release()
            if following:
                following.turn.release()
