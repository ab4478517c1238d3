"""A subscriber as a line of our own export, which an import takes back and nothing is lost."""

from dataclasses import dataclass
from datetime import datetime

from digest.audience.subscriber import ConsentEvent, Subscriber
from digest.moments import to_stored


@dataclass(frozen=True)
class Kept:
    """A subscriber, and the step that led to where they stand."""

    who: Subscriber
    step: ConsentEvent


def line_of(kept: Kept) -> tuple[str, ...]:
    """Return the cells of `shapes.OWN`."""
    who, step = kept.who, kept.step
    return (
        who.address,
        who.state,
        who.language,
        " ".join(who.digests),
        " ".join(sorted(who.interests.kinds)),
        " ".join(sorted(who.interests.topics)),
        step.evidence,
        to_stored(step.at),
        step.source,
        step.ip or "",
        _cell(who.chosen_at),
        _cell(who.paused_until),
    )


def _cell(moment: datetime | None) -> str:
    return to_stored(moment) if moment else ""
