"""What the boxes of a HEIF file say before it is decoded: a HEIC photo, as telephones take them.

libheif shows what is missing of a file that was cut as green, and what it holds in memory may be far larger than what
the file lets it show.
"""

import re
from collections.abc import Iterator

_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"mif2", b"msf1"}  # ISO/IEC 23008-12
_AVIF = {b"avif", b"avis"}  # the same boxes, but Pillow reads these itself
_IMAGE_SIZE = re.compile(rb"ispe\0{4}(.{4})(.{4})", re.DOTALL)  # its section 6.5.3: width and height
_NEEDED = {b"meta", b"mdat"}  # what is said of the images, and the images


def is_heif(head: bytes) -> bool:
    """Return whether a file that begins so is HEIF and no AVIF (ISO/IEC 14496-12 section 4.3)."""
    brands = {head[at : at + 4] for at in range(8, min(int.from_bytes(head[:4]), len(head)), 4)}
    return head[4:8] == b"ftyp" and not _BRANDS.isdisjoint(brands) and _AVIF.isdisjoint(brands)


def is_whole(data: bytes) -> bool:
    """Return whether the file holds as much as its boxes say (ISO/IEC 14496-12 section 4.2)."""
    return not any(kind in _NEEDED and end > len(data) for kind, _, end in _boxes(data))


def largest(data: bytes) -> int:
    """Return how many pixels the largest of the file's images has, shown or not, before anything is cropped."""
    sizes = [
        int.from_bytes(width) * int.from_bytes(height)
        for kind, start, end in _boxes(data)
        if kind == b"meta"
        for width, height in _IMAGE_SIZE.findall(data[start:end])
    ]
    return max(sizes, default=0)


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind of each box of the file, where it starts and where it ends."""
    start = 0
    while start + 8 <= len(data):
        size, kind = int.from_bytes(data[start : start + 4]), data[start + 4 : start + 8]
        if size == 1:
            size = int.from_bytes(data[start + 8 : start + 16])
        if size == 0:
            size = len(data) - start  # up to the end
        yield kind, start, start + size
        start += max(size, 8)
