"""From a tree to the folder public/: only what changed is written, each file whole.

prepare  every changed file beside the site, every asset's digest checked      a failure leaves all as it was
replace  pictures, documents, styles ─▶ pages ─▶ feed ─▶ index                 a crash leaves pages that hang together
remove   what the tree no longer has, but what `keep` names
"""

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from digest.errors import OutsideFailure, Refused
from digest.images.variants import Variant
from digest.items.item import Asset
from digest.site import paths
from digest.site.tree import Content, Tree

_STAGING = ".new"  # in public/, so that a rename from it stays on one disk; no path of a tree starts with a dot
_BLOCK = 1 << 20  # bytes


@dataclass(frozen=True)
class Published:
    """What a build did to public/, in files."""

    written: int
    unchanged: int
    removed: int
    changed: frozenset[str] = field(default=frozenset(), compare=False)  # paths of the files written


def publish(tree: Tree, public: Path, keep: frozenset[str]) -> Published:
    """Make the folder `public` hold the tree, and of all else only the paths in `keep`.

    A file whose bytes are the same is not touched, so its mtime tells when it changed. Names at the top that start
    with a dot (.well-known, .git) are the host's, and stay. Nothing is synced: the next build mends what a power loss
    tore. Raises OutsideFailure when the disk fails, Refused when a path leads out of `public`.
    """
    for path in tree:
        _check_inside(path, public)
    staging = public / _STAGING
    _clear(staging)
    try:
        changed = _prepare(tree, public, staging)
        for path in sorted(changed, key=_turn):
            with _failure_named(public / path, "written"):
                (staging / path).replace(public / path)
    finally:
        _clear(staging)
    removed = _remove_others(public, keep | tree.keys())
    return Published(len(changed), len(tree) - len(changed), removed, frozenset(changed))


def _check_inside(path: str, public: Path) -> None:
    """Refuse a path that names no plain place below `public`, by its own words or through a symbolic link."""
    parts = path.split("/")
    plain = not (parts[0].startswith(".") or {"", ".", ".."} & set(parts) or "\\" in path or "\0" in path)
    if not plain or not (public / path).parent.resolve().is_relative_to(public.resolve()):
        raise Refused(f"{path!r} would be written outside {public}", "Rename its source, or remove the link there.")


def _clear(staging: Path) -> None:
    """Remove what was prepared, also by a build that was killed."""
    with _failure_named(staging, "removed"):
        if staging.exists():
            shutil.rmtree(staging)


def _prepare(tree: Tree, public: Path, staging: Path) -> list[str]:
    """Write into `staging` every file that differs from the one in `public`, and return their paths."""
    changed = []
    for path, content in tree.items():
        with _failure_named(public / path, "written"):
            if _stands(public / path, content):
                continue
            (public / path).parent.mkdir(parents=True, exist_ok=True)
            (staging / path).parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                (staging / path).write_bytes(content)
            else:
                _copy(content, staging / path)
        changed.append(path)
    return changed


def _stands(target: Path, content: Content) -> bool:
    """Return whether the file is there with the same bytes; of torn ones even the size can be right."""
    if not target.is_file():
        return False
    if isinstance(content, bytes):
        return target.stat().st_size == len(content) and target.read_bytes() == content
    if target.stat().st_size != content.size:
        return False
    with target.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == content.sha256


def _copy(file: Asset | Variant, target: Path) -> None:
    """Copy the file, making sure that its bytes are those that the pages were made for."""
    read = hashlib.sha256()
    with _failure_named(file.path, "read"):
        source = file.path.open("rb")
    with source, target.open("wb") as copy:
        while block := source.read(_BLOCK):
            read.update(block)
            copy.write(block)
    if read.hexdigest() != file.sha256:
        raise OutsideFailure(f"{file.path} changed while it was read", "Build again.")


def _turn(path: str) -> tuple[int, str]:
    """Return when a file is replaced: each after those that it refers to."""
    if path == paths.INDEX:
        return 3, path
    if path.endswith((".xml", ".json", ".opml")):
        return 2, path
    return int(path.endswith(".html")), path


def _remove_others(public: Path, wanted: Collection[str]) -> int:
    """Remove the files whose paths are not `wanted`, then folders left empty, and return how many files that were."""
    removed = 0
    folders = []
    for folder, names in _folders(public):
        folders.append(folder)
        for name in names:
            path = folder / name
            if path.relative_to(public).as_posix() not in wanted:
                with _failure_named(path, "removed"):
                    path.unlink()
                removed += 1
    for folder in reversed(folders[1:]):
        with _failure_named(folder, "removed"):
            if not any(folder.iterdir()):
                folder.rmdir()
    return removed


def _folders(public: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield each folder before those in it, with its files; never through a link, never the host's own at the top."""

    def fail(error: OSError) -> None:
        raise error

    with _failure_named(public, "read"):
        for here, below, names in os.walk(public, onerror=fail):
            below.sort()
            if Path(here) == public:
                below[:] = [name for name in below if not name.startswith(".")]
                names = [name for name in names if not name.startswith(".")]  # noqa: PLW2901 - the top is special
            yield Path(here), names


@contextmanager
def _failure_named(path: Path, done: str) -> Iterator[None]:
    """Turn the disk's failure into words about `path`; a full disk's own error names none."""
    try:
        yield
    except OSError as error:
        remedy = "Mend its rights or make room on the disk, then build again."
        raise OutsideFailure(f"{path} cannot be {done}: {error.strerror}", remedy) from error
