"""From the file of a logo or an icon to what is published of it: PNG, so that a drawing's edges stay sharp.

A logo: `head`, which stands on any ground, or `head-on-light`, `head-on-dark`, with `mail` beside it when it is
transparent; and `card`. An icon: `small`, `touch` and `large`. What is called `card` or `touch` is opaque, because
those who show it paint black what is not; and `mail`, because mail programs turn the ground behind it dark: where the
logo needs light it brings the mail's own paper, which is not seen by day.
"""
# ruff: noqa: TID253 - this module is itself loaded late, when an image is made

from collections.abc import Iterator
from pathlib import Path

import PIL.Image
from PIL.Image import Image, Resampling
from PIL.ImageColor import getrgb

from digest.errors import UnfitText
from digest.images.making import encoded
from digest.images.original import measured, upright
from digest.images.sizes import PNG, Drawn, Size

_NARROWEST = 400  # pixels of a logo
_HEAD = (960, 336)  # pixels at most: three for each that a page has for it
_CARD = (1200, 600)  # pixels at most: what social networks ask for, and Atom's 2:1 (RFC 4287 section 4.2.8)
_FILLED = 0.8  # of a card's width or height; the rest is margin

_SMALLEST = 180  # pixels of an icon's side
_LARGEST = 512  # pixels: what JSON Feed asks for
_SMALL = 144  # pixels: RSS 2.0 allows no more, and search engines want a multiple of 48
_TOUCH = 180  # pixels: what Apple asks for
_OBLONG = 1.1  # how much longer one side of an icon may be

_LIGHT, _DARK = (255, 255, 255), (27, 26, 24)  # grounds
_FADES_ON_DARK = 97  # of 255: what is darker has less than three times the contrast that the dark page's ground has
_FADES_ON_LIGHT = 188  # what is lighter is hard to see on a light page
_WHITE = 250  # of 255
_HALF = 127  # of 255: what is less opaque counts as not seen
_MANY, _ALMOST_ALL = 0.1, 0.9  # of what can be seen of a logo


def logo(original: Path, paper: str) -> Iterator[Drawn]:
    """Yield the drawings of a logo; `paper` (#rrggbb) is what mail is written on.

    UnfitText when it is none that can be shown, OSError when it cannot be read.
    """
    size = measured(original)
    if size[0] < _NARROWEST:
        raise UnfitText(f"{original.name!r} is only {size[0]} pixels wide", f"Give it at least {_NARROWEST}.")
    inner = (int(_CARD[0] * _FILLED), int(_CARD[1] * _FILLED))
    picture = upright(original, *_within(inner, size))
    ground = _ground(picture)
    head = picture.resize(_within(_HEAD, size), Resampling.LANCZOS)
    yield _drawn("head" if ground is None else f"head-on-{ground}", head)
    if ground and head.mode == "RGBA":
        yield _drawn("mail", _on(_DARK if ground == "dark" else getrgb(paper)[:3], head, head.size))
    height = round(max(picture.height, picture.width / 2) / _FILLED)
    yield _drawn("card", _on(_DARK if ground == "dark" else _LIGHT, picture, (2 * height, height)))


def icon(original: Path) -> Iterator[Drawn]:
    """Yield the drawings of an icon; UnfitText when it is none that can be shown, OSError when it cannot be read."""
    size = measured(original)
    said = f"{original.name!r} has {size[0]} × {size[1]} pixels"
    if min(size) < _SMALLEST:
        raise UnfitText(said, f"Give it at least {_SMALLEST} a side.")
    if max(size) > min(size) * _OBLONG:
        raise UnfitText(f"{said}, which is no square", "Crop it.")
    picture = upright(original, *_within((_LARGEST, _LARGEST), size))
    side = max(picture.size)
    large = picture if picture.width == picture.height else _on(None, picture, (side, side))
    yield _drawn("small", large.resize((_SMALL, _SMALL), Resampling.LANCZOS))
    ground = _DARK if _ground(picture) == "dark" else _LIGHT
    yield _drawn("touch", _on(ground, large.resize((_TOUCH, _TOUCH), Resampling.LANCZOS), (_TOUCH, _TOUCH)))
    yield _drawn("large", large)


def _within(box: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """Return the largest size of the same shape that fits into the box; nothing is enlarged."""
    scale = min(1.0, box[0] / size[0], box[1] / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _on(ground: tuple[int, int, int] | None, picture: Image, size: tuple[int, int]) -> Image:
    """Return the picture in the middle of a ground of that size, which is transparent when it has no colour."""
    canvas = PIL.Image.new("RGB", size, ground) if ground else PIL.Image.new("RGBA", size, (0, 0, 0, 0))
    place = (size[0] - picture.width) // 2, (size[1] - picture.height) // 2
    canvas.paste(picture, place, picture if ground and picture.mode == "RGBA" else None)
    return canvas


def _ground(picture: Image) -> str | None:
    """Return on which ground alone the picture looks right; None when it brings its own, or stands on any."""
    if picture.mode != "RGBA":
        return "light" if min(_corners(picture)) >= _WHITE else None  # a sheet of paper, which goes on around it
    seen = picture.getchannel("A").point(lambda alpha: 255 * (alpha > _HALF))
    shades = picture.convert("RGB").convert("L").histogram(seen)
    all_of_it = sum(shades)
    if all_of_it == picture.width * picture.height:
        return _ground(picture.convert("RGB"))
    if sum(shades[_FADES_ON_LIGHT:]) > _ALMOST_ALL * all_of_it:
        return "dark"
    return "light" if sum(shades[:_FADES_ON_DARK]) > _MANY * all_of_it else None


def _corners(picture: Image) -> list[int]:
    """Return how light the picture is in each corner, of 255."""
    shades, width = picture.convert("L").tobytes(), picture.width
    return [shades[0], shades[width - 1], shades[-width], shades[-1]]


def _drawn(name: str, picture: Image) -> Drawn:
    return Drawn(f"{name}{PNG.ending}", Size(picture.width, picture.height, PNG), encoded(picture, PNG))
