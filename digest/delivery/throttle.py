"""How much one mail server is given: connections, messages a second and a day, and rest when it asks for it."""

import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from digest import clock
from digest.delivery import retries
from digest.delivery.outcomes import Health

PATIENCE = 3  # attempts in a row that fail by no fault of their recipients, before the server is left alone
RECOVERY = timedelta(minutes=30)  # until a server that wanted it slower gets twice as many connections again
_LONG_AGO = 32  # of such times
_BLOCK = 100  # messages of a day's allowance that are asked for at a time, at most
_FEW = 20  # of that many parts of the day's allowance one is asked for at a time


class Allowance(Protocol):
    """How many messages a server is given on one day, whichever process gives them."""

    def take(self, server: str, most: int, wanted: int, at: datetime) -> int:
        """Return how many of `wanted` messages may still be given on that day (UTC), of `most`; they count as given."""

    def give_back(self, server: str, number: int, at: datetime) -> None:
        """Count so many messages less on that day."""


@dataclass(frozen=True)
class Limits:
    """What a server may be given at most; of messages 0 is as many as it takes."""

    connections: int = 1
    per_second: int = 0  # messages
    per_day: int = 0  # messages, of a day in UTC


class Throttle:
    """What one server takes; shared by all that mail over it in this process, also from several threads."""

    def __init__(self, server: str, limits: Limits, allowance: Allowance | None = None) -> None:
        """A limit of messages a day needs an `allowance`."""
        self.server = server
        self.out_of_reach = ""  # why it let nobody in when it was asked last
        self._limits, self._allowance = limits, allowance
        self._lock = threading.Lock()
        self._failures = 0  # in a row
        self._fewer = limits.connections  # since `_fewer_since`
        self._fewer_since: datetime | None = None
        self._rests_until: datetime | None = None
        self._reason = ""
        self._next_at = 0.0  # monotonic
        self._granted = 0  # messages of the day's allowance that were taken and not given yet
        self._granted_on = date.min

    def connections(self, at: datetime) -> int:
        """Return how many connections may be open."""
        with self._lock:
            return self._connections(at)

    def rest(self, at: datetime) -> tuple[datetime, str] | None:
        """Return until when nothing may be sent, and why; None: it may."""
        until = self._rests_until
        return (until, self._reason) if until and at < until else None

    def wait(self) -> float:
        """Return in how many seconds the next message may begin."""
        return max(0.0, self._next_at - clock.monotonic()) if self._limits.per_second else 0.0

    def begin(self, at: datetime) -> bool:
        """Begin a message; False when the day's allowance is used up, and then the server rests until midnight UTC."""
        with self._lock:
            if self._limits.per_day and self._allowance and not self._grant(self._allowance, at):
                return False
            if self._limits.per_second:
                self._next_at = max(self._next_at, clock.monotonic()) + 1 / self._limits.per_second
            return True

    def note(self, health: Health, reason: str, at: datetime) -> None:
        """Hear how an attempt ended, and leave the server alone for a while when it is not well."""
        with self._lock:
            self._failures = self._failures + 1 if health in {Health.AILING, Health.OVERLOADED} else 0
            resting = self._rests_until is not None and at < self._rests_until
            if health is Health.OVERLOADED and not resting:  # all connections may hear of it at once
                self._fewer = max(1, self._connections(at) // 2)
                self._fewer_since = at
            if health is Health.OVERLOADED or self._failures == PATIENCE:
                self._failures = 0
                self._reason = reason
                self._rests_until = at + retries.PAUSE

    def forgo(self, at: datetime) -> None:
        """Have not begun the last message after all."""
        with self._lock:
            if self._limits.per_day and self._granted_on == at.date():
                self._granted += 1

    def give_back(self, at: datetime) -> None:
        """Give back what was taken of the day's allowance and is not needed."""
        with self._lock:
            if self._granted and self._allowance and self._granted_on == at.date():
                self._allowance.give_back(self.server, self._granted, at)
            self._granted = 0

    def _connections(self, at: datetime) -> int:
        if self._fewer_since is None:
            return self._limits.connections
        periods = max(0, (at - self._fewer_since) // RECOVERY)  # a clock may be set back
        return min(self._limits.connections, self._fewer << min(periods, _LONG_AGO))

    def _grant(self, allowance: Allowance, at: datetime) -> bool:
        if not self._granted or self._granted_on != at.date():
            wanted = max(1, min(_BLOCK, self._limits.per_day // _FEW))
            self._granted = allowance.take(self.server, self._limits.per_day, wanted, at)
            self._granted_on = at.date()
        if not self._granted:
            self._reason = f"{self.server} was given its {self._limits.per_day} messages of the day (per_day)"
            self._rests_until = datetime.combine(at.date() + timedelta(days=1), time(), UTC)
            return False
        self._granted -= 1
        return True
