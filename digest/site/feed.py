"""The Atom feed (RFC 4287): all of what a reader needs, and the same bytes as long as nothing changes.

feedgen 1.0.0 makes it; `Entry` and `Extras` add what it leaves out. This module is the only one that knows feedgen.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from digest import urls
from digest.config import Config
from digest.items.item import Item, last_changed
from digest.site import content, paths, shown, views

MEDIA = "http://search.yahoo.com/mrss/"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# An empty feed needs an `updated` too (RFC 4287 section 4.1.1): never now, or its bytes would change with each
# build, and older than any entry to come.
_BEFORE_ALL_ENTRIES = datetime(1970, 1, 1, tzinfo=UTC)
_LINK_ATTRIBUTES = ("rel", "type", "hreflang", "title", "length")


class Entry(FeedEntry):  # type: ignore[misc]  # feedgen ships no types
    """An entry whose links keep their attributes, which feedgen 1.0.0 drops (its issue 135)."""

    def atom_entry(self, extensions: bool = True) -> Any:  # noqa: ANN401, FBT001, FBT002 - as feedgen declares it
        """Return the entry's element with each link's rel, type, hreflang, title and length."""
        element = super().atom_entry(extensions)
        for link, given in zip(element.findall("link"), self.link() or [], strict=True):
            link.attrib.update({name: given[name] for name in _LINK_ATTRIBUTES if given.get(name)})
        return element


class Prefixes(BaseExtension):  # type: ignore[misc]  # feedgen ships no types
    """Declares on the feed the prefixes that `Extras` uses in entries."""

    def extend_ns(self) -> dict[str, str]:
        """Return the namespaces by prefix."""
        return {"media": MEDIA}


class Extras(BaseEntryExtension):  # type: ignore[misc]  # feedgen ships no types
    """An entry's language, and its picture as Media RSS 1.5.1 has it; feedgen's own media knows no credit."""

    language: str = ""  # BCP 47
    figure: views.Figure | None = None
    address: str = ""  # absolute, of the figure

    def extend_atom(self, feed: Any) -> Any:  # noqa: ANN401 - as feedgen declares it
        """Return the entry's element with both added."""
        feed.set(_XML_LANG, self.language)
        if self.figure:
            self._add_picture(feed, self.figure)
        return feed

    def _add_picture(self, entry: Any, figure: views.Figure) -> None:  # noqa: ANN401 - an element of lxml
        media = etree.SubElement(entry, f"{{{MEDIA}}}content", url=self.address, medium="image", type=figure.media_type)
        if figure.width and figure.height:
            media.set("width", str(figure.width))
            media.set("height", str(figure.height))
        said = {"description": figure.alt or figure.caption, "credit": figure.credit, "copyright": figure.rights}
        for name, text in said.items():
            if text:
                etree.SubElement(media, f"{{{MEDIA}}}{name}").text = text


def atom_feed(config: Config, items: Sequence[Item], at: datetime) -> bytes:
    """Return atom.xml with the newest `feeds.entries` items that the public may see at the moment `at`."""
    entries = shown.shown(items, at)[: config.feeds.entries]
    feed = _feed(config)
    feed.updated(max((last_changed(item, at) for item in entries), default=_BEFORE_ALL_ENTRIES))
    for item in entries:
        _add_entry(feed, item, at, config)
    return bytes(feed.atom_str())


def feed_id(config: Config) -> str:
    """Return the feed's id; it comes from the newsroom's, so that a new host replays nothing to any reader."""
    return uuid.uuid5(uuid.UUID(config.newsroom.id), "feed").urn


def _feed(config: Config) -> Any:  # noqa: ANN401 - feedgen ships no types
    newsroom = config.newsroom
    feed = FeedGenerator()
    feed.register_extension("extras", Prefixes, Extras, rss=False)
    feed.id(feed_id(config))
    feed.title(newsroom.title)
    feed.subtitle(newsroom.tagline or newsroom.description)
    feed.language(newsroom.language)
    feed.author(name=newsroom.organization, uri=newsroom.url)
    feed.rights(newsroom.rights)
    feed.generator("Digest")  # without a version, which would change the bytes with each release
    feed.link(href=urls.absolute(newsroom, urls.FEED), rel="self", type="application/atom+xml")
    feed.link(href=urls.absolute(newsroom, paths.INDEX), rel="alternate", type="text/html")
    return feed


def _add_entry(feed: Any, item: Item, at: datetime, config: Config) -> None:  # noqa: ANN401 - feedgen ships no types
    newsroom = config.newsroom
    withdrawn = shown.withdrawal(item, at)
    entry = feed.add_entry(Entry(), order="append")
    entry.id(item.uri)
    entry.published(shown.published(item))
    entry.updated(last_changed(item, at))
    entry.extras.language = item.language
    page = urls.absolute(newsroom, urls.item_path(item.slug))
    entry.link(href=page, rel="alternate", type="text/html", hreflang=item.language)
    # On each entry: newsboat and others do not inherit the feed's author.
    entry.author([{"name": name} for name in item.authors or (newsroom.organization,)])
    entry.category(_categories(item, config))
    if withdrawn:
        entry.title(shown.WITHDRAWN.format(title=item.title))
        entry.content(content.withdrawn_html(withdrawn), type="html")
    else:
        _fill(entry, item, at, config)


def _fill(entry: Any, item: Item, at: datetime, config: Config) -> None:  # noqa: ANN401 - feedgen ships no types
    """Add what only a public item has."""
    newsroom = config.newsroom
    entry.title(item.title)
    entry.summary(item.summary)
    entry.content(content.item_html(item, at, config), type="html")
    if item.image:
        entry.extras.figure = views.figure(item.image, item.assets[item.image.file])
        entry.extras.address = urls.absolute(newsroom, entry.extras.figure.path)
    for attachment in item.documents:
        asset = item.assets[attachment.file]
        href = urls.absolute(newsroom, asset.public_path)
        entry.link(href=href, rel="enclosure", type=asset.media_type, length=str(asset.size), title=attachment.title)
    for link in item.links:
        entry.link(href=link.url, rel="related", title=link.title)


def _categories(item: Item, config: Config) -> list[dict[str, str]]:
    newsroom, language = config.newsroom, item.language
    kinds = [{"term": item.kind, "scheme": urls.absolute(newsroom, "kinds/"), "label": views.kind_label(item, config)}]
    scheme = urls.absolute(newsroom, "topics/")
    return kinds + [
        {"term": topic, "scheme": scheme, "label": config.topics[topic].label.in_language(language)}
        for topic in item.topics
    ]
