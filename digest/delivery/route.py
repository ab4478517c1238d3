"""A mail server as the sender knows it: the way to it, and what it may be given."""

from dataclasses import dataclass

from digest.delivery.throttle import Throttle
from digest.delivery.transport import Connect


@dataclass(frozen=True)
class Route:
    """One mail server; several are used in their order, the next when those before it cannot be."""

    connect: Connect
    throttle: Throttle
