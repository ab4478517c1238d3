"""What an image file is: its format and its size in pixels."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from digest.errors import UnfitText

_END_OF_IMAGE = b"\xff\xd9"  # of a JPEG: ITU-T T.81, table B.1


@dataclass(frozen=True)
class _Format:
    """A sort of image that browsers and mail programs show."""

    media_type: str
    endings: tuple[str, ...]  # of file names; servers tell the type by them


_JPEG = _Format("image/jpeg", (".jpg", ".jpeg"))
_FORMATS = {  # by Pillow's names
    "JPEG": _JPEG,
    "PNG": _Format("image/png", (".png",)),
    "GIF": _Format("image/gif", (".gif",)),
    "WEBP": _Format("image/webp", (".webp",)),
}


def probe(path: Path) -> tuple[str, int, int]:
    """Return media type, width and height of an image; UnfitText when it is none that browsers and mail show.

    Checks that the data are whole, as far as that goes without decoding the pixels. Raises OSError when the file
    cannot be read.
    """
    with path.open("rb") as file:
        form, width, height = _measured(file, path.name)
    if path.suffix.lower() not in form.endings:
        raise UnfitText(f"{path.name!r} is {form.media_type} inside", f"Let its name end in {form.endings[0]}.")
    return form.media_type, width, height


def _measured(file: BinaryIO, name: str) -> tuple[_Format, int, int]:
    import PIL.Image  # 40 ms that only newsrooms with images pay

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
            image = PIL.Image.open(file, formats=tuple(_FORMATS))
        # MPO is a JPEG in which a telephone keeps further pictures.
        form = _JPEG if image.format == "MPO" else _FORMATS[image.format or ""]
        whole = form is not _JPEG or _END_OF_IMAGE in file.read()  # which `verify` does not look for
        image.verify()
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning) as error:
        remedy = "Scale it down to 4,000 pixels a side."
        raise UnfitText(f"{name!r} has more than {PIL.Image.MAX_IMAGE_PIXELS:,} pixels", remedy) from error
    except Exception as error:  # damaged files make Pillow's readers stumble in any way
        raise UnfitText(f"{name!r} is no image that can be shown", "Save it as JPEG, PNG, GIF or WebP.") from error
    if not whole:
        raise UnfitText(f"{name!r} ends in the middle of the picture", "Copy it anew.")
    return form, *image.size
