"""A subscriber, and the steps of consent.

          confirm
asked ─────────────▶ confirmed ──▶ left          each step with its evidence; `after` has the whole table
                         ▲           │
                         └───────────┘ confirm    suppressed: nobody comes back from there but by `release`
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from digest.audience.interests import EVERYTHING, Interests


class Consent(StrEnum):
    """Where a subscriber stands."""

    ASKED = "asked"  # has not confirmed yet; is mailed nothing but the question
    CONFIRMED = "confirmed"
    LEFT = "left"
    SUPPRESSED = "suppressed"  # hard bounce, complaint, erased


GONE: Final = frozenset({Consent.LEFT, Consent.SUPPRESSED})  # mailed no more


class Step(StrEnum):
    """What can happen to somebody's consent."""

    ASK = "ask"  # somebody wrote the address into the form, who need not be its owner
    CONFIRM = "confirm"  # its owner, by the link in a mail to it
    ENLIST = "enlist"  # the staff, who have evidence
    LEAVE = "leave"
    SUPPRESS = "suppress"  # for good: a hard bounce, a complaint, erased
    RELEASE = "release"  # the staff, who know that it was by mistake


_ASKED, _CONFIRMED, _LEFT, _SUPPRESSED = Consent
_AFTER: Final[dict[tuple[Consent | None, Step], Consent]] = {
    (None, Step.ASK): _ASKED,
    (None, Step.ENLIST): _CONFIRMED,
    (None, Step.LEAVE): _LEFT,  # elsewhere, as a list from there says
    (None, Step.SUPPRESS): _SUPPRESSED,
    (_ASKED, Step.ASK): _ASKED,
    (_ASKED, Step.CONFIRM): _CONFIRMED,
    (_ASKED, Step.ENLIST): _CONFIRMED,
    (_ASKED, Step.LEAVE): _LEFT,
    (_ASKED, Step.SUPPRESS): _SUPPRESSED,
    (_CONFIRMED, Step.ASK): _CONFIRMED,
    (_CONFIRMED, Step.CONFIRM): _CONFIRMED,
    (_CONFIRMED, Step.ENLIST): _CONFIRMED,
    (_CONFIRMED, Step.LEAVE): _LEFT,
    (_CONFIRMED, Step.SUPPRESS): _SUPPRESSED,
    (_LEFT, Step.ASK): _LEFT,  # until they confirm: whoever asks may be somebody else
    (_LEFT, Step.CONFIRM): _CONFIRMED,
    (_LEFT, Step.LEAVE): _LEFT,
    (_LEFT, Step.SUPPRESS): _SUPPRESSED,
    (_SUPPRESSED, Step.SUPPRESS): _SUPPRESSED,
    (_SUPPRESSED, Step.RELEASE): _LEFT,
}


def after(state: Consent | None, step: Step) -> Consent | None:
    """Return where a step leads from `state`, which is None for the unknown; None where it may not be taken."""
    return _AFTER.get((state, step))


def before(step: Step) -> frozenset[Consent]:
    """Return from which states the step leads to another one."""
    return frozenset(state for (state, taken), to in _AFTER.items() if taken is step and state and state is not to)


@dataclass(frozen=True)
class Evidence:
    """What shows that somebody changed their consent or choice, or had it changed."""

    at: datetime  # UTC
    source: str  # who or what changed it: staff, import FILE, one-click …
    evidence: str  # what was agreed to, or why
    ip: str | None = None  # of whoever did it on the web; kept only as long as `privacy.consent_ip` says


@dataclass(frozen=True, kw_only=True)
class ConsentEvent(Evidence):
    """One change in a subscriber's history, as it is read back."""

    state: Consent  # from then on


@dataclass(frozen=True)
class Subscriber:
    """Somebody who gets digests."""

    key: int  # in the database, never used again; part of tokens
    address: str  # as given, the domain in A-labels; empty once erased
    state: Consent
    language: str  # BCP 47
    digests: tuple[str, ...]  # keys in config.yaml
    interests: Interests = EVERYTHING
    version: int = 0  # of their tokens: those of an earlier one choose and confirm nothing
    chosen_at: datetime | None = None  # UTC; when they last chose themselves, which no list changes afterwards
    paused_until: datetime | None = None  # UTC; mailed nothing before

    @property
    def gone(self) -> bool:
        """Return whether they are mailed no more."""
        return self.state in GONE
