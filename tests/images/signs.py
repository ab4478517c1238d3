"""Logos and icons as designers send them, and what is drawn of them."""

from functools import partial
from pathlib import Path

from PIL import Image

from digest.config import EmblemSort
from digest.images.cache import Variants
from digest.images.emblems import Emblem, emblems_in

Colour = tuple[int, int, int, int]
PAPER = "#fdfcf8"  # of mail
INK, WHITE, CLEAR = (20, 20, 20, 255), (255, 255, 255, 255), (0, 0, 0, 0)


def sign(file: Path, size: tuple[int, int], colour: Colour = INK) -> Path:
    """Write a bar of that colour, on nothing; return the file."""
    picture = Image.new("RGBA", size, CLEAR)
    picture.paste(colour, (size[0] // 10, size[1] // 10, size[0] * 9 // 10, size[1] * 9 // 10))
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.save(file)
    return file


def emblems(folder: Path, logo: tuple[int, int] = (1400, 240), colour: Colour = INK) -> dict[EmblemSort, Emblem]:
    """Return a logo and an icon, drawn in the folder."""
    sign(folder / "logo.png", logo, colour)
    sign(folder / "icon.png", (600, 600))
    found, unfit = emblems_in(
        folder, {"logo": "logo.png", "icon": "icon.png"}, partial(Variants, folder / "cache"), PAPER
    )
    assert not unfit
    return found
