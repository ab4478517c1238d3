"""The whole of public/ as a value: what stands at which path."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from digest import urls
from digest.config import Config
from digest.images.variants import Variant
from digest.items.item import Asset, Item, Visibility, visibility
from digest.site import feeds, pages, paths, sitemaps, syndication
from digest.site.feeds import Feed, Imprint
from digest.site.redirects import redirects
from digest.site.sitemaps import Place
from digest.site.views import WebView

__all__ = ["Content", "Tree", "build_tree", "gone_paths", "redirects"]

Content = bytes | Asset | Variant  # a file's bytes, or the document or made image that holds them
Tree = Mapping[str, Content]  # by path in public/


def build_tree(
    config: Config, items: Sequence[Item], at: datetime, newsroom: Path, web_views: Sequence[WebView]
) -> dict[str, Content]:
    """Return public/ as it is at the moment `at`, a pure function of its arguments and of the templates.

    `newsroom` is the folder whose templates/ come before the shipped ones.
    """
    every = feeds.all_feeds(config, items, at)
    return {
        **syndication.feed_files(config, items, at, every, Imprint(hubs=config.feeds.websub)),
        **_for_robots(config, items, at, every, web_views),
        **pages.site_pages(config, items, at, newsroom, web_views),
        **_assets(items, at),
    }


def gone_paths(items: Iterable[Item], at: datetime) -> frozenset[str]:
    """Return the paths in public/ of pages that were withdrawn without trace, which answer 410."""
    return frozenset(urls.item_path(item.slug) for item in items if visibility(item, at) is Visibility.GONE)


def _for_robots(
    config: Config, items: Sequence[Item], at: datetime, every: Sequence[Feed], web_views: Sequence[WebView]
) -> Mapping[str, bytes]:
    editions = [paths.EDITIONS, *sorted(view.path for view in web_views)] if web_views else []
    lists = [Place(path) for path in [*(feed.home for feed in every), feeds.PAGE, *editions]]
    return {
        sitemaps.ROBOTS: sitemaps.robots(config),
        sitemaps.NEWS: sitemaps.news_sitemap(config, items, at),
        **sitemaps.sitemap_files(config, [*lists, *sitemaps.item_places(items, at)]),
    }


def _assets(items: Iterable[Item], at: datetime) -> dict[str, Content]:
    """Return documents as they are, and of images only what was made of them."""
    public = [item for item in items if visibility(item, at) is Visibility.PUBLIC]
    assets = [asset for item in public for asset in item.assets.values()]
    return {file.public_path: file for asset in assets for file in asset.variants or (asset,)}
