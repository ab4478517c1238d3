"""What the clock and config.yaml want of an edition at a moment: decided from values; `actions.reconcile` acts on it.

planned ─ compose_at ─▶ built ─ approves_itself, or a person ─▶ approved ─ slot_at ─▶ begun
   └────────┴────────────── why_missed, why_skipped ────────────────┘
"""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from digest.config import Digest
from digest.editions.edition import Edition, State
from digest.editions.slots import Slot, slot_of_day

EXCEPTED = "an exception in config.yaml"  # why a slot is skipped
# They leave what an older edition carries to it.
_DROPPED = frozenset({State.SKIPPED, State.MISSED, State.CANCELLED})


def own_slot(edition: Edition, digest: Digest, zone: ZoneInfo) -> Slot | None:
    """Return the slot that the edition was planned for, as config.yaml has it today; `zone` is the newsroom's."""
    return slot_of_day(edition.digest, digest, zone, edition.slot_date) if edition.seq == 1 else None


def of_schedule(edition: Edition, digest: Digest, zone: ZoneInfo) -> bool:
    """Return whether the schedule asked for the edition, and not a person."""
    slot = own_slot(edition, digest, zone)
    return slot is not None and slot.at == edition.slot_at


def compose_at(edition: Edition, digest: Digest) -> datetime:
    """Return when the edition is composed.

    One that a person approves is composed ahead; another at its slot, so that it carries all that is public then.
    """
    return edition.slot_at - digest.compose if digest.approval == "required" else edition.slot_at


def approves_itself(edition: Edition, digest: Digest, zone: ZoneInfo) -> bool:
    """Return whether nobody needs to approve the edition; what a person composed, a person approves."""
    return digest.approval == "automatic" and of_schedule(edition, digest, zone)


def why_skipped(edition: Edition, digest: Digest, zone: ZoneInfo) -> str | None:
    """Return why config.yaml wants no mailing any more of an edition to come, or None."""
    if edition.seq > 1:
        return None
    slot = own_slot(edition, digest, zone)
    if slot is None:
        # Once it is composed, people know of it and decide.
        return "config.yaml has no such slot any more" if edition.state is State.PLANNED else None
    return EXCEPTED if slot.skipped else None


def why_missed(edition: Edition, digest: Digest, zone: ZoneInfo, others: Iterable[Edition], at: datetime) -> str | None:
    """Return why an edition whose slot has come is not to be sent any more, or None; `others` are of its digest."""
    if at > edition.slot_at + digest.send_within:
        return "nobody approved it in time" if edition.state is State.BUILT else "it was not sent in time"
    if not of_schedule(edition, digest, zone):
        return None
    newer = [
        other.id
        for other in others
        if _order(other) > _order(edition)
        and other.slot_at <= at
        and other.state not in _DROPPED
        and of_schedule(other, digest, zone)
    ]
    return f"{newer[0]} took its place" if newer else None


def _order(edition: Edition) -> tuple[datetime, date]:
    return edition.slot_at, edition.slot_date
