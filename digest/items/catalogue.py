"""What items' files said when they were last read, kept under var/cache/: a build reads anew only what changed.

files ─▶ as they were? ─ yes ──────────────────────────────────────┐
             └─ no ─▶ read, by several processes ─▶ faulty? kept out ├─▶ briefs ─▶ clashes between them
                                                └─▶ kept ───────────┘
A file is as it was when the system's notes of it are: size, number, and both times of change. All is forgotten when
the program, its libraries, config.yaml or a template changes (`stamp`), and after the machine was started anew. The
file can be deleted at any time.
"""

import hashlib
import json
import os
import sqlite3
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing import parent_process
from pathlib import Path
from typing import Any, NamedTuple

from digest import clock
from digest.cachefile import open_cache
from digest.config import Config
from digest.crew import Crew
from digest.errors import OutsideFailure, Problem
from digest.images.cache import Variants
from digest.items import checks, stored
from digest.items.checks import Claim, Reading
from digest.items.files import candidates
from digest.items.item import Correction, Item, Withdrawal
from digest.items.loading import FOLDER, complete, images_cache, modified, read_files, sources, unread

_BATCH = 200  # files read by a process at a time, about
_YOUNG = 2.0  # seconds; within them a second change of a file may bear the same time
_TABLES = """
CREATE TABLE generation (text TEXT NOT NULL);
CREATE TABLE brief (
    source TEXT PRIMARY KEY,  -- relative to the newsroom's folder
    trace TEXT NOT NULL,  -- of its file; empty when that was too young to tell by it
    files TEXT,  -- JSON: [name, path, trace] of each file it names
    slug TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL,
    topics TEXT NOT NULL,  -- with spaces between them
    language TEXT NOT NULL,
    published INTEGER,  -- seconds since 1970
    rest TEXT,  -- JSON: what few items have
    version TEXT NOT NULL, sha256 TEXT NOT NULL, warnings TEXT
) WITHOUT ROWID;
CREATE TABLE content (source TEXT PRIMARY KEY, slug TEXT NOT NULL, item BLOB NOT NULL);
CREATE INDEX content_by_slug ON content (slug);
"""
_COLUMNS = "source, slug, id, kind, topics, language, published, rest, version, sha256, files"


class Brief(NamedTuple):
    """An item without its text: what decides where and when it is shown."""

    source: str  # its file, relative to the newsroom's folder
    slug: str
    id: str
    kind: str
    topics: tuple[str, ...]
    language: str
    published: datetime | None
    version: str
    sha256: str  # hex, of its file's bytes
    updated: datetime | None = None
    corrections: tuple[Correction, ...] = ()
    withdrawn: Withdrawal | None = None
    featured: datetime | None = None
    translation_of: str | None = None
    aliases: tuple[str, ...] = ()
    files: tuple[str, ...] = ()  # paths of the pictures and documents that it names


@dataclass(frozen=True)
class Catalogued:
    """The newsroom's items as they are now, and what is wrong with its files."""

    briefs: tuple[Brief, ...]  # of files without an error
    faulty: Mapping[str, Reading]  # by source
    problems: tuple[Problem, ...]  # errors and warnings of all files, sorted

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return the problems that keep an item from being published."""
        return tuple(problem for problem in self.problems if problem.level == "error")


class _Row(NamedTuple):
    """A good file as it is kept."""

    source: str
    trace: str
    files: str | None
    slug: str
    id: str
    kind: str
    topics: str
    language: str
    published: int | None
    rest: str | None
    version: str
    sha256: str
    warnings: str | None
    item: bytes


class Catalogue:
    """The file of what is kept, open until it is closed."""

    def __init__(self, file: Path, stamp: str) -> None:
        """Open or make it; what another `stamp` made is forgotten. Raises sqlite3.Error when it cannot be used."""
        self.file = file
        self._db = open_cache(file, stamp, _TABLES)
        self._changes: tuple[list[str], set[str]] | None = None

    @property
    def generation(self) -> str:
        """Return what changes whenever anything kept does."""
        found = self._db.execute("SELECT text FROM generation").fetchone()
        return str(found[0]) if found else ""

    def count(self) -> int:
        """Return how many items are kept."""
        return int(self._db.execute("SELECT COUNT(*) FROM brief").fetchone()[0])

    def is_current(self, newsroom: Path) -> bool:
        """Return whether every file of the newsroom in that folder is kept as it is now, and no other."""
        return not any(self._changed(newsroom)) and next(unread(newsroom), None) is None

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def refreshed(self, newsroom: Path, config: Config, crew: Crew, accepted: Mapping[str, str]) -> Catalogued:
        """Return the items of the newsroom in that folder, having read the files that changed.

        `accepted` gives by source the ids of what was published before: of two files that clash, these are the older
        ones. Raises OutsideFailure when a folder cannot be read.
        """
        stale, outdated = self._changed(newsroom)
        rows = crew.work(partial(_read, newsroom, config), stale, _BATCH)
        with self._db:
            self._forget(outdated)
            faulty = [source for source, row in zip(stale, rows, strict=True) if not self._keep(row)]
            readings = {one.source: one for one in _readings(newsroom, faulty, config)}
            if mended := [source for source, one in readings.items() if not one.faulty]:
                raise OutsideFailure(f"{mended[0]} changed while it was read", "Build again.")
            briefs = self._without_clashes(newsroom, config, readings, accepted)
            if stale or outdated:
                self._db.execute("DELETE FROM generation")
                self._db.execute("INSERT INTO generation VALUES (?)", (clock.new_uuid(),))
        return Catalogued(briefs, readings, tuple(sorted(self._problems(newsroom, readings))))

    def _changed(self, newsroom: Path) -> tuple[list[str], set[str]]:
        """Return the files to be read, new or changed, and those to be forgotten, changed or gone; looked at once."""
        if self._changes is None:
            rows = self._db.execute("SELECT source, trace, files FROM brief")
            known = {source: (trace, files) for source, trace, files in rows}
            folder = str(newsroom)  # once, since a Path takes long to be written into a text
            now = {source: _trace(f"{folder}/{source}") for source in sources(newsroom)}
            stale = [one for one, trace in now.items() if not _as_it_was(newsroom, one, trace, known.get(one))]
            self._changes = stale, known.keys() - (now.keys() - stale)
        return self._changes

    def _keep(self, row: _Row | None) -> bool:
        if row is not None:
            marks = ", ".join("?" * (len(row) - 1))
            self._db.execute(f"INSERT INTO brief VALUES ({marks})", row[:-1])  # noqa: S608 - nothing but marks
            self._db.execute("INSERT INTO content VALUES (?, ?, ?)", (row.source, row.slug, row.item))
        return row is not None

    def _forget(self, outdated: Collection[str]) -> None:
        for table in ("brief", "content"):
            self._db.executemany(f"DELETE FROM {table} WHERE source = ?", ((one,) for one in outdated))  # noqa: S608 - ours

    def _without_clashes(
        self, newsroom: Path, config: Config, readings: dict[str, Reading], accepted: Mapping[str, str]
    ) -> tuple[Brief, ...]:
        """Note what is wrong between items, take out of the catalogue those at fault, and return the others."""
        briefs = [_brief(row) for row in self._db.execute(f"SELECT {_COLUMNS} FROM brief")]  # noqa: S608 - our names
        claims = [Claim(one.source, one.slug, one.id, one.translation_of, one.aliases) for one in briefs]
        claims += [checks.claim(reading, accepted) for reading in readings.values()]
        for clash in list(checks.clashes(claims, lambda source: modified(newsroom / source), accepted)):
            if clash.source not in readings:
                self._forget([clash.source])
                readings |= {one.source: one for one in _readings(newsroom, [clash.source], config)}
            clash.note_on(readings[clash.source])
        return tuple(one for one in briefs if one.source not in readings)

    def _problems(self, newsroom: Path, readings: Mapping[str, Reading]) -> Iterator[Problem]:
        yield from unread(newsroom)
        for reading in readings.values():
            yield from reading.problems
        for source, warnings in self._db.execute("SELECT source, warnings FROM brief WHERE warnings IS NOT NULL"):
            for warning in json.loads(warnings):
                yield Problem(source, *warning)


@contextmanager
def kept_items(file: Path) -> Iterator[Callable[[str], Item]]:
    """Open the file of a catalogue for reading; yield what returns the item of a slug, KeyError when there is none."""
    query = "SELECT item FROM content WHERE slug = ?"
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as db:
        db.execute("BEGIN")  # one lock for all that is read, instead of one for each item

        def item(slug: str) -> Item:
            found = db.execute(query, (slug,)).fetchone()
            if found is None:
                raise KeyError(slug)
            return stored.item_of(found[0])

        yield item


def _trace(path: str) -> str:
    """Return what the system notes of a file and changes with every change; empty when no file is there."""
    try:
        status = os.stat(path)  # noqa: PTH116 - a Path takes as long again, for each of very many files
    except OSError:
        return ""
    if not stat.S_ISREG(status.st_mode):
        return ""  # a folder of a picture's name, say
    return f"{status.st_size} {status.st_ino} {status.st_mtime_ns} {status.st_ctime_ns}"


def _settled(trace: str, began: float) -> str:
    """Return the trace, or nothing when the file may have changed since, or just before, reading `began`.

    A second change, just after a first one, could leave the same trace.
    """
    changed = max(int(part) for part in trace.split()[2:]) / 1e9 if trace else began
    return trace if changed < began - _YOUNG else ""


def _as_it_was(newsroom: Path, source: str, trace: str, known: tuple[str, str | None] | None) -> bool:
    if known is None or not trace or known[0] != trace:
        return False
    return known[1] is None or all(_named_file(newsroom, source, one[0]) == one for one in json.loads(known[1]))


def _named_file(newsroom: Path, source: str, name: str) -> list[str]:
    """Return name, path and trace of a file that an item names."""
    for candidate in candidates(name, (newsroom / source).parent, newsroom / FOLDER):
        path = os.path.normpath(candidate)
        if trace := _trace(path):
            return [name, path, trace]
    return [name, "", ""]


def _read(newsroom: Path, config: Config, wanted: Sequence[str]) -> list[_Row | None]:
    """Return what is to be kept of each file, None for a faulty one; the work of one process."""
    began = clock.now().timestamp()
    return [_row(newsroom, one, began, config) for one in _readings(newsroom, wanted, config)]


def _readings(newsroom: Path, wanted: Sequence[str], config: Config) -> list[Reading]:
    # Where the crew shares the reading, each of its processes makes the pictures of what it reads.
    processes = 1 if parent_process() else os.cpu_count() or 1
    return read_files(newsroom, wanted, config, Variants(images_cache(newsroom)), processes)


def _row(newsroom: Path, reading: Reading, began: float, config: Config) -> _Row | None:
    if reading.faulty:
        return None
    item = complete(reading, config)
    files = [_named_file(newsroom, item.source, name) for name in item.files]
    trace = _settled(_trace(f"{newsroom}/{item.source}"), began)
    settled = all(_settled(one[2], began) for one in files)
    warnings = [(one.line, one.column, one.level, one.message, one.remedy) for one in reading.problems]
    return _Row(
        source=item.source,
        trace=trace if settled else "",
        files=json.dumps(files) if files else None,
        slug=item.slug,
        id=item.id,
        kind=item.kind,
        topics=" ".join(item.topics),
        language=item.language,
        published=None if item.published is None else int(item.published.timestamp()),
        rest=_rest(item),
        version=item.version,
        sha256=hashlib.sha256(reading.data).hexdigest(),
        warnings=json.dumps(warnings) if warnings else None,
        item=stored.bytes_of(item),
    )


_RARE = ("updated", "corrections", "withdrawn", "featured", "translation_of", "aliases")  # of a Brief, as of an item


def _rest(item: Item) -> str | None:
    rare = item.model_dump(mode="json", include=set(_RARE), exclude_defaults=True)
    return json.dumps(rare) if rare else None


def _brief(row: tuple[Any, ...]) -> Brief:
    source, slug, identifier, kind, topics, language, published, rest, version, sha256, files = row
    moment = None if published is None else datetime.fromtimestamp(published, UTC)
    brief = Brief(source, slug, identifier, kind, tuple(topics.split()), language, moment, version, sha256)
    if files:
        brief = brief._replace(files=tuple(path for _, path, _ in json.loads(files)))
    return brief._replace(**stored.fields_of(rest)) if rest else brief
