"""An Atom document (RFC 4287): all of what a reader needs, and the same bytes as long as nothing changes.

feedgen 1.0.0 makes it but for its entries, which `_element` writes; `FeedExtras` adds what feedgen leaves out.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from digest import urls
from digest.config import Config
from digest.site import media
from digest.site.documents import Document
from digest.site.entries import Entry
from digest.site.feeds import Imprint

MEDIA_TYPE = "application/atom+xml"
HISTORY = "http://purl.org/syndication/history/1.0"  # RFC 5005
# An empty feed needs an `updated` too (RFC 4287 section 4.1.1): never now, or its bytes would change with each
# build, and older than any entry to come; but the W3C's validator doubts a date before 1990.
BEFORE_ALL_ENTRIES = datetime(1990, 1, 1, tzinfo=UTC)
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class AtomEntry(FeedEntry):  # type: ignore[misc]  # feedgen ships no types
    """An entry that writes itself: feedgen 1.0.0 drops what links say (its issue 135), and takes a third longer."""

    def __init__(self, entry: Entry) -> None:
        """Begin with what is to be written."""
        super().__init__()
        self._entry = entry

    def atom_entry(self, extensions: bool = True) -> Any:  # noqa: ANN401, ARG002, FBT001, FBT002 - as feedgen declares it
        """Return the entry's element."""
        return _element(self._entry)


class FeedExtras(BaseExtension):  # type: ignore[misc]  # feedgen ships no types
    """The prefixes that entries use, and the mark of an archive (RFC 5005 section 4)."""

    archived: bool = False

    def extend_ns(self) -> dict[str, str]:
        """Return the namespaces by prefix."""
        return {"media": media.NAMESPACE} | ({"fh": HISTORY} if self.archived else {})

    def extend_atom(self, feed: Any) -> Any:  # noqa: ANN401 - as feedgen declares it
        """Return the feed's element, marked when it is an archive."""
        if self.archived:
            etree.SubElement(feed, f"{{{HISTORY}}}archive")
        return feed


def atom(document: Document, entries: Sequence[Entry], config: Config, imprint: Imprint) -> bytes:
    """Return the document's bytes; `entries` are those of its items, in their order."""
    made = _feed(document, config, imprint)
    made.updated(last_update(entries))
    for entry in entries:
        made.add_entry(AtomEntry(entry), order="append")
    return bytes(made.atom_str())


def last_update(entries: Sequence[Entry]) -> datetime:
    """Return when the newest change was, never now, so that a feed's bytes do not change with each build."""
    return max((entry.updated for entry in entries), default=BEFORE_ALL_ENTRIES)


def _feed(document: Document, config: Config, imprint: Imprint) -> Any:  # noqa: ANN401 - feedgen ships no types
    newsroom, feed = config.newsroom, document.feed
    made = FeedGenerator()
    made.register_extension("extras", FeedExtras, rss=False)
    made.extras.archived = document.archived
    made.id(feed.id)
    made.title(feed.title)
    made.subtitle(newsroom.tagline or newsroom.description)
    made.language(feed.language)
    made.author(name=newsroom.organization, uri=newsroom.url)
    made.rights(newsroom.rights)
    made.icon(imprint.icon)
    made.logo(imprint.logo)
    made.generator("Digest")  # without a version, which would change the bytes with each release
    for link in _links(document, config, imprint):
        made.link(**link)
    return made


def _links(document: Document, config: Config, imprint: Imprint) -> list[dict[str, str]]:
    newsroom, feed = config.newsroom, document.feed
    current = feed.path if document.archived else None
    history = {"prev-archive": document.previous, "next-archive": document.following, "current": current}
    return [
        {"rel": "self", "href": urls.absolute(newsroom, document.path), "type": MEDIA_TYPE},
        {"rel": "alternate", "href": urls.absolute(newsroom, feed.home), "type": "text/html"},
        *(
            {"rel": rel, "href": urls.absolute(newsroom, path), "type": MEDIA_TYPE}
            for rel, path in history.items()
            if path
        ),
        *({"rel": "hub", "href": hub} for hub in imprint.hubs if not document.archived),
        *([{"rel": "license", "href": imprint.license}] if imprint.license else []),
    ]


def _element(entry: Entry) -> etree._Element:
    """Return the entry's element (RFC 4287 section 4.1.2) with its language and its picture.

    Its names stand in no namespace: feedgen declares Atom's for all that is in the document.
    """
    element = etree.Element("entry", {_XML_LANG: entry.language})

    def add(name: str, text: str | None = None, **attributes: str) -> None:
        etree.SubElement(element, name, attributes).text = text

    add("id", entry.id)
    add("title", entry.title)
    add("updated", entry.updated.isoformat())
    for name in entry.authors:
        etree.SubElement(etree.SubElement(element, "author"), "name").text = name
    add("content", entry.html, type="html")
    add("link", href=entry.address, rel="alternate", type="text/html", hreflang=entry.language)
    for file in entry.enclosures:
        length = str(file.size)
        add("link", href=file.address, rel="enclosure", type=file.media_type, title=file.title, length=length)
    for link in entry.related:
        add("link", href=link.url, rel="related", title=link.title)
    if entry.summary:
        add("summary", entry.summary)
    for each in entry.categories:
        add("category", term=each.term, scheme=each.scheme, label=each.label)
    add("published", entry.published.isoformat())
    if entry.picture:
        media.add_picture(element, entry.picture)
    return element
