"""How far a mailing has come: the rows at its start and what this run did to them, without counting the rows again."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from digest import clock
from digest.delivery.rows import RowState
from digest.delivery.summary import Progress

_WRITTEN = 1.0  # seconds between two notes
_WINDOW = 10.0  # seconds over which the rate is taken
_GRAIN = 0.25  # seconds between two samples


@dataclass(frozen=True)
class HowFar:
    """Where a mailing is; `done` and `left` are all its rows."""

    total: int
    sent: int
    refused: int  # bounced and failed
    suppressed: int
    skipped: int
    left: int  # due, deferred, in flight or in doubt
    deferrals: int  # attempts of this run that the server deferred
    in_doubt: int  # attempts of this run whose end nobody knows
    rate: float  # rows accounted for in a second, lately

    @property
    def done(self) -> int:
        """Return how many rows are accounted for."""
        return self.total - self.left

    @property
    def seconds_left(self) -> float | None:
        """Return how long the rest takes at this rate; None where nothing moves."""
        return self.left / self.rate if self.rate else None


@dataclass
class Pace:
    """Follows one run of a sender."""

    before: Mapping[RowState, int]  # the rows when it began
    began: float  # seconds on a steady clock
    samples: deque[tuple[float, int]] = field(default_factory=deque)  # moment, rows accounted for by this run

    def how_far(self, progress: Progress, now: float) -> HowFar:
        """Return where the mailing is by `now`, by what the sender tells of its run."""
        of_run = progress.sent + progress.bounced + progress.failed + progress.suppressed
        if not self.samples or now - self.samples[-1][0] >= _GRAIN:
            self.samples.append((now, of_run))
        while len(self.samples) > 1 and self.samples[1][0] <= now - _WINDOW:
            self.samples.popleft()
        since, then = self.samples[0] if now - self.began > _WINDOW else (self.began, 0)
        settled = sum(self.before.get(state, 0) for state in _SETTLED) + of_run
        total = sum(self.before.values())
        return HowFar(
            total=total,
            sent=self.before.get(RowState.SENT, 0) + progress.sent,
            refused=sum(self.before.get(state, 0) for state in _REFUSED) + progress.bounced + progress.failed,
            suppressed=self.before.get(RowState.SUPPRESSED, 0) + progress.suppressed,
            skipped=self.before.get(RowState.SKIPPED, 0),
            left=total - settled,
            deferrals=progress.deferred,
            in_doubt=progress.in_doubt,
            rate=(of_run - then) / (now - since) if now > since else 0.0,
        )


class Board:
    """Notes how far a run of a sender is, once a second and at its end."""

    def __init__(self, pace: Pace, note: Callable[[HowFar], None]) -> None:
        self._pace, self._note = pace, note
        self._noted = pace.began
        self._progress = Progress()

    def tell(self, progress: Progress) -> None:
        """Hear how the run goes."""
        self._progress = progress
        if clock.monotonic() - self._noted >= _WRITTEN:
            self.write()

    def write(self) -> None:
        """Note it now."""
        self._noted = clock.monotonic()
        self._note(self._pace.how_far(self._progress, self._noted))


_REFUSED = (RowState.BOUNCED, RowState.FAILED)
_SETTLED = (RowState.SENT, *_REFUSED, RowState.SUPPRESSED, RowState.SKIPPED)
