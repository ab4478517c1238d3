"""What somebody asks for on the web that a mail answers, decided in values.

Whoever asks gets the same answer at once, whether the address is known or not; what the mail says, or that there is
none, is found out afterwards.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.addresses import Address
from digest.audience.interests import EVERYTHING, Interests
from digest.audience.subscriber import Consent, Subscriber

ERASED = "erased"  # the reason that stands on the suppression list


def forbids(barred: str | None) -> bool:
    """Return whether an address may not be mailed that is on the suppression list for that reason; None: it is not.

    Who was erased may come back themselves.
    """
    return barred not in {None, ERASED}


class Purpose(StrEnum):
    """What is asked for."""

    SUBSCRIBE = "subscribe"
    MANAGE = "manage"  # a fresh link to one's own data
    MOVE = "move"  # to get everything at this address from now on


class Says(StrEnum):
    """What a letter to a subscriber says; each has its template."""

    CONFIRM = "confirm"  # do you want this?
    KNOWN = "known"  # you get it already
    WELCOME = "welcome"
    LEFT = "left"  # and if that was not you
    MANAGE = "manage"  # here is the link to your data
    MOVE = "move"  # shall everything go to this address?
    MOVED = "moved"  # to the address that was before


@dataclass(frozen=True)
class OwedLetter:
    """A letter that is due."""

    number: int
    subscriber: int  # key
    says: Says
    address: str  # where it goes
    made_at: datetime  # UTC


@dataclass(frozen=True)
class Wish:
    """What a subscriber is to get."""

    language: str  # BCP 47
    digests: tuple[str, ...]  # keys in config.yaml
    interests: Interests = EVERYTHING


@dataclass(frozen=True)
class Request:
    """Something that was asked for on the web, with the evidence."""

    purpose: Purpose
    address: Address
    wish: Wish
    evidence: str  # which form, and what it said
    ip: str  # of whoever asks, which need not be the owner of the address
    subscriber: int | None = None  # whose token was used, of MANAGE and MOVE


def may_ask(purpose: Purpose, asker: Subscriber | None) -> bool:
    """Return whether who asked by a link may still have it; they may have left or been erased since."""
    match purpose:
        case Purpose.SUBSCRIBE:
            return True
        case Purpose.MANAGE:
            return asker is not None and bool(asker.address)
        case Purpose.MOVE:
            return asker is not None and asker.state is Consent.CONFIRMED


def unwanted(says: Says, state: Consent, barred: str | None) -> str:
    """Return why a letter that is owed is not mailed any more, or an empty text.

    `state` is its subscriber's by now, `barred` why the address that it goes to is on the suppression list.
    """
    if state is Consent.SUPPRESSED or forbids(barred):
        return "suppressed meanwhile"
    if says in {Says.KNOWN, Says.WELCOME, Says.MOVE} and state is not Consent.CONFIRMED:
        return "left meanwhile"
    return ""


def answer(purpose: Purpose, known: Subscriber | None, barred: str | None) -> Says | None:
    """Return what is mailed to the address asked for; None for nothing.

    `known` has that address; `barred` is why it is on the suppression list, if it is. Who was erased may come back;
    an address that bounced or complained may not, until the staff release it.
    """
    if (known and known.state is Consent.SUPPRESSED) or forbids(barred):
        return None
    match purpose:
        case Purpose.SUBSCRIBE:
            return Says.KNOWN if known and known.state is Consent.CONFIRMED else Says.CONFIRM
        case Purpose.MANAGE:
            return Says.MANAGE if known else None
        case Purpose.MOVE:
            return Says.MOVE if known is None or known.state is Consent.ASKED else None  # else it is somebody's
