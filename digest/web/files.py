"""Files of public/ opened for reading: what is read is what was measured, whatever a build puts in their place."""

import errno
import hashlib
import os
import stat
from contextlib import ExitStack
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from threading import Lock

from digest.web.negotiation import IDENTITY

VARIANTS = {"br": ".br", "gzip": ".gz"}  # coding → what its file's name ends in; the smaller first
_KNOWN_TAGS = 20_000  # files; about 6 MB
_NO_FILE = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.ELOOP, errno.ENAMETOOLONG}


@dataclass(frozen=True)
class Stored:
    """A file as it stood when it was opened."""

    file: BufferedReader  # somewhere in it: its tag may have been made just now
    size: int  # bytes
    modified: int  # seconds since 1970
    tag: str  # strong entity tag, in its quotes


class Shelf:
    """A folder's files with their entity tags, each made of the bytes once and remembered while they stand."""

    def __init__(self) -> None:
        self._tags: dict[str, tuple[tuple[int, int, int], str]] = {}
        self._lock = Lock()

    def encodings(self, folder: Path, path: str, opened: ExitStack, *, compressed: bool) -> dict[str, Stored]:
        """Open the file and, if `compressed`, its variants; return them by coding, the best first.

        `opened` closes them. Empty when no file stands there, or one outside the folder.
        """
        real = os.path.realpath(folder / path)
        if not real.startswith(f"{os.path.realpath(folder)}{os.sep}"):
            return {}  # a symbolic link leads out
        if not (plain := self._stored(real, opened)):
            return {}
        endings = VARIANTS if compressed else {}
        found = {coding: self._stored(real + ending, opened) for coding, ending in endings.items()}
        return {coding: stored for coding, stored in (found | {IDENTITY: plain}).items() if stored}

    def _stored(self, path: str, opened: ExitStack) -> Stored | None:
        try:
            file = opened.enter_context(open(path, "rb", opener=_open_no_link))  # noqa: SIM115 - so it does
        except OSError as error:
            if error.errno in _NO_FILE:
                return None
            raise
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            return None
        return Stored(file, status.st_size, int(status.st_mtime), self._tag(path, file, status))

    def _tag(self, path: str, file: BufferedReader, status: os.stat_result) -> str:
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        known = self._tags.get(path)
        if known and known[0] == stamp:
            return known[1]
        tag = f'"{hashlib.file_digest(file, "sha256").hexdigest()[:32]}"'
        with self._lock:
            self._tags.pop(path, None)
            if len(self._tags) >= _KNOWN_TAGS:
                del self._tags[next(iter(self._tags))]
            self._tags[path] = stamp, tag
        return tag


def _open_no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)


def is_variant(folder: Path, path: str) -> bool:
    """Return whether the path is that of a compressed variant, which has no address; a document may end alike."""
    return path.endswith(tuple(VARIANTS.values())) and is_file(folder, path.rpartition(".")[0])


def is_file(folder: Path, path: str) -> bool:
    """Return whether a file stands there."""
    return os.path.isfile(f"{folder}/{path}")  # noqa: PTH113 - a Path raises when the name is too long
