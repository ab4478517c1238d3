"""What a run of the sender did to its rows, while it goes on and at its end."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Progress:
    """How many attempts of this run ended how."""

    sent: int = 0
    deferred: int = 0
    bounced: int = 0
    failed: int = 0
    suppressed: int = 0  # left between `prepare` and the gate
    in_doubt: int = 0  # found at the start or lost after the dot; held or due again, by policy


@dataclass(frozen=True)
class Summary(Progress):
    """How a run ended; without `stopped` and `paused_until` nothing more was due."""

    stopped: bool = False  # on request, or because the edition is no longer being sent
    paused_until: datetime | None = None  # UTC; every server rests: it wants it slower, fails, or had its day's mail
    reason: str = ""  # of the pause or of the refusals: what the server said last
    blocked: bool = False  # too many messages were refused for what is in them
