"""The pages: each is a template filled with the values of one view."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Protocol

from digest import templating, urls
from digest.config import Config
from digest.items.item import Item
from digest.site import feeds, feeds_page, metadata, paths, redirects, shown, views
from digest.site.feeds import Feed, Sort
from digest.site.listings import Listing, listings
from digest.site.views import Card, Frame, WebView


class Fill(Protocol):
    """Fills a template of templates/site/ for the page at `path`."""

    def __call__(self, path: str, template: str, **values: object) -> bytes:
        """Return the page's bytes."""


@dataclass(frozen=True)
class _Site:
    """What all pages are made of."""

    config: Config
    items: Sequence[Item]  # all of them
    shown: Sequence[Item]  # those that the public may see, newest first
    feeds: Sequence[Feed]
    at: datetime


def site_pages(
    config: Config, items: Sequence[Item], at: datetime, newsroom: Path, web_views: Sequence[WebView]
) -> dict[str, bytes]:
    """Return every page and what it looks like by its path in public/, as the public sees them at the moment `at`."""
    site = _Site(config, items, shown.shown(items, at), feeds.all_feeds(config, items, at), at)
    css, icon = _style_sheet(newsroom), _icon(newsroom, config)
    fill = _filler(newsroom, site, _frame(site, paths.stylesheet(css), paths.icon(icon), web_views))
    return {
        **dict(_redirect_pages(fill, site)),
        paths.stylesheet(css): css,
        paths.icon(icon): icon,
        paths.NOT_FOUND: fill(paths.NOT_FOUND, "404.html.j2"),
        feeds.PAGE: fill(feeds.PAGE, "feeds.html.j2", **feeds_page.values(site.feeds, config)),
        **dict(_lists(fill, site)),
        **dict(_item_pages(fill, site)),
        **dict(_edition_pages(fill, site, web_views)),
    }


def _style_sheet(newsroom: Path) -> bytes:
    """Return site.css as it is; to a template engine, `{#` in it would open a comment."""
    own = newsroom / "templates/site/site.css"
    return (own if own.is_file() else templating.shipped_templates() / "site/site.css").read_bytes()


def _icon(newsroom: Path, config: Config) -> bytes:
    initial = next((sign for sign in config.newsroom.title if sign.isalnum()), "•").upper()
    environment = templating.environment(newsroom, config, escape=True)
    return templating.rendered(environment, "site/icon.svg.j2", {"initial": initial}).encode()


def _frame(site: _Site, stylesheet: str, icon: str, web_views: Sequence[WebView]) -> Frame:
    return Frame(
        stylesheet=stylesheet,
        icon=icon,
        kinds=views.list_links(site.feeds, site.shown, Sort.KIND),
        topics=views.list_links(site.feeds, site.shown, Sort.TOPIC),
        languages=views.list_links(site.feeds, site.shown, Sort.LANGUAGE),
        editions=paths.folder(paths.EDITIONS) if web_views else None,
    )


def _filler(newsroom: Path, site: _Site, frame: Frame) -> Fill:
    config = site.config
    environment = templating.environment(newsroom, config, escape=True)
    environment.filters["day"] = cache(environment.filters["day"])  # the same few days stand on page after page
    common = {
        "newsroom": config.newsroom,
        "frame": frame,
        "feed": urls.FEED,
        "feeds_page": paths.folder(feeds.PAGE),
        "direction": views.language(config.newsroom.language).direction,
    }

    def rendered(template: str, values: Mapping[str, object]) -> str:
        return templating.rendered(environment, f"site/{template}", {**common, **values})

    @cache
    def framing(root: str, here: str | None) -> Mapping[str, object]:
        """Return what stands around all pages that are as deep and not named in it themselves."""
        place = {"root": root, "here": here}
        return {**place, "sections": rendered("sections.html.j2", place), "foot": rendered("foot.html.j2", place)}

    named = _named(frame)

    def fill(path: str, template: str, **values: object) -> bytes:
        here = paths.folder(path)
        around = framing(paths.way_to_root(config.newsroom, path), here if here in named else None)
        return rendered(template, {**around, **values}).encode()

    return fill


def _named(frame: Frame) -> frozenset[str]:
    """Return the addresses from the root that stand around every page."""
    lists = (*frame.kinds, *frame.topics, *frame.languages)
    services = {paths.folder(paths.INDEX), paths.folder(feeds.PAGE), paths.folder(paths.EDITIONS)}
    return frozenset(services.union(each.link for each in lists))


def _lists(fill: Fill, site: _Site) -> Iterator[tuple[str, bytes]]:
    cards = {item.slug: views.card(item, site.at, site.config) for item in site.shown}
    for listing in listings(site.feeds, site.shown, site.at):
        yield listing.path, fill(listing.path, _list_template(listing), **_listed(listing, cards, site.config))


def _list_template(listing: Listing) -> str:
    return "index.html.j2" if listing.path == paths.INDEX else "list.html.j2"


def _listed(listing: Listing, cards: Mapping[str, Card], config: Config) -> Mapping[str, object]:
    return {
        "address": urls.absolute(config.newsroom, listing.path),
        "list": listing.feed,
        "home": paths.folder(listing.feed.home),
        "first": listing.first,
        "lead": cards[listing.lead.slug] if listing.lead else None,
        "cards": [cards[item.slug] for item in listing.items],
        "newer": None if listing.newer is None else paths.folder(listing.newer),
        "older": None if listing.older is None else paths.folder(listing.older),
    }


def _item_pages(fill: Fill, site: _Site) -> Iterator[tuple[str, bytes]]:
    versions = shown.translations(site.items, site.at)
    for item in site.shown:
        path = urls.item_path(item.slug)
        if withdrawn := shown.withdrawal(item, site.at):
            notice = views.notice(item, withdrawn, site.config)
            yield path, fill(path, "notice.html.j2", notice=notice)
        else:
            page = views.page(item, versions[item.slug], site.at, site.config)
            article = metadata.news_article(page, site.config.newsroom)
            yield path, fill(path, "item.html.j2", page=page, article=article)


def _redirect_pages(fill: Fill, site: _Site) -> Iterator[tuple[str, bytes]]:
    titles = {urls.item_path(item.slug): views.title(item, site.at) for item in site.shown}
    for path, target in redirects.redirects(site.items, site.at).items():
        address = urls.absolute(site.config.newsroom, target)
        yield path, fill(path, "moved.html.j2", address=address, link=paths.folder(target), title=titles[target])


def _edition_pages(fill: Fill, site: _Site, web_views: Sequence[WebView]) -> Iterator[tuple[str, bytes]]:
    if web_views:
        newest_first = sorted(web_views, key=lambda view: (view.date, view.path), reverse=True)
        address = urls.absolute(site.config.newsroom, paths.EDITIONS)
        yield paths.EDITIONS, fill(paths.EDITIONS, "editions.html.j2", address=address, web_views=newest_first)
    for view in web_views:
        yield view.path, view.html.encode()
