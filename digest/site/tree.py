"""The whole of public/ as a value: what stands at which path."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from digest import urls
from digest.config import Config
from digest.items.item import Asset, Item, Visibility, visibility
from digest.site import feed, pages
from digest.site.views import WebView

Tree = Mapping[str, bytes | Asset]  # path in public/ → its bytes, or the file of the newsroom that holds them


def build_tree(
    config: Config, items: Sequence[Item], at: datetime, newsroom: Path, web_views: Sequence[WebView]
) -> dict[str, bytes | Asset]:
    """Return public/ as it is at the moment `at`, a pure function of its arguments and of the templates.

    `newsroom` is the folder whose templates/ come before the shipped ones.
    """
    return {
        urls.FEED: feed.atom_feed(config, items, at),
        **pages.site_pages(config, items, at, newsroom, web_views),
        **_assets(items, at),
    }


def gone_paths(items: Iterable[Item], at: datetime) -> frozenset[str]:
    """Return the paths in public/ of pages that were withdrawn without trace, which answer 410."""
    return frozenset(urls.item_path(item.slug) for item in items if visibility(item, at) is Visibility.GONE)


def _assets(items: Iterable[Item], at: datetime) -> dict[str, bytes | Asset]:
    public = [item for item in items if visibility(item, at) is Visibility.PUBLIC]
    return {asset.public_path: asset for item in public for asset in item.assets.values()}
