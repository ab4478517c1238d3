"""In which sizes and forms an image is published."""

from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

_MAX_PIXELS = 4_000_000  # of one published file: a page that scrolls for ever helps nobody
_MAX_SIDE = 16_383  # pixels; WebP has no more (its container's specification, section "Extended File Format")


@dataclass(frozen=True)
class Form:
    """A sort of file that images are published in."""

    name: str  # Pillow's
    media_type: str
    ending: str  # of file names
    widths: tuple[int, ...]  # pixels


WEBP = Form("WEBP", "image/webp", ".webp", (480, 800, 1200, 1600))
JPEG = Form("JPEG", "image/jpeg", ".jpg", (600, 800, 1200, 1600))  # mail has 600 px, on fine screens 1200 px
PNG = Form("PNG", "image/png", ".png", ())  # of logos and icons, each of its own size


@dataclass(frozen=True)
class Size:
    """One file to be made of an original."""

    width: int  # pixels
    height: int
    form: Form


class Drawn(NamedTuple):
    """A file that was made of an original."""

    name: str  # of the file, unlike those of all others made of it
    size: Size
    data: bytes


def plan(width: int, height: int) -> tuple[Size, ...]:
    """Return the files to be made of an upright original of that many pixels, each form's narrowest first.

    Nothing is enlarged. What is very tall, such as an information graphic, is narrower than its form's widest.
    """
    widest = _widest(width, height)
    return tuple(
        Size(narrowed, _height(narrowed, width, height), form)
        for form in (WEBP, JPEG)
        for narrowed in sorted({min(step, widest) for step in form.widths})
    )


def _widest(width: int, height: int) -> int:
    scale = min(1.0, sqrt(_MAX_PIXELS / (width * height)), _MAX_SIDE / height)
    return max(1, int(width * scale))


def _height(narrowed: int, width: int, height: int) -> int:
    return min(_MAX_SIDE, max(1, round(height * narrowed / width)))
