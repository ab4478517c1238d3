"""feeds.opml: all feeds in one file that every reader imports (OPML 2.0, opml.org/spec2.opml)."""

from collections.abc import Sequence

from lxml import etree

from digest import urls
from digest.config import Config
from digest.site.feeds import Feed


def opml(feeds: Sequence[Feed], config: Config) -> bytes:
    """Return the bytes of feeds.opml with the feeds in their order."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = config.newsroom.title
    etree.SubElement(head, "ownerName").text = config.newsroom.organization
    etree.SubElement(head, "ownerId").text = config.newsroom.url
    body = etree.SubElement(root, "body")
    for feed in feeds:
        etree.SubElement(body, "outline", _outline(feed, config))
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _outline(feed: Feed, config: Config) -> dict[str, str]:
    return {
        "type": "rss",  # for Atom too: it says that this is a feed
        "text": feed.title,
        "title": feed.title,
        "xmlUrl": urls.absolute(config.newsroom, feed.path),
        "htmlUrl": urls.absolute(config.newsroom, feed.home),
        "language": feed.language,
    }
