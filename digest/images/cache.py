"""What was made of originals, kept under var/: made once, found again without opening an image.

original ─▶ facts kept? ─ yes ──────────────────────────────────────────▶ variants
                └─ no ─▶ measure ─▶ plan ─▶ make ─▶ keep, facts last ─────▲
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from digest.crew import Crew
from digest.errors import OutsideFailure, UnfitText
from digest.images.sizes import Drawn, plan
from digest.images.variants import Variant, address

SETTINGS = 1  # raised when sizes, encoders' settings or the way to them change: all is made anew
_FACTS = "facts.json"


class Recipe(NamedTuple):
    """What is made of originals; both functions raise UnfitText for one that cannot be published, or OSError."""

    folder: str  # below that of an original, so that what other recipes make of it lies elsewhere
    draw: Callable[[Path], Iterable[Drawn]]
    prove: Callable[[Path], object]  # looks whether it could be made


def _draw_picture(original: Path) -> Iterator[Drawn]:
    from digest.images.making import make  # noqa: PLC0415 - loads Pillow's readers, which warm builds do without
    from digest.images.original import measured  # noqa: PLC0415

    for size, data in make(original, plan(*measured(original))):
        yield Drawn(f"{size.width}{size.form.ending}", size, data)


def _decode(original: Path) -> None:
    from digest.images.original import measured, upright  # noqa: PLC0415 - as in `_draw_picture`

    smallest = plan(*measured(original))[0]
    upright(original, smallest.width, smallest.height)


PICTURE = Recipe("", _draw_picture, _decode)


class Variants:
    """The variants of originals, in a folder that can be deleted at any time.

    cache/<SHA-256 of the original>/<recipe's folder>/<version of Pillow and settings>/<name>, and facts.json, which is
    put in place last. Builders at the same time write the same bytes, each file whole.
    """

    def __init__(self, cache: Path, recipe: Recipe = PICTURE) -> None:
        self._cache, self._recipe = cache, recipe

    def of(self, original: Path, sha256: str) -> tuple[Variant, ...]:
        """Return the variants of the original with that SHA-256 (hex), made now if they are not kept.

        Raises UnfitText when it cannot be published, OSError when it cannot be read, OutsideFailure when it changed
        meanwhile or the cache cannot be written.
        """
        folder, begin = _folder(self._cache, sha256, self._recipe), address(original, sha256)
        kept = _kept(folder, begin)
        if kept is None:
            _keep(folder, original, sha256, self._recipe)
            kept = _kept(folder, begin)
        if kept is None:
            raise OutsideFailure(f"{folder} was emptied while it was filled", "Build again.")
        return kept

    def prepare(self, originals: Iterable[tuple[Path, str]], processes: int) -> None:
        """Make what is not kept of originals with their SHA-256 (hex), in so many processes at once.

        What cannot be made is left for `of` to tell. Raises OutsideFailure when a process is ended from outside.
        """
        folders = {(path, sha256): _folder(self._cache, sha256, self._recipe) for path, sha256 in originals}
        missing = {sha256: path for (path, sha256), folder in folders.items() if _kept(folder, "") is None}
        if len(missing) <= processes:
            return  # starting them takes longer
        with Crew(processes) as crew:
            list(crew.work(partial(_attempt, self._cache, self._recipe), list(missing.items()), batch=1))


class Proofs:
    """Originals that are only looked at: what is kept of them in that folder is believed, nothing is written there."""

    def __init__(self, cache: Path, recipe: Recipe = PICTURE) -> None:
        self._cache, self._recipe = cache, recipe

    def of(self, original: Path, sha256: str) -> tuple[Variant, ...]:
        """Return the variants kept of the original with that SHA-256 (hex); where there are none, decode it.

        Raises UnfitText when it cannot be published, OSError when it cannot be read.
        """
        kept = _kept(_folder(self._cache, sha256, self._recipe), address(original, sha256))
        if kept is None:
            self._recipe.prove(original)
        return kept or ()

    def prepare(self, originals: Iterable[tuple[Path, str]], processes: int) -> None:
        """Do nothing: there is nothing to be made."""


def _folder(cache: Path, sha256: str, recipe: Recipe) -> Path:
    import PIL  # the package alone, for its version: no reader is loaded

    return cache / sha256 / recipe.folder / f"pillow-{PIL.__version__}-{SETTINGS}"


def _attempt(cache: Path, recipe: Recipe, originals: Sequence[tuple[str, Path]]) -> list[None]:
    """Make what can be made of originals, each behind its SHA-256 (hex)."""
    for sha256, original in originals:
        with suppress(UnfitText, OutsideFailure, OSError):
            _keep(_folder(cache, sha256, recipe), original, sha256, recipe)
    return [None] * len(originals)


def _keep(folder: Path, original: Path, sha256: str, recipe: Recipe) -> None:
    facts = []
    for drawn in recipe.draw(original):
        facts.append(_fact(drawn))
        _place(folder / drawn.name, drawn.data)
    with original.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise OutsideFailure(f"{original} changed while it was read", "Build again.")
    _place(folder / _FACTS, json.dumps(facts).encode())


def _fact(drawn: Drawn) -> dict[str, Any]:
    return {
        "name": drawn.name,
        "sha256": hashlib.sha256(drawn.data).hexdigest(),
        "size": len(drawn.data),
        "media_type": drawn.size.form.media_type,
        "width": drawn.size.width,
        "height": drawn.size.height,
    }


def _kept(folder: Path, begin: str) -> tuple[Variant, ...] | None:
    """Return what the facts say, public paths beginning with `begin`; None when they or a file are not whole."""
    try:
        facts = json.loads((folder / _FACTS).read_bytes())
        variants = tuple(_variant(fact, folder, begin) for fact in facts)
        whole = all(variant.path.stat().st_size == variant.size for variant in variants)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return variants if whole else None


def _variant(fact: Mapping[str, Any], folder: Path, begin: str) -> Variant:
    return Variant(
        public_path=f"{begin}-{fact['name']}",
        path=folder / fact["name"],
        sha256=fact["sha256"],
        size=fact["size"],
        media_type=fact["media_type"],
        width=fact["width"],
        height=fact["height"],
    )


def _place(target: Path, data: bytes) -> None:
    """Write the file whole and synced: a later build trusts its size."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(target)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        remedy = "Mend its rights or make room on the disk."
        raise OutsideFailure(f"{target} cannot be written: {error.strerror}", remedy) from error
