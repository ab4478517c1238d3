"""Every feed and export in all its forms, as files of public/.

shown items ─▶ entries, each made once ─┬─▶ Atom: main, archives, kinds, topics, languages
                                        ├─▶ the main one as JSON Feed and RSS
                                        └─▶ ninjs, a file an item
"""

from collections.abc import Sequence
from datetime import datetime

from digest import urls
from digest.config import Config
from digest.items.item import Item
from digest.site import entries, feed, feeds, json_feed, ninjs, opml, rss, shown
from digest.site.feeds import Feed, Imprint


def feed_files(
    config: Config, items: Sequence[Item], at: datetime, every: Sequence[Feed], imprint: Imprint
) -> dict[str, bytes]:
    """Return the bytes of each by its path, as the public may see the items at the moment `at`."""
    made = {item.slug: entries.entry(item, at, config) for item in shown.shown(items, at)}
    files = {feeds.OPML: opml.opml(every, config)}
    for document in feeds.documents(config, items, at):
        carried = [made[item.slug] for item in document.items]
        files[document.path] = feed.atom(document, carried, config, imprint)
        if document.path == urls.FEED:
            files[feeds.JSON] = json_feed.json_feed(document, carried, config, imprint)
            files[feeds.RSS] = rss.rss(document, carried, config, imprint)
    exports = {ninjs.path(item.slug): ninjs.ninjs(item, made[item.slug], config) for item in items if item.slug in made}
    return files | exports
