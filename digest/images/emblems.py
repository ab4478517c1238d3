"""The newsroom's logo and icon, as pages, feeds, search engines and telephones show them.

file named in config.yaml ─▶ in the newsroom, bearable ─▶ drawn before? ─ yes ─────────▶ emblem
                                                              └─ no ─▶ drawing ─▶ kept ──▲
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol

from digest.config import EmblemSort
from digest.errors import UnfitText, as_unfit
from digest.images.cache import Recipe
from digest.images.sizes import Drawn
from digest.images.variants import Variant

Ground = Literal["light", "dark"]  # what a logo must stand on to be seen

_MAX_BYTES = 5_000_000  # read at each build; what is drawn in a few flat colours has some thousands
_REMEDIES: Mapping[EmblemSort, str] = {
    "logo": "Export it as PNG, 400 to 4,000 pixels wide.",
    "icon": "Export it as a square PNG, 512 pixels a side.",
}


@dataclass(frozen=True)
class Emblem:
    """A logo or an icon."""

    sha256: str  # hex, of its file's bytes
    drawings: Mapping[str, Variant]  # by what they are for, as digest.images.drawing names them


NO_EMBLEMS: Mapping[EmblemSort, Emblem] = MappingProxyType({})


class Drawings(Protocol):
    """How originals are drawn: digest.images.cache has one way to keep what was made, and one to only try it."""

    def of(self, original: Path, sha256: str) -> tuple[Variant, ...]:
        """Return what is drawn of the original with that SHA-256 (hex), nothing when it was only tried."""


def emblems_in(
    folder: Path, names: Mapping[EmblemSort, str], drawings: Callable[[Recipe], Drawings], paper: str
) -> tuple[dict[EmblemSort, Emblem], dict[EmblemSort, UnfitText]]:
    """Return the emblems whose files, of these names in the folder, can be shown, and what is wrong with the others.

    `paper` (#rrggbb) is what mail is written on. OutsideFailure when what is drawn cannot be kept.
    """
    found: dict[EmblemSort, Emblem] = {}
    unfit: dict[EmblemSort, UnfitText] = {}
    for sort, name in names.items():
        try:
            found[sort] = _emblem(folder, name, sort, drawings(_recipe(sort, paper)))
        except UnfitText as error:
            unfit[sort] = error
    return found, unfit


def bytes_of(file: Path) -> bytes:
    """Return the bytes of an emblem's file, of one that is too large only the first; empty when it cannot be read."""
    try:
        with as_unfit(file.name):
            return _read(file) if file.is_file() else b""
    except UnfitText:
        return b""


def _emblem(folder: Path, name: str, sort: EmblemSort, drawings: Drawings) -> Emblem:
    with as_unfit(repr(name)):
        data = _read(_located(folder, name))
        sha256 = hashlib.sha256(data).hexdigest()
        if len(data) > _MAX_BYTES:
            raise UnfitText(f"{name!r} has more than {_MAX_BYTES:,} bytes", _REMEDIES[sort])
        try:
            drawn = drawings.of(folder / name, sha256)
        except UnfitText as unfit:
            raise UnfitText(unfit.message, _REMEDIES[sort]) from unfit
    return Emblem(sha256, {one.path.stem: one for one in drawn})


def _located(folder: Path, name: str) -> Path:
    file = folder / name
    if not file.resolve().is_relative_to(folder.resolve()):
        raise UnfitText(f"{name!r} leads out of the newsroom's folder", "Copy the file there.")
    if not file.is_file():
        raise UnfitText(f"there is no file {name!r}", "Put it into the newsroom's folder, or correct its path.")
    return file


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(_MAX_BYTES + 1)


def _draw_logo(paper: str, original: Path) -> Iterator[Drawn]:
    from digest.images.drawing import logo  # noqa: PLC0415 - loads Pillow's readers, which warm builds do without

    return logo(original, paper)


def _draw_icon(original: Path) -> Iterator[Drawn]:
    from digest.images.drawing import icon  # noqa: PLC0415 - as above

    return icon(original)


def _recipe(sort: EmblemSort, paper: str) -> Recipe:
    draw = partial(_draw_logo, paper) if sort == "logo" else _draw_icon

    def attempt(original: Path) -> None:
        deque(draw(original), maxlen=0)

    return Recipe(f"logo-on-{paper.removeprefix('#')}" if sort == "logo" else "icon", draw, attempt)
