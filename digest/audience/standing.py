"""Where everybody stands: why one person is mailed or not, and how many there are of each sort."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.audience.interests import Interests
from digest.audience.subscriber import Consent, Subscriber


@dataclass(frozen=True)
class Barred:
    """Why an address is on the suppression list."""

    reason: str
    at: datetime  # UTC


@dataclass(frozen=True)
class Group:
    """How many subscribers are alike."""

    state: Consent
    language: str
    interests: Interests
    count: int


def why_not_mailed(who: Subscriber, barred: Barred | None, at: datetime) -> str | None:
    """Return why a subscriber gets no edition now; None when they do."""
    if who.state is Consent.SUPPRESSED or barred:
        return f"the address is on the suppression list{f': {barred.reason}' if barred else ''}"
    if who.state is Consent.LEFT:
        return "they left"
    if who.state is Consent.ASKED:
        return "they have not confirmed"
    if who.paused_until and who.paused_until > at:
        return f"they pause until {who.paused_until:%Y-%m-%d}"
    return None if who.digests else "they get no digest"


def counts(
    groups: Iterable[Group],
    of_digests: Iterable[tuple[str, Consent, int]],
    kinds: Sequence[str],
    topics: Sequence[str],
) -> list[dict[str, object]]:
    """Return a row for all, each digest, kind, topic and language: how many stand where. Who chose none wants all."""
    sums: dict[tuple[str, str], Counter[Consent]] = {("all", ""): Counter()}
    for digest, state, count in of_digests:
        sums.setdefault(("digest", digest), Counter())[state] += count
    for what, known in (("kind", kinds), ("topic", topics)):
        sums |= {(what, key): Counter() for key in known}
    for group in groups:
        chosen = group.interests
        of = [("all", ""), ("language", group.language)]
        of += [("kind", key) for key in chosen.kinds or kinds] + [("topic", key) for key in chosen.topics or topics]
        for each in of:
            sums.setdefault(each, Counter())[group.state] += group.count
    return [
        {"of": what, "which": which, **{str(state): count[state] for state in Consent}}
        for (what, which), count in sums.items()
    ]
