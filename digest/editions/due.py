"""What the clock and config.yaml want of an edition at a moment: decided from values; `actions.reconcile` acts on it.

planned ─ compose_at ─▶ built ─ approves_itself, or a person ─▶ approved ─ slot_at ─▶ begun
   └────────┴────────────── why_missed, why_skipped ────────────────┘
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from digest.config import Digest
from digest.editions.edition import Edition, State
from digest.editions.slots import Slot, slot_of_day

EXCEPTED = "an exception in config.yaml"  # why a slot is skipped
# They leave what an older edition carries to it.
_DROPPED = frozenset({State.SKIPPED, State.MISSED, State.CANCELLED})


def own_slot(edition: Edition, digest: Digest, zone: ZoneInfo) -> Slot | None:
    """Return the slot that the edition is planned for, as config.yaml has it today; `zone` is the newsroom's."""
    if edition.kind == "special":
        return None
    return slot_of_day(edition.digest, digest, zone, edition.slot_date)


def compose_at(edition: Edition, digest: Digest) -> datetime:
    """Return when the edition is composed.

    One that a person approves is composed ahead; another at its slot, so that it carries all that is public then.
    """
    return edition.slot_at - digest.compose if digest.approval == "required" else edition.slot_at


def approves_itself(edition: Edition, digest: Digest) -> bool:
    """Return whether nobody needs to approve the edition; what a person asked for, a person approves."""
    return digest.approval == "automatic" and edition.kind == "regular"


def why_skipped(edition: Edition, digest: Digest, zone: ZoneInfo) -> str | None:
    """Return why config.yaml does not want the edition any more, or None; `zone` is the newsroom's."""
    if edition.kind == "special":
        return None
    slot = own_slot(edition, digest, zone)
    if slot is None:
        # Once it is composed, people know of it and decide.
        return "config.yaml has no such slot any more" if edition.state is State.PLANNED else None
    return EXCEPTED if slot.skipped else None


def why_missed(edition: Edition, digest: Digest, others: Iterable[Edition], at: datetime) -> str | None:
    """Return why an edition whose slot has come is not to be sent any more, or None; `others` are of its digest."""
    if at > edition.slot_at + digest.send_within:
        return "nobody approved it in time" if edition.state is State.BUILT else "it was not sent in time"
    newer = [other.id for other in others if _takes_the_place(other, edition) and other.slot_at <= at]
    return f"{newer[0]} took its place" if newer else None


def _takes_the_place(newer: Edition, older: Edition) -> bool:
    """Return whether `newer` carries all that `older` would have: both are of the schedule."""
    return (
        newer.kind == older.kind == "regular"
        and newer.state not in _DROPPED
        and (newer.slot_at, newer.slot_date) > (older.slot_at, older.slot_date)
    )
