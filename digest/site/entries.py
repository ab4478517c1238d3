"""An item as every feed carries it: Atom, RSS and JSON Feed differ only in how they write this down."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from digest import urls
from digest.config import Config
from digest.items.item import Item, Link, last_changed
from digest.site import content, shown, views
from digest.site.views import Figure


class Category(NamedTuple):
    """What an entry is filed under."""

    term: str  # key of a kind or a topic
    scheme: str  # absolute address of all the kinds, or topics
    label: str  # in the entry's language


@dataclass(frozen=True)
class Enclosure:
    """A document that comes with an entry."""

    address: str  # absolute
    title: str
    media_type: str
    size: int  # bytes


@dataclass(frozen=True)
class Picture:
    """The image that stands for an entry."""

    address: str  # absolute
    figure: Figure


class Entry(NamedTuple):
    """An item that the public may see, as it is at a moment."""

    id: str  # absolute IRI
    address: str  # absolute, of its page
    title: str  # plain text
    summary: str | None  # plain text; None when it is withdrawn or would repeat the title
    html: str  # stands alone: every address is absolute
    published: datetime
    updated: datetime  # never before `published`
    language: str  # BCP 47
    authors: tuple[str, ...]  # never empty: newsboat and others do not inherit the feed's
    categories: tuple[Category, ...]
    picture: Picture | None
    enclosures: tuple[Enclosure, ...]
    related: tuple[Link, ...]
    withdrawn: bool  # a notice stands in its place


def entry(item: Item, at: datetime, config: Config) -> Entry:
    """Return the entry of an item that the public may see at the moment `at`; of a withdrawn one only the notice."""
    withdrawal = shown.withdrawal(item, at)
    html = content.withdrawn_html(withdrawal) if withdrawal else content.item_html(item, at, config)
    return Entry(
        id=item.uri,
        address=urls.absolute(config.newsroom, urls.item_path(item.slug)),
        title=shown.WITHDRAWN.format(title=item.title) if withdrawal else item.title,
        summary=None if withdrawal or item.summary == item.title else item.summary,
        html=html,
        published=shown.published(item),
        updated=last_changed(item, at),
        language=item.language,
        authors=item.authors or (config.newsroom.organization,),
        categories=_categories(item, config),
        picture=None if withdrawal else _picture(item, config),
        enclosures=() if withdrawal else _enclosures(item, config),
        related=() if withdrawal else item.links,
        withdrawn=withdrawal is not None,
    )


def _categories(item: Item, config: Config) -> tuple[Category, ...]:
    kinds, topics = (urls.absolute(config.newsroom, folder) for folder in ("kinds/", "topics/"))
    keys = dict.fromkeys(item.topics)  # each once
    return (
        Category(item.kind, kinds, views.kind_label(item, config)),
        *(Category(key, topics, config.topics[key].label.in_language(item.language)) for key in keys),
    )


def _picture(item: Item, config: Config) -> Picture | None:
    if item.image is None:
        return None
    figure = views.figure(item.image, item.assets[item.image.file])
    return Picture(urls.absolute(config.newsroom, figure.path), figure)


def _enclosures(item: Item, config: Config) -> tuple[Enclosure, ...]:
    files = [(attachment.title, item.assets[attachment.file]) for attachment in item.documents]
    return tuple(
        Enclosure(urls.absolute(config.newsroom, asset.public_path), title, asset.media_type, asset.size)
        for title, asset in files
    )
