"""The way of one row after the other to a mail server, over one connection after the other."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from digest import clock
from digest.delivery.outgoing import Outgoing
from digest.delivery.rows import Recipient
from digest.delivery.transport import Transport

if TYPE_CHECKING:
    from digest.delivery.lanes import Lanes


class Place(Enum):
    """How far a lane's row has come."""

    FREE = auto()  # there is none
    CONNECTING = auto()  # a server is about to let us in
    OFFERING = auto()  # all but the final dot is on its way
    WAITING = auto()  # before the gate
    FINISHING = auto()  # the dot was sent: it is in flight
    LEAVING = auto()  # no row comes any more


@dataclass(frozen=True)
class Errand:
    """A row and its message."""

    recipient: Recipient
    outgoing: Outgoing


class Lane:
    """One connection at a time, and what it carries."""

    def __init__(self, lanes: "Lanes") -> None:
        """Be one of `lanes`."""
        self.lanes = lanes
        self.transport: Transport | None = None
        self.place = Place.FREE
        self.since = 0.0  # monotonic; when it came there
        self.errand: Errand | None = None
        self.following: Errand | None = None  # what comes next, and the server may know by now
        self.has_served = False  # this connection, a row before this one
        self.watched = 0  # selectors.EVENT_READ or EVENT_WRITE, as registered

    def goes(self, place: Place) -> None:
        """Be there from now on."""
        self.place, self.since = place, clock.monotonic()
