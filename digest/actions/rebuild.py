"""Make public/ anew as far as something changed.

files ─▶ catalogue ─▶ what stands ─┬▶ survey ─▶ plan ─▶ what changed is made and put in place
                                   └▶ remembered as accepted, meanwhile
"""

import gc
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.actions.built import GONE_FILE, MOVED_FILE, Built, Caches
from digest.actions.emblems import remember_emblems, standing_emblems
from digest.actions.newsroom import Newsroom
from digest.config import EmblemSort
from digest.crew import Crew
from digest.editions.edition import Edition
from digest.errors import InvalidInput, OutsideFailure
from digest.images.emblems import Emblem
from digest.items.accepted import accepted_ids, accepted_items, mirror_of, remember
from digest.items.item import Item, Outline, Visibility, moments_of_change, visibility
from digest.site.building import bring_up_to_date, next_removal
from digest.site.making import Maker, Materials
from digest.site.published import Published
from digest.site.redirects import redirects
from digest.site.sitemaps import leaves_the_news
from digest.site.survey import survey
from digest.site.tree import gone_paths, plan
from digest.site.web_views import WebView


def rebuild(newsroom: Newsroom, caches: Caches, editions: Sequence[Edition], at: datetime, *, strict: bool) -> Built:
    """Publish the site as it is at `at`, using what the caches have; when `strict`, InvalidInput names every error."""
    mirror = mirror_of(newsroom.folder)
    with builders() as crew, _no_search_for_cycles():
        found = caches.catalogue.refreshed(newsroom.folder, newsroom.config, crew, accepted_ids(mirror))
        looks = standing_emblems(newsroom)
        errors = (*looks.problems, *found.errors)
        if strict and errors:
            raise InvalidInput(errors)
        others = accepted_items(mirror, found.faulty, newsroom.folder, newsroom.config)
        outlines: list[Outline] = [*found.briefs, *others]
        views, pictures = _mailed(newsroom, editions, outlines, at)
        standing = Standing(at, outlines, others, looks.emblems, views, pictures)
        seen = [one for one in found.briefs if visibility(one, at) is not Visibility.HIDDEN]
        with ThreadPoolExecutor(1) as beside:  # of a first build it saves a twentieth
            remembered = beside.submit(remember, mirror, newsroom.folder, seen, found.faulty.keys())
            published = brought_up_to_date(newsroom, caches, standing, crew)
            remembered.result()
    remember_emblems(newsroom, looks.fresh)
    next_change = _next_change(outlines, at)
    if not errors:
        until = [moment for moment in (next_change, next_removal(caches.ledger)) if moment]
        caches.ledger.mark_current(caches.basis(editions), at, min(until, default=None))
    return Built(published, len(outlines), errors, next_change, caches.ledger.version)


def builders() -> Crew:
    """Return processes that read items and make pages; wherever they begin, this module is loaded."""
    return Crew(preload=[__name__])


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Let Python free only what nothing refers to any more, which is nearly all that a build leaves behind.

    Of a first build of many items it takes a twentieth to look through all of them again and again.
    """
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searched:
            gc.enable()


@dataclass(frozen=True)
class Standing:
    """What a site is made of: what stands at a moment, in place of what is faulty as last accepted."""

    at: datetime
    outlines: Sequence[Outline]  # of all items
    others: Sequence[Item]  # those that the catalogue does not have, or has otherwise
    emblems: Mapping[EmblemSort, Emblem]
    web_views: Sequence[WebView] = ()  # of mailed editions
    pictures: Collection[str] = ()  # paths in public/ that stay, since mails lead to them


def brought_up_to_date(newsroom: Newsroom, caches: Caches, standing: Standing, crew: Crew) -> Published:
    """Make public/ what it is to be, and the lists of what is gone and has moved."""
    # First, so that a page that is gone or has moved never answers 404.
    _write_json(newsroom.var / GONE_FILE, sorted(gone_paths(standing.outlines, standing.at)))
    _write_json(newsroom.var / MOVED_FILE, redirects(standing.outlines, standing.at))
    seen = survey(newsroom.config, standing.outlines, standing.at)
    planned = plan(seen, newsroom.folder, standing.web_views, standing.emblems)
    materials = Materials(
        config=newsroom.config,
        at=standing.at,
        newsroom=newsroom.folder,
        public=newsroom.public,
        frame=planned.frame,
        catalogue=caches.catalogue.file,
        others={item.slug: item for item in standing.others},
    )
    keep = standing.pictures
    with closing(Maker(materials)) as maker:
        return bring_up_to_date(planned, maker, caches.ledger, newsroom.public, keep=keep, at=standing.at, crew=crew)


def _mailed(
    newsroom: Newsroom, editions: Sequence[Edition], outlines: Sequence[Outline], at: datetime
) -> tuple[Sequence[WebView], Collection[str]]:
    """Return the web views of mailed editions, and the pictures in public/ that their mails lead to."""
    if not editions:
        return (), ()
    from digest.actions.web_views import mailed  # noqa: PLC0415 - loads what makes mail

    return mailed(newsroom, editions, outlines, at)


def _next_change(outlines: Iterable[Outline], at: datetime) -> datetime | None:
    """Return when the site changes by itself after `at`, the next time."""
    dated = [one for one in outlines if one.published]
    changes = (moment for one in dated for moment in (*moments_of_change(one), leaves_the_news(one)))
    return min((moment for moment in changes if moment > at), default=None)


def _write_json(file: Path, value: object) -> None:
    data = json.dumps(value, sort_keys=True).encode()
    try:
        if not file.is_file() or file.read_bytes() != data:
            new = file.with_suffix(".new")
            new.write_bytes(data)
            new.replace(file)
    except OSError as error:
        raise OutsideFailure(f"{file} cannot be written: {error.strerror}", "Mend its rights or free space.") from error
