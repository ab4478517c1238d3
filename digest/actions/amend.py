"""Withdraw, correct or rename an item by a command: its file is edited, its layout kept."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from digest.actions.newsroom import Newsroom
from digest.actions.writing import replace_file
from digest.errors import OutsideFailure, Refused
from digest.images.cache import Proofs
from digest.items import editing
from digest.items.checks import Reading
from digest.items.loading import SLUG, images_cache, read_items


def withdraw(newsroom: Newsroom, slug: str, at: datetime, reason: str, show: str) -> Path:
    """Withdraw the item from `at` on; return its file. Refused when it is withdrawn already."""
    when = editing.local_time(at, newsroom.config.newsroom.timezone)
    return _change(newsroom, slug, lambda text: editing.withdrawn(text, when, reason, show))


def correct(newsroom: Newsroom, slug: str, at: datetime, note: str) -> Path:
    """Say in the item, from `at` on, what was wrong; return its file."""
    when = editing.local_time(at, newsroom.config.newsroom.timezone)
    return _change(newsroom, slug, lambda text: editing.corrected(text, when, note))


def rename(newsroom: Newsroom, slug: str, new: str) -> Path:
    """Give the item another slug; its old address leads to the new one, and its translations follow.

    Return its new file. Refused for a slug that is none, or taken.
    """
    if not SLUG.fullmatch(new):
        raise Refused(f"{new!r} is no slug", "Write it in a-z, 0-9 and single hyphens.")
    readings = _readings(newsroom)
    if taken := [one.source for one in readings if one.slug == new]:
        raise Refused(f"the slug {new!r} is that of {taken[0]}", "Choose another one.")
    old = newsroom.folder / _named(readings, slug).source
    path = old.with_name(old.name.replace(f"{slug}.yaml", f"{new}.yaml"))
    replace_file(path, editing.with_alias(_text(old), slug).encode())
    for one in readings:
        if one.fields and one.fields.translation_of == slug:
            translation = newsroom.folder / one.source
            replace_file(translation, editing.with_original(_text(translation), slug, new).encode())
    old.unlink()
    return path


def _change(newsroom: Newsroom, slug: str, edit: Callable[[str], str]) -> Path:
    path = newsroom.folder / _named(_readings(newsroom), slug).source
    replace_file(path, edit(_text(path)).encode())
    return path


def _readings(newsroom: Newsroom) -> list[Reading]:
    return read_items(newsroom.folder, newsroom.config, Proofs(images_cache(newsroom.folder)))


def _named(readings: list[Reading], slug: str) -> Reading:
    found = next((one for one in readings if one.slug == slug), None)
    if found is None:
        raise Refused(f"there is no item {slug!r}", "`digest item list` shows those there are.")
    return found


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise OutsideFailure(f"{path} cannot be read: {error}", "Run `digest check` and mend what it names.") from error
