"""Choose what one gets, or leave, by the token in a mail."""

from dataclasses import dataclass

from digest.actions.ports import Office
from digest.audience import tokens
from digest.audience.interests import Interests
from digest.audience.subscriber import Consent, Subscriber
from digest.errors import Refused


@dataclass(frozen=True)
class Holder:
    """Whom a token in a mail stands for."""

    subscriber: Subscriber
    edition: int  # key of the edition whose mail held the token

    @property
    def masked(self) -> str:
        """Return the address so that whoever got a forwarded mail does not learn it: `j•••@example.org`."""
        local, _, domain = self.subscriber.address.rpartition("@")
        return f"{local[:1]}•••@{domain}"

    @property
    def left(self) -> bool:
        """Return whether they are mailed no more already."""
        return self.subscriber.state in {Consent.LEFT, Consent.SUPPRESSED}


def who_holds(office: Office, purpose: str, token: str) -> Holder | None:
    """Return whom a token for that purpose stands for; None when it is not ours. Changes nothing."""
    claim = tokens.verify(office.keys, purpose, token)
    subscriber = office.store.audience.by_key(claim.subscriber) if claim else None
    return Holder(subscriber, claim.edition) if claim and subscriber else None


def leave(office: Office, holder: Holder, how: str) -> bool:
    """Record that they left; False when they had left before. Nothing is mailed to them from now on."""
    edition = office.store.editions.by_key(holder.edition)
    evidence = f"link in {edition.id}" if edition else "link in a mail"
    return office.store.audience.leave(holder.subscriber.key, how, evidence, office.clock())


def choose(office: Office, holder: Holder, language: str, interests: Interests) -> None:
    """Write down what they want from now on; Refused when mails are not written in that language."""
    known = office.newsroom.config.newsroom.mail_languages
    if language not in known:
        raise Refused(f"mails are not written in {language!r}", f"They are in: {', '.join(known)}.")
    office.store.audience.choose(holder.subscriber.key, language, interests)
