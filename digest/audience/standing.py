"""Where everybody stands: why one person is mailed or not, and how many there are of each sort."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from digest.addresses import parse_address
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


def why_not_mailed(
    who: Subscriber, barred: Barred | None, at: datetime, zone: ZoneInfo, only_to: Collection[str] = ()
) -> str | None:
    """Return why a subscriber gets no edition now; None when they do. Where `only_to` has addresses, nobody else does.

    A pause ends with the beginning of a day in `zone`, which is the day that they chose.
    """
    if who.state is Consent.SUPPRESSED or barred:
        return f"the address is on the suppression list{f': {barred.reason}' if barred else ''}"
    if who.state is Consent.LEFT:
        return "they left"
    if who.state is Consent.ASKED:
        return "they have not confirmed"
    if who.paused_until and who.paused_until > at:
        return f"they pause until {who.paused_until.astimezone(zone):%Y-%m-%d}"
    if not who.digests:
        return "they get no digest"
    named = not only_to or who.address.lower() in {parse_address(one).key for one in only_to}
    return None if named else "`mail.only_to` in config.yaml does not name them"


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
