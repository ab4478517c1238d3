"""Which feeds there are, and which items stand in which of their documents.

shown items ─┬─▶ main feed ─┬─▶ atom.xml, feed.json, rss.xml   the newest
             │              └─▶ archive/<n>.xml                all, 100 a document, counted from the oldest
             ├─▶ a feed a kind and topic                       the newest of each
             └─▶ a feed a language, when there are several
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from digest import urls
from digest.config import Config, Newsroom
from digest.items.item import Item, Visibility, visibility
from digest.site import paths, shown
from digest.site.languages import own_name

ARCHIVE_SIZE = 100  # items a document
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

    def carries(self, item: Item) -> bool:
        """Return whether the item belongs to the feed."""
        match self.sort:
            case Sort.KIND:
                return item.kind == self.key
            case Sort.TOPIC:
                return self.key in item.topics
            case Sort.LANGUAGE:
                return item.language == self.key
        return True


@dataclass(frozen=True)
class Document:
    """One file of a feed: the one that readers poll, or an archive (RFC 5005 section 4)."""

    feed: Feed
    path: str  # in public/
    items: tuple[Item, ...]  # shown ones, newest first
    previous: str | None = None  # path of the archive with the next older items
    following: str | None = None  # path of the archive with the next newer items

    @property
    def archived(self) -> bool:
        """Return whether it is an archive."""
        return self.path != self.feed.path


@dataclass(frozen=True)
class Imprint:
    """What every feed says of its publisher beside config.yaml's newsroom."""

    hubs: tuple[str, ...] = ()  # addresses of WebSub hubs
    license: str | None = None  # address of the terms
    icon: str | None = None  # address of a square image
    logo: str | None = None  # address of an image twice as wide as high


def main_feed(newsroom: Newsroom) -> Feed:
    """Return the feed of everything."""
    return Feed(Sort.MAIN, "", _id(newsroom, "feed"), newsroom.title, newsroom.title, newsroom.language)


def all_feeds(config: Config, items: Sequence[Item], at: datetime) -> tuple[Feed, ...]:
    """Return the main feed and those by kind, topic and language, in the order of config.yaml.

    Kinds and topics have theirs before they have items, so that their addresses can be given away. One language alone
    has none, since it would repeat the main feed.
    """
    newsroom = config.newsroom
    own = newsroom.language
    languages = sorted({own, *(item.language for item in shown.shown(items, at))})
    return (
        main_feed(newsroom),
        *(_part(newsroom, Sort.KIND, key, kind.plural.in_language(own)) for key, kind in config.kinds.items()),
        *(_part(newsroom, Sort.TOPIC, key, topic.label.in_language(own)) for key, topic in config.topics.items()),
        *(_part(newsroom, Sort.LANGUAGE, tag, own_name(tag)) for tag in languages if len(languages) > 1),
    )


def documents(config: Config, items: Sequence[Item], at: datetime) -> Iterator[Document]:
    """Yield every Atom document with the items that the public may see at the moment `at`, the main feed's first."""
    everything = shown.shown(items, at)
    main, *parts = all_feeds(config, items, at)
    yield from main_documents(main, everything, archive_pages(items, at), config.feeds.entries)
    for feed in parts:
        carried = [item for item in everything if feed.carries(item)]
        yield Document(feed, feed.path, tuple(carried[: config.feeds.entries]))


def main_documents(
    feed: Feed, everything: Sequence[Item], archives: Sequence[tuple[Item, ...]], least: int
) -> Iterator[Document]:
    """Yield the document that is polled, then the archives from the oldest.

    The first holds everything after the last archive, so that no busy month falls into a gap between two polls, and
    at least `least` items.
    """
    where = [f"archive/{number}.xml" for number in range(1, len(archives) + 1)]
    archived = sum(len(page) for page in archives)
    newest = max(least, len(everything) - archived)
    yield Document(feed, feed.path, tuple(everything[:newest]), previous=where[-1] if where else None)
    for index, page in enumerate(archives):
        yield Document(
            feed,
            where[index],
            page,
            previous=where[index - 1] if index else None,
            following=where[index + 1] if index + 1 < len(where) else None,
        )


def archive_pages(items: Sequence[Item], at: datetime) -> list[tuple[Item, ...]]:
    """Return what is in each archive, the oldest first; in each, the newest item comes first.

    An item that was withdrawn without trace is not shown but keeps its place, so that no other item moves to another
    archive: only a correction or a withdrawal changes an old one, and once the link to a new next one.
    """
    placed = [item for item in items if visibility(item, at) is not Visibility.HIDDEN]
    placed = sorted(sorted(placed, key=lambda item: item.slug, reverse=True), key=shown.published)
    full = len(placed) - len(placed) % ARCHIVE_SIZE
    return [tuple(shown.shown(placed[start : start + ARCHIVE_SIZE], at)) for start in range(0, full, ARCHIVE_SIZE)]


def _part(newsroom: Newsroom, sort: Sort, key: str, label: str) -> Feed:
    language = key if sort is Sort.LANGUAGE else newsroom.language
    title = f"{newsroom.title}: {label}"
    return Feed(sort, key, _id(newsroom, f"feed:{sort.value}:{key}"), title, label, language)


def _id(newsroom: Newsroom, name: str) -> str:
    return uuid.uuid5(uuid.UUID(newsroom.id), name).urn
