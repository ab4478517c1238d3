"""Whom the token in a link stands for, and what kind of link it is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from digest.actions.ports import Office
from digest.addresses import masked
from digest.audience import tokens
from digest.audience.subscriber import Subscriber


class Link(StrEnum):
    """What a link is for; a token for one is worth nothing for another."""

    UNSUBSCRIBE = "unsubscribe"  # in every digest; works for ever, whatever happened meanwhile
    PREFERENCES = "preferences"  # in every digest, which may be forwarded: shows and changes little
    CONFIRM = "confirm"
    MANAGE = "manage"  # one's own data: shows and changes everything
    MOVE = "move"  # stands for the letter that asked, which knows the address and when


LIVES: Final = {
    Link.CONFIRM: timedelta(days=7),
    Link.MANAGE: timedelta(days=1),  # mail may be held back for hours by a server that does not know us
}


@dataclass(frozen=True)
class Holder:
    """Whom a token in a mail stands for."""

    subscriber: Subscriber
    number: int  # key of the edition whose mail held the token, or of the letter; or when it was made

    @property
    def masked(self) -> str:
        """Return the address so that whoever got a forwarded mail does not learn it."""
        return masked(self.subscriber.address)

    @property
    def made_at(self) -> datetime:
        """Return when a token that expires was made, in UTC."""
        return datetime.fromtimestamp(self.number, UTC)


def who_holds(office: Office, link: Link, token: str) -> Holder | None:
    """Return whom a token for that kind of link stands for; None when it is not ours, or is void. Changes nothing.

    One that expires does so some time after it was made. All but those to leave by are void once their subscriber has
    left or moved.
    """
    claim = tokens.verify(office.keys, link, token)
    subscriber = office.store.audience.by_key(claim.subscriber) if claim else None
    if claim is None or subscriber is None or not subscriber.address:
        return None
    holder = Holder(subscriber, claim.number)
    if link is not Link.UNSUBSCRIBE and claim.version != subscriber.version:
        return None
    if (lives := LIVES.get(link)) and holder.made_at + lives < office.clock():
        return None
    return holder


def link_for(office: Office, link: Link, subscriber: Subscriber, number: int = 0) -> str:
    """Return a token for a subscriber: of an edition's mail or a letter, or, of a kind that expires, made now."""
    number = int(office.clock().timestamp()) if link in LIVES else number
    return tokens.sign(office.keys, link, subscriber.key, number, subscriber.version)
