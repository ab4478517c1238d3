"""Images as photographers and designers send them, made by Pillow, and as telephones do, by pillow-heif."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import Image, ImageCms

RED, BLUE = (220, 20, 20), (20, 20, 220)


def photo(width: int = 900, height: int = 600) -> Image.Image:
    """Return a red picture whose upper left quarter is blue."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (0, 0, width // 2, height // 2))
    return picture


def saved(picture: Image.Image, path: Path, form: str | None = None, **options: Any) -> Path:  # noqa: ANN401 - Pillow's own
    """Return the path, at which the picture stands now."""
    if path.suffix.lower() == ".heic":
        path.write_bytes(encoded(picture, "HEIF", **options))
    else:
        picture.save(path, form, **options)
    return path


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own
    """Return the picture as bytes."""
    file = BytesIO()
    if form == "HEIF":
        exif = options.pop("exif", None)
        pillow_heif.from_pillow(picture).save(file, exif=exif and exif.tobytes(), **options)
    else:
        picture.save(file, form, **options)
    return file.getvalue()


def metadata(orientation: int = 1) -> Image.Exif:
    """Return Exif as telephones write it, with the place where the picture was taken."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "SECRET-WITNESS"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
    return exif


def xmp() -> bytes:
    """Return a packet of XMP."""
    return b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><note>SECRET-WITNESS</note></x:xmpmeta>'


def profile() -> bytes:
    """Return an ICC profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def see_through() -> Image.Image:
    """Return a picture whose upper left quarter is transparent, the rest red."""
    picture = photo().convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 450, 300))
    return picture


def _frames(path: Path, form: str) -> Path:
    return saved(photo(), path, form, save_all=True, append_images=[Image.new("RGB", (900, 600), "black")], duration=90)


def _palette_with_hole(path: Path) -> Path:
    picture = Image.new("P", (900, 600), 1)
    picture.putpalette([0, 0, 0, *RED])
    picture.paste(0, (0, 0, 450, 300))
    return saved(picture, path, transparency=0)


def _ten_bits(path: Path) -> Path:
    channels = b"".join(bytes((value, value)) for value in photo().tobytes())
    pillow_heif.from_bytes("RGB;16", (900, 600), channels).save(path)
    return path


def _premultiplied(path: Path) -> Path:
    made = pillow_heif.from_pillow(see_through())
    made.premultiplied_alpha = True
    made.save(path)
    return path


ACCEPTED: dict[str, Callable[[Path], Path]] = {
    "plain.jpg": lambda path: saved(photo(), path),
    "progressive.jpg": lambda path: saved(photo(), path, progressive=True),
    "grey.jpg": lambda path: saved(photo().convert("L"), path),
    "print.jpg": lambda path: saved(photo().convert("CMYK"), path),
    "telephone.jpg": lambda path: saved(photo(), path, "MPO", save_all=True, append_images=[photo(90, 60)]),
    "really-a-png.jpg": lambda path: saved(photo(), path, "PNG"),
    "Niños 2.JPG": lambda path: saved(photo(), path),
    "no-ending": lambda path: saved(photo(), path, "JPEG"),
    "one-bit.png": lambda path: saved(photo().convert("1"), path),
    "grey.png": lambda path: saved(photo().convert("L"), path),
    "grey-alpha.png": lambda path: saved(see_through().convert("LA"), path),
    "sixteen-bits.png": lambda path: saved(Image.new("I;16", (900, 600), 40_000), path),
    "palette.png": lambda path: saved(photo().quantize(16), path),
    "palette-with-hole.png": _palette_with_hole,
    "see-through.png": lambda path: saved(see_through(), path),
    "still.gif": lambda path: saved(photo(), path),
    "moving.gif": lambda path: _frames(path, "GIF"),
    "moving.webp": lambda path: _frames(path, "WEBP"),
    "still.webp": lambda path: saved(see_through(), path),
    "still.avif": lambda path: saved(photo(), path),
    "IMG_0001.HEIC": lambda path: saved(photo(), path),
    "tiled.heic": lambda path: saved(photo(), path, tile_size=512),  # as telephones do
    "grey.heic": lambda path: saved(photo().convert("L"), path),
    "ten-bits.heic": _ten_bits,
    "see-through.heic": lambda path: saved(see_through(), path),
    "premultiplied.heic": _premultiplied,
    "burst.heic": lambda path: saved(photo(), path, append_images=list(pillow_heif.from_pillow(photo(90, 60)))),
    "scan.tif": lambda path: saved(photo(), path, compression="tiff_lzw"),
    "print.tif": lambda path: saved(photo().convert("CMYK"), path),
}
