"""Make public/ anew as far as something changed.

files ─▶ catalogue ─▶ what stands ─▶ survey ─▶ plan ─▶ what changed is made and put in place ─▶ remembered as accepted
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from digest import urls
from digest.actions.built import GONE_FILE, MOVED_FILE, Built, Caches
from digest.actions.ports import Newsroom
from digest.crew import Crew
from digest.editions import freezing
from digest.editions.composition import Composition
from digest.editions.edition import Edition
from digest.editions.web_view import shown_now
from digest.errors import InvalidInput, OutsideFailure
from digest.items.accepted import accepted_ids, accepted_items, mirror_of, remember
from digest.items.catalogue import kept_items
from digest.items.item import Item, Outline, Visibility, moments_of_change, uri_of, visibility
from digest.mail.rendering import render_web_view
from digest.site.building import bring_up_to_date
from digest.site.making import Maker, Materials
from digest.site.published import Published
from digest.site.redirects import redirects
from digest.site.sitemaps import leaves_the_news
from digest.site.survey import survey
from digest.site.targets import Files, Target, key
from digest.site.tree import gone_paths, plan
from digest.site.web_views import WebView
from digest.site.workshop import Workshop


def rebuild(newsroom: Newsroom, caches: Caches, editions: Sequence[Edition], at: datetime, *, strict: bool) -> Built:
    """Publish the site as it is at `at`, using what the caches have; when `strict`, InvalidInput names every error."""
    mirror = mirror_of(newsroom.folder)
    with Crew() as crew:
        found = caches.catalogue.refreshed(newsroom.folder, newsroom.config, crew, accepted_ids(mirror))
        if strict and found.errors:
            raise InvalidInput(found.errors)
        others = accepted_items(mirror, found.faulty, newsroom.folder, newsroom.config)
        standing = _Standing([*found.briefs, *others], others)
        write_lists(newsroom, standing.outlines, at)
        published = _published(newsroom, caches, standing, editions, at, crew)
    seen = [one for one in found.briefs if visibility(one, at) is not Visibility.HIDDEN]
    with kept_items(caches.catalogue.file) as item:
        remember(mirror, newsroom.folder, seen, found.faulty.keys(), lambda slug: item(slug).assets)
    next_change = _next_change(standing.outlines, at)
    if not found.problems:
        caches.ledger.mark_current(caches.basis(editions), at, next_change)
    return Built(published, len(standing.outlines), found.errors, next_change)


@dataclass(frozen=True)
class _Standing:
    """The items that stand, those of faulty files as last accepted."""

    outlines: Sequence[Outline]  # of all
    others: Sequence[Item]  # that the catalogue does not have


def write_lists(newsroom: Newsroom, outlines: Sequence[Outline], at: datetime) -> None:
    """Write what `serve` needs to know besides public/: before it, so that what is gone or has moved is never 404."""
    _write_json(newsroom.var / GONE_FILE, sorted(gone_paths(outlines, at)))
    _write_json(newsroom.var / MOVED_FILE, redirects(outlines, at))


def _published(  # noqa: PLR0913, PLR0917 - what a build is made of
    newsroom: Newsroom, caches: Caches, standing: _Standing, editions: Sequence[Edition], at: datetime, crew: Crew
) -> Published:
    mailed = _as_shown_now(newsroom, editions, standing.outlines, at)
    seen = survey(newsroom.config, standing.outlines, at)
    planned = plan(seen, newsroom.folder, [_web_view(newsroom, one) for one in mailed])
    materials = Materials(
        config=newsroom.config,
        at=at,
        newsroom=newsroom.folder,
        public=newsroom.public,
        frame=planned.frame,
        catalogue=caches.catalogue.file,
        others={item.slug: item for item in standing.others},
    )
    # Mails lead to these pictures for ever, also when the item has got another one since.
    keep = frozenset[str]().union(*(one.pictures for one in mailed))
    with closing(Maker(materials)) as maker:
        return bring_up_to_date(planned, maker, caches.ledger, newsroom.public, keep=keep, at=at, crew=crew)


def _next_change(outlines: Iterable[Outline], at: datetime) -> datetime | None:
    """Return when the site changes by itself after `at`, the next time."""
    dated = [one for one in outlines if one.published]
    changes = (moment for one in dated for moment in (*moments_of_change(one), leaves_the_news(one)))
    return min((moment for moment in changes if moment > at), default=None)


@dataclass(frozen=True)
class _Mailed:
    """An edition whose mailing has begun, as its web view shows it."""

    edition: Edition
    shown: Composition
    note_html: str | None
    pictures: frozenset[str]  # in public/, that its mails may go on showing


def _as_shown_now(
    newsroom: Newsroom, editions: Sequence[Edition], outlines: Sequence[Outline], at: datetime
) -> list[_Mailed]:
    if not editions:
        return []
    by_id = {uri_of(one.id): one for one in outlines}
    mailed = []
    for edition in editions:
        if edition.content_sha is not None:
            manifest = freezing.load(newsroom.frozen(edition), edition.content_sha).manifest
            shown = shown_now(manifest.composition, by_id, at)
            pictures = _mailed_pictures(manifest.composition, by_id, at)
            mailed.append(_Mailed(edition, shown, manifest.note_html if shown.note else None, pictures))
    return mailed


def _mailed_pictures(composition: Composition, items: Mapping[str, Outline], at: datetime) -> frozenset[str]:
    """Return the pictures that mails lead to, but those of items taken back; what is gone already stays gone."""
    taken_back = {uri for uri, one in items.items() if visibility(one, at) is not Visibility.PUBLIC}
    return frozenset(one.image.path for one in composition.entries if one.image and one.id not in taken_back)


def _web_view(newsroom: Newsroom, mailed: _Mailed) -> WebView:
    edition, shown = mailed.edition, mailed.shown
    path = urls.edition_path(edition.digest, edition.name)
    recipe = partial(_web_view_page, newsroom.folder, path, shown, mailed.note_html)
    known = key(shown.model_dump_json(), mailed.note_html or "")
    return WebView(shown.subject, edition.slot_date, Target(path, known, recipe))


def _web_view_page(newsroom: Path, path: str, shown: Composition, note_html: str | None, workshop: Workshop) -> Files:
    return {path: render_web_view(shown, workshop.config, newsroom, note_html).encode()}


def _write_json(file: Path, value: object) -> None:
    text = json.dumps(value, sort_keys=True)
    try:
        if not file.is_file() or file.read_text() != text:
            new = file.with_suffix(".new")
            new.write_text(text)
            new.replace(file)
    except OSError as error:
        raise OutsideFailure(f"{file} cannot be written: {error.strerror}", "Mend its rights or free space.") from error
