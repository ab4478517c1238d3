"""The rows of one pass over an edition, in the order of sending, asked for some at a time."""

from collections import deque

from digest.clock import Clock
from digest.delivery.rows import Recipient, Rows

BATCH = 500  # rows asked for at a time


class Queue:
    """Who comes next; each row comes once in a pass, unless it is put back."""

    def __init__(self, edition: int, rows: Rows, at: Clock) -> None:
        self._edition, self._rows, self._at = edition, rows, at
        self._batch: deque[Recipient] = deque()
        self._reached = 0  # the subscriber up to whom rows were asked for in this pass

    def __bool__(self) -> bool:
        """Return whether a row is at hand; more may be asked for."""
        return bool(self._batch)

    def begin(self) -> bool:
        """Begin a pass; return whether any row is due."""
        self._reached = 0
        self._ask()
        return bool(self._batch)

    def next(self) -> Recipient | None:
        """Return the next row, or None at the pass's end."""
        if not self._batch:
            self._ask()
        return self._batch.popleft() if self._batch else None

    def put_back(self, recipient: Recipient) -> None:
        """Let a row be the next one again."""
        self._batch.appendleft(recipient)

    def _ask(self) -> None:
        self._batch = deque(self._rows.due(self._edition, self._at(), BATCH, self._reached))
        if self._batch:
            self._reached = self._batch[-1].subscriber
