"""Everything that programs read of a newsroom, by its path in public/."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from lxml import etree

from digest.config import Config
from digest.items.item import Item
from digest.site import feed, feeds, json_feed, ninjs, opml, rss, sitemaps
from digest.site.documents import documents
from digest.site.entries import entry
from digest.site.feeds import Imprint
from digest.site.survey import survey

ATOM = "{http://www.w3.org/2005/Atom}"
IMPRINT = Imprint(
    hubs=("https://hub.example.org/",),
    license="https://example.org/license",
    icon="https://news.example.org/press/icon.png",
    icon_side=144,
    logo="https://news.example.org/press/logo.png",
)


def syndicated(config: Config, items: Sequence[Item], at: datetime, imprint: Imprint = IMPRINT) -> dict[str, bytes]:
    """Return every feed, export and sitemap as the public may see them at the moment `at`."""
    seen = survey(config, items, at)
    by_slug = {item.slug: item for item in items}
    entries = {slug: entry(by_slug[slug], at, config) for slug in seen.states}
    every = list(documents(seen))
    carried = {document.path: [entries[slug] for slug in document.slugs] for document in every}
    main = every[0]
    return {
        **{document.path: feed.atom(document, carried[document.path], config, imprint) for document in every},
        feeds.JSON: json_feed.json_feed(main, carried[main.path], config, imprint),
        feeds.RSS: rss.rss(main, carried[main.path], config, imprint),
        feeds.OPML: opml.opml(seen.feeds, config),
        **{ninjs.path(slug): ninjs.ninjs(by_slug[slug], entries[slug], config) for slug in main.slugs},
        **sitemaps.sitemap_files(config, list(sitemaps.item_places(seen))),
        sitemaps.NEWS: sitemaps.news_sitemap(config, [by_slug[slug] for slug in sitemaps.fresh(seen)]),
        sitemaps.ROBOTS: sitemaps.robots(config),
    }


def atom_feed(config: Config, items: Sequence[Item], at: datetime) -> bytes:
    """Return atom.xml as the public may see it at the moment `at`."""
    return syndicated(config, items, at, Imprint())["atom.xml"]


def is_atom(path: str) -> bool:
    """Return whether an Atom document stands at the path."""
    return path.endswith("atom.xml") or path.startswith("archive/")


def atoms(files: Mapping[str, bytes]) -> dict[str, etree._Element]:
    """Return the root of every Atom document by its path."""
    return {path: etree.fromstring(content) for path, content in files.items() if is_atom(path)}


def texts(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield path and HTML of each entry of each file that carries any."""
    for path, root in atoms(files).items():
        yield from ((path, content.text or "") for content in root.iter(f"{ATOM}content"))
    encoded = etree.fromstring(files["rss.xml"]).iter("{http://purl.org/rss/1.0/modules/content/}encoded")
    yield from (("rss.xml", content.text or "") for content in encoded)
    yield from (("feed.json", each["content_html"]) for each in json.loads(files["feed.json"])["items"])
    for path, content in files.items():
        if path.startswith("exports/"):
            yield path, json.loads(content)["bodies"][0]["value"]
