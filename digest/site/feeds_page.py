"""feeds/index.html: what a feed is, and each one's address to copy or to add to a reader at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from digest import urls
from digest.config import Config
from digest.site import feeds, paths
from digest.site.feeds import Feed, Sort

# Where each reader takes a new feed; the feed's address, percent-encoded, goes to the end.
_READERS = {
    "Feedly": "https://feedly.com/i/subscription/feed%2F",
    "Inoreader": "https://www.inoreader.com/?add_feed=",
    "NewsBlur": "https://www.newsblur.com/?url=",
    "The Old Reader": "https://theoldreader.com/feeds/subscribe?url=",
}
_HEADINGS = {Sort.MAIN: "Everything", Sort.KIND: "By kind", Sort.TOPIC: "By topic", Sort.LANGUAGE: "By language"}


@dataclass(frozen=True)
class AddLink:
    """A link that adds a feed to somebody's reader."""

    reader: str
    address: str


@dataclass(frozen=True)
class Listed:
    """A feed as the page offers it."""

    title: str
    language: str  # of the title
    page: str  # address from the root, of the page with the same items
    address: str  # absolute, of the Atom document
    program: str  # the same with the scheme `feed:`, which opens a reader that is installed
    readers: tuple[AddLink, ...]


@dataclass(frozen=True)
class Group:
    """Feeds of one sort under their heading."""

    key: str  # names the group within the page
    heading: str
    feeds: tuple[Listed, ...]


def values(every: Sequence[Feed], config: Config) -> Mapping[str, object]:
    """Return what templates/site/feeds.html.j2 shows, for the feeds in their order."""
    newsroom = config.newsroom
    return {
        "address": urls.absolute(newsroom, feeds.PAGE),
        "groups": _groups(every, config),
        "opml": feeds.OPML,
        "formats": {
            "RSS 2.0": urls.absolute(newsroom, feeds.RSS),
            "JSON Feed": urls.absolute(newsroom, feeds.JSON),
        },
    }


def _groups(every: Sequence[Feed], config: Config) -> tuple[Group, ...]:
    sorted_out = {sort: tuple(_listed(feed, config) for feed in every if feed.sort is sort) for sort in Sort}
    return tuple(Group(sort.value, _HEADINGS[sort], members) for sort, members in sorted_out.items() if members)


def _listed(feed: Feed, config: Config) -> Listed:
    address = urls.absolute(config.newsroom, feed.path)
    readers = (AddLink(reader, place + quote(address, safe="")) for reader, place in _READERS.items())
    return Listed(feed.label, feed.language, paths.folder(feed.home), address, f"feed:{address}", tuple(readers))
