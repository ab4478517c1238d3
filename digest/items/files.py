"""The files that items name: found and hashed first, then images are made into what is published of them.

every item's files ─▶ found under items/ ─▶ images prepared, several at once ─▶ assets
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from digest.errors import UnfitText, as_unfit
from digest.images.variants import Variant
from digest.items.checks import Reading
from digest.items.item import Asset, image_asset
from digest.yamlfile import KeyPath

_DOCUMENT_TYPES = {
    ".pdf": "application/pdf",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".zip": "application/zip",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
}


class Pictures(Protocol):
    """How originals are read: digest.images.cache has one way to make their variants, and one to only look at them."""

    def prepare(self, originals: Iterable[tuple[Path, str]], processes: int) -> None:
        """Take notice of all originals, with their SHA-256 (hex), before the first is asked for."""

    def of(self, original: Path, sha256: str) -> tuple[Variant, ...]:
        """Return the variants of one, none when it was only looked at; UnfitText when it cannot be published."""


@dataclass(frozen=True)
class _Found:
    """A file that an item names."""

    reading: Reading
    place: KeyPath
    name: str  # as written in the item
    path: Path
    sha256: str  # hex
    size: int  # bytes

    @property
    def is_image(self) -> bool:
        return self.place[0] != "documents"


def collect_assets(readings: Sequence[Reading], folder: Path, pictures: Pictures, processes: int) -> None:
    """Give each reading the files that its item names in `folder`, items/, and note those that cannot be published.

    Images are prepared in so many processes.
    """
    found = [one for reading in readings for one in _found(reading, folder)]
    pictures.prepare(((one.path, one.sha256) for one in found if one.is_image), processes)
    for one in found:
        with _noted(one.reading, one.place), as_unfit(repr(one.name)):
            if one.is_image:
                _take_image(one, pictures)
            else:
                one.reading.assets[one.name] = Asset(one.path, one.sha256, one.size, _document_type(one))


@contextmanager
def _noted(reading: Reading, place: KeyPath) -> Iterator[None]:
    try:
        yield
    except UnfitText as unfit:
        reading.note(place, unfit.message, unfit.remedy)


def _found(reading: Reading, folder: Path) -> Iterator[_Found]:
    for place, name in _named(reading):
        with _noted(reading, place), as_unfit(repr(name)):
            beside = (folder.parent / reading.source).parent  # here, since most items name no file
            path = _located(name, beside, folder)
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                yield _Found(reading, place, name, path, sha256, file.tell())


def _named(reading: Reading) -> Iterator[tuple[KeyPath, str]]:
    fields = reading.fields
    if fields is None:
        return
    if fields.image:
        yield ("image", "file"), fields.image.file
    for index, picture in enumerate(fields.images):
        yield ("images", index, "file"), picture.file
    for index, document in enumerate(fields.documents):
        yield ("documents", index, "file"), document.file


def candidates(name: str, beside: Path, folder: Path) -> tuple[Path, Path]:
    """Return where the file of that name in an item may stand; the first that is there is meant."""
    return beside / name, folder / name


def _located(name: str, beside: Path, folder: Path) -> Path:
    root = folder.resolve()
    for candidate in candidates(name, beside, folder):
        if not candidate.resolve().is_relative_to(root):
            raise UnfitText(f"{name!r} leads out of items/", "Copy the file beside the item.")
        if candidate.is_file():
            return Path(os.path.normpath(candidate))
    raise UnfitText(f"there is no file {name!r}", "Put it beside the item, or correct its name.")


def _take_image(one: _Found, pictures: Pictures) -> None:
    variants = pictures.of(one.path, one.sha256)
    if variants:
        one.reading.assets[one.name] = image_asset(one.path, one.sha256, variants)


def _document_type(one: _Found) -> str:
    if "\\" in one.path.name:
        raise UnfitText(f"the name of {one.name!r} holds a backslash", "Rename the file.")
    ending = one.path.suffix.lower()
    if ending not in _DOCUMENT_TYPES:
        known = ", ".join(ending.removeprefix(".") for ending in _DOCUMENT_TYPES)
        raise UnfitText(f"{one.name!r} is not a document that can be published", f"Use one of: {known}.")
    return _DOCUMENT_TYPES[ending]
