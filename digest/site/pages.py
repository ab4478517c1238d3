"""The pages: each is a template filled with the values of one view."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from digest import templating, urls
from digest.config import Config
from digest.items.item import Item
from digest.site import paths, shown, views
from digest.site.views import WebView


class Fill(Protocol):
    """Fills a template of templates/site/ for the page at `path`."""

    def __call__(self, path: str, template: str, **values: object) -> bytes:
        """Return the page's bytes."""


def site_pages(
    config: Config, items: Sequence[Item], at: datetime, newsroom: Path, web_views: Sequence[WebView]
) -> dict[str, bytes]:
    """Return the style sheet and every page by its path in public/, as the public sees them at the moment `at`."""
    environment = templating.environment(newsroom, config, escape=True)
    css = _style_sheet(newsroom)
    common = {
        "newsroom": config.newsroom,
        "stylesheet": paths.stylesheet(css),
        "feed": urls.FEED,
        "editions": "editions/" if web_views else None,
    }

    def fill(path: str, template: str, **values: object) -> bytes:
        root = paths.way_to_root(config.newsroom, path)
        return templating.rendered(environment, f"site/{template}", {"root": root, **common, **values}).encode()

    return {
        paths.stylesheet(css): css,
        paths.INDEX: _index(fill, config, items, at),
        paths.NOT_FOUND: fill(paths.NOT_FOUND, "404.html.j2"),
        **_item_pages(fill, config, items, at),
        **_edition_pages(fill, web_views),
    }


def _style_sheet(newsroom: Path) -> bytes:
    """Return site.css as it is; to a template engine, `{#` in it would open a comment."""
    own = newsroom / "templates/site/site.css"
    return (own if own.is_file() else templating.shipped_templates() / "site/site.css").read_bytes()


def _index(fill: Fill, config: Config, items: Sequence[Item], at: datetime) -> bytes:
    lead, others = shown.led(shown.shown(items, at), at)
    return fill(
        paths.INDEX,
        "index.html.j2",
        address=urls.absolute(config.newsroom, paths.INDEX),
        lead=views.card(lead, at, config) if lead else None,
        cards=[views.card(item, at, config) for item in others],
    )


def _item_pages(fill: Fill, config: Config, items: Sequence[Item], at: datetime) -> Mapping[str, bytes]:
    versions = shown.translations(items, at)
    made = {}
    for item in shown.shown(items, at):
        path = urls.item_path(item.slug)
        if withdrawn := shown.withdrawal(item, at):
            made[path] = fill(path, "notice.html.j2", notice=views.notice(item, withdrawn, config))
        else:
            made[path] = fill(path, "item.html.j2", page=views.page(item, versions[item.slug], at, config))
    return made


def _edition_pages(fill: Fill, web_views: Sequence[WebView]) -> Mapping[str, bytes]:
    if not web_views:
        return {}
    newest_first = sorted(web_views, key=lambda view: (view.date, view.path), reverse=True)
    listed = fill(paths.EDITIONS, "editions.html.j2", web_views=newest_first)
    return {paths.EDITIONS: listed, **{view.path: view.html.encode() for view in web_views}}
