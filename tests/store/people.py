"""What tests ask of a store, or put into it, that no action does."""

from collections import Counter
from datetime import datetime

from digest.actions import ports
from digest.audience.requests import Says
from digest.audience.subscriber import Consent
from digest.store import letters as stored
from digest.store.database import writing
from digest.store.subscribers import Subscribers


def totals(subscribers: Subscribers) -> dict[Consent, int]:
    """Return how many subscribers stand where."""
    counts: Counter[Consent] = Counter()
    for group in subscribers.groups():
        counts[group.state] += group.count
    return dict(counts)


def owe_letter(letters: ports.Letters, subscriber: int, says: Says, at: datetime, address: str | None = None) -> None:
    """Note that a subscriber is to be mailed that, without the step that leads to it."""
    assert isinstance(letters, stored.Letters)
    with writing(letters.engine) as connection:
        stored.owe(connection, subscriber, says, at, address)
