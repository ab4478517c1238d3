"""An original as the newsroom received it, made an upright picture in sRGB.

open ─▶ decode small ─▶ reduce by bands ─▶ resize ─▶ colours to sRGB ─▶ turn upright
"""
# ruff: noqa: TID253 - this module is itself loaded late, when an image is opened

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import PIL.Image
import PIL.ImageCms
from PIL.ExifTags import Base
from PIL.Image import Image, Resampling, Transpose

from digest.errors import UnfitText
from digest.images import heif

_MOST = 120_000_000  # pixels; the largest cameras have 100 million, which take up to 500 MB
_FEWER = 40_000_000  # pixels, where the decoder itself holds them all several times: 600 MB
_TELEPHONES = 52_000_000  # pixels; the most that they photograph as HEIC, which takes up to 700 MB
_LIMITS = {
    **dict.fromkeys(("JPEG", "MPO", "PNG", "TIFF", "GIF"), _MOST),
    **dict.fromkeys(("WEBP", "AVIF"), _FEWER),
    "HEIF": _TELEPHONES,
}
_FORMATS = tuple(name for name in _LIMITS if name not in {"MPO", "HEIF"})  # Pillow's; its reader of JPEG tells MPO
_MODES = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "I", "I;16", "I;16L", "I;16B"}
_HDR = {16, 18}  # PQ and HLG, as ITU-T H.273 numbers transfer characteristics
_ELSEWHERE = (  # what photographers and designers send, told by the bytes at a place in the file
    (4, b"ftypcrx", "a camera's raw file"),
    (8, b"CR\x02", "a camera's raw file"),
    (0, b"8BPS", "a Photoshop file"),
    (0, b"%PDF", "a PDF"),
)
_REDUCED_IMAGE = 1  # a bit of TIFF 6.0's NewSubfileType: what stands first is a preview, as in raw files
_DNG_VERSION = 50706  # a TIFF tag of Adobe's Digital Negative
_EXPORT = "Export it as JPEG."
_GAP = 1.5  # how much larger than wanted a cheap reduction leaves the picture for a good one
_BAND = 256  # rows
_TURNS = {  # CIPA DC-008 (Exif) section 4.6.4, Orientation
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_LYING = {5, 6, 7, 8}  # orientations whose width is stored as height


def measured(path: Path) -> tuple[int, int]:
    """Return width and height of the upright image, in pixels, without decoding it.

    Raises UnfitText when it is none that can be published, OSError when the file cannot be read.
    """
    with _opened(path) as image:
        return _laid(image.size, _orientation(image))


def upright(path: Path, width: int, height: int) -> Image:
    """Return the image in that size (pixels): RGB or RGBA in sRGB, with no metadata; of an animation the first frame.

    Raises UnfitText when it cannot be decoded whole, OSError when the file cannot be read.
    """
    with _opened(path) as image:
        orientation, profile = _orientation(image), image.info.get("icc_profile")
        wanted = _laid((width, height), orientation)
        ample = (int(wanted[0] * _GAP), int(wanted[1] * _GAP))
        if image.format != "HEIF":  # whose reader would take the preview in the file, which may show something else
            image.draft(None, ample)
        factor = max(1, min(image.width // ample[0], image.height // ample[1]))
        picture = _reduced(image, factor).resize(wanted, Resampling.LANCZOS)
    picture = _in_srgb(picture, profile)
    return picture.transpose(_TURNS[orientation]) if orientation in _TURNS else picture


@contextmanager
def _opened(path: Path) -> Iterator[Image]:
    """Open the image; what is wrong with it, here or while it is used, becomes words for its owner."""
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, of odd metadata and of sizes, for which we have our own limit
        image = _recognised(file, path.name)
        try:
            with image:
                _check(image, path.name)
                yield image
        except UnfitText:
            raise
        except Exception as error:  # damaged files make Pillow's readers stumble in any way
            raise _damaged(path.name) from error


def _recognised(file: BinaryIO, name: str) -> Image:
    head = file.read(1024)
    if not head:
        raise UnfitText(f"{name!r} is empty", "Copy it anew.")
    if heif.is_heif(head):
        return _from_a_telephone(file, name)
    try:
        return PIL.Image.open(file, formats=_FORMATS)
    except PIL.Image.DecompressionBombError as error:
        raise _too_large(name, _MOST) from error
    except Exception as error:
        raise UnfitText(f"{name!r} is {_kind(head)}, not an image that can be published", _EXPORT) from error


def _from_a_telephone(file: BinaryIO, name: str) -> Image:
    """Open HEIF by the reader that Pillow lacks; registered with Pillow, it would be so for the whole process."""
    file.seek(0)
    data = file.read()
    if not heif.is_whole(data):
        raise _damaged(name)
    if heif.largest(data) > _TELEPHONES:
        raise _too_large(name, _TELEPHONES)
    try:
        from pillow_heif import HeifImageFile
    except ImportError as error:
        remedy = "Export it as JPEG, or run `pip install 'newsroom-digest[heic]'`."
        raise UnfitText(f"{name!r} is a HEIC photo, for which no decoder is installed", remedy) from error
    try:
        return HeifImageFile(file)  # type: ignore[no-untyped-call]
    except Exception as error:
        raise _damaged(name) from error


def _damaged(name: str) -> UnfitText:
    return UnfitText(f"{name!r} is damaged", "Copy it anew, or export it as JPEG.")


def _kind(head: bytes) -> str:
    if b"<svg" in head:
        return "an SVG drawing"
    return next((kind for at, mark, kind in _ELSEWHERE if head.startswith(mark, at)), "something else")


def _too_large(name: str, limit: int) -> UnfitText:
    return UnfitText(f"{name!r} has more than {limit:,} pixels", "Scale it down to 4,000 pixels a side.")


def _check(image: Image, name: str) -> None:
    limit = _LIMITS[image.format or "JPEG"]
    if image.width * image.height > limit:
        raise _too_large(name, limit)
    if image.mode not in _MODES:
        raise UnfitText(f"{name!r} has its colours as {image.mode}, which browsers do not show", _EXPORT)
    if image.format == "TIFF" and _is_raw(image):
        raise UnfitText(f"{name!r} is a camera's raw file, not an image that can be published", _EXPORT)
    if image.info.get("nclx_profile", {}).get("transfer_characteristics") in _HDR:
        raise UnfitText(f"{name!r} has HDR colours, which most screens show pale", _EXPORT)


def _is_raw(image: Image) -> bool:
    tags = image.getexif()
    return _DNG_VERSION in tags or bool(tags.get(Base.NewSubfileType, 0) & _REDUCED_IMAGE)


def _orientation(image: Image) -> int:
    if image.format in {"TIFF", "HEIF"}:  # their readers turn these themselves
        return 1
    with suppress(Exception):  # damaged Exif makes Pillow stumble in any way; the picture may be whole
        return int(image.getexif().get(Base.Orientation, 1))
    return 1


def _laid(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return an upright size as stored, or a stored one upright."""
    return (size[1], size[0]) if orientation in _LYING else size


def _reduced(image: Image, factor: int) -> Image:
    """Return the image by so much smaller, in plain channels; only one band of it at a time is held in these."""
    rows = _BAND * factor
    bands = [
        _in_channels(image.crop((0, top, image.width, min(top + rows, image.height)))).reduce(factor)
        for top in range(0, image.height, rows)
    ]
    canvas = PIL.Image.new(bands[0].mode, (bands[0].width, sum(band.height for band in bands)))
    for index, band in enumerate(bands):
        canvas.paste(band, (0, index * _BAND))
    return canvas


def _in_channels(part: Image) -> Image:
    """Return it with 8 bits a channel and no palette: L, RGB, RGBA or CMYK."""
    if part.mode.startswith("I"):  # 16 bits, which `convert` would clip
        return part.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if part.has_transparency_data:
        return part.convert("RGBA")
    if part.mode in {"1", "L"}:
        return part.convert("L")
    return part if part.mode == "CMYK" else part.convert("RGB")


def _in_srgb(picture: Image, profile: bytes | None) -> Image:
    """Return it as RGB or RGBA; a profile that is damaged or of other channels is passed over."""
    channels = "RGBA" if picture.mode == "RGBA" else "RGB"
    if profile:
        with suppress(PIL.ImageCms.PyCMSError, OSError):
            return _through(profile, picture, channels)
    return picture.convert(channels)


def _through(profile: bytes, picture: Image, channels: str) -> Image:
    source = PIL.ImageCms.ImageCmsProfile(BytesIO(profile))
    srgb = PIL.ImageCms.createProfile("sRGB")
    converted = PIL.ImageCms.profileToProfile(picture, source, srgb, outputMode=channels)
    if converted is None:
        raise PIL.ImageCms.PyCMSError("nothing was converted")
    converted.info.clear()  # Pillow keeps the profile there, which savers would write
    return converted
