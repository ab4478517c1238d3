"""From an original to the bytes that are published."""
# ruff: noqa: TID253 - this module is itself loaded late, when an image is made

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path

import PIL.Image
from PIL.Image import Image, Resampling

from digest.images.original import upright
from digest.images.sizes import JPEG, PNG, WEBP, Form, Size

_SETTINGS: Mapping[Form, Mapping[str, object]] = {  # a change here wants a new cache.SETTINGS
    JPEG: {"quality": 82, "subsampling": "4:2:0", "progressive": True},
    WEBP: {"quality": 80, "method": 4},
    PNG: {"optimize": True},
}


def make(source: Path, sizes: Sequence[Size]) -> Iterator[tuple[Size, bytes]]:
    """Yield each size with its file's bytes, the same ones for a version of Pillow; the original is decoded once.

    No metadata, no profile: the picture is upright and in sRGB. Raises UnfitText when the original cannot be
    published, OSError when it cannot be read.
    """
    largest = max(sizes, key=lambda size: size.width)
    picture = upright(source, largest.width, largest.height)
    for size in sizes:
        yield size, encoded(picture.resize((size.width, size.height), Resampling.LANCZOS), size.form)


def encoded(picture: Image, form: Form) -> bytes:
    """Return the file of a picture in RGB or RGBA that carries no metadata."""
    file = BytesIO()
    opaque = _on_white(picture) if form is JPEG else picture
    opaque.save(file, form.name, **_SETTINGS[form])
    return file.getvalue()


def _on_white(picture: Image) -> Image:
    if picture.mode == "RGB":
        return picture
    page = PIL.Image.new("RGB", picture.size, "white")
    page.paste(picture, mask=picture.getchannel("A"))
    return page
