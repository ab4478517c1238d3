"""Whether somebody who is to be put on the list gets there, decided in values.

unknown → added     known → known | changed     left or suppressed → refused: only they themselves can come back
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from digest.addresses import Address
from digest.audience.interests import EVERYTHING, Interests
from digest.audience.subscriber import Consent, Subscriber

Outcome = Literal["added", "known", "changed", "refused"]


@dataclass(frozen=True)
class NewSubscriber:
    """Somebody who is to be put on the list, with the proof of their consent."""

    address: Address
    language: str  # BCP 47
    digests: tuple[str, ...]  # keys in config.yaml
    state: Consent  # asked or confirmed
    source: str  # who or what brings them: staff, import FILE, form …
    evidence: str  # what was agreed to
    agreed_at: datetime | None = None  # UTC; when they agreed, where that is known
    interests: Interests = EVERYTHING


@dataclass(frozen=True)
class ImportReport:
    """How many of a list's lines had which outcome."""

    added: int = 0
    known: int = 0
    changed: int = 0
    refused: int = 0


def outcome(known: Subscriber | None, new: NewSubscriber, *, suppressed: bool) -> Outcome:
    """Return what becomes of `new`, where `known` has the same address and `suppressed` forbids it."""
    if suppressed or (known and known.state in {Consent.LEFT, Consent.SUPPRESSED}):
        return "refused"
    if known is None:
        return "added"
    return "known" if merged(known, new) == known else "changed"


def merged(known: Subscriber, new: NewSubscriber) -> Subscriber:
    """Return the subscriber with what is new; who has confirmed keeps what they have when somebody merely asks."""
    if known.state is Consent.CONFIRMED and new.state is Consent.ASKED:
        return known
    digests = tuple(sorted({*known.digests, *new.digests}))
    interests = known.interests if new.interests == EVERYTHING else new.interests
    return replace(known, state=new.state, language=new.language, digests=digests, interests=interests)
