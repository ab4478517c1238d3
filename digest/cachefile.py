"""A SQLite file under var/cache/, which can be deleted at any time and is believed only where it was made."""

import sqlite3
from pathlib import Path

LARGE_PAGES = "PRAGMA page_size = 16384"  # bytes, in a file still to be made; of 4,096 one item's text fills most
_NO_WAITING = "PRAGMA synchronous = OFF"
_STAMP = "CREATE TABLE stamp (text TEXT NOT NULL)"


def open_cache(file: Path, stamp: str, tables: str) -> sqlite3.Connection:
    """Return the cache; one that another `stamp` made, or that is damaged, is made anew and empty with `tables`.

    Nothing waits for the disk: `stamp` is of one start of the machine, so after a power loss the cache is made anew.
    Raises sqlite3.Error when it cannot be made.
    """
    opened = _as_it_was(file, stamp)
    if opened is None:
        _remove(file)
        file.parent.mkdir(parents=True, exist_ok=True)
        opened = sqlite3.connect(file)
        opened.execute(_NO_WAITING)
        opened.execute(LARGE_PAGES)
        with opened:
            opened.executescript(f"{_STAMP}; {tables}")
            opened.execute("INSERT INTO stamp VALUES (?)", (stamp,))
    return opened


def _as_it_was(file: Path, stamp: str) -> sqlite3.Connection | None:
    if not file.is_file():
        return None
    opened = sqlite3.connect(file)
    try:
        opened.execute(_NO_WAITING)
        if opened.execute("SELECT text FROM stamp").fetchone() == (stamp,):
            return opened
    except sqlite3.DatabaseError:
        pass  # damaged or none of ours: it is made anew
    opened.close()
    return None


def _remove(file: Path) -> None:
    for path in (file, file.with_name(f"{file.name}-journal")):
        path.unlink(missing_ok=True)
