"""Files about to be put in place: each is written beside the site, whole, if other bytes stand where it belongs."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import IO, NamedTuple

from digest.errors import OutsideFailure, Refused, Spoilt
from digest.images.variants import Variant
from digest.items.item import Asset
from digest.site.ledger import Placed
from digest.site.targets import Content

FOLDER = ".new"  # in public/, so that a rename from it stays on one disk; no path of a tree starts with a dot
_BLOCK = 1 << 20  # bytes


class Staged(NamedTuple):
    """A file that is as it shall be, in its place or beside the site."""

    placed: Placed  # as it stands, or will
    name: str | None  # in the staging folder; None when it stands in its place already


class Staging:
    """The folder beside the site; several processes may use it at once, each a part of its own."""

    def __init__(self, public: Path) -> None:
        """Begin; the folder must be there."""
        self._public = public
        self._own = str(os.getpid())
        self._numbers = count()
        self._known = {"": False}  # folders of public/ that no link leads out of, and whether this process made them

    def stage(self, path: str, content: Content) -> Staged:
        """Return the file; Refused when its path leads out of public/, OutsideFailure when the disk fails."""
        check_plain(path, self._public)
        target = f"{self._public}/{path}"
        with failure_named(target, "written"):
            is_new = self._make_folder(path.rpartition("/")[0])
            if not is_new and (standing := _standing(target, content)):
                return Staged(Placed(path, standing.st_size, standing.st_mtime_ns), None)
            name = f"{self._own}/{next(self._numbers)}"
            written = _write(f"{self._part}/{name}", content)
        return Staged(Placed(path, written.st_size, written.st_mtime_ns), name)

    @cached_property
    def _part(self) -> str:
        """Return the staging folder, this process's own part made in it: two that fill one folder hinder each other."""
        folder = f"{self._public}/{FOLDER}"
        Path(folder, self._own).mkdir(exist_ok=True)
        return folder

    def _make_folder(self, folder: str) -> bool:
        """Return whether the folder of public/ is new, so that nothing can stand in it."""
        if folder in self._known:
            return self._known[folder]
        self._make_folder(folder.rpartition("/")[0])
        self._known[folder] = is_new = self._is_made(folder)
        return is_new

    def _is_made(self, folder: str) -> bool:
        place = f"{self._public}/{folder}"
        try:
            os.mkdir(place)  # noqa: PTH102 - a Path takes as long again, for each of very many folders
        except NotADirectoryError:
            return False  # a file stands above it, which makes place in the end
        except FileExistsError:
            if stat.S_ISLNK(os.lstat(place).st_mode):
                raise leads_out(folder, self._public) from None
            return False  # it may be a file, which makes place likewise
        return True


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
    with open(target, "xb", buffering=0 if isinstance(content, bytes) else -1) as file:  # noqa: PTH123 - as above
        if isinstance(content, bytes):
            _write_all(file, content)
        else:
            _copy(content, file)
        file.flush()
        return os.fstat(file.fileno())


def _write_all(file: IO[bytes], content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[file.write(view) :]


def _copy(file: Asset | Variant, target: IO[bytes]) -> None:
    """Copy the file, making sure that its bytes are those that the pages were made for."""
    read = hashlib.sha256()
    with failure_named(file.path, "read"):
        if isinstance(file, Variant) and not file.path.is_file():
            raise _spoilt(file)
        source = file.path.open("rb")
    with source:
        while block := source.read(_BLOCK):
            read.update(block)
            target.write(block)
    if read.hexdigest() != file.sha256:
        if isinstance(file, Variant):
            raise _spoilt(file)
        raise OutsideFailure(f"{file.path} changed while it was read", "Build again.")


def _spoilt(file: Variant) -> Spoilt:
    """Remove it, so that it is missed when its original is read again."""
    file.path.unlink(missing_ok=True)
    return Spoilt(f"{file.path} is not as it was made", "Delete var/cache, then build again.")


@contextmanager
def failure_named(path: Path | str, done: str) -> Iterator[None]:
    """Turn the disk's failure into words about `path`; a full disk's own error names none."""
    try:
        yield
    except OSError as error:
        remedy = "Mend its rights or make room on the disk, then build again."
        raise OutsideFailure(f"{path} cannot be {done}: {error.strerror}", remedy) from error
