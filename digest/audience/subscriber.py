"""A subscriber, and the steps of consent.

asked → confirmed → left | suppressed
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.audience.interests import EVERYTHING, Interests


class Consent(StrEnum):
    """Where a subscriber stands."""

    ASKED = "asked"  # has not confirmed yet; is mailed nothing but the question
    CONFIRMED = "confirmed"
    LEFT = "left"
    SUPPRESSED = "suppressed"  # hard bounce, complaint, erased


@dataclass(frozen=True)
class ConsentEvent:
    """One change of a subscriber's consent, with its evidence."""

    at: datetime  # UTC
    state: Consent
    source: str  # who or what changed it: staff, import FILE, one-click …
    evidence: str  # what was agreed to, or why


@dataclass(frozen=True)
class Subscriber:
    """Somebody who gets digests."""

    key: int  # in the database, never used again; part of tokens
    address: str  # as given, the domain in A-labels
    state: Consent
    language: str  # BCP 47
    digests: tuple[str, ...]  # keys in config.yaml
    interests: Interests = EVERYTHING
