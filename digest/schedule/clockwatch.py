"""Whether the wall clock can be trusted: a jump forward would publish what is under embargo."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MAX_DRIFT = timedelta(hours=1)


@dataclass(frozen=True)
class ClockWatch:
    """The wall clock and a steady one, at one moment."""

    wall: datetime  # UTC
    steady: float  # seconds on a clock that never jumps

    def drift(self, wall: datetime, steady: float) -> timedelta:
        """Return by how much the wall clock went faster than time since then; negative when it was set back."""
        return (wall - self.wall) - timedelta(seconds=steady - self.steady)

    def jumped(self, wall: datetime, steady: float) -> bool:
        """Return whether the wall clock was set by more than `MAX_DRIFT` since then."""
        return abs(self.drift(wall, steady)) > MAX_DRIFT
