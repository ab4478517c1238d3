"""The values that the templates show: plain, frozen, with nothing left to decide.

What is made for each of very many items is a named tuple, which takes less to make than a frozen dataclass.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import PurePath
from typing import NamedTuple
from urllib.parse import quote

from babel import Locale, UnknownLocaleError

from digest import urls
from digest.config import Config, Contact
from digest.images.emblems import Ground
from digest.images.sizes import JPEG
from digest.images.variants import Variant, fitting, srcset
from digest.items import markdown
from digest.items.item import Asset, Attachment, Correction, Item, Link, Picture, Withdrawal, last_changed
from digest.site import paths, shown
from digest.site.feeds import Sort
from digest.site.languages import own_name
from digest.site.survey import Survey

_SHARED = 1200  # pixels; what social networks and feed readers ask for
_FALLBACK = 800  # pixels
_SCROLLED = re.compile(r"<(table|pre)\b")


@dataclass(frozen=True)
class Figure:
    """A picture with what is said about it."""

    path: str  # in public/, of the JPEG for those who are given only one: feeds, search engines
    media_type: str
    width: int  # pixels
    height: int
    fallback: str  # in public/, of the JPEG for browsers that cannot choose
    variants: tuple[Variant, ...]
    alt: str  # empty when nobody said what it shows
    caption: str | None
    credit: str | None
    byline: str | None  # the credit as it follows the caption, unless the caption names it already
    rights: str | None

    def srcset(self, media_type: str, root: str) -> str:
        """Return its files of that media type as HTML's `srcset`; `root` leads from the page to the newsroom."""
        return srcset(self.variants, media_type, root)


@dataclass(frozen=True)
class Document:
    """A file to download."""

    path: str  # in public/
    title: str
    form: str  # PDF, CSV …
    size: int  # bytes


class Language(NamedTuple):
    """A language by its tag and its own name, such as `es` and `español`."""

    tag: str  # BCP 47
    name: str
    direction: str  # ltr or rtl


class ListLink(NamedTuple):
    """The page of a kind, topic or language."""

    link: str  # its address from the root
    label: str
    language: str  # BCP 47, of the label


@dataclass(frozen=True)
class Logo:
    """The newsroom's logo, which stands in place of its title."""

    path: str  # in public/
    mail: str  # in public/; the same on the ground that it must stand on, for those who would show it on any
    width: int  # CSS pixels at the head of a page
    height: int
    ground: Ground | None  # None: it stands on anything
    card: str  # absolute address of it on a ground of its own, twice as wide as high
    card_width: int  # pixels
    card_height: int


@dataclass(frozen=True)
class Frame:
    """What stands on every page around what is its own."""

    stylesheet: str  # path
    icon: str  # path, of a PNG when there is a touch icon, or else of an SVG
    touch_icon: str | None  # path, for the home screens of telephones
    logo: Logo | None
    kinds: tuple[ListLink, ...]  # those that have items, as are the following
    topics: tuple[ListLink, ...]
    languages: tuple[ListLink, ...]  # empty when there is but one
    editions: str | None  # address from the root of their list, once there are any
    subscribe: str | None  # absolute address of the form, where the newsroom takes subscribers


@dataclass(frozen=True, eq=False)
class Card:
    """An item in a list; two are never the same, so that lists find again in no time what they show."""

    link: str  # its address from the root
    title: str
    kind: str  # label
    text: str  # the summary, or why the item was withdrawn
    withdrawn: bool
    published: datetime
    language: Language
    foreign: bool  # not in the newsroom's own language
    figure: Figure | None


@dataclass(frozen=True)
class Translation:
    """The same item in another language, or itself."""

    path: str  # of its page
    address: str  # absolute, of its page
    title: str
    language: Language

    @property
    def link(self) -> str:
        """Return its address from the root."""
        return paths.folder(self.path)


class Page(NamedTuple):
    """An item on its own page."""

    path: str
    address: str  # absolute
    title: str
    description: str  # plain text, for search engines
    kind: ListLink
    published: datetime
    updated: datetime | None  # when it changed since
    language: Language
    contact: Contact
    place: str | None
    authors: tuple[str, ...]
    topics: tuple[ListLink, ...]
    figure: Figure | None
    picture: str | None  # absolute address of the figure
    lede: str | None
    body: str  # safe HTML
    gallery: tuple[Figure, ...]
    corrections: tuple[Correction, ...]
    documents: tuple[Document, ...]
    links: tuple[Link, ...]
    boilerplate: str  # safe HTML, empty when its kind has none
    translations: tuple[Translation, ...]  # itself among them; empty when it is the only one
    share: str  # mailto: address of a mail that recommends it, subject and body filled in (RFC 6068 section 2)


@dataclass(frozen=True)
class Notice:
    """What stands in the place of a withdrawn item."""

    path: str
    address: str  # absolute
    title: str
    kind: ListLink
    reason: str
    published: datetime
    withdrawn: datetime
    language: Language
    contact: Contact


def figure(picture: Picture, asset: Asset) -> Figure:
    """Return the picture as pages and feeds show it."""
    shared = fitting(asset.variants, JPEG.media_type, _SHARED)
    return Figure(
        path=shared.public_path,
        media_type=shared.media_type,
        width=shared.width,
        height=shared.height,
        fallback=fitting(asset.variants, JPEG.media_type, _FALLBACK).public_path,
        variants=asset.variants,
        alt=picture.alt or "",
        caption=picture.caption,
        credit=picture.credit,
        byline=picture.byline,
        rights=picture.rights,
    )


def document(attachment: Attachment, asset: Asset) -> Document:
    """Return the file as pages and feeds offer it."""
    form = PurePath(asset.path.name).suffix.removeprefix(".").upper()
    return Document(asset.public_path, attachment.title, form, asset.size)


def card(item: Item, at: datetime, config: Config) -> Card:
    """Return the item as lists show it; of a withdrawn one only its title and the reason."""
    notice = shown.withdrawal(item, at)
    picture = None if notice else item.image
    return Card(
        link=paths.folder(urls.item_path(item.slug)),
        title=title(item, at),
        kind=kind_label(item, config),
        text=notice.reason if notice else item.summary,
        withdrawn=notice is not None,
        published=shown.published(item),
        language=language(item.language),
        foreign=item.language != config.newsroom.language,
        figure=figure(picture, item.assets[picture.file]) if picture else None,
    )


def page(item: Item, versions: Sequence[Item], at: datetime, config: Config) -> Page:
    """Return a public item as its page shows it; `versions` are its public ones in all languages, itself among them."""
    path = urls.item_path(item.slug)
    address = urls.absolute(config.newsroom, path)
    changed = last_changed(item, at)
    lead = figure(item.image, item.assets[item.image.file]) if item.image else None
    return Page(
        path=path,
        address=address,
        title=item.title,
        description=item.summary,
        kind=_kind(item, config),
        published=shown.published(item),
        updated=changed if changed > shown.published(item) else None,
        language=language(item.language),
        contact=item.contact or config.newsroom.contact,
        place=item.place,
        authors=item.authors,
        topics=tuple(_topic(key, item, config) for key in dict.fromkeys(item.topics)),
        figure=lead,
        picture=urls.absolute(config.newsroom, lead.path) if lead else None,
        lede=shown.lede(item),
        body=_reachable(markdown.body_html(item.body or "", address)),
        gallery=tuple(figure(picture, item.assets[picture.file]) for picture in item.images),
        corrections=shown.corrections(item, at),
        documents=tuple(document(each, item.assets[each.file]) for each in item.documents),
        links=item.links,
        boilerplate=_boilerplate(config.kinds[item.kind].boilerplate or "", config.newsroom.url),
        translations=tuple(_translation(version, config) for version in versions) if len(versions) > 1 else (),
        share=f"mailto:?subject={quote(item.title, safe='')}&body={quote(address, safe=':')}",
    )


def notice(item: Item, withdrawal: Withdrawal, config: Config) -> Notice:
    """Return what the page of a withdrawn item shows."""
    path = urls.item_path(item.slug)
    return Notice(
        path=path,
        address=urls.absolute(config.newsroom, path),
        title=shown.WITHDRAWN.format(title=item.title),
        kind=_kind(item, config),
        reason=withdrawal.reason,
        published=shown.published(item),
        withdrawn=withdrawal.at,
        language=language(item.language),
        contact=item.contact or config.newsroom.contact,
    )


def title(item: Item, at: datetime) -> str:
    """Return the title that the public sees of the item."""
    return shown.WITHDRAWN.format(title=item.title) if shown.withdrawal(item, at) else item.title


def kind_label(item: Item, config: Config) -> str:
    """Return what the item's kind is called in its language."""
    return config.kinds[item.kind].label.in_language(item.language)


def list_links(survey: Survey, sort: Sort) -> tuple[ListLink, ...]:
    """Return the pages of the kinds, topics or languages that have items, in the order of the feeds."""
    return tuple(
        ListLink(paths.folder(feed.home), feed.label, feed.language)
        for feed in survey.feeds
        if feed.sort is sort and survey.carried[feed]
    )


@cache
def _boilerplate(text: str, base: str) -> str:
    """Return as safe HTML what stands on the pages of many items: made once, so its links start at the newsroom."""
    return markdown.body_html(text, f"{base.rstrip('/')}/")


def _reachable(html: str) -> str:
    """Return safe HTML in which the keyboard reaches what scrolls by itself, where the screen is narrow.

    In single quotes: an attribute's value may hold the same words, and stands in double ones.
    """
    return _SCROLLED.sub(r"<\1 tabindex='0'", html)


def _kind(item: Item, config: Config) -> ListLink:
    return ListLink(paths.folder(paths.kind(item.kind)), kind_label(item, config), item.language)


def _topic(key: str, item: Item, config: Config) -> ListLink:
    label = config.topics[key].label.in_language(item.language)
    return ListLink(paths.folder(paths.topic(key)), label, item.language)


def _translation(item: Item, config: Config) -> Translation:
    path = urls.item_path(item.slug)
    return Translation(path, urls.absolute(config.newsroom, path), item.title, language(item.language))


@cache
def language(tag: str) -> Language:
    """Return the language with the name that its speakers give it and the way they write; from the left if unknown."""
    try:
        direction = Locale.parse(tag, sep="-").text_direction
    except (UnknownLocaleError, ValueError):
        direction = "ltr"
    return Language(tag, own_name(tag), direction)
