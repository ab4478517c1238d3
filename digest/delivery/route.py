"""A mail server as the sender knows it: the way to it, and what it may be given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.delivery.throttle import Throttle
from digest.delivery.transport import Connect


@dataclass(frozen=True)
class Route:
    """One mail server; several are used in their order, the next when those before it cannot be."""

    connect: Connect
    throttle: Throttle


def rest_of(routes: Sequence[Route], at: datetime) -> tuple[datetime, str] | None:
    """Return until when no server may be sent anything, and why; None where one may."""
    rests = [route.throttle.rest(at) for route in routes]
    return min(rest for rest in rests if rest) if rests and all(rests) else None
