"""Files about to be put in place: each is written beside the site, whole, if other bytes stand where it belongs."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO

from digest.errors import OutsideFailure, Refused
from digest.images.variants import Variant
from digest.items.item import Asset
from digest.site.ledger import Placed
from digest.site.targets import Content

FOLDER = ".new"  # in public/, so that a rename from it stays on one disk; no path of a tree starts with a dot
_BLOCK = 1 << 20  # bytes


@dataclass(frozen=True)
class Staged:
    """A file that is as it shall be, in its place or beside the site."""

    placed: Placed  # as it stands, or will
    name: str | None  # in the staging folder; None when it stands in its place already


class Staging:
    """The folder beside the site; several processes may use it at once."""

    def __init__(self, public: Path) -> None:
        """Begin; the folder must be there."""
        self._public = public
        self._folder = public / FOLDER
        self._numbers = count()
        self._safe = {public}  # folders of public/ that no link leads out of

    def stage(self, path: str, content: Content) -> Staged:
        """Return the file; Refused when its path leads out of public/, OutsideFailure when the disk fails."""
        check_plain(path, self._public)
        target = self._public / path
        with failure_named(target, "written"):
            self._make_folder(target.parent)
            if standing := _standing(target, content):
                return Staged(Placed(path, standing.st_size, standing.st_mtime_ns), None)
            name = f"{os.getpid()}-{next(self._numbers)}"
            written = _write(self._folder / name, content)
        return Staged(Placed(path, written.st_size, written.st_mtime_ns), name)

    def _make_folder(self, folder: Path) -> None:
        if folder in self._safe:
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        if folder.is_symlink():
            raise _leads_out(folder.relative_to(self._public).as_posix(), self._public)
        self._safe.add(folder)


def check_plain(path: str, public: Path) -> None:
    """Refuse a path that names no plain place below `public`."""
    parts = path.split("/")
    if parts[0].startswith(".") or {"", ".", ".."} & set(parts) or "\\" in path or "\0" in path:
        raise _leads_out(path, public)


def _leads_out(path: str, public: Path) -> Refused:
    return Refused(f"{path!r} would be written outside {public}", "Rename its source, or remove the link there.")


def _standing(target: Path, content: Content) -> os.stat_result | None:
    """Return what is known of the file when it has the same bytes; of torn ones even the size can be right."""
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    size = len(content) if isinstance(content, bytes) else content.size
    if not stat.S_ISREG(status.st_mode) or status.st_size != size:
        return None
    with target.open("rb") as file:
        if isinstance(content, bytes):
            return status if file.read() == content else None
        return status if hashlib.file_digest(file, "sha256").hexdigest() == content.sha256 else None


def _write(target: Path, content: Content) -> os.stat_result:
    with target.open("xb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            _copy(content, file)
        file.flush()
        return os.fstat(file.fileno())


def _copy(file: Asset | Variant, target: BinaryIO) -> None:
    """Copy the file, making sure that its bytes are those that the pages were made for."""
    read = hashlib.sha256()
    with failure_named(file.path, "read"):
        source = file.path.open("rb")
    with source:
        while block := source.read(_BLOCK):
            read.update(block)
            target.write(block)
    if read.hexdigest() != file.sha256:
        raise OutsideFailure(f"{file.path} changed while it was read", "Build again.")


@contextmanager
def failure_named(path: Path, done: str) -> Iterator[None]:
    """Turn the disk's failure into words about `path`; a full disk's own error names none."""
    try:
        yield
    except OSError as error:
        remedy = "Mend its rights or make room on the disk, then build again."
        raise OutsideFailure(f"{path} cannot be {done}: {error.strerror}", remedy) from error
