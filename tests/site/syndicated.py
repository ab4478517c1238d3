"""Everything that programs read of a newsroom, by its path in public/."""

from collections.abc import Sequence
from datetime import datetime

from digest.config import Config
from digest.items.item import Item
from digest.site import feed, feeds, json_feed, ninjs, opml, rss, sitemaps
from digest.site.entries import entry
from digest.site.feeds import Imprint

IMPRINT = Imprint(
    hubs=("https://hub.example.org/",),
    license="https://example.org/license",
    icon="https://news.example.org/press/icon.png",
    logo="https://news.example.org/press/logo.png",
)


def syndicated(config: Config, items: Sequence[Item], at: datetime, imprint: Imprint = IMPRINT) -> dict[str, bytes]:
    """Return every feed, export and sitemap as the public may see them at the moment `at`."""
    documents = list(feeds.documents(config, items, at))
    entries = {item.slug: entry(item, at, config) for document in documents for item in document.items}
    carried = {document.path: [entries[item.slug] for item in document.items] for document in documents}
    main = documents[0]
    return {
        **{document.path: feed.atom(document, carried[document.path], config, imprint) for document in documents},
        feeds.JSON: json_feed.json_feed(main, carried[main.path], config, imprint),
        feeds.RSS: rss.rss(main, carried[main.path], config, imprint),
        feeds.OPML: opml.opml(feeds.all_feeds(config, items, at), config),
        **{ninjs.path(item.slug): ninjs.ninjs(item, entries[item.slug], config) for item in main.items},
        **sitemaps.sitemap_files(config, list(sitemaps.item_places(items, at))),
        sitemaps.NEWS: sitemaps.news_sitemap(config, items, at),
        sitemaps.ROBOTS: sitemaps.robots(config),
    }


def is_atom(path: str) -> bool:
    """Return whether an Atom document stands at the path."""
    return path.endswith("atom.xml") or path.startswith("archive/")
