"""What public/ held after the last build: a target that is as it was, and whose files are, need not be made again.

Kept under var/cache/, where it can be deleted: then everything is made, compared with what stands, and noted anew.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from digest.cachefile import open_cache
from digest.clock import new_uuid
from digest.moments import from_stored, to_stored
from digest.site.inspection import Inspection

KEPT = ""  # the name of what no target wants any more but stays
_TABLES = """
CREATE TABLE target (name TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE file (
    target TEXT NOT NULL, path TEXT NOT NULL,
    size INTEGER NOT NULL,  -- bytes
    modified INTEGER NOT NULL,  -- nanoseconds since 1970
    PRIMARY KEY (target, path)
) WITHOUT ROWID;
CREATE TABLE unfinished (yes INTEGER);
CREATE TABLE version (text TEXT NOT NULL);
CREATE TABLE current (basis TEXT NOT NULL, since TEXT NOT NULL, until TEXT);
CREATE TABLE departed (path TEXT PRIMARY KEY, since TEXT NOT NULL) WITHOUT ROWID;
"""


class Placed(NamedTuple):
    """A file as it stands in public/."""

    path: str  # in public/
    size: int  # bytes
    modified: int  # nanoseconds since 1970


@dataclass(frozen=True)
class Current:
    """That public/ is as it should be."""

    until: datetime | None  # when it will change by itself, the next time


class Ledger:
    """The file of what is noted, open until it is closed."""

    def __init__(self, file: Path, stamp: str) -> None:
        """Open or make it; what another `stamp` made is forgotten. Raises sqlite3.Error when it cannot be used."""
        self._file, self._db = file, open_cache(file, stamp, _TABLES)
        self._inspection: Inspection | None = None

    def close(self) -> None:
        """Close the file."""
        if self._inspection:
            self._inspection.close()
        self._db.close()

    def inspect(self, public: Path) -> None:
        """Begin to look whether all files stand in `public` as they were placed; ask for `broken` before `begin`."""
        self._inspection = Inspection(self._file, public, self.count())

    def broken(self) -> frozenset[str]:
        """Return the names of targets of which a file did not, when that was looked at."""
        return self._inspection.broken if self._inspection else frozenset()

    def keys(self) -> dict[str, str]:
        """Return by name the key of each target as it was made."""
        return dict(self._db.execute("SELECT name, key FROM target"))

    def paths(self) -> Iterator[tuple[str, str]]:
        """Yield the path of each file behind the name of its target; behind `KEPT`, of those that only stay."""
        yield from self._db.execute("SELECT target, path FROM file")

    def count(self) -> int:
        """Return how many files the targets have."""
        return int(self._db.execute("SELECT COUNT(DISTINCT path) FROM file WHERE target != ?", (KEPT,)).fetchone()[0])

    def is_whole(self) -> bool:
        """Return whether every file of public/ is noted: after a build that was cut short, some may not be."""
        unfinished = self._db.execute("SELECT 1 FROM unfinished").fetchone()
        return unfinished is None and self._db.execute("SELECT 1 FROM target").fetchone() is not None

    def begin(self) -> None:
        """Note that files are about to be put in place."""
        with self._db:
            self._db.execute("INSERT INTO unfinished VALUES (1)")
            self._db.execute("DELETE FROM current")
            self._renew_version()

    def finish(self, made: Mapping[str, tuple[str, Collection[Placed]]], outdated: Iterable[str]) -> None:
        """Note key and files of targets that were made and put in place.

        `outdated` names all targets of which something else is noted, those that are no more among them.
        """
        names = [(name,) for name in outdated]
        with self._db:
            self._db.executemany("DELETE FROM target WHERE name = ?", names)
            self._db.executemany("DELETE FROM file WHERE target = ?", names)
            self._db.executemany("INSERT INTO target VALUES (?, ?)", [(name, key) for name, (key, _) in made.items()])
            files = [(name, *file) for name, (_, files) in made.items() for file in files]
            self._db.executemany("INSERT INTO file VALUES (?, ?, ?, ?)", files)
            self._db.execute("DELETE FROM unfinished")
            self._renew_version()

    @property
    def version(self) -> str:
        """Return what changes whenever public/ does."""
        found = self._db.execute("SELECT text FROM version").fetchone()
        return str(found[0]) if found else ""

    def _renew_version(self) -> None:
        self._db.execute("DELETE FROM version")
        self._db.execute("INSERT INTO version VALUES (?)", (new_uuid(),))

    def mark_current(self, basis: str, since: datetime, until: datetime | None) -> None:
        """Note that public/ is what `basis` makes it, from the moment `since` to before `until`, if that will come."""
        with self._db:
            self._db.execute("DELETE FROM current")
            moments = (to_stored(since), until and to_stored(until))
            self._db.execute("INSERT INTO current VALUES (?, ?, ?)", (basis, *moments))

    def current(self, basis: str, at: datetime) -> Current | None:
        """Return how long public/ is what `basis` makes it at the moment `at`; None when it is something else."""
        query = "SELECT until FROM current WHERE basis = ? AND since <= ? AND (until IS NULL OR ? < until)"
        moment = to_stored(at)
        found = self._db.execute(query, (basis, moment, moment)).fetchone()
        return Current(from_stored(found[0]) if found[0] else None) if found else None

    def longest_departed(self) -> datetime | None:
        """Return since when the first of the files that are wanted no more is not; None when there is none."""
        (since,) = self._db.execute("SELECT MIN(since) FROM departed").fetchone()
        return from_stored(since) if since else None

    def left_since(self, paths: Collection[str], at: datetime) -> dict[str, datetime]:
        """Return since when each of these files is wanted no more: `at` for those that were wanted until now."""
        known = dict(self._db.execute("SELECT path, since FROM departed"))
        since = {path: known.get(path, to_stored(at)) for path in paths}
        if since != known:
            with self._db:
                self._db.execute("DELETE FROM departed")
                self._db.executemany("INSERT INTO departed VALUES (?, ?)", since.items())
        return {path: from_stored(text) for path, text in since.items()}
