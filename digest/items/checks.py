"""What is wrong with an item beyond its fields' forms: by itself, and beside the others.

Pure: a reading in, problems out.
"""

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from digest.config import Config
from digest.errors import Level, Problem
from digest.items import markdown
from digest.items.item import Asset, ItemFields, uri_of
from digest.yamlfile import Document, KeyPath

MAX_SLUG = 80


SUMMARY_TO_WRITE = "One to three sentences that say what is new."  # what `digest new` begins with
BODY_TO_WRITE = "The text, in Markdown."


@dataclass
class Reading:
    """One item's file as far as it could be read."""

    source: str  # relative to the newsroom's folder
    slug: str
    data: bytes  # of the file
    document: Document
    fields: ItemFields | None  # None when they are not of the form wanted
    assets: dict[str, Asset]  # files it publishes, by the path written in it
    problems: list[Problem]
    copies_id: bool = False  # it has the id of another, older file

    @property
    def identifier(self) -> str | None:
        """Return the id that the file names, also when the rest of it is faulty."""
        identifier = self.document.value.get("id")
        return identifier if isinstance(identifier, str) else None

    @property
    def faulty(self) -> bool:
        """Return whether it cannot be published."""
        return self.fields is None or any(problem.level == "error" for problem in self.problems)

    def note(self, path: KeyPath, message: str, remedy: str, level: Level = "error") -> None:
        """Add a problem at the place of `path`."""
        place = self.document.place(path)
        self.problems.append(Problem(self.source, place.line, place.column, level, message, remedy))


def check_item(reading: Reading, config: Config) -> None:
    """Note what is wrong with one item by itself."""
    fields = reading.fields
    if fields is None:
        return
    _check_known(reading, ("kind",), fields.kind, config.kinds)
    for index, topic in enumerate(fields.topics):
        _check_known(reading, ("topics", index), topic, config.topics)
    if not fields.summary and not (fields.body and markdown.first_paragraph(fields.body)):
        reading.note((), "both `summary` and a `body` with a paragraph are missing", "Add one of them.")
    for message, remedy in markdown.unfit_parts(fields.body or ""):
        reading.note(("body",), message, remedy)
    if fields.published and (fields.summary == SUMMARY_TO_WRITE or (fields.body or "").strip() == BODY_TO_WRITE):
        reading.note(("published",), "some words are still those of `digest new`", "Write your own, or none.")
    _check_pictures(reading, fields)
    _check_times(reading, fields)


def _check_known(reading: Reading, path: KeyPath, key: str, known: Collection[str]) -> None:
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"config.yaml knows: {', '.join(known) or 'none'}."
        reading.note(path, f"the {str(path[0]).removesuffix('s')} {key!r} is unknown", remedy)


def _check_pictures(reading: Reading, fields: ItemFields) -> None:
    level: Level = "warning" if ":" in fields.id else "error"  # imported items come as they are
    places: list[KeyPath] = [("image",)] if fields.image else []
    places += [("images", index) for index in range(len(fields.images))]
    for place, picture in zip(places, fields.pictures, strict=True):
        if not picture.alt:
            remedy = "Say what it shows, for those who cannot see it."
            reading.note(place, f"{picture.file!r} has no `alt`", remedy, level)
        if not picture.credit:
            reading.note(place, f"{picture.file!r} has no `credit`", "Say whose picture it is.", level)


def _check_times(reading: Reading, fields: ItemFields) -> None:
    if fields.published is None:
        return
    if fields.updated and fields.updated < fields.published:
        reading.note(("updated",), "`updated` lies before `published`", "Correct one of the two.", "warning")
    for index, correction in enumerate(fields.corrections):
        if correction.at < fields.published:
            reading.note(("corrections", index, "at"), "the correction lies before `published`", "Correct its time.")
    if fields.withdrawn and fields.withdrawn.at <= fields.published:
        reading.note(
            ("withdrawn",),
            "withdrawn before it was published, so the public never sees it",
            "Leave it so, or correct `at`.",
            "warning",
        )


class Claim(NamedTuple):
    """What an item's file takes for itself, and the others that it names."""

    source: str  # relative to the newsroom's folder
    slug: str
    identifier: str | None  # its id
    translation_of: str | None = None  # slug
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clash:
    """Something wrong between items, as a problem of one of them."""

    source: str
    place: KeyPath
    message: str
    remedy: str
    copies_id: bool = False  # the id is that of an older file

    def note_on(self, reading: Reading) -> None:
        """Add it to the problems of its file."""
        reading.copies_id = reading.copies_id or self.copies_id
        reading.note(self.place, self.message, self.remedy)


def check_together(readings: Sequence[Reading], age: Callable[[str], float], accepted: Mapping[str, str]) -> None:
    """Note on the readings what is wrong between them; `age` and `accepted` are as `clashes` wants them."""
    by_source = {reading.source: reading for reading in readings}
    for clash in clashes([claim(reading, accepted) for reading in readings], age, accepted):
        clash.note_on(by_source[clash.source])


def claim(reading: Reading, accepted: Mapping[str, str]) -> Claim:
    """Return what a file claims; one that cannot be read any more keeps the id that is `accepted` for it."""
    identifier = reading.identifier or accepted.get(reading.source)
    if reading.fields is None:
        return Claim(reading.source, reading.slug, identifier)
    return Claim(reading.source, reading.slug, identifier, reading.fields.translation_of, reading.fields.aliases)


def clashes(claims: Sequence[Claim], age: Callable[[str], float], accepted: Collection[str]) -> Iterator[Clash]:
    """Yield what is wrong between items; of two that clash, the newcomer is at fault.

    `age` tells of a source which file came first: smaller is older. The sources in `accepted` are published already.
    """
    if not _all_differ(claims):
        claims = sorted(claims, key=lambda one: (one.source not in accepted, age(one.source), one.source))
        yield from _doubles(claims)
    slugs = {one.slug: one.source for one in reversed(claims)}  # of two, the first has it
    for one in claims:
        if one.translation_of or one.aliases:
            yield from _unfit_references(one, slugs)


def _doubles(claims: Sequence[Claim]) -> Iterator[Clash]:
    """Yield each claim to a slug or an id that an earlier one has."""
    slugs: dict[str, str] = {}
    uris: dict[str, str] = {}
    for one in claims:
        first = slugs.setdefault(one.slug, one.source)
        if first != one.source:
            yield Clash(one.source, (), f"the slug {one.slug!r} is also that of {first}", "Rename this file.")
        if one.identifier and (first := uris.setdefault(uri_of(one.identifier), one.source)) != one.source:
            remedy = "Run `digest check --fix` to mint a new one for the copy."
            message = f"the id {one.identifier!r} is also that of {first}"
            yield Clash(one.source, ("id",), message, remedy, copies_id=True)


def _all_differ(claims: Sequence[Claim]) -> bool:
    named = [one.identifier for one in claims if one.identifier]
    return len({one.slug for one in claims}) == len(claims) and len(set(map(uri_of, named))) == len(named)


def _unfit_references(one: Claim, slugs: Mapping[str, str]) -> Iterator[Clash]:
    original = one.translation_of
    if original and (original not in slugs or original == one.slug):
        near = difflib.get_close_matches(original, slugs.keys() - {one.slug}, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else "Name the slug of the item of which this is a translation."
        yield Clash(one.source, ("translation_of",), f"there is no other item {original!r}", remedy)
    for index, alias in enumerate(one.aliases):
        if slugs.get(alias, one.source) != one.source:
            yield Clash(
                one.source, ("aliases", index), f"the alias {alias!r} is the slug of {slugs[alias]}", "Remove it."
            )
