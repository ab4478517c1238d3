"""Which feeds there are: the main one, and one for each kind, topic and language."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from digest import urls
from digest.config import Config, Newsroom
from digest.site import paths
from digest.site.languages import own_name

JSON = "feed.json"
RSS = "rss.xml"
OPML = "feeds.opml"
PAGE = "feeds/index.html"


class Sort(Enum):
    """What a feed's items have in common."""

    MAIN = "main"
    KIND = "kind"
    TOPIC = "topic"
    LANGUAGE = "language"


_FOLDERS = {Sort.KIND: "kinds", Sort.TOPIC: "topics", Sort.LANGUAGE: "languages"}


@dataclass(frozen=True)
class Feed:
    """A feed that somebody can subscribe to."""

    sort: Sort
    key: str  # of the kind or topic; the language's tag; empty for the main feed
    id: str  # urn:uuid, from the newsroom's id, so that a new host replays nothing to any reader
    title: str  # as a reader lists it, among feeds of others
    label: str  # as the newsroom lists it, among its own
    language: str  # BCP 47, of the titles

    @property
    def path(self) -> str:
        """Return where its Atom document stands in public/."""
        return f"{_FOLDERS[self.sort]}/{self.key}/{urls.FEED}" if self.key else urls.FEED

    @property
    def home(self) -> str:
        """Return the page with the same items, in public/."""
        return f"{_FOLDERS[self.sort]}/{self.key}/index.html" if self.key else paths.INDEX


@dataclass(frozen=True)
class Imprint:
    """What every feed says of its publisher beside config.yaml's newsroom."""

    hubs: tuple[str, ...] = ()  # addresses of WebSub hubs
    license: str | None = None  # address of the terms
    icon: str | None = None  # address of a square image
    icon_side: int | None = None  # its pixels; None for a drawing, which has any size
    large_icon: str | None = None  # address of a larger one, where there is one
    logo: str | None = None  # address of an image twice as wide as high


def is_polled(path: str) -> bool:
    """Return whether a feed that subscribers poll stands at the path in public/, in any of its forms: no archive."""
    return path in {JSON, RSS} or path.rpartition("/")[2] == urls.FEED


def main_feed(newsroom: Newsroom) -> Feed:
    """Return the feed of everything."""
    return Feed(Sort.MAIN, "", _id(newsroom, "feed"), newsroom.title, newsroom.title, newsroom.language)


def all_feeds(config: Config, languages: Collection[str]) -> tuple[Feed, ...]:
    """Return the main feed and those by kind, topic and language, in the order of config.yaml.

    `languages` are those of the items (BCP 47). Kinds and topics have feeds before they have items, so that their
    addresses can be given away. One language alone has none, since it would repeat the main feed.
    """
    newsroom = config.newsroom
    own = newsroom.language
    tags = sorted({own, *languages})
    return (
        main_feed(newsroom),
        *(_part(newsroom, Sort.KIND, key, kind.plural.in_language(own)) for key, kind in config.kinds.items()),
        *(_part(newsroom, Sort.TOPIC, key, topic.label.in_language(own)) for key, topic in config.topics.items()),
        *(_part(newsroom, Sort.LANGUAGE, tag, own_name(tag)) for tag in tags if len(tags) > 1),
    )


def _part(newsroom: Newsroom, sort: Sort, key: str, label: str) -> Feed:
    language = key if sort is Sort.LANGUAGE else newsroom.language
    title = f"{newsroom.title}: {label}"
    return Feed(sort, key, _id(newsroom, f"feed:{sort.value}:{key}"), title, label, language)


def _id(newsroom: Newsroom, name: str) -> str:
    return uuid.uuid5(uuid.UUID(newsroom.id), name).urn
