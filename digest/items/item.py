"""An item, and the one rule of what the public may see of it."""

import hashlib
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import to_json

from digest import moments
from digest.config import UUID, Contact, Language
from digest.errors import UnfitText
from digest.images.sizes import JPEG
from digest.images.variants import Variant, fitting
from digest.validation import Fields, Line, Moment, WebAddress, one_line, parse_yes_or_no, zone_in_force

ALWAYS = datetime.max.replace(tzinfo=UTC)


class Picture(Fields):
    """An image with what an editor says about it."""

    file: str  # relative to the item's file, or to items/
    alt: Line | None = None  # what it shows, for those who cannot see it
    caption: Line | None = None
    credit: Line | None = None
    rights: Line | None = None

    @property
    def byline(self) -> str | None:
        """Return the credit, unless the caption says it already."""
        return None if self.credit and self.caption and self.credit in self.caption else self.credit


class Attachment(Fields):
    """A file to download."""

    file: str  # relative to the item's file, or to items/
    title: Line


class Link(Fields):
    """A page elsewhere."""

    url: WebAddress
    title: Line


class Correction(Fields):
    """What was wrong, said openly."""

    at: Moment
    note: Line


class Withdrawal(Fields):
    """An item taken back."""

    at: Moment
    reason: Line
    show: Literal["notice", "nothing"] = "notice"


_ABSOLUTE_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


def uri_of(identifier: str) -> str:
    """Return an item's id as an absolute IRI, as feeds want it (RFC 4287 section 4.2.6)."""
    return identifier if ":" in identifier else f"urn:uuid:{identifier}"


def _identifier(text: str) -> str:
    if not UUID.fullmatch(text) and not _ABSOLUTE_IRI.fullmatch(text):
        raise UnfitText(f"{text!r} is neither a UUID nor an absolute IRI", "Remove it and run `digest check --fix`.")
    return text


def _headline(text: str) -> str:
    if "\n" in text.strip() or "\r" in text.strip():
        raise UnfitText(f"{text[:60]!r} holds a line end", "Write it on one line.")
    return text


def _featured_until(value: object, info: ValidationInfo) -> object:
    """Return the moment until which an item leads: `true` is for ever, a day counts to its end."""
    if not isinstance(value, str):
        return value
    with suppress(UnfitText):
        return ALWAYS if parse_yes_or_no(value) else None
    zone = zone_in_force(info)
    if ":" in value:
        return moments.parse_moment(value, zone)
    return moments.local_moment(moments.parse_day(value) + timedelta(days=1), time(), zone)


class ItemFields(Fields):
    """What an item's file says."""

    id: Annotated[str, AfterValidator(_identifier)]
    kind: Line
    title: Annotated[str, Field(max_length=300), AfterValidator(_headline), AfterValidator(one_line)]
    published: Moment | None = None
    updated: Moment | None = None
    summary: Line | None = None
    body: str | None = None
    image: Picture | None = None
    images: tuple[Picture, ...] = ()
    topics: tuple[Line, ...] = ()
    authors: tuple[Line, ...] = ()
    place: Line | None = None
    language: Language | None = None
    translation_of: Line | None = None
    contact: Contact | None = None
    documents: tuple[Attachment, ...] = ()
    links: tuple[Link, ...] = ()
    featured: Annotated[datetime | None, BeforeValidator(_featured_until, json_schema_input_type=bool | str)] = None
    aliases: tuple[Line, ...] = ()
    corrections: tuple[Correction, ...] = ()
    withdrawn: Withdrawal | None = None

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Return the lead image and the others."""
        return ((self.image,) if self.image else ()) + self.images

    @property
    def files(self) -> tuple[str, ...]:
        """Return the paths of all files it publishes, as written in it."""
        return tuple(picture.file for picture in self.pictures) + tuple(document.file for document in self.documents)


@dataclass(frozen=True)
class Asset:
    """A file of the newsroom that an item publishes: an image or a document."""

    path: Path  # the newsroom's own file; an image's is never published: it may tell where it was taken
    sha256: str  # hex, of that file's bytes
    size: int  # bytes; this and the following are of what is published: of an image, its widest JPEG
    media_type: str  # image/jpeg, application/pdf …
    width: int | None = None  # pixels, of an image
    height: int | None = None
    variants: tuple[Variant, ...] = ()  # all that is published of an image

    @property
    def public_path(self) -> str:
        """Return where it stands in public/; the digest in it lets the address change with the bytes."""
        if self.variants:
            return _widest(self.variants).public_path
        return f"documents/{self.sha256[:16]}/{self.path.name}"


def image_asset(original: Path, sha256: str, variants: tuple[Variant, ...]) -> Asset:
    """Return the image of which these variants were made; `sha256` (hex) is of the original's bytes."""
    widest = _widest(variants)
    return Asset(original, sha256, widest.size, widest.media_type, widest.width, widest.height, variants)


def _widest(variants: tuple[Variant, ...]) -> Variant:
    return fitting(variants, JPEG.media_type, max(variant.width for variant in variants))


class Item(ItemFields):
    """One item of the newsroom, complete: what its file says and what follows from where it stands."""

    slug: str  # names its page; from the file's name
    source: str  # the file, relative to the newsroom's folder
    language: Language  # the newsroom's when the file names none
    summary: Line  # the body's first paragraph when the file names none
    version: str  # SHA-256 (hex) over all that is published of it, its files' bytes included
    assets: dict[str, Asset]  # by the path written in the file

    @property
    def uri(self) -> str:
        """Return the id as an absolute IRI."""
        return uri_of(self.id)


_DEFAULTS = Item.model_construct()  # type: ignore[call-arg]  # what has no default is missing


def item_with(fields: Mapping[str, object]) -> Item:
    """Return the item that has these fields; nothing of it is checked, and what has no default must be among them."""
    # `model_construct` asks each field for its default, which takes twice as long.
    return _DEFAULTS.model_copy(update=fields)


class Outline(Protocol):
    """What decides where and when an item is shown; its text is not needed for that."""

    @property
    def id(self) -> str: ...  # noqa: D102 - these are an item's fields
    @property
    def slug(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def topics(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def language(self) -> str: ...  # noqa: D102
    @property
    def published(self) -> datetime | None: ...  # noqa: D102
    @property
    def updated(self) -> datetime | None: ...  # noqa: D102
    @property
    def corrections(self) -> tuple[Correction, ...]: ...  # noqa: D102
    @property
    def withdrawn(self) -> Withdrawal | None: ...  # noqa: D102
    @property
    def featured(self) -> datetime | None: ...  # noqa: D102
    @property
    def translation_of(self) -> str | None: ...  # noqa: D102
    @property
    def aliases(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def version(self) -> str: ...  # noqa: D102


class Visibility(Enum):
    """What the public may see of an item at a moment."""

    HIDDEN = "hidden"  # a draft, under embargo, or withdrawn before it was ever public
    PUBLIC = "public"
    NOTICE = "notice"  # withdrawn: that it existed, and why it is gone
    GONE = "gone"  # withdrawn without trace; its address answers 410


def visibility(item: Outline | ItemFields, at: datetime) -> Visibility:
    """Return what the public may see of `item` at the moment `at`: the one rule, for every output."""
    if item.published is None or item.published > at:
        return Visibility.HIDDEN
    if item.withdrawn is None or item.withdrawn.at > at:
        return Visibility.PUBLIC
    if item.withdrawn.at <= item.published:
        return Visibility.HIDDEN
    return Visibility.NOTICE if item.withdrawn.show == "notice" else Visibility.GONE


def last_changed(item: Outline | ItemFields, at: datetime) -> datetime:
    """Return the last significant change as seen at `at`; `item` must be published by then."""
    if item.published and not (item.updated or item.corrections or item.withdrawn):  # as with most of very many
        return item.published
    changes = [item.published, item.updated, *(correction.at for correction in item.corrections)]
    if item.withdrawn:
        changes.append(item.withdrawn.at)
    return max(moment for moment in changes if moment is not None and moment <= at)


def moments_of_change(item: Outline | ItemFields) -> set[datetime]:
    """Return every moment at which what the public sees of the item changes by itself."""
    if not (item.updated or item.corrections or item.featured or item.withdrawn):  # as with most of very many
        return {item.published} if item.published else set()
    changes = {item.published, item.updated, *(correction.at for correction in item.corrections), item.featured}
    if item.withdrawn:
        changes.add(item.withdrawn.at)
    return {moment for moment in changes if moment is not None and moment != ALWAYS}


def is_featured(item: Outline | ItemFields, at: datetime) -> bool:
    """Return whether the item leads at the moment `at`."""
    return item.featured is not None and at < item.featured


def state(item: Outline, at: datetime) -> str:
    """Return what changes whenever something of the item changes that the public may see, by an edit or with time.

    Between two of its moments nothing of an item changes by itself, so counting those that have passed is enough.
    """
    return f"{item.version}.{sum(moment <= at for moment in moments_of_change(item))}"


def version_of(fields: ItemFields, slug: str, assets: dict[str, Asset]) -> str:
    """Return the SHA-256 (hex) over the item's fields, its slug and the digests of its files."""
    files = "".join(f"\n{name} {assets[name].sha256}" for name in sorted(assets))
    return hashlib.sha256(to_json(fields) + f"\n{slug}{files}".encode()).hexdigest()
