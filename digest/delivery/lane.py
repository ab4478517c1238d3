"""The way of one row after the other to a mail server, over one connection after the other."""

from dataclasses import dataclass
from enum import Enum, auto

from digest.delivery.outgoing import Outgoing
from digest.delivery.rows import Recipient
from digest.delivery.transport import Transport


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


@dataclass(eq=False)
class Lane:
    """One connection at a time to one mail server, and what it carries."""

    transport: Transport | None = None
    place: Place = Place.FREE
    errand: Errand | None = None
    following: Errand | None = None  # what comes next, and the server may know by now
    has_served: bool = False  # this connection, a row before this one
    watched: int = 0  # selectors.EVENT_READ | EVENT_WRITE, as registered
