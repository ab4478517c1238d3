"""What is told of an edition's recipients: their sums, and those who are named."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.delivery.rows import RowState


@dataclass(frozen=True)
class Named:
    """One recipient who did not simply get it, or may have got it twice."""

    address: str  # empty once erased
    state: RowState
    reply: str  # what the server said, or why nothing was sent
    attempts: int
    at: datetime  # UTC; of the last change
    next_at: datetime | None = None  # UTC; of a deferral


@dataclass(frozen=True)
class Account:
    """Every row of an edition, as of one moment."""

    counts: Mapping[RowState, int]  # of every row
    skipped: Mapping[str, int]  # by reason
    named: Iterator[Named]  # what needs somebody first; to be read once

    @property
    def total(self) -> int:
        """Return how many rows there are."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Received:
    """Who got an edition."""

    address: str  # empty once erased
    variant: str  # as digest.audience.interests writes it
    at: datetime  # UTC, when the server took it
