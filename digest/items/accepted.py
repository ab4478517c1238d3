"""What was public as last accepted, kept under `var/accepted/`, so that a faulty file holds only itself.

    faulty now, public when last accepted  ─▶ stays as last accepted
    faulty now, anything else              ─▶ held: it is not published, also when its embargo ends

`items.db` has the text of every file whose item was public at the last build, and of no other; beside it stand copies
of their pictures and documents, at the same paths as in the newsroom's folder.
"""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import to_json

from digest.cachefile import LARGE_PAGES
from digest.config import Config
from digest.errors import OutsideFailure, Problem
from digest.images.cache import Variants
from digest.items.catalogue import Brief
from digest.items.files import collect_assets
from digest.items.item import Item
from digest.items.loading import (
    FOLDER,
    Loaded,
    complete,
    images_cache,
    load_items,
    newest_first,
    read_whole,
    reading_of,
)

_FILE = "items.db"
_TABLE = """
CREATE TABLE IF NOT EXISTS accepted (
    source TEXT PRIMARY KEY,  -- the file, relative to the newsroom's folder
    id TEXT NOT NULL, version TEXT NOT NULL,
    text BLOB NOT NULL,
    files TEXT NOT NULL  -- JSON: the paths of the pictures and documents, relative to the newsroom's folder
)
"""
_INDEXES = """
CREATE INDEX IF NOT EXISTS accepted_in_brief ON accepted (source, id, version);
CREATE INDEX IF NOT EXISTS accepted_with_files ON accepted (files) WHERE files != '[]';
"""  # what each build asks of all items; in the table it lies scattered between their texts


@dataclass(frozen=True)
class Standing:
    """The items that stand at a moment, faulty files left aside."""

    items: tuple[Item, ...]
    held: tuple[Problem, ...]  # errors of the files that hold themselves


def mirror_of(newsroom: Path) -> Path:
    """Return the folder of what was last accepted."""
    return newsroom / "var" / "accepted"


def accepted_ids(mirror: Path) -> dict[str, str]:
    """Return by source the ids of the items that were public at the last build."""
    file = mirror / _FILE
    if not file.is_file():
        return {}
    with _opened(mirror) as db:
        return dict(db.execute("SELECT source, id FROM accepted"))


def accepted_items(mirror: Path, wanted: Collection[str], newsroom: Path, config: Config) -> list[Item]:
    """Return the items that these files were when they were last accepted; none where config.yaml forbids it by now."""
    if not wanted or not (mirror / _FILE).is_file():
        return []
    with _opened(mirror) as db:
        rows = db.execute("SELECT source, text FROM accepted")
        readings = [reading_of(text, source, config) for source, text in rows if source in wanted]
    collect_assets(readings, mirror / FOLDER, Variants(images_cache(newsroom)), processes=1)
    return [complete(one, config) for one in readings if not one.faulty]


def standing_items(newsroom: Path, config: Config) -> Standing:
    """Return each good file's item and, for a faulty file, the item as it was last accepted, if there is one."""
    mirror = mirror_of(newsroom)
    loaded = load_items(newsroom, config, accepted_ids(mirror))
    kept = accepted_items(mirror, faulty_sources(loaded), newsroom, config)
    return Standing(newest_first([*loaded.items, *kept]), loaded.errors)


def faulty_sources(loaded: Loaded) -> list[str]:
    """Return the files that cannot be published as they are."""
    return [reading.source for reading in loaded.readings if reading.faulty]


def remember(mirror: Path, newsroom: Path, public: Iterable[Brief], faulty: Collection[str]) -> None:
    """Make the mirror hold what is `public`; what stands in `faulty` files stays in it as it is.

    A file that changed since it was found good is left for the next build. Raises OutsideFailure when `var/` cannot be
    written.
    """
    wanted = {one.source: one for one in public}
    try:
        mirror.mkdir(parents=True, exist_ok=True)
        with _opened(mirror) as db, db:
            db.executescript(_INDEXES)
            known = dict(db.execute("SELECT source, version FROM accepted"))
            new = [one for source, one in wanted.items() if known.get(source) != one.version]
            gone = known.keys() - wanted.keys() - set(faulty)
            for one in new:
                _accept(db, mirror, newsroom, one)
            db.executemany("DELETE FROM accepted WHERE source = ?", [(source,) for source in gone])
            if gone or new:
                _forget_files(db, mirror)
    except OSError as error:
        raise OutsideFailure(
            f"{mirror} cannot be written: {error.strerror}", "Mend its rights or free space."
        ) from error


@contextmanager
def _opened(mirror: Path) -> Iterator[sqlite3.Connection]:
    file = mirror / _FILE
    try:
        with closing(sqlite3.connect(file)) as db:
            db.execute(LARGE_PAGES)
            db.execute(_TABLE)  # a build that was killed may have left a file without it
            yield db
    except sqlite3.Error as error:
        remedy = (
            "Mend its rights or free space; if it is damaged, restore it from a backup or remove it, then build again."
        )
        raise OutsideFailure(f"{file} cannot be used: {error}", remedy) from error


def _accept(db: sqlite3.Connection, mirror: Path, newsroom: Path, one: Brief) -> None:
    """Copy the item's files, its own text last, so that what stands there is always complete."""
    files = sorted({Path(path).relative_to(newsroom).as_posix() for path in one.files})
    text = _text(f"{newsroom}/{one.source}")
    if hashlib.sha256(text).hexdigest() != one.sha256 or not all((newsroom / file).is_file() for file in files):
        return
    for file in files:
        _copy(newsroom / file, mirror / file)
    db.execute(
        "INSERT OR REPLACE INTO accepted VALUES (?, ?, ?, ?, ?)",
        (one.source, one.id, one.version, text, to_json(files).decode()),
    )


def _text(file: str) -> bytes:
    """Return what the file holds; nothing when it is gone."""
    try:
        return read_whole(file)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return b""


def _copy(original: Path, copy: Path) -> None:
    if copy.is_file() and _trace(copy) == _trace(original):
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    new = copy.with_name(".new")  # a longer name than the copy's own might be too long
    shutil.copy2(original, new)
    new.replace(copy)


def _trace(path: Path) -> tuple[int, int]:
    """Return what changes with a file's bytes: comparing pictures themselves at each build would take long."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _forget_files(db: sqlite3.Connection, mirror: Path) -> None:
    """Remove pictures and documents of items that are public no more."""
    rows = db.execute("SELECT files FROM accepted WHERE files != '[]'")
    needed = {file for (files,) in rows for file in json.loads(files)}
    for path in sorted((mirror / FOLDER).rglob("*")):
        if path.is_file() and path.relative_to(mirror).as_posix() not in needed:
            path.unlink()
