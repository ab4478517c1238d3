"""Leave a digest by the token in a mail."""

from dataclasses import dataclass

from digest.actions.ports import Office
from digest.audience import tokens
from digest.audience.subscriber import Consent, Subscriber


@dataclass(frozen=True)
class Leaving:
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


def who_leaves(office: Office, token: str) -> Leaving | None:
    """Return whom the token stands for; None when it is not ours. Changes nothing."""
    claim = tokens.verify(office.keys, "unsubscribe", token)
    subscriber = office.store.audience.by_key(claim.subscriber) if claim else None
    return Leaving(subscriber, claim.edition) if claim and subscriber else None


def leave(office: Office, leaving: Leaving, how: str) -> bool:
    """Record that they left; False when they had left before. Nothing is mailed to them from now on."""
    edition = office.store.editions.by_key(leaving.edition)
    evidence = f"link in {edition.id}" if edition else "link in a mail"
    return office.store.audience.leave(leaving.subscriber.key, how, evidence, office.clock())
