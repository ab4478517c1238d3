"""Whether somebody who is to be put on the list gets there, decided in values.

unknown → added     known → known | changed     left or suppressed → refused: only they themselves can come back
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from digest.addresses import Address
from digest.audience.interests import EVERYTHING, Interests
from digest.audience.subscriber import GONE, Consent, Step, Subscriber, after

Outcome = Literal["added", "known", "changed", "refused"]

STEPS: Final = {
    Consent.ASKED: Step.ASK,
    Consent.CONFIRMED: Step.ENLIST,
    Consent.LEFT: Step.LEAVE,
    Consent.SUPPRESSED: Step.SUPPRESS,
}


@dataclass(frozen=True)
class NewSubscriber:
    """Somebody who is to be put on the list, with the proof of their consent, or of having left elsewhere."""

    address: Address
    language: str  # BCP 47
    digests: tuple[str, ...]  # keys in config.yaml
    state: Consent
    source: str  # who or what brings them: staff, import FILE, form …
    evidence: str  # what was agreed to
    agreed_at: datetime | None = None  # UTC; when they agreed or left, where that is known
    interests: Interests = EVERYTHING
    ip: str | None = None  # from which they agreed, where that is known
    chosen_at: datetime | None = None  # UTC; when they last chose themselves
    paused_until: datetime | None = None  # UTC; are mailed nothing before
    line: int = 0  # of the list that brings them, from 1; 0: of none


@dataclass(frozen=True)
class ImportReport:
    """How many of a list's lines had which outcome."""

    added: int = 0
    known: int = 0
    changed: int = 0
    refused: int = 0


def outcome(known: Subscriber | None, new: NewSubscriber, *, suppressed: bool) -> Outcome:
    """Return what becomes of `new`, where `known` has the same address and `suppressed` forbids it."""
    gone = new.state in GONE
    if suppressed and not gone:
        return "refused"
    if known is None:
        return "known" if suppressed else "added"  # who was erased stays unnamed when a list says that they left
    if after(known.state, STEPS[new.state]) is None or (known.state is Consent.LEFT and new.state is Consent.ASKED):
        return "known" if known.gone and new.state is Consent.LEFT else "refused"
    return "known" if merged(known, new) == known else "changed"


def merged(known: Subscriber, new: NewSubscriber) -> Subscriber:
    """Return the subscriber with what is new.

    Who has confirmed keeps what they have when somebody merely asks; who chose themselves, when a list says otherwise;
    who came back after they had left elsewhere stays.
    """
    state = after(known.state, STEPS[new.state]) or known.state
    if state in GONE:
        return known if _came_back(known, new) else replace(known, state=state)
    if known.state is Consent.CONFIRMED and new.state is Consent.ASKED:
        return known
    if known.chosen_at:
        return replace(known, state=state)
    digests = tuple(sorted({*known.digests, *new.digests}))
    interests = known.interests if new.interests == EVERYTHING else new.interests
    return replace(
        known,
        state=state,
        language=new.language,
        digests=digests,
        interests=interests,
        chosen_at=new.chosen_at,
        paused_until=new.paused_until or known.paused_until,
    )


def _came_back(known: Subscriber, new: NewSubscriber) -> bool:
    return bool(known.chosen_at and new.agreed_at and new.agreed_at < known.chosen_at)
