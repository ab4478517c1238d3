"""Staged files put into their places in public/, each whole, and what is wanted no more taken away.

(stage   every file that differs is written beside the site      a failure leaves all as it was)
replace  pictures, documents, styles ─▶ pages ─▶ feed ─▶ index    a crash leaves pages that hang together
remove   what is wanted no more

Nothing is synced: the next build mends what a power loss tore.
"""

import os
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from digest.errors import failure_named
from digest.site import paths
from digest.site.staging import FOLDER, Move, Staged, leads_out

_LAST = 3  # the turn of the index


@contextmanager
def staging_folder(public: Path) -> Iterator[None]:
    """Have the folder beside the site, empty at first, and gone in the end."""
    folder = public / FOLDER
    _clear(folder)
    with failure_named(folder, "made"):
        folder.mkdir(parents=True)
    try:
        yield
    finally:
        _clear(folder)


def _clear(folder: Path) -> None:
    """Remove what was prepared, also by a build that was killed."""
    with failure_named(folder, "removed"):
        if folder.exists():
            shutil.rmtree(folder)


def replace(staged: Iterable[Staged], public: Path) -> frozenset[str]:
    """Put the staged files in their places; return the paths of those that did not stand there already."""
    moves = {one.placed.path: one.move for one in staged if one.move}  # of a file that several share, the last
    turns: dict[Move, int] = {}
    for path, move in moves.items():
        turns[move] = min(_turn(path), turns.get(move, _LAST))
    for move in sorted(turns, key=lambda move: (turns[move], move.path)):
        with failure_named(f"{public}/{move.path}", "written"):
            _put(f"{public}/{FOLDER}/{move.name}", f"{public}/{move.path}")
    return frozenset(moves)


def _put(staged: str, target: str) -> None:
    try:
        os.replace(staged, target)  # noqa: PTH105 - a Path takes as long again, for each of very many files
    except (IsADirectoryError, NotADirectoryError, FileNotFoundError):
        _make_place(Path(target))
        Path(staged).replace(target)


def _make_place(target: Path) -> None:
    """Remove what stands in the way of a file: a folder of its name, or a file of the name of a folder above it."""
    if target.is_dir():
        shutil.rmtree(target)
    for above in target.parents:
        if above.is_file():
            above.unlink()
    target.parent.mkdir(parents=True, exist_ok=True)


def _turn(path: str) -> int:
    """Return when a file is put in its place: after those that it refers to, and before those that refer to it.

    A new folder takes the turn of the first that is in it, since nothing but the new refers to what is new.
    """
    plain = path.removesuffix(".br").removesuffix(".gz")
    if plain == paths.INDEX:
        return _LAST
    if plain.endswith((".xml", ".json", ".opml")):
        return 2
    return int(plain.endswith(".html"))


def remove(gone: Iterable[str], public: Path) -> int:
    """Remove these files, then the folders that they leave empty; return how many files there were.

    Raises Refused when a link leads out of `public` to one.
    """
    removed = 0
    root = public.resolve()
    for path in gone:
        target = public / path
        if target.parent.resolve() != (root / path).parent:
            raise leads_out(path, public)
        with failure_named(target, "removed"):
            if target.is_file():
                target.unlink()
                removed += 1
            _remove_empty(target.parent, public)
    return removed


def _remove_empty(folder: Path, public: Path) -> None:
    while folder != public and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def remove_others(public: Path, wanted: Collection[str]) -> int:
    """Remove the files whose paths are not `wanted`, then folders left empty, and return how many files that were."""
    removed = 0
    folders = []
    for folder, names in _folders(public):
        folders.append(folder)
        for name in names:
            path = folder / name
            if path.relative_to(public).as_posix() not in wanted:
                with failure_named(path, "removed"):
                    path.unlink()
                removed += 1
    for folder in reversed(folders[1:]):
        with failure_named(folder, "removed"):
            if not any(folder.iterdir()):
                folder.rmdir()
    return removed


def _folders(public: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield each folder before those in it, with its files; never through a link, never the host's own at the top."""

    def fail(error: OSError) -> None:
        raise error

    with failure_named(public, "read"):
        for here, below, names in os.walk(public, onerror=fail):
            below.sort()
            if Path(here) == public:
                below[:] = [name for name in below if not name.startswith(".")]
                names = [name for name in names if not name.startswith(".")]  # noqa: PLW2901 - the top is special
            yield Path(here), names
