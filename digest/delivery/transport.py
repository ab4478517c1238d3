"""One connection to a mail server, as the sender uses it: nothing here waits, who asks is told how it ended later.

offer ─▶ … step ─▶ OFFERED, or the refusal
finish ─▶ … step ─▶ the answer to the final dot
leave ─▶ … step ─▶ LEFT
"""

from collections.abc import Callable
from enum import Enum, auto
from select import POLLIN, POLLOUT, poll
from typing import Protocol

from digest import clock
from digest.delivery.outgoing import Outgoing
from digest.delivery.replies import Lost, Reply


class Step(Enum):
    """What ended, where no reply tells it."""

    OFFERED = auto()  # all of the message but its final dot went out
    LEFT = auto()  # we took leave of each other


class Transport(Protocol):
    """One connection to a mail server, let in and ready for messages. What breaks it raises Lost, here or in `step`."""

    deadline: float  # monotonic; what is not answered by then is lost at the next step

    def offer(self, outgoing: Outgoing) -> None:
        """Hand over all of the message but its final dot."""

    def finish(self, following: Outgoing | None = None) -> None:
        """Send the final dot of the message offered; `following`, if given, is what will be offered next."""

    def leave(self) -> None:
        """Take leave."""

    def step(self) -> Reply | Step | None:
        """Go on as far as nobody has to be waited for; return what ended, or None."""

    def writes(self) -> bool:
        """Return whether it waits to write, and else to read."""

    def fileno(self) -> int:
        """Return the descriptor to wait for."""

    def drop(self) -> None:
        """Close at once, so that a message offered is none."""


Connect = Callable[[], Transport]  # may wait; raises OutsideFailure when no server lets us in


def outcome(transport: Transport) -> Reply | Step:
    """Wait for what was asked for to end. Raises Lost."""
    waiting = poll()
    while True:
        if ended := transport.step():
            return ended
        waiting.register(transport, POLLOUT if transport.writes() else POLLIN)
        waiting.poll(max(0.0, transport.deadline - clock.monotonic()) * 1000)


def take_leave(transport: Transport) -> None:
    """Say goodbye and close; what the server answers to that changes nothing."""
    try:
        transport.leave()
        outcome(transport)
    except Lost:
        return
    finally:
        transport.drop()
