"""What a reader may choose of a newsroom's mails, as forms show it and send it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.actions.enlist import interests_of
from digest.audience.interests import Interests
from digest.audience.requests import Wish
from digest.config import Config
from digest.web.visitors import Form


@dataclass(frozen=True)
class Offer:
    """All that there is to choose, by key, in the words of one language."""

    digests: Mapping[str, str]
    kinds: Mapping[str, str]
    topics: Mapping[str, str]
    languages: tuple[str, ...]  # BCP 47


def offer_of(config: Config, language: str) -> Offer:
    """Return what the newsroom offers."""
    return Offer(
        {key: digest.title.in_language(language) for key, digest in config.digests.items()},
        {key: kind.plural.in_language(language) for key, kind in config.kinds.items()},
        {key: topic.label.in_language(language) for key, topic in config.topics.items()},
        config.newsroom.mail_languages,
    )


def wish_of(form: Form, config: Config, language: str) -> Wish:
    """Return what a form asks for; `language` is that of a form that names none.

    Refused when config.yaml does not have a kind or topic. Where there is but one digest, no form asks which.
    """
    digests = form.all("digest") if len(config.digests) > 1 else tuple(config.digests)
    interests = interests_of(config, form.all("kind"), form.all("topic"))
    return Wish(form.one("language") or language, digests, interests)


def titles(config: Config, digests: Sequence[str], language: str) -> list[str]:
    """Return the digests' titles in a language, in the order of config.yaml."""
    return [digest.title.in_language(language) for key, digest in config.digests.items() if key in digests]


def interests_in_words(offer: Offer, interests: Interests) -> list[str]:
    """Return what somebody has narrowed their mails to; empty: everything."""
    kinds = [label for key, label in offer.kinds.items() if key in interests.kinds]
    return kinds + [label for key, label in offer.topics.items() if key in interests.topics]
