"""Files about to be put in place: each is written beside the site, whole, if other bytes stand where it belongs.

.new/
  tree/     folders that the site has not yet, each to be put in place at once with all that is in it
  <pid>/    single files for folders that it has, by number
"""

import hashlib
import os
import stat
from contextlib import suppress
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import NamedTuple

from digest.errors import OutsideFailure, Refused, Spoilt, failure_named
from digest.images.variants import Variant
from digest.items.item import Asset
from digest.site.ledger import Placed
from digest.site.targets import Content

FOLDER = ".new"  # in public/, so that a rename from it stays on one disk; no path of a tree starts with a dot
_TREE = "tree"
_BLOCK = 1 << 20  # bytes


class Move(NamedTuple):
    """From the staging folder into public/: of a file, or of a new folder with all that is in it."""

    name: str  # in the staging folder
    path: str  # in public/


class Staged(NamedTuple):
    """A file that is as it shall be, in its place or beside the site."""

    placed: Placed  # as it stands, or will
    move: Move | None  # what brings it to its place; None when it stands there already


class Staging:
    """The folder beside the site; several processes may use it at once."""

    def __init__(self, public: Path) -> None:
        """Begin; the folder must be there."""
        self._public = public
        self._folder = f"{public}/{FOLDER}"
        self._own = str(os.getpid())
        self._numbers = count()
        # By folder that no link leads out of: what brings it, with those above it that public/ lacks; None: it stands.
        self._moves: dict[str, Move | None] = {"": None}

    def stage(self, path: str, content: Content) -> Staged:
        """Return the file; Refused when its path leads out of public/, OutsideFailure when the disk fails."""
        check_plain(path, self._public)
        target = f"{self._public}/{path}"
        with failure_named(target, "written"):
            new = self._move_of(path.rpartition("/")[0])
            if not new and (standing := _standing(target, content)):
                return Staged(Placed(path, standing.st_size, standing.st_mtime_ns), None)
            move, written = self._written(path, new, content)
        return Staged(Placed(path, written.st_size, written.st_mtime_ns), move)

    def _written(self, path: str, new: Move | None, content: Content) -> tuple[Move, os.stat_result]:
        if new:
            with suppress(FileExistsError):  # several items show the file, and another one has brought it already
                return new, _write(f"{self._folder}/{_TREE}/{path}", content)
        move = Move(f"{self._part}/{next(self._numbers)}", path)
        return move, _write(f"{self._folder}/{move.name}", content)

    @cached_property
    def _part(self) -> str:
        """Return this process's own part, made now: two that fill one folder hinder each other."""
        os.mkdir(f"{self._folder}/{self._own}")  # noqa: PTH102 - as below
        return self._own

    def _move_of(self, folder: str) -> Move | None:
        """Return what brings the folder, made in the staging folder, to its place; None when public/ has it."""
        if folder not in self._moves:
            move = self._move_of(folder.rpartition("/")[0])
            if move is None and not self._has(folder):
                move = Move(f"{_TREE}/{folder}", folder)
            if move:
                _make(f"{self._folder}/{_TREE}/{folder}")
            self._moves[folder] = move
        return self._moves[folder]

    def _has(self, folder: str) -> bool:
        """Return whether it, or a file that makes place for it in the end, stands in public/."""
        try:
            status = os.lstat(f"{self._public}/{folder}")
        except NotADirectoryError:
            return True  # a file stands above it
        except FileNotFoundError:
            return False
        if stat.S_ISLNK(status.st_mode):
            raise leads_out(folder, self._public)
        return True


def _make(folder: str) -> None:
    """Make the folder and those above it, unless it is there; another process may do so at the same time."""
    try:
        os.mkdir(folder)  # noqa: PTH102 - as below
    except FileExistsError:
        pass
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - as below


def check_plain(path: str, public: Path) -> None:
    """Refuse a path that names no plain place below `public`."""
    parts = path.split("/")
    if parts[0].startswith(".") or {"", ".", ".."} & set(parts) or "\\" in path or "\0" in path:
        raise leads_out(path, public)


def leads_out(path: str, public: Path) -> Refused:
    """Return the refusal of a path that names no place in `public`."""
    return Refused(f"{path!r} would be written outside {public}", "Rename its source, or remove the link there.")


def _standing(target: str, content: Content) -> os.stat_result | None:
    """Return what is known of the file when it has the same bytes; of torn ones even the size can be right."""
    try:
        status = os.stat(target)  # noqa: PTH116 - as above
    except (FileNotFoundError, NotADirectoryError):
        return None
    size = len(content) if isinstance(content, bytes) else content.size
    if not stat.S_ISREG(status.st_mode) or status.st_size != size:
        return None
    with open(target, "rb") as file:  # noqa: PTH123 - as above
        if isinstance(content, bytes):
            return status if file.read() == content else None
        return status if hashlib.file_digest(file, "sha256").hexdigest() == content.sha256 else None


def _write(target: str, content: Content) -> os.stat_result:
    # Files of Python, like its Paths, take as long again, for each of very many files.
    new = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        if isinstance(content, bytes):
            _write_all(new, content)
        else:
            _copy(content, new)
        return os.fstat(new)
    finally:
        os.close(new)


def _write_all(new: int, content: bytes) -> None:
    written = os.write(new, content)
    while written < len(content):
        written += os.write(new, content[written:])


def _copy(file: Asset | Variant, new: int) -> None:
    """Copy the file, making sure that its bytes are those that the pages were made for."""
    read = hashlib.sha256()
    with failure_named(file.path, "read"):
        if isinstance(file, Variant) and not file.path.is_file():
            raise _spoilt(file)
        source = file.path.open("rb")
    with source:
        while block := source.read(_BLOCK):
            read.update(block)
            _write_all(new, block)
    if read.hexdigest() != file.sha256:
        if isinstance(file, Variant):
            raise _spoilt(file)
        raise OutsideFailure(f"{file.path} changed while it was read", "Build again.")


def _spoilt(file: Variant) -> Spoilt:
    """Remove it, so that it is missed when its original is read again."""
    file.path.unlink(missing_ok=True)
    return Spoilt(f"{file.path} is not as it was made", "Delete var/cache, then build again.")
