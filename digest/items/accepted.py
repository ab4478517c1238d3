"""What was public as last accepted, kept under `var/accepted/`, so that a faulty file holds only itself.

    faulty now, public when last accepted  ─▶ stays as last accepted
    faulty now, anything else              ─▶ held: it is not published, also when its embargo ends

The folder mirrors `items/`: the files of every item that was public at the last build, and of no other.
"""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from digest import yamlfile
from digest.config import Config
from digest.errors import OutsideFailure, Problem
from digest.images.cache import Variants
from digest.items.item import Item, Visibility, visibility
from digest.items.loading import (
    FOLDER,
    Loaded,
    complete,
    images_cache,
    load_items,
    newest_first,
    read_items,
    sources,
)


@dataclass(frozen=True)
class Standing:
    """The items that stand at a moment, faulty files left aside."""

    items: tuple[Item, ...]
    held: tuple[Problem, ...]  # errors of the files that hold themselves


def mirror_of(newsroom: Path) -> Path:
    """Return the folder of what was last accepted."""
    return newsroom / "var" / "accepted"


def accepted_sources(mirror: Path) -> dict[str, str | None]:
    """Return the files of the items that were public at the last build, as `load_items` wants them."""
    return dict.fromkeys(sources(mirror))


def accepted_id(mirror: Path, source: str) -> str | None:
    """Return the id by which the item of that file was published; None when it was not."""
    file = mirror / source
    identifier = yamlfile.parse(file.read_bytes(), source).value.get("id") if file.is_file() else None
    return identifier if isinstance(identifier, str) else None


def standing_items(newsroom: Path, config: Config, mirror: Path) -> tuple[Standing, Loaded]:
    """Return each good file's item and, for a faulty file, the item as it was last accepted, if there is one."""
    # Each by itself: what clashed or was referred to may not be in the mirror.
    pictures = Variants(images_cache(newsroom))
    accepted = {one.source: complete(one, config) for one in read_items(mirror, config, pictures) if not one.faulty}
    loaded = load_items(newsroom, config, {source: item.id for source, item in accepted.items()}, pictures)
    faulty = {reading.source for reading in loaded.readings if reading.faulty}
    kept = [item for source, item in accepted.items() if source in faulty]
    return Standing(newest_first([*loaded.items, *kept]), loaded.errors), loaded


def remember(mirror: Path, newsroom: Path, loaded: Loaded, at: datetime) -> None:
    """Make the mirror hold what is public at `at`; what is faulty stays in it as it is.

    Raises OutsideFailure when `var/` cannot be written.
    """
    texts = {reading.source: reading.data for reading in loaded.readings}
    wanted = {item.source: item for item in loaded.items if visibility(item, at) is not Visibility.HIDDEN}
    faulty = {reading.source for reading in loaded.readings if reading.faulty}
    try:
        kept: set[Path] = set()
        for source, item in wanted.items():
            kept |= _keep(mirror, newsroom, item, texts[source])
        _forget(mirror, kept, faulty)
    except OSError as error:
        raise OutsideFailure(
            f"{mirror} cannot be written: {error.strerror}", "Mend its rights or free space."
        ) from error


def _keep(mirror: Path, newsroom: Path, item: Item, text: bytes) -> set[Path]:
    """Copy the item's files into the mirror; its own file last, so that what stands there is always complete."""
    kept = set()
    for asset in item.assets.values():
        copy = mirror / asset.path.relative_to(newsroom)
        if not copy.is_file() or _trace(copy) != _trace(asset.path):
            _replace(copy, partial(shutil.copy2, asset.path))
        kept.add(copy)
    copy = mirror / item.source
    if not copy.is_file() or copy.read_bytes() != text:
        _replace(copy, lambda new: new.write_bytes(text))
    return kept | {copy}


def _trace(path: Path) -> tuple[int, int]:
    """Return what changes with a file's bytes: comparing pictures themselves at each build would take long."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    write(new)
    new.replace(path)


def _forget(mirror: Path, kept: Iterable[Path], faulty: set[str]) -> None:
    """Remove items that are public no more; their pictures go when no item is faulty that may need them."""
    kept = set(kept)
    for path in sorted((mirror / FOLDER).rglob("*")):
        needed = path in kept or path.relative_to(mirror).as_posix() in faulty
        if path.is_file() and not needed and (path.suffix == ".yaml" or not faulty):
            path.unlink()
