"""The values that the templates show: plain, frozen, with nothing left to decide."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath

from babel import Locale, UnknownLocaleError

from digest import urls
from digest.config import Config, Contact
from digest.items import markdown
from digest.items.item import Asset, Attachment, Correction, Item, Link, Picture, Withdrawal, last_changed
from digest.site import paths, shown


@dataclass(frozen=True)
class WebView:
    """The page of an edition that was mailed."""

    path: str  # in public/
    title: str
    date: date  # of its slot
    html: str  # the whole page

    @property
    def link(self) -> str:
        """Return its address from the root."""
        return paths.folder(self.path)


@dataclass(frozen=True)
class Figure:
    """A picture with what is said about it."""

    path: str  # in public/
    media_type: str
    width: int | None  # pixels
    height: int | None
    alt: str  # empty when nobody said what it shows
    caption: str | None
    credit: str | None
    byline: str | None  # the credit as it follows the caption, unless the caption names it already
    rights: str | None


@dataclass(frozen=True)
class Document:
    """A file to download."""

    path: str  # in public/
    title: str
    form: str  # PDF, CSV …
    size: int  # bytes


@dataclass(frozen=True)
class Language:
    """A language by its tag and its own name, such as `es` and `español`."""

    tag: str  # BCP 47
    name: str


@dataclass(frozen=True)
class Card:
    """An item in a list."""

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


@dataclass(frozen=True)
class Page:
    """An item on its own page."""

    path: str
    address: str  # absolute
    title: str
    description: str  # plain text, for search engines
    kind: str  # label
    published: datetime
    updated: datetime | None  # when it changed since
    language: str
    contact: Contact
    place: str | None
    authors: tuple[str, ...]
    topics: tuple[str, ...]  # labels
    figure: Figure | None
    lede: str | None
    body: str  # safe HTML
    gallery: tuple[Figure, ...]
    corrections: tuple[Correction, ...]
    documents: tuple[Document, ...]
    links: tuple[Link, ...]
    boilerplate: str  # safe HTML, empty when its kind has none
    translations: tuple[Translation, ...]  # itself among them; empty when it is the only one


@dataclass(frozen=True)
class Notice:
    """What stands in the place of a withdrawn item."""

    path: str
    address: str  # absolute
    title: str
    kind: str  # label
    reason: str
    published: datetime
    withdrawn: datetime
    language: str
    contact: Contact


def figure(picture: Picture, asset: Asset) -> Figure:
    """Return the picture as pages and feeds show it."""
    return Figure(
        path=asset.public_path,
        media_type=asset.media_type,
        width=asset.width,
        height=asset.height,
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
        title=shown.WITHDRAWN.format(title=item.title) if notice else item.title,
        kind=kind_label(item, config),
        text=notice.reason if notice else item.summary,
        withdrawn=notice is not None,
        published=shown.published(item),
        language=_language(item.language),
        foreign=item.language != config.newsroom.language,
        figure=figure(picture, item.assets[picture.file]) if picture else None,
    )


def page(item: Item, versions: tuple[Item, ...], at: datetime, config: Config) -> Page:
    """Return a public item as its page shows it; `versions` are its public ones in all languages, itself among them."""
    path = urls.item_path(item.slug)
    address = urls.absolute(config.newsroom, path)
    changed = last_changed(item, at)
    return Page(
        path=path,
        address=address,
        title=item.title,
        description=item.summary,
        kind=kind_label(item, config),
        published=shown.published(item),
        updated=changed if changed > shown.published(item) else None,
        language=item.language,
        contact=item.contact or config.newsroom.contact,
        place=item.place,
        authors=item.authors,
        topics=tuple(config.topics[topic].label.in_language(item.language) for topic in item.topics),
        figure=figure(item.image, item.assets[item.image.file]) if item.image else None,
        lede=shown.lede(item),
        body=markdown.body_html(item.body or "", address),
        gallery=tuple(figure(picture, item.assets[picture.file]) for picture in item.images),
        corrections=shown.corrections(item, at),
        documents=tuple(document(each, item.assets[each.file]) for each in item.documents),
        links=item.links,
        boilerplate=markdown.body_html(config.kinds[item.kind].boilerplate or "", address),
        translations=tuple(_translation(version, config) for version in versions) if len(versions) > 1 else (),
    )


def notice(item: Item, withdrawal: Withdrawal, config: Config) -> Notice:
    """Return what the page of a withdrawn item shows."""
    path = urls.item_path(item.slug)
    return Notice(
        path=path,
        address=urls.absolute(config.newsroom, path),
        title=shown.WITHDRAWN.format(title=item.title),
        kind=kind_label(item, config),
        reason=withdrawal.reason,
        published=shown.published(item),
        withdrawn=withdrawal.at,
        language=item.language,
        contact=item.contact or config.newsroom.contact,
    )


def kind_label(item: Item, config: Config) -> str:
    """Return what the item's kind is called in its language."""
    return config.kinds[item.kind].label.in_language(item.language)


def _translation(item: Item, config: Config) -> Translation:
    path = urls.item_path(item.slug)
    return Translation(path, urls.absolute(config.newsroom, path), item.title, _language(item.language))


def _language(tag: str) -> Language:
    """Return the language with the name that its speakers give it, or its tag when Babel has no name for it."""
    try:
        name = Locale.parse(tag, sep="-").get_display_name()
    except (UnknownLocaleError, ValueError):
        name = None
    return Language(tag, name or tag)
