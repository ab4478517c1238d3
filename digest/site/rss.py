"""rss.xml: the main feed as RSS 2.0 (rssboard.org/rss-specification), for readers that know nothing newer.

feedgen 1.0.0 makes it. It writes dates under another locale of the whole process, which would mislead every other
thread, so `ChannelExtras` and `ItemExtras` write them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from digest import urls
from digest.config import Config
from digest.site import feeds, media
from digest.site.documents import Document
from digest.site.entries import Entry
from digest.site.feed import last_update
from digest.site.feeds import Imprint

MEDIA_TYPE = "application/rss+xml"
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_ATOM_LINK = "{http://www.w3.org/2005/Atom}link"


class ChannelExtras(BaseExtension):  # type: ignore[misc]  # feedgen ships no types
    """The prefixes that items use, the time of the last change, and the hubs."""

    changed: datetime
    hubs: tuple[str, ...] = ()  # addresses

    def extend_ns(self) -> dict[str, str]:
        """Return the namespaces by prefix."""
        return {"media": media.NAMESPACE, "dc": _DUBLIN_CORE}

    def extend_rss(self, feed: Any) -> Any:  # noqa: ANN401 - as feedgen declares it
        """Return the root element with the channel's extras added."""
        channel = feed.find("channel")
        etree.SubElement(channel, "lastBuildDate").text = _date(self.changed)
        for hub in self.hubs:
            etree.SubElement(channel, _ATOM_LINK, rel="hub", href=hub)
        return feed


class ItemExtras(BaseEntryExtension):  # type: ignore[misc]  # feedgen ships no types
    """What RSS itself has no element for: authors without an address; and the date and the picture."""

    entry: Entry

    def extend_rss(self, feed: Any) -> Any:  # noqa: ANN401 - as feedgen declares it
        """Return the item's element with its extras added."""
        etree.SubElement(feed, "pubDate").text = _date(self.entry.published)
        # All in one element: of several, newsboat shows the last and sfeed the first.
        etree.SubElement(feed, f"{{{_DUBLIN_CORE}}}creator").text = ", ".join(self.entry.authors)
        if self.entry.picture:
            media.add_picture(feed, self.entry.picture)
        return feed


def rss(document: Document, entries: Sequence[Entry], config: Config, imprint: Imprint) -> bytes:
    """Return the bytes of rss.xml; `entries` are those of the document's items, in their order."""
    made = _channel(document, config, imprint)
    made.extras.changed = last_update(entries)
    for entry in entries:
        _add_item(made, entry)
    return bytes(made.rss_str())


def _channel(document: Document, config: Config, imprint: Imprint) -> Any:  # noqa: ANN401 - feedgen ships no types
    newsroom, feed = config.newsroom, document.feed
    home = urls.absolute(newsroom, feed.home)
    made = FeedGenerator()
    made.register_extension("extras", ChannelExtras, ItemExtras, atom=False)
    made.extras.hubs = imprint.hubs
    made._FeedGenerator__rss_lastBuildDate = None  # noqa: SLF001 - else feedgen dates it, by switching the locale
    made.title(feed.title)
    made.description(newsroom.tagline or newsroom.description or feed.title)
    made.language(feed.language)
    made.copyright(newsroom.rights)
    made.generator("Digest")  # without a version, which would change the bytes with each release
    made.link(href=urls.absolute(newsroom, feeds.RSS), rel="self", type=MEDIA_TYPE)
    made.link(href=home, rel="alternate", type="text/html")  # the last one: feedgen takes it for the channel's link
    if imprint.icon and imprint.icon_side:  # RSS has GIF, JPEG and PNG, no drawings
        side = str(imprint.icon_side)
        made.image(url=imprint.icon, title=feed.title, link=home, width=side, height=side)
    return made


def _add_item(made: Any, entry: Entry) -> None:  # noqa: ANN401 - feedgen ships no types
    added = made.add_entry(order="append")
    added.extras.entry = entry
    added.title(entry.title)
    added.guid(entry.id, permalink=False)
    added.link(href=entry.address, rel="alternate")
    # Readers take a description for HTML. In this order, or feedgen writes the content in its place.
    added.description(escape(entry.summary or entry.title))
    added.content(entry.html, type="html")
    for category in entry.categories:
        added.category(term=category.term, scheme=category.scheme, label=category.label)
    if entry.enclosures:  # RSS has one at most; the content's page has them all
        first = entry.enclosures[0]
        added.enclosure(url=first.address, length=str(first.size), type=first.media_type)


def _date(moment: datetime) -> str:
    """Return the moment as RFC 822 section 5 wants it, with the year in four digits."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)
