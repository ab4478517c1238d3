"""An edition: one mailing of a digest, its state, and the steps it may take.

planned → built → approved → preparing → sending ⇄ paused → sent
skipped (nothing to send) · missed (too late) · held (needs a person) · cancelled
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, TypedDict

from digest.errors import Refused
from digest.validation import Fields, Line

_ID = re.compile(r"(?P<digest>[a-z0-9-]+)/(?P<day>\d{4}-\d{2}-\d{2})(?:\.(?P<seq>[2-9]|[1-9]\d{1,3}))?")


class State(StrEnum):
    """Where an edition is on its way."""

    PLANNED = "planned"
    BUILT = "built"  # composed and frozen, waits for approval
    APPROVED = "approved"  # this content and no other will be sent
    PREPARING = "preparing"  # its recipients are being fixed
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"  # every row accounted for
    SKIPPED = "skipped"  # nothing to send, or an exception of the schedule
    MISSED = "missed"  # too late after its slot
    HELD = "held"  # stopped until a person decides
    CANCELLED = "cancelled"


STEPS: dict[State, frozenset[State]] = {
    State.PLANNED: frozenset({State.BUILT, State.SKIPPED, State.MISSED, State.CANCELLED, State.HELD}),
    State.BUILT: frozenset({State.BUILT, State.APPROVED, State.SKIPPED, State.MISSED, State.CANCELLED, State.HELD}),
    State.APPROVED: frozenset({State.BUILT, State.PREPARING, State.SKIPPED, State.MISSED, State.CANCELLED, State.HELD}),
    State.PREPARING: frozenset({State.SENDING, State.HELD, State.CANCELLED}),
    State.SENDING: frozenset({State.PAUSED, State.SENT, State.HELD, State.CANCELLED}),
    State.PAUSED: frozenset({State.SENDING, State.HELD, State.CANCELLED}),
    State.HELD: frozenset({State.BUILT, State.SENDING, State.CANCELLED}),
    State.SENT: frozenset(),
    State.SKIPPED: frozenset({State.BUILT}),
    State.MISSED: frozenset({State.BUILT, State.CANCELLED}),
    State.CANCELLED: frozenset(),
}


_OVER = {State.SENT: "has been sent already", State.CANCELLED: "was cancelled for good"}
_BEGUN = frozenset({State.PREPARING, State.SENDING, State.PAUSED})  # its content is fixed for ever

Kind = Literal["regular", "special"]  # the schedule asked for it, or a person


class Decisions(Fields):
    """What the editors decided about one edition; kept with it, never made by editing items."""

    subject: Line | None = None
    note: str | None = None  # Markdown, above the items
    lead: str | None = None  # slug
    without: tuple[str, ...] = ()  # slugs left out
    order: tuple[str, ...] = ()  # slugs that come first, in this order


class Changes(TypedDict, total=False):
    """What may change together with an edition's state."""

    content_sha: str | None
    approved_by: str | None
    approved_at: datetime | None
    reason: str | None
    dated: datetime
    decisions: Decisions
    slot_at: datetime
    kind: Kind


@dataclass(frozen=True)
class Edition:
    """One row of the table of editions."""

    key: int  # in the database; part of tokens
    digest: str  # key in config.yaml
    slot_date: date  # in the digest's zone; with digest and seq the edition's name
    seq: int  # 1, or 2, 3 for further ones of the day
    state: State
    slot_at: datetime  # UTC; when it is due, and the cut-off for its items
    decisions: Decisions = field(default_factory=Decisions)
    content_sha: str | None = None  # of the frozen content; approval is bound to it
    approved_by: str | None = None  # e-mail address
    approved_at: datetime | None = None
    reason: str | None = None  # why it is held, skipped, missed or cancelled
    dated: datetime | None = None  # UTC; the Date of its messages, fixed at `preparing`
    kind: Kind = "regular"

    @property
    def name(self) -> str:
        """Return its name within the digest: `2026-11-27`, or `2026-11-27.2`."""
        return self.id.removeprefix(f"{self.digest}/")

    @property
    def id(self) -> str:
        """Return what people call it: `weekly/2026-11-27`."""
        return id_of(self.digest, self.slot_date, self.seq)


def id_of(digest: str, slot_date: date, seq: int) -> str:
    """Return what people call an edition: `weekly/2026-11-27`, or `weekly/2026-11-27.2`."""
    return f"{digest}/{slot_date}" if seq == 1 else f"{digest}/{slot_date}.{seq}"


def parse_id(text: str) -> tuple[str, date, int]:
    """Return digest, slot date and number of an edition's id."""
    found = _ID.fullmatch(text)
    try:
        if found:
            return found["digest"], date.fromisoformat(found["day"]), int(found["seq"] or 1)
    except ValueError:
        pass
    raise Refused(
        f"{text!r} is not an edition's id", "Write it like weekly/2026-11-27; `digest edition list` shows them."
    )


class Overtaken(Refused):
    """Somebody else changed the edition meanwhile; of two that take a step, one takes it."""


def check_step(edition: Edition, to: State) -> None:
    """Raise Refused when the edition may not go from its state to `to`."""
    if to in _steps(edition):
        return
    if edition.state in _OVER:
        remedy = f"Make a further edition with `digest edition compose {edition.digest}`."
        raise Refused(f"{edition.id} {_OVER[edition.state]}", remedy)
    begun = edition.state in _BEGUN or (edition.state is State.HELD and edition.dated is not None)
    if begun and to in {State.BUILT, State.APPROVED}:
        message = f"{edition.id} is {edition.state}, and its mailing has begun: what it says cannot be changed any more"
        raise Refused(message, f"Stop it for good with `digest edition cancel {edition.id}`, or let it go out.")
    if edition.state is to is State.APPROVED:
        by = f" by {edition.approved_by}" if edition.approved_by else ""
        remedy = f"Send it with `digest edition send {edition.id}`, or let the schedule do that."
        raise Refused(f"{edition.id} is approved already{by}", remedy)
    if to is State.APPROVED:
        remedy = f"Compose it with `digest edition compose {edition.id}` first."
        raise Refused(f"{edition.id} is {edition.state}: there is nothing to approve", remedy)
    if to is State.CANCELLED:
        raise Refused(f"{edition.id} is {edition.state}: there is nothing to cancel", "Nothing is left to do.")
    remedy = f"Look with `digest edition show {edition.id}`."
    raise Refused(f"{edition.id} is {edition.state} and cannot become {to}", remedy)


def _steps(edition: Edition) -> frozenset[State]:
    if edition.state is not State.HELD:
        return STEPS[edition.state]
    # What some have received already can be sent on, but not composed anew.
    return frozenset({State.SENDING if edition.dated else State.BUILT, State.CANCELLED})
