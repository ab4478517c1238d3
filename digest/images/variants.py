"""The published files of an original, and how pages and mail choose among them."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

_MAX_STEM = 60  # characters


@dataclass(frozen=True)
class Variant:
    """One published file of an original."""

    public_path: str  # in public/; ASCII without blanks
    path: Path  # where its bytes are now
    sha256: str  # hex, of its bytes
    size: int  # bytes
    media_type: str
    width: int  # pixels
    height: int


def address(original: PurePath, sha256: str) -> str:
    """Return what the paths in public/ of all variants begin with; `sha256` (hex) is of the original's bytes."""
    return f"images/{sha256[:16]}/{stem(original.name)}"


def stem(name: str) -> str:
    """Return a file's name as an address may say it: `ninos-2` for `Niños 2.JPG`; `image` when nothing is left."""
    plain = unicodedata.normalize("NFKD", PurePath(name).stem.lower()).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:_MAX_STEM].rstrip("-") or "image"


def srcset(variants: Iterable[Variant], media_type: str, root: str = "") -> str:
    """Return the variants of one media type as HTML's `srcset` (its section 4.8.4.2.1), `root` before each path."""
    return ", ".join(f"{root}{one.public_path} {one.width}w" for one in variants if one.media_type == media_type)


def fitting(variants: Sequence[Variant], media_type: str, width: int) -> Variant:
    """Return the narrowest variant of the media type that is at least so wide (pixels), or else the widest."""
    of_type = sorted((one for one in variants if one.media_type == media_type), key=lambda one: one.width)
    return next((one for one in of_type if one.width >= width), of_type[-1])
