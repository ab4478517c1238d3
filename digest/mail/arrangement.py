"""What one reader's mail shows of an edition: a selection of the pieces that the edition was rendered into.

Every entry is rendered in four forms: as the lead, in full, with a brief summary, as a link. Whoever chose what they
want gets the pieces of that, in as full a form as the mail has room for.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from digest.audience.interests import EVERYTHING, Interests
from digest.editions.composition import Change, Composition, Entry, Section
from digest.errors import Refused

_LINKS = 50  # a longer list of links is better read on the web

Form = Literal["full", "brief"]


@dataclass(frozen=True)
class Tally:
    """How many entries of a kind, or changes of a sort, there are."""

    what: Literal["kind", "change"]
    of: str  # the kind's key; `corrected` or `withdrawn`
    count: int


@dataclass(frozen=True)
class Arrangement:
    """What is shown, in reading order."""

    totals: Sequence[int]  # of entries; one number, but for `everything`
    tallies: Sequence[Tally]
    leads: Sequence[Entry]
    sections: Sequence[tuple[Section, Sequence[tuple[Form, Entry]]]]
    changes: Sequence[tuple[int, Change]]  # with its place in the composition
    links: Sequence[Entry]
    unnamed: Sequence[int]  # how many more are on the web only; one number or none, but for `everything`

    def pieces(self) -> Iterator[str]:
        """Yield the names of the pieces that it is joined of, as the templates cut them."""
        yield "head"
        yield from (f"total {total}" for total in self.totals)
        yield from (f"{tally.what}s {tally.of} {tally.count}" for tally in self.tallies)
        yield "opening"
        yield from (f"lead {entry.slug}" for entry in self.leads)
        for section, entries in self.sections:
            yield f"section {section.kind}"
            yield from (f"{form} {entry.slug}" for form, entry in entries)
        if self.changes:
            yield "changes"
            yield from (f"change {place}" for place, _ in self.changes)
            yield "changes end"
        if self.links or self.unnamed:
            yield "links"
            yield from (f"link {entry.slug}" for entry in self.links)
            yield from (f"unnamed {count}" for count in self.unnamed)
            yield "links end"
        yield from ("contact", "personal", "foot")


def everything(composition: Composition) -> Arrangement:
    """Return every piece that any reader's mail may need."""
    entries = composition.entries
    most = _tallies(composition, wanted(composition, EVERYTHING))
    return Arrangement(
        totals=range(len(entries) + 1),
        tallies=[replace(tally, count=count) for tally in most for count in range(1, tally.count + 1)],
        leads=entries,
        sections=[
            (section, [pair for entry in entries if entry.kind == section.kind for pair in _both_forms(entry)])
            for section in composition.sections
        ],
        changes=list(enumerate(composition.changes)),
        links=entries,
        unnamed=range(1, len(entries) + 1),
    )


def _both_forms(entry: Entry) -> tuple[tuple[Form, Entry], ...]:
    return ("full", entry), ("brief", entry)


@dataclass(frozen=True)
class Wanted:
    """What a reader chose of an edition."""

    entries: Sequence[Entry]
    changes: Sequence[tuple[int, Change]]  # with its place in the composition

    @property
    def empty(self) -> bool:
        """Return whether there is nothing to mail."""
        return not self.entries and not self.changes


def wanted(composition: Composition, interests: Interests) -> Wanted:
    """Return what `interests` leave of the edition."""
    return Wanted(
        [entry for entry in composition.entries if interests.include(entry.kind, entry.topics)],
        [
            (place, change)
            for place, change in enumerate(composition.changes)
            if interests.include(change.kind, change.topics)
        ],
    )


def whole(composition: Composition) -> Arrangement:
    """Return an edition as it is shown where there is room for all of it."""
    chosen = wanted(composition, EVERYTHING)
    return _arranged(composition, chosen, _Shape(composition.limit, len(chosen.entries), "full"))


@dataclass(frozen=True)
class _Shape:
    """How much is shown of the entries that a reader wants."""

    full: int  # entries in full, the lead among them
    links: int  # at most
    form: Form


def fitted(composition: Composition, chosen: Wanted, size_of: Callable[[str], int], room: int) -> Arrangement:
    """Return what is wanted in the fullest form that has no more than `room` bytes; `size_of` a piece is in bytes.

    Summaries are shortened first, then links beyond 50 are left to the web, then entries in full become links, then
    there are fewer links. Raises Refused when not even the frame has room.
    """

    def fits(shape: _Shape) -> bool:
        return sum(map(size_of, _arranged(composition, chosen, shape).pieces())) <= room

    shapes = list(_shapes(composition.limit, len(chosen.entries)))
    best = 0 if fits(shapes[0]) else bisect_left(shapes, True, key=fits)
    if best == len(shapes):
        raise Refused(
            f"the mail of {composition.digest}/{composition.name} is too large even without its entries",
            f"Shorten {'the notes of its corrections, or ' if composition.changes else ''}the editors' note.",
        )
    return _arranged(composition, chosen, shapes[best])


def _shapes(limit: int, entries: int) -> Iterator[_Shape]:
    """Yield the ways to show so many entries, each smaller than the one before."""
    full = min(limit, entries)
    yield _Shape(full, entries, "full")
    yield _Shape(full, entries, "brief")
    yield from (_Shape(fewer, _LINKS, "brief") for fewer in range(full, -1, -1))
    yield from (_Shape(0, fewer, "brief") for fewer in range(min(_LINKS, entries) - 1, -1, -1))


def _arranged(composition: Composition, chosen: Wanted, shape: _Shape) -> Arrangement:
    shown, rest = chosen.entries[: shape.full], chosen.entries[shape.full :]
    unnamed = len(rest) - len(rest[: shape.links])
    return Arrangement(
        totals=(len(chosen.entries),),
        tallies=list(_tallies(composition, chosen)),
        leads=shown[:1],
        sections=list(_sections(composition, shown[1:], shape.form)),
        changes=chosen.changes,
        links=rest[: shape.links],
        unnamed=(unnamed,) if unnamed else (),
    )


def _tallies(composition: Composition, chosen: Wanted) -> Iterator[Tally]:
    kinds = Counter(entry.kind for entry in chosen.entries)
    changes = Counter(change.what for _, change in chosen.changes)
    yield from (Tally("kind", one.kind, kinds[one.kind]) for one in composition.sections if kinds[one.kind])
    yield from (Tally("change", what, count) for what, count in sorted(changes.items()))


def _sections(
    composition: Composition, entries: Iterable[Entry], form: Form
) -> Iterator[tuple[Section, Sequence[tuple[Form, Entry]]]]:
    by_kind: dict[str, list[tuple[Form, Entry]]] = {}
    for entry in entries:
        by_kind.setdefault(entry.kind, []).append((form, entry))
    return ((section, by_kind[section.kind]) for section in composition.sections if section.kind in by_kind)
