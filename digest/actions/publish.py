"""Publish the site: `build` is all or nothing; under a schedule a faulty file holds only itself.

Whoever calls these holds `build_lock`, and has done so since before they took the time, config.yaml and the editions.

nothing changed since the last build? ─ yes ─▶ done, without loading what makes pages
                                      └ no ──▶ rebuild
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from digest.actions.after_build import run_if_due
from digest.actions.built import GONE_FILE, MOVED_FILE, Built, Caches, forget_caches, opened_caches
from digest.actions.newsroom import Newsroom
from digest.editions.edition import Edition
from digest.errors import Spoilt
from digest.items.loading import FOLDER
from digest.site.published import Published
from digest.template_files import shipped_templates, template_files


def build(newsroom: Newsroom, editions: Sequence[Edition], at: datetime, *, full: bool = False) -> Built:
    """Publish the site as it is at `at`; InvalidInput names every error, and then nothing was touched.

    `editions` are those whose mailing has begun: their web views and pictures stay. A `full` build believes nothing
    that an earlier one left behind.
    """
    if full:
        forget_caches(newsroom)
    built = _built(newsroom, editions, at, strict=True)
    run_if_due(newsroom, built.version)
    return built


def build_standing(newsroom: Newsroom, editions: Sequence[Edition], at: datetime) -> Built:
    """Publish the site as it is at `at`, each faulty file as last accepted or not at all; `bring_out` is to follow."""
    return _built(newsroom, editions, at, strict=False)


def bring_out(newsroom: Newsroom, built: Built) -> None:
    """Run `after_build` of config.yaml unless it has succeeded with this site; OutsideFailure when it fails."""
    run_if_due(newsroom, built.version)


def _built(newsroom: Newsroom, editions: Sequence[Edition], at: datetime, *, strict: bool) -> Built:
    try:
        return _brought_up_to_date(newsroom, editions, at, strict=strict)
    except Spoilt:
        forget_caches(newsroom)  # what was made of pictures is looked at when their items are read
        return _brought_up_to_date(newsroom, editions, at, strict=strict)


def _brought_up_to_date(newsroom: Newsroom, editions: Sequence[Edition], at: datetime, *, strict: bool) -> Built:
    with opened_caches(newsroom) as caches:
        built = _unchanged(newsroom, caches, editions, at)
        if built is None:
            from digest.actions.rebuild import rebuild  # noqa: PLC0415 - takes long to load; most builds do without

            built = rebuild(newsroom, caches, editions, at, strict=strict)
        return built


def _unchanged(newsroom: Newsroom, caches: Caches, editions: Sequence[Edition], at: datetime) -> Built | None:
    """Return what the last build made, if nothing that it was made of has changed, and none of its files."""
    current = caches.ledger.current(caches.basis(editions), at)
    if current is None or not caches.catalogue.is_current(newsroom.folder):
        return None
    if not all((newsroom.var / name).is_file() for name in (GONE_FILE, MOVED_FILE)):
        return None
    if caches.ledger.broken():
        return None
    published = Published(0, caches.ledger.count(), 0)
    return Built(published, caches.catalogue.count(), (), current.until, caches.ledger.version)


def fingerprint(newsroom: Newsroom, mailed: Sequence[str]) -> str:
    """Return what changes whenever the site has to be made anew for another reason than the time.

    Looks at names, sizes and times of files only, so that a look every few seconds costs little.
    """
    seen = [str(shipped_templates()), *mailed]
    files = [newsroom.folder / name for name in newsroom.config.newsroom.emblems.values()]
    for path in [*files, *sorted((newsroom.folder / FOLDER).rglob("*")), *template_files(newsroom.folder)]:
        try:
            status = path.stat()
        except OSError:
            continue  # it went meanwhile, or the loader says what is wrong with it
        seen.append(f"{path} {status.st_size} {status.st_ino} {status.st_mtime_ns} {status.st_ctime_ns}")
    seen.append(newsroom.config.model_dump_json())
    # Names of files are bytes; what is not UTF-8 in them must not stop anything here.
    return hashlib.sha256("\n".join(seen).encode("utf-8", "surrogateescape")).hexdigest()
