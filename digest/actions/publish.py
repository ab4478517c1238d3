"""Publish the site: `build` is all or nothing; under a schedule a faulty file holds only itself."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from fcntl import LOCK_EX, flock
from pathlib import Path

from digest import urls
from digest.actions.ports import Newsroom
from digest.editions import freezing
from digest.editions.composition import Composition
from digest.editions.edition import Edition
from digest.editions.web_view import shown_now
from digest.errors import InvalidInput, OutsideFailure, Problem
from digest.items.accepted import remember, standing_items
from digest.items.item import Item, Visibility, moments_of_change, visibility
from digest.items.loading import FOLDER, Loaded, load_items
from digest.mail.rendering import render_web_view
from digest.site.publish import Published, publish
from digest.site.sitemaps import leaves_the_news
from digest.site.tree import build_tree, gone_paths, redirects
from digest.site.views import WebView
from digest.templating import shipped_templates

GONE_FILE = "gone.json"  # in var/: paths that `serve` answers by 410
MOVED_FILE = "redirects.json"  # in var/: paths that `serve` answers by 301, and where they lead


@dataclass(frozen=True)
class Built:
    """A site that was published."""

    published: Published
    items: tuple[Item, ...]  # that it was made of
    held: tuple[Problem, ...]  # errors of files that hold themselves
    next_change: datetime | None  # when it changes by itself, the next time


def build(newsroom: Newsroom, editions: Sequence[Edition], at: datetime) -> Built:
    """Publish the site as it is at `at`; InvalidInput names every error, and then nothing was touched.

    `editions` are those whose mailing has begun: their web views and pictures stay.
    """
    with _build_lock(newsroom.var):
        loaded = load_items(newsroom.folder, newsroom.config)
        if loaded.errors:
            raise InvalidInput(loaded.errors)
        return _published(newsroom, editions, at, loaded.items, loaded)


def build_standing(newsroom: Newsroom, editions: Sequence[Edition], at: datetime) -> Built:
    """Publish the site as it is at `at`, each faulty file as last accepted or not at all."""
    with _build_lock(newsroom.var):
        standing, loaded = standing_items(newsroom.folder, newsroom.config, mirror(newsroom))
        return _published(newsroom, editions, at, standing.items, loaded)


def mirror(newsroom: Newsroom) -> Path:
    """Return the folder of what was last accepted."""
    return newsroom.var / "accepted"


def frozen_folder(newsroom: Newsroom, edition: Edition) -> Path:
    """Return the folder of an edition's frozen contents."""
    return newsroom.var / "editions" / edition.digest / edition.name


def _published(
    newsroom: Newsroom, editions: Sequence[Edition], at: datetime, items: tuple[Item, ...], loaded: Loaded
) -> Built:
    mailed = _as_shown_now(newsroom, editions, items, at)
    views = [_web_view(newsroom, one) for one in mailed]
    tree = build_tree(newsroom.config, items, at, newsroom.folder, views)
    # Mails lead to these pictures for ever, also when the item has got another one since.
    keep = frozenset[str]().union(*(one.pictures for one in mailed))
    # First, so that a page that is gone or has moved never answers 404.
    _write_json(newsroom.var / GONE_FILE, sorted(gone_paths(items, at)))
    _write_json(newsroom.var / MOVED_FILE, redirects(items, at))
    published = publish(tree, newsroom.public, keep)
    remember(mirror(newsroom), newsroom.folder, loaded, at)
    dated = [item for item in items if item.published]
    changes = (moments_of_change(item) | {leaves_the_news(item)} for item in dated)
    coming = [moment for moments in changes for moment in moments if moment > at]
    return Built(published, items, loaded.errors, min(coming, default=None))


@dataclass(frozen=True)
class _Mailed:
    """An edition whose mailing has begun, as its web view shows it."""

    edition: Edition
    shown: Composition
    note_html: str | None
    pictures: frozenset[str]  # in public/, that its mails may go on showing


def _as_shown_now(
    newsroom: Newsroom, editions: Sequence[Edition], items: Sequence[Item], at: datetime
) -> list[_Mailed]:
    by_id = {item.uri: item for item in items}
    mailed = []
    for edition in editions:
        if edition.content_sha is not None:
            manifest = freezing.load(frozen_folder(newsroom, edition), edition.content_sha).manifest
            shown = shown_now(manifest.composition, by_id, at)
            pictures = _mailed_pictures(manifest.composition, by_id, at)
            mailed.append(_Mailed(edition, shown, manifest.note_html if shown.note else None, pictures))
    return mailed


def _mailed_pictures(composition: Composition, items: Mapping[str, Item], at: datetime) -> frozenset[str]:
    """Return the pictures that mails lead to, but those of items taken back; what is gone already stays gone."""
    taken_back = {item.uri for item in items.values() if visibility(item, at) is not Visibility.PUBLIC}
    return frozenset(one.image.path for one in composition.entries if one.image and one.id not in taken_back)


def _web_view(newsroom: Newsroom, mailed: _Mailed) -> WebView:
    edition, shown = mailed.edition, mailed.shown
    html = render_web_view(shown, newsroom.config, newsroom.folder, mailed.note_html)
    return WebView(urls.edition_path(edition.digest, edition.name), shown.subject, edition.slot_date, html)


def _write_json(file: Path, value: object) -> None:
    text = json.dumps(value, sort_keys=True)
    try:
        if not file.is_file() or file.read_text() != text:
            new = file.with_suffix(".new")
            new.write_text(text)
            new.replace(file)
    except OSError as error:
        raise OutsideFailure(f"{file} cannot be written: {error.strerror}", "Mend its rights or free space.") from error


@contextmanager
def _build_lock(var: Path) -> Iterator[None]:
    """Let one process build at a time; the others wait."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        file = (var / "build.lock").open("w")
    except OSError as error:
        raise OutsideFailure(f"{var} cannot be used: {error.strerror}", "Mend its rights, or move it away.") from error
    with file:
        flock(file, LOCK_EX)
        yield


def fingerprint(newsroom: Newsroom, mailed: Sequence[str]) -> str:
    """Return what changes whenever the site has to be made anew for another reason than the time.

    Looks at names, sizes and times of files only, so that a look every few seconds costs little.
    """
    seen = [str(shipped_templates()), *mailed]
    for folder in (newsroom.folder / FOLDER, newsroom.folder / "templates"):
        for path in sorted(folder.rglob("*")):
            try:
                status = path.lstat()
            except OSError:
                continue  # it went meanwhile, or the loader says what is wrong with it
            seen.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    seen.append(newsroom.config.model_dump_json())
    # Names of files are bytes; what is not UTF-8 in them must not stop anything here.
    return hashlib.sha256("\n".join(seen).encode("utf-8", "surrogateescape")).hexdigest()
