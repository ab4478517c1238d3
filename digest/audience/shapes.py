"""The shapes that lists of subscribers come in, told by their columns, never by the names of files.

| columns                                   | the list is           | says that people                                |
| ----------------------------------------- | --------------------- | ----------------------------------------------- |
| state, consent, confirmed_at, chosen_at   | an export of our own  | stand as they stood                             |
| LEID, EUID                                | Mailchimp's           | confirmed; UNSUB_…: left; CLEAN_…: suppressed   |
| uuid, email, attributes, status           | listmonk's            | enabled: confirmed; disabled: left; blocklisted |
| email (or e-mail, address)                | anybody's             | confirmed                                       |

Order and case of columns do not matter, and others are left alone.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from digest.addresses import parse_address
from digest.audience import listmonk, mailchimp
from digest.audience.admission import NewSubscriber
from digest.audience.cells import Cells, Forgiving, Reading, Terms
from digest.audience.interests import Interests
from digest.audience.subscriber import GONE, Consent
from digest.errors import UnfitText

OWN: Final = (
    "email", "state", "language", "digests", "kinds", "topics", "consent", "confirmed_at", "source", "ip",
    "chosen_at", "paused_until",
)  # fmt: skip
_STATES: Final = frozenset(Consent)
_NOWHERE: Final = 1 << 30
_Columns = tuple[tuple[str, ...], ...]  # those that are read, each by all the names that it may have


@dataclass(frozen=True)
class Shape:
    """How the lines of one list are read."""

    cells: Cells
    forgiving: Forgiving
    places: tuple[int, ...]  # of the columns that are read, the address first; _NOWHERE for one that is not there
    reading: Reading

    def read(self, record: Sequence[str], line: int) -> NewSubscriber:
        """Return whom a record brings; UnfitText for one that cannot be used.

        Of those who are gone only the address has to be right: a faulty cell must not let them be mailed.
        """
        size = len(record)
        found = [record[place].strip() if place < size else "" for place in self.places]
        try:
            return self.reading(found, self.cells, line)
        except UnfitText:
            with suppress(UnfitText):
                if (forgiven := self.reading(found, self.forgiving, line)).state in GONE:
                    return forgiven
            raise

    def address(self, record: Sequence[str]) -> str:
        """Return what stands where the address should."""
        return record[self.places[0]].strip() if self.places[0] < len(record) else ""


def shape_of(names: Sequence[str], terms: Terms) -> Shape:
    """Return the shape of a list whose columns have these names; UnfitText where none names an address."""
    columns = [name.strip().lower() for name in names]
    reading, wanted = next((reading, wanted) for marks, reading, wanted in _SHAPES if marks.issubset(columns))
    places = tuple(_place(columns, some) for some in wanted)
    if places[0] == _NOWHERE:
        known = ", ".join(name.strip() for name in names)
        raise UnfitText(f"no column is called {wanted[0][0]}, only {known}", "Name the columns in the first line.")
    return Shape(Cells(terms), Forgiving(terms), places, reading)


def _place(columns: Sequence[str], names: Sequence[str]) -> int:
    return next((columns.index(name) for name in names if name in columns), _NOWHERE)


def _anybodys(record: Sequence[str], cells: Cells, line: int) -> NewSubscriber:
    address, language, digests, kinds, topics, evidence, agreed_at = record
    state = cells.standing(Consent.CONFIRMED)
    return NewSubscriber(
        address=parse_address(address),
        language=cells.language(language),
        digests=cells.digests(digests),
        state=state,
        source=cells.source,
        evidence=cells.evidence(evidence, state),
        agreed_at=cells.moment(agreed_at),
        interests=cells.interests(kinds, topics),
        line=line,
    )


def _own(record: Sequence[str], cells: Cells, line: int) -> NewSubscriber:
    (
        address, state, language, digests, kinds, topics, evidence, agreed_at, source, ip, chosen_at, paused_until,
    ) = record  # fmt: skip
    if state not in _STATES:
        raise UnfitText(f"{state!r} is not where somebody can stand", f"Known: {', '.join(_STATES)}.")
    stands = cells.standing(Consent(state))
    return NewSubscriber(
        address=parse_address(address),
        language=cells.language(language),
        digests=cells.keys(digests),
        state=stands,
        source=source or cells.source,
        evidence=cells.evidence(evidence, stands),
        agreed_at=cells.moment(agreed_at),
        interests=Interests(frozenset(cells.keys(kinds)), frozenset(cells.keys(topics))),
        ip=ip or None,
        chosen_at=cells.moment(chosen_at),
        paused_until=cells.moment(paused_until),
        line=line,
    )


_ANYBODYS_COLUMNS: Final = (
    ("email", "e-mail", "address"), ("language",), ("digests",), ("kinds",), ("topics",), ("consent", "evidence"),
    ("confirmed_at",),
)  # fmt: skip
_SHAPES: Final[tuple[tuple[frozenset[str], Reading, _Columns], ...]] = (
    (frozenset({"email", "state", "consent", "confirmed_at", "chosen_at"}), _own, tuple((name,) for name in OWN)),
    *((marks, reading, mailchimp.COLUMNS) for marks, reading in mailchimp.FILES),
    (listmonk.MARKS, listmonk.listed, listmonk.COLUMNS),
    (frozenset(), _anybodys, _ANYBODYS_COLUMNS),
)
