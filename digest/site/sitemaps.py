"""What search engines read: sitemap.xml (sitemaps.org 0.9), news-sitemap.xml (Google News 0.9) and robots.txt.

Written as text, since the document is flat and a newsroom may have very many pages.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from html import escape
from itertools import islice, takewhile
from typing import NamedTuple

from digest import urls
from digest.config import Config
from digest.items.item import Item, Outline, Visibility, last_changed, visibility
from digest.site import feeds, paths, shown
from digest.site.survey import Survey
from digest.site.targets import Files, Target, as_it_is, key
from digest.site.workshop import Workshop

SITEMAP = "sitemap.xml"
NEWS = "news-sitemap.xml"
ROBOTS = "robots.txt"
LARGEST = 50_000  # addresses in one file (sitemaps.org)
_NEWS_AGE = timedelta(hours=48)
_MOST_NEWS = 1_000
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAPS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_XHTML = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'
_GOOGLE_NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


class Place(NamedTuple):
    """A page that search engines may find."""

    path: str  # in public/
    changed: datetime | None = None  # the last significant change, where that is known
    versions: tuple[tuple[str, str], ...] = ()  # language tag and path of each translation, itself among them


def robot_targets(survey: Survey, editions: Sequence[str]) -> Iterator[Target]:
    """Yield the sitemaps and robots.txt; `editions` are the paths of the editions' web views."""
    listed = [paths.EDITIONS, *sorted(editions)] if editions else []
    lists = [Place(path) for path in [*(feed.home for feed in survey.feeds), feeds.PAGE, *listed]]
    places = [*lists, *item_places(survey)]
    yield Target(
        SITEMAP,
        key(*(f"{place.path} {place.changed} {place.versions}" for place in places)),
        partial(_sitemaps, places),
    )
    news = fresh(survey)
    yield Target(NEWS, key(*news, *survey.states_of(news)), partial(_news_sitemap, news))
    yield as_it_is(ROBOTS, robots(survey.config))


def item_places(survey: Survey) -> Iterator[Place]:
    """Yield the pages of the items that the public may see, the newest first."""
    for item in survey.shown:
        versions = survey.versions.get(item.slug, ())
        named = tuple((version.language, urls.item_path(version.slug)) for version in versions)
        yield Place(urls.item_path(item.slug), last_changed(item, survey.at), named if len(named) > 1 else ())


def sitemap_files(config: Config, places: Sequence[Place], largest: int = LARGEST) -> dict[str, bytes]:
    """Return sitemap.xml by its path; with more than `largest` places, as an index of sitemaps/<n>.xml."""
    if len(places) <= largest:
        return {SITEMAP: _sitemap(config, places)}
    parts = [places[start : start + largest] for start in range(0, len(places), largest)]
    named = {f"sitemaps/{number}.xml": part for number, part in enumerate(parts, 1)}
    locations = "".join(f"<sitemap>{_loc(config, path)}</sitemap>\n" for path in named)
    index = f"{_DECLARATION}<sitemapindex {_SITEMAPS}>\n{locations}</sitemapindex>\n"
    return {SITEMAP: index.encode()} | {path: _sitemap(config, part) for path, part in named.items()}


def fresh(survey: Survey) -> tuple[str, ...]:
    """Return the slugs of the public items of the last 48 hours; a withdrawn one is no news any more."""
    recent = takewhile(lambda item: shown.published(item) > survey.at - _NEWS_AGE, survey.shown)
    public = (item.slug for item in recent if visibility(item, survey.at) is Visibility.PUBLIC)
    return tuple(islice(public, _MOST_NEWS))


def news_sitemap(config: Config, items: Iterable[Item]) -> bytes:
    """Return news-sitemap.xml with these items."""
    listed = "".join(_news(config, item) for item in items)
    return f"{_DECLARATION}<urlset {_SITEMAPS} {_GOOGLE_NEWS}>\n{listed}</urlset>\n".encode()


def leaves_the_news(item: Outline) -> datetime:
    """Return when the item drops out of news-sitemap.xml by itself."""
    return shown.published(item) + _NEWS_AGE


def robots(config: Config) -> bytes:
    """Return robots.txt (RFC 9309): everything may be read, and where the sitemaps are."""
    maps = "".join(f"Sitemap: {urls.absolute(config.newsroom, path)}\n" for path in (SITEMAP, NEWS))
    return f"User-agent: *\nDisallow:\n\n{maps}".encode()


def _sitemaps(places: Sequence[Place], workshop: Workshop) -> Files:
    return sitemap_files(workshop.config, places)


def _news_sitemap(slugs: Sequence[str], workshop: Workshop) -> Files:
    return {NEWS: news_sitemap(workshop.config, [workshop.item(slug) for slug in slugs])}


def _sitemap(config: Config, places: Iterable[Place]) -> bytes:
    listed = "".join(_url(config, place) for place in places)
    return f"{_DECLARATION}<urlset {_SITEMAPS} {_XHTML}>\n{listed}</urlset>\n".encode()


def _url(config: Config, place: Place) -> str:
    changed = f"<lastmod>{place.changed.isoformat()}</lastmod>" if place.changed else ""
    versions = "".join(
        f'<xhtml:link rel="alternate" hreflang="{language}" href="{_address(config, path)}"/>'
        for language, path in place.versions
    )
    return f"<url>{_loc(config, place.path)}{changed}{versions}</url>\n"


def _news(config: Config, item: Item) -> str:
    language = item.language.partition("-")[0]  # of ISO 639, without region
    publication = (
        f"<news:publication><news:name>{escape(config.newsroom.title)}</news:name>"
        f"<news:language>{language}</news:language></news:publication>"
    )
    date = f"<news:publication_date>{shown.published(item).isoformat()}</news:publication_date>"
    title = f"<news:title>{escape(item.title)}</news:title>"
    return f"<url>{_loc(config, urls.item_path(item.slug))}<news:news>{publication}{date}{title}</news:news></url>\n"


def _loc(config: Config, path: str) -> str:
    return f"<loc>{_address(config, path)}</loc>"


def _address(config: Config, path: str) -> str:
    return escape(urls.absolute(config.newsroom, path))
