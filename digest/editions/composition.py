"""What an edition says: a value computed from items, frozen, and all that its mail and web view are made of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from digest import urls
from digest.config import Config, Digest
from digest.editions.edition import Decisions
from digest.editions.slots import zone_of
from digest.images.emblems import Ground
from digest.images.sizes import JPEG
from digest.images.variants import Variant, fitting
from digest.items.item import Item, is_featured
from digest.moments import to_stored
from digest.validation import Fields

_LEADING, _OTHERS = 1200, 600  # pixels of a picture's file: at least twice as many as mail shows


class Rendition(Fields):
    """A picture in one size."""

    url: str  # absolute
    path: str  # in public/
    width: int  # pixels
    height: int


class Logo(Rendition):
    """The newsroom's logo at the head of mail."""

    ground: Ground | None = None  # what its picture brings, because it could not be seen on another


class Illustration(Fields):
    """A picture as mail and pages show it."""

    large: Rendition  # of the entry that leads
    small: Rendition
    alt: str
    caption: str | None
    credit: str | None


class Entry(Fields):
    """One item as an edition shows it."""

    id: str  # absolute IRI
    slug: str
    version: str  # SHA-256 of the item as it was when composed
    kind: str
    kind_label: str
    title: str
    summary: str
    url: str  # of its page
    published: datetime  # UTC
    language: str
    topics: tuple[str, ...]  # keys
    topic_labels: tuple[str, ...]
    place: str | None
    image: Illustration | None
    withdrawn: bool = False  # since it was mailed; its summary is then the reason
    corrections: tuple[datetime, ...] = ()  # UTC; those made when it was composed, which no later edition names

    @property
    def pictures(self) -> tuple[str, ...]:
        """Return the files in public/ that mails may show of it."""
        return (self.image.large.path, self.image.small.path) if self.image else ()


class Section(Fields):
    """The heading over the entries of one kind."""

    kind: str
    title: str


class Change(Fields):
    """What became of an item that an earlier edition carried."""

    id: str  # absolute IRI
    slug: str  # empty when it is not named
    kind: str
    topics: tuple[str, ...]  # keys
    what: Literal["corrected", "withdrawn"]
    at: datetime  # UTC
    title: str | None  # None: withdrawn without trace, so not named
    note: str | None
    url: str | None
    edition: str  # that carried it

    @property
    def key(self) -> str:
        """Return what tells it from the item's other changes."""
        return f"{self.what} {to_stored(self.at)}"


class Mailed(Fields):
    """An item that an edition of this digest carried before."""

    id: str
    version: str
    edition: str  # id
    at: datetime  # UTC, that edition's cut-off
    changes_named: tuple[str, ...] = ()  # keys of changes that an edition has named already, or carried it with


class Composition(Fields):
    """The whole content of an edition in one language."""

    digest: str
    name: str  # date, with .2 for a second one of the day
    title: str
    subject_form: str  # with {lead} and {count}, which follow from what a reader has chosen
    language: str  # BCP 47, of all but the entries' own words
    cutoff: datetime  # UTC; what was public then
    note: str | None  # Markdown, by the editors
    entries: tuple[Entry, ...]  # every item it carries; the first leads
    limit: int  # entries in full; further ones are named as links
    sections: tuple[Section, ...]  # of the entries' kinds, in their order
    changes: tuple[Change, ...]
    web_view: str  # address
    web_view_path: str  # in public/
    logo: Logo | None = None

    @property
    def empty(self) -> bool:
        """Return whether there is nothing to say."""
        return not self.entries and not self.changes

    @property
    def leads_to(self) -> tuple[str, ...]:
        """Return what has to stand in public/ when it is mailed: its items' pages and pictures, web view, logo."""
        pages = [urls.item_path(entry.slug) for entry in self.entries]
        pictures = [path for entry in self.entries for path in entry.pictures]
        logo = [self.logo.path] if self.logo else []
        return (*pages, *pictures, self.web_view_path, *logo)

    @property
    def subject(self) -> str:
        """Return the subject of a mail that carries everything."""
        return self.subject_of(self.entries)

    def subject_of(self, entries: Sequence[Entry]) -> str:
        """Return the subject of a mail that carries these of its entries."""
        return self.subject_form.format(lead=entries[0].title if entries else self.title, count=len(entries))


def compose(  # noqa: PLR0913 - everything that an edition's content follows from, and nothing else
    config: Config,
    items: Sequence[Item],
    *,
    language: str,
    digest_name: str,
    name: str,
    changes: tuple[Change, ...],
    cutoff: datetime,
    decisions: Decisions,
    logo: Logo | None = None,
) -> Composition:
    """Return the edition `name` of the digest in one language, with `items` (newest first), as the editors decided.

    Sections follow the order of kinds in config.yaml; in each, featured items come first, then the newest.
    """
    digest = config.digests[digest_name]
    title = digest.title.in_language(language)
    web_view = urls.edition_path(digest_name, name, _tag(language, config))
    ranked = _ranked(items, config, cutoff, decisions)
    entries = tuple(entry_of(item, config, cutoff, language) for item in ranked)
    return Composition(
        digest=digest_name,
        name=name,
        title=title,
        subject_form=_subject_form(decisions.subject, digest, title, config, cutoff),
        language=language,
        cutoff=cutoff,
        note=decisions.note,
        entries=entries,
        limit=digest.limit,
        sections=_sections(entries, config, language),
        changes=changes,
        web_view=urls.absolute(config.newsroom, web_view),
        web_view_path=web_view,
        logo=logo,
    )


def _tag(language: str, config: Config) -> str | None:
    """Return what tells its web view from that in the newsroom's own language."""
    return None if language == config.newsroom.language else language


def _ranked(items: Sequence[Item], config: Config, cutoff: datetime, decisions: Decisions) -> list[Item]:
    """Return the items in reading order, the lead first."""
    kinds = list(config.kinds)
    order = list(decisions.order)

    def rank(item: Item) -> tuple[int, int, bool]:
        place = order.index(item.slug) if item.slug in order else len(order)
        return place, kinds.index(item.kind), not is_featured(item, cutoff)

    ranked = sorted(items, key=rank)
    lead = next((item for item in ranked if item.slug == decisions.lead), None)
    if lead is None and not order:
        lead = next((item for item in ranked if is_featured(item, cutoff)), None)
    return [lead, *(item for item in ranked if item is not lead)] if lead else ranked


def _sections(entries: Sequence[Entry], config: Config, language: str) -> tuple[Section, ...]:
    carried = {entry.kind for entry in entries}
    return tuple(
        Section(kind=kind, title=settings.plural.in_language(language))
        for kind, settings in config.kinds.items()
        if kind in carried
    )


def _subject_form(decided: str | None, digest: Digest, title: str, config: Config, cutoff: datetime) -> str:
    if decided:
        return literal(decided)
    return digest.subject.format(
        title=literal(title),
        lead="{lead}",
        count="{count}",
        date=cutoff.astimezone(zone_of(digest, config.newsroom.timezone)).date().isoformat(),
        newsroom=literal(config.newsroom.title),
    )


def literal(text: str) -> str:
    """Return the form of a subject that says just this."""
    return text.replace("{", "{{").replace("}", "}}")


def entry_of(item: Item, config: Config, cutoff: datetime, language: str) -> Entry:
    """Return the item as an edition in `language` shows it; its own words stay in its own."""
    return Entry(
        id=item.uri,
        slug=item.slug,
        version=item.version,
        kind=item.kind,
        kind_label=config.kinds[item.kind].label.in_language(language),
        title=item.title,
        summary=item.summary,
        url=urls.absolute(config.newsroom, urls.item_path(item.slug)),
        published=item.published or cutoff,
        language=item.language,
        topics=item.topics,
        topic_labels=tuple(config.topics[topic].label.in_language(language) for topic in item.topics),
        place=item.place,
        image=_illustration(item, config),
        corrections=tuple(correction.at for correction in item.corrections if correction.at <= cutoff),
    )


def _illustration(item: Item, config: Config) -> Illustration | None:
    if item.image is None:
        return None
    variants = item.assets[item.image.file].variants
    return Illustration(
        large=_rendition(fitting(variants, JPEG.media_type, _LEADING), config),
        small=_rendition(fitting(variants, JPEG.media_type, _OTHERS), config),
        alt=item.image.alt or "",
        caption=item.image.caption,
        credit=item.image.byline,
    )


def _rendition(file: Variant, config: Config) -> Rendition:
    url = urls.absolute(config.newsroom, file.public_path)
    return Rendition(url=url, path=file.public_path, width=file.width, height=file.height)
