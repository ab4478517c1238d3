"""Put people on the list one by one, with what they agreed to and what they get."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from digest.actions.ports import Audience
from digest.addresses import parse_address
from digest.audience.admission import NewSubscriber, Outcome
from digest.audience.interests import EVERYTHING, Interests, narrowed
from digest.audience.subscriber import Consent
from digest.config import Config, parse_language
from digest.errors import Refused, UnfitText


@dataclass(frozen=True)
class Choice:
    """What those who are put on the list get."""

    digests: tuple[str, ...]  # keys in config.yaml
    language: str  # BCP 47
    evidence: str | None  # what they agreed to; None: they have not
    interests: Interests = EVERYTHING  # which leaves those of somebody known as they are


def choice(
    config: Config,
    digests: tuple[str, ...],
    language: str | None,
    evidence: str | None,
    interests: Interests = EVERYTHING,
) -> Choice:
    """Return the choice, completed from config.yaml: all digests, the newsroom's language. Refused when it is none."""
    for name in digests:
        if name not in config.digests:
            raise Refused(f"config.yaml has no digest {name!r}", f"It has: {', '.join(config.digests) or 'none'}.")
    try:
        spoken = parse_language(language or config.newsroom.language)
    except UnfitText as unfit:
        raise Refused(unfit.message, unfit.remedy) from unfit
    return Choice(digests or tuple(config.digests), spoken, evidence, interests)


def interests_of(config: Config, kinds: Collection[str], topics: Collection[str]) -> Interests:
    """Return somebody's interests; Refused when config.yaml does not have one of them. All of them is everything."""
    for what, chosen, known in (("kind", kinds, config.kinds), ("topic", topics, config.topics)):
        for key in chosen:
            if key not in known:
                raise Refused(f"config.yaml has no {what} {key!r}", f"It has: {', '.join(known) or 'none'}.")
    return Interests(narrowed(kinds, config.kinds), narrowed(topics, config.topics))


def known_interests(config: Config) -> Interests:
    """Return all kinds and topics that somebody can choose."""
    return Interests(frozenset(config.kinds), frozenset(config.topics))


def enlist(audience: Audience, text: str, chosen: Choice, at: datetime) -> tuple[str, Outcome]:
    """Put one address on the list; return in words what came of it, and which outcome. UnfitText: it is no address."""
    new = NewSubscriber(
        address=parse_address(text),
        language=chosen.language,
        digests=chosen.digests,
        state=Consent.CONFIRMED if chosen.evidence else Consent.ASKED,
        source="staff",
        evidence=chosen.evidence or "added without evidence of consent",
        interests=chosen.interests,
    )
    subscriber, outcome = audience.add(new, at)
    if outcome == "refused" or subscriber is None:
        return "refused: they left or are suppressed, and only they themselves can come back", "refused"
    return f"{outcome}, {subscriber.state}", outcome
