"""What an edition says: a value computed from items, frozen, and all that its mail and web view are made of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from digest import urls
from digest.config import Config, Digest
from digest.editions.edition import Decisions
from digest.editions.slots import zone_of
from digest.errors import Refused
from digest.images.sizes import JPEG
from digest.images.variants import fitting
from digest.items.item import Item, is_featured
from digest.moments import to_stored
from digest.validation import Fields

_LEADING, _OTHERS = 1200, 600  # pixels of a picture's file: at least twice as many as mail shows


class Illustration(Fields):
    """A picture as mail and pages show it."""

    url: str  # absolute
    path: str  # in public/
    width: int  # pixels
    height: int
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
    topics: tuple[str, ...]  # labels
    place: str | None
    image: Illustration | None
    corrections: tuple[datetime, ...] = ()  # UTC; those made when it was composed, which no later edition names


class Section(Fields):
    """The entries of one kind."""

    kind: str
    title: str
    entries: tuple[Entry, ...]


class Change(Fields):
    """What became of an item that an earlier edition carried."""

    id: str  # absolute IRI
    slug: str  # empty when it is not named
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
    """The whole content of an edition."""

    digest: str
    name: str  # date, with .2 for a second one of the day
    title: str
    subject: str
    language: str
    cutoff: datetime  # UTC; what was public then
    note: str | None  # Markdown, by the editors
    lead: Entry | None
    sections: tuple[Section, ...]
    more: tuple[Entry, ...]  # beyond the limit: named as links
    changes: tuple[Change, ...]
    web_view: str  # address

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return every item it carries, in reading order."""
        lead = (self.lead,) if self.lead else ()
        return lead + tuple(entry for section in self.sections for entry in section.entries) + self.more

    @property
    def empty(self) -> bool:
        """Return whether there is nothing to say."""
        return not self.entries and not self.changes


def compose(  # noqa: PLR0913 - everything that an edition's content follows from, and nothing else
    config: Config,
    items: Sequence[Item],
    *,
    digest_name: str,
    name: str,
    changes: tuple[Change, ...],
    cutoff: datetime,
    decisions: Decisions,
) -> Composition:
    """Return the edition `name` of the digest with `items` (newest first), as the editors decided.

    Sections follow the order of kinds in config.yaml; in each, featured items come first, then the newest. Raises
    Refused when a decision names an item that is not there.
    """
    digest = config.digests[digest_name]
    _check_decisions(items, decisions)
    ranked = _ranked([item for item in items if item.slug not in decisions.without], config, cutoff, decisions)
    entries = [entry_of(item, config, cutoff, leads=index == 0) for index, item in enumerate(ranked)]
    full, more = entries[: digest.limit], entries[digest.limit :]
    lead = full[0] if full else None
    rest = [entry for entry in full if entry is not lead]
    return Composition(
        digest=digest_name,
        name=name,
        title=digest.title,
        subject=decisions.subject or _subject(digest, config, cutoff, entries),
        language=config.newsroom.language,
        cutoff=cutoff,
        note=decisions.note,
        lead=lead,
        sections=_sections(rest, config),
        more=tuple(more),
        changes=changes,
        web_view=urls.absolute(config.newsroom, urls.edition_path(digest_name, name)),
    )


def _check_decisions(items: Sequence[Item], decisions: Decisions) -> None:
    slugs = {item.slug for item in items}
    leading = [decisions.lead] if decisions.lead else []
    for slug in [*leading, *decisions.order]:
        if slug not in slugs or slug in decisions.without:
            known = ", ".join(sorted(slugs - set(decisions.without))) or "none"
            raise Refused(f"the edition has no item {slug!r}", f"It has: {known}.")


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


def _sections(entries: Sequence[Entry], config: Config) -> tuple[Section, ...]:
    """Return the entries by kind; the editors' order within a kind is kept."""
    language = config.newsroom.language
    return tuple(
        Section(kind=kind, title=settings.plural.in_language(language), entries=members)
        for kind, settings in config.kinds.items()
        if (members := tuple(entry for entry in entries if entry.kind == kind))
    )


def _subject(digest: Digest, config: Config, cutoff: datetime, entries: Sequence[Entry]) -> str:
    return digest.subject.format(
        title=digest.title,
        lead=entries[0].title if entries else digest.title,
        count=len(entries),
        date=cutoff.astimezone(zone_of(digest, config.newsroom.timezone)).date().isoformat(),
        newsroom=config.newsroom.title,
    )


def entry_of(item: Item, config: Config, cutoff: datetime, *, leads: bool) -> Entry:
    """Return the item as an edition shows it, in the newsroom's language where labels are concerned."""
    language = config.newsroom.language
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
        topics=tuple(config.topics[topic].label.in_language(language) for topic in item.topics),
        place=item.place,
        image=_illustration(item, config, _LEADING if leads else _OTHERS),
        corrections=tuple(correction.at for correction in item.corrections if correction.at <= cutoff),
    )


def _illustration(item: Item, config: Config, width: int) -> Illustration | None:
    if item.image is None:
        return None
    file = fitting(item.assets[item.image.file].variants, JPEG.media_type, width)
    return Illustration(
        url=urls.absolute(config.newsroom, file.public_path),
        path=file.public_path,
        width=file.width,
        height=file.height,
        alt=item.image.alt or "",
        caption=item.image.caption,
        credit=item.image.byline,
    )
