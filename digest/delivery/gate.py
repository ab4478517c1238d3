"""The gate: one commit records what is known and puts in flight the rows of all connections that wait there.

    body of n+1 is out ─▶ ask(n+1) ─▶ [ one transaction: results, n+1 and others' rows in flight ] ─▶ the dot of n+1

Whoever has come by the time that nothing else can go on passes together: so groups are as large as the sender is busy,
and a single connection pays no waiting.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from digest import clock
from digest.clock import Clock
from digest.delivery.rows import Result, Rows

FLUSH = 0.1  # seconds that a result waits for the next commit at most
FULL = 16  # rows that wait for no more to come
_RENEWALS = 4  # of a lease, before it ends


@dataclass(frozen=True)
class Settled:
    """What a commit decided about the rows that waited for it."""

    asked: Sequence[int]  # subscribers
    allowed: frozenset[int] | None  # whose messages may be sent; None: nobody's, nor any later
    until: float  # since boot, asleep or not; from then on somebody else may have taken over


class Gate:
    """The gate of one run."""

    def __init__(self, edition: int, rows: Rows, at: Clock) -> None:
        self._edition, self._rows, self._at = edition, rows, at
        self._known: list[Result] = []  # and not recorded yet
        self._known_since = 0.0  # monotonic; when the oldest of them came
        self._waiting: list[int] = []  # subscribers whose rows come next
        self._waiting_since = 0.0  # monotonic; when the first of them came
        self._lease = rows.lease
        self._committed = clock.since_boot()  # when the last commit began

    def note(self, result: Result) -> None:
        """Keep a result for the next commit."""
        if not self._known:
            self._known_since = clock.monotonic()
        self._known.append(result)

    def ask(self, subscriber: int) -> None:
        """Have the row put in flight by the next commit."""
        if not self._waiting:
            self._waiting_since = clock.monotonic()
        self._waiting.append(subscriber)

    def forget(self) -> None:
        """Put nobody in flight who waits."""
        self._waiting = []

    def is_due(self) -> bool:
        """Return whether the next commit should wait for nothing any more, however much else goes on."""
        if len(self._waiting) >= FULL or (self._waiting and clock.monotonic() >= self._waiting_since + FLUSH):
            return True
        return self._left() == 0.0

    def patience(self) -> float:
        """Return how many seconds the next commit may wait for others to come."""
        return 0.0 if self._waiting else self._left()

    def commit(self) -> Settled:
        """Record all that is known and put in flight whose turn it is; nothing known is lost when it raises."""
        asked, self._waiting = self._waiting, []
        self._committed = clock.since_boot()
        allowed = self._rows.commit(self._edition, self._known, asked, self._at())
        self._known = []
        return Settled(asked, allowed, self._committed + self._lease)

    def _left(self) -> float:
        """Return how many seconds what is known, or else the lease, may wait for the next commit."""
        if self._known:
            return max(0.0, self._known_since + FLUSH - clock.monotonic())
        return max(0.0, self._committed + self._lease / _RENEWALS - clock.since_boot())

    def record(self) -> None:
        """Record all that is known; whoever waits does not pass."""
        self._waiting = []
        if self._known:
            self.commit()
