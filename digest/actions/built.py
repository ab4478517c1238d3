"""What a build leaves behind besides public/: its result, what it can believe the next time, and two lists."""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.actions.newsroom import Newsroom
from digest.actions.stamp import stamp
from digest.editions.edition import Edition
from digest.errors import OutsideFailure, Problem, failure_named
from digest.images.emblems import bytes_of
from digest.items.catalogue import Catalogue
from digest.site.ledger import Ledger
from digest.site.published import Published

GONE_FILE = "gone.json"  # in var/: paths that `serve` answers by 410
MOVED_FILE = "redirects.json"  # in var/: paths that `serve` answers by 301, and where they lead


@dataclass(frozen=True)
class Built:
    """A site that was published."""

    published: Published
    items: int  # that it was made of
    held: tuple[Problem, ...]  # errors of files that hold themselves
    next_change: datetime | None  # when it changes by itself, the next time
    version: str  # of public/: another one whenever that has changed


@dataclass(frozen=True)
class Caches:
    """What a build believes of an earlier one."""

    catalogue: Catalogue  # of the items
    ledger: Ledger  # of public/
    emblems: str  # SHA-256 (hex) of the files of logo and icon

    def basis(self, editions: Sequence[Edition]) -> str:
        """Return what changes with the items, the emblems and the mailed editions."""
        mailed = (f"{one.id} {one.content_sha}" for one in editions)
        return " ".join([self.catalogue.generation, self.emblems, *mailed])


@contextmanager
def opened_caches(newsroom: Newsroom) -> Iterator[Caches]:
    """Open both; OutsideFailure when they cannot be used, and then they are removed."""
    catalogue, ledger = _files(newsroom)
    mark = stamp(newsroom)
    try:
        with failure_named(catalogue.parent, "used"):
            opened = Catalogue(catalogue, mark), Ledger(ledger, mark)
        with closing(opened[0]) as items, closing(opened[1]) as public:
            public.inspect(newsroom.public)
            yield Caches(items, public, _emblems(newsroom))
    except sqlite3.Error as error:
        forget_caches(newsroom)
        message = f"{catalogue.parent} could not be used, and its databases were removed: {error}"
        raise OutsideFailure(message, "Make room on the disk if it is full, then build again.") from error


def _emblems(newsroom: Newsroom) -> str:
    files = (bytes_of(newsroom.folder / name) for name in newsroom.config.newsroom.emblems.values())
    return hashlib.sha256(b"".join(hashlib.sha256(data).digest() for data in files)).hexdigest()


def forget_caches(newsroom: Newsroom) -> None:
    """Remove both, so that the next build believes nothing."""
    for file in _files(newsroom):
        with failure_named(file, "removed"):
            file.unlink(missing_ok=True)


def _files(newsroom: Newsroom) -> tuple[Path, Path]:
    folder = newsroom.var / "cache"
    return folder / "items.db", folder / "public.db"
