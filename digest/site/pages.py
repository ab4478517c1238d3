"""The pages: each is a template filled with the values of one view."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from digest import urls
from digest.config import Config
from digest.items.item import Item
from digest.site import feeds, feeds_page, metadata, ninjs, paths, redirects, shown, views
from digest.site.feeds import Feed, Sort
from digest.site.listings import Listing, listings
from digest.site.looks import Looks
from digest.site.survey import Survey
from digest.site.targets import Content, Files, Target, key
from digest.site.views import Frame
from digest.site.web_views import WebView
from digest.site.workshop import Workshop


def frame_of(survey: Survey, looks: Looks, *, editions: bool) -> Frame:
    """Return what stands around all pages."""
    return Frame(
        stylesheet=looks.stylesheet,
        icon=looks.icon,
        touch_icon=looks.touch_icon,
        logo=looks.logo,
        kinds=views.list_links(survey, Sort.KIND),
        topics=views.list_links(survey, Sort.TOPIC),
        languages=views.list_links(survey, Sort.LANGUAGE),
        editions=paths.folder(paths.EDITIONS) if editions else None,
        subscribe=_form(survey.config),
    )


def _form(config: Config) -> str | None:
    return urls.subscribe(config.web) if config.web and config.takes_subscribers else None


def page_targets(survey: Survey, frame: Frame, editions: Sequence[WebView]) -> Iterator[Target]:
    """Yield every page but the editions themselves, and what goes with an item's page; `editions` are listed."""
    around = key(repr(frame))
    yield from _redirect_targets(survey, around)
    yield Target(paths.NOT_FOUND, around, _not_found)
    yield Target(feeds.PAGE, key(around, repr(survey.feeds)), partial(_feeds_page, survey.feeds))
    yield from _list_targets(survey, around)
    yield from _item_targets(survey, around)
    if editions:
        newest_first = sorted(editions, key=lambda view: (view.date, view.path), reverse=True)
        listed = (f"{view.path} {view.date} {view.title}" for view in newest_first)
        yield Target(paths.EDITIONS, key(around, *listed), partial(_editions_page, newest_first))


def _not_found(workshop: Workshop) -> Files:
    return {paths.NOT_FOUND: workshop.page(paths.NOT_FOUND, "404.html.j2")}


def _feeds_page(every: Sequence[Feed], workshop: Workshop) -> Files:
    return {feeds.PAGE: workshop.page(feeds.PAGE, "feeds.html.j2", **feeds_page.values(every, workshop.config))}


def _list_targets(survey: Survey, around: str) -> Iterator[Target]:
    places = {item.slug: place for place, item in enumerate(survey.shown)}
    for listing in listings(survey):
        neighbours = (listing.lead or "", listing.newer or "", listing.older or "")
        known = key(around, listing.feed.home, *neighbours, *survey.states_of(listing.everything))
        near = places[listing.everything[0]] if listing.everything else 0
        yield Target(listing.path, known, partial(_list_page, listing), near)


def _list_page(listing: Listing, workshop: Workshop) -> Files:
    template = "index.html.j2" if listing.path == paths.INDEX else "list.html.j2"
    return {listing.path: workshop.page(listing.path, template, **_listed(listing, workshop))}


def _listed(listing: Listing, workshop: Workshop) -> Mapping[str, object]:
    return {
        "address": urls.absolute(workshop.config.newsroom, listing.path),
        "list": listing.feed,
        "home": paths.folder(listing.feed.home),
        "first": listing.first,
        "lead": workshop.card(listing.lead) if listing.lead else None,
        "cards": [workshop.card(slug) for slug in listing.slugs],
        "newer": None if listing.newer is None else paths.folder(listing.newer),
        "older": None if listing.older is None else paths.folder(listing.older),
    }


def _item_targets(survey: Survey, around: str) -> Iterator[Target]:
    for near, item in enumerate(survey.shown):
        versions = [version.slug for version in survey.versions.get(item.slug, ())]
        known = f"{survey.states[item.slug]} {around}"
        if len(versions) > 1:
            known = key(known, *survey.states_of(versions))
        yield Target(urls.item_path(item.slug), known, partial(_item_files, item.slug, versions), near)


def _item_files(slug: str, versions: Sequence[str], workshop: Workshop) -> Files:
    """Return an item's page, its export, and the files that go with it, if they may be seen."""
    item, path = workshop.item(slug), urls.item_path(slug)
    export = {ninjs.path(slug): ninjs.ninjs(item, workshop.entry(slug), workshop.config)}
    if withdrawn := shown.withdrawal(item, workshop.at):
        notice = views.notice(item, withdrawn, workshop.config)
        return {path: workshop.page(path, "notice.html.j2", notice=notice), **export}
    page = views.page(item, [workshop.item(each) for each in versions], workshop.at, workshop.config)
    article = metadata.news_article(page, workshop.config.newsroom, workshop.frame.logo)
    return {path: workshop.page(path, "item.html.j2", page=page, article=article), **export, **_published(item)}


def _published(item: Item) -> dict[str, Content]:
    """Return documents as they are, and of images only what was made of them."""
    return {file.public_path: file for asset in item.assets.values() for file in asset.variants or (asset,)}


def _redirect_targets(survey: Survey, around: str) -> Iterator[Target]:
    slugs = {urls.item_path(item.slug): item.slug for item in survey.shown}
    for path, target in redirects.redirects(survey.items, survey.at).items():
        slug = slugs[target]
        yield Target(path, key(around, slug, survey.states[slug]), partial(_redirect_page, path, slug))


def _redirect_page(path: str, slug: str, workshop: Workshop) -> Files:
    target = urls.item_path(slug)
    address = urls.absolute(workshop.config.newsroom, target)
    title = views.title(workshop.item(slug), workshop.at)
    return {path: workshop.page(path, "moved.html.j2", address=address, link=paths.folder(target), title=title)}


def _editions_page(editions: Sequence[WebView], workshop: Workshop) -> Files:
    address = urls.absolute(workshop.config.newsroom, paths.EDITIONS)
    return {paths.EDITIONS: workshop.page(paths.EDITIONS, "editions.html.j2", address=address, web_views=editions)}
