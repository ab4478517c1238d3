"""A connection to a mail server that answers at once, of whose kinds the doubles are."""

from collections.abc import Callable
from math import inf

from digest.delivery.outgoing import Outgoing
from digest.delivery.replies import Reply, Stage, reply
from digest.delivery.transport import Step


class Immediate:
    """A Transport; a double says what the server makes of a message and its dot."""

    deadline = inf

    def take(self, outgoing: Outgoing) -> Reply | None:
        """Take a message without its dot; return the refusal, if any. May raise Lost."""
        raise NotImplementedError

    def answer(self) -> Reply:
        """Take the dot. May raise Lost."""
        return reply(250, b"2.0.0 kept", Stage.DOT)

    def part(self) -> None:
        """Hear that no more will come."""

    def drop(self) -> None:
        """Close at once."""

    def offer(self, outgoing: Outgoing) -> None:
        self._ending: Callable[[], Reply | Step] = lambda: self.take(outgoing) or Step.OFFERED

    def finish(self, _following: Outgoing | None = None) -> None:
        self._ending = self.answer

    def leave(self) -> None:
        def left() -> Step:
            self.part()
            return Step.LEFT

        self._ending = left

    def step(self) -> Reply | Step:
        return self._ending()

    def writes(self) -> bool:
        return False

    def fileno(self) -> int:
        raise AssertionError("nobody has to wait for it")
