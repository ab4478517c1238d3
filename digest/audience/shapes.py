"""The shapes that lists of subscribers come in, told by their columns, never by the names of files.

| columns                                   | the list is           | says that people                                |
| ----------------------------------------- | --------------------- | ----------------------------------------------- |
| state, consent, confirmed_at, chosen_at   | an export of our own  | stand as they stood                             |
| LEID, EUID                                | Mailchimp's           | confirmed; UNSUB_…: left; CLEAN_…: suppressed   |
| uuid, email, attributes, status           | listmonk's            | enabled: confirmed; disabled: left; blocklisted |
| email (or e-mail, address)                | anybody's             | confirmed                                       |

Order and case of columns do not matter, and others are left alone.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from digest.addresses import parse_address
from digest.audience.admission import NewSubscriber
from digest.audience.interests import EVERYTHING, Interests, narrowed
from digest.audience.subscriber import GONE, Consent
from digest.config import parse_key, parse_language
from digest.errors import UnfitText
from digest.moments import parse_moment

OWN: Final = (
    "email", "state", "language", "digests", "kinds", "topics", "consent", "confirmed_at", "source", "ip",
    "chosen_at", "paused_until",
)  # fmt: skip
_STATES: Final = frozenset(Consent)
_LISTMONK_STATES: Final = {
    "enabled": Consent.CONFIRMED,
    "disabled": Consent.LEFT,
    "blocklisted": Consent.SUPPRESSED,
}
_GO_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? ([+-]\d{4})(?: .*)?")  # Go's Time.String
_NO_TIME = "0001-01-01"  # Go's zero time
_REMEMBERED: Final = 4096  # different cells
_LONGEST_REASON: Final = 500  # characters
_NOWHERE: Final = 1 << 30
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Terms:
    """What holds for a whole list."""

    file: str  # its name, for messages and as the source of consent
    known: tuple[str, ...]  # digests in config.yaml
    kinds: tuple[str, ...]  # in config.yaml
    topics: tuple[str, ...]  # in config.yaml
    digests: tuple[str, ...]  # for lines that name none
    language: str  # for lines that name none
    zone: ZoneInfo  # of times without one
    evidence: str | None = None  # for lines that have none of their own
    left: bool = False  # everybody in it has left


class Cells:
    """What the cells of a list mean; the same words are understood once."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.source = f"import {terms.file}"
        self.digests = lru_cache(_REMEMBERED)(self._digests)
        self.interests = lru_cache(_REMEMBERED)(self._interests)
        self.keys = lru_cache(_REMEMBERED)(self._keys)
        self.language = lru_cache(_REMEMBERED)(self._language)

    def standing(self, state: Consent) -> Consent:
        """Return where somebody is to stand whom the list has there."""
        return Consent.LEFT if self.terms.left and state is not Consent.SUPPRESSED else state

    def moment(self, cell: str) -> datetime | None:
        """Return when that was; a time without a zone is in the newsroom's."""
        return parse_moment(cell, self.terms.zone) if cell else None

    def utc(self, cell: str) -> datetime | None:
        """Return when that was; a time without a zone is in UTC, as Mailchimp writes it."""
        if not cell:
            return None
        try:
            at = datetime.fromisoformat(cell)
        except ValueError:
            raise UnfitText(f"{cell!r} is not a time", "Write it like 2026-11-18 09:30:00.") from None
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)

    def evidence(self, own: str, state: Consent) -> str:
        """Return what shows that somebody agreed; nobody is mailed without."""
        if found := own or (self.terms.evidence or ""):
            return found
        if state is not Consent.CONFIRMED:
            return f"{state}, as {self.terms.file} says"
        raise UnfitText(
            "nothing shows that this person agreed to be mailed",
            "Fill the column consent, or say with --consent what all of them agreed to.",
        )

    def _language(self, cell: str) -> str:
        return parse_language(cell or self.terms.language)

    def _keys(self, cell: str) -> tuple[str, ...]:
        """Return the keys of our own export as they are: config.yaml may have lost some since, as it may any day."""
        return tuple(parse_key(name) for name in cell.split())

    def _digests(self, cell: str) -> tuple[str, ...]:
        return _known_keys(cell, "digest", self.terms.known) or self.terms.digests

    def _interests(self, kinds: str, topics: str) -> Interests:
        known = self.terms
        return Interests(
            narrowed(_known_keys(kinds, "kind", known.kinds), known.kinds),
            narrowed(_known_keys(topics, "topic", known.topics), known.topics),
        )


class Forgiving(Cells):
    """What the cells mean of somebody who is gone: none of them keeps an address on the list, or off it."""

    def moment(self, cell: str) -> datetime | None:
        """Return when that was, as far as that can be read."""
        return _or(None, super().moment, cell)

    def utc(self, cell: str) -> datetime | None:
        """Return when that was, as far as that can be read."""
        return _or(None, super().utc, cell)

    def _language(self, cell: str) -> str:
        return _or(self.terms.language, super()._language, cell)

    def _keys(self, cell: str) -> tuple[str, ...]:
        return _or((), super()._keys, cell)

    def _digests(self, cell: str) -> tuple[str, ...]:
        return _or(self.terms.digests, super()._digests, cell)

    def _interests(self, kinds: str, topics: str) -> Interests:
        return _or(EVERYTHING, super()._interests, kinds, topics)


Reading = Callable[[Sequence[str], Cells, int], NewSubscriber]


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
    if reading is _mailchimp:
        reading = _MAILCHIMP_FILES[next((mark for mark in _MAILCHIMP_FILES if mark in columns), "")]
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


def _mailchimp(record: Sequence[str], cells: Cells, line: int) -> NewSubscriber:
    """Return a subscribed member. Who has neither signed up by a form nor confirmed was imported there."""
    address, signed_up, signed_up_from, confirmed, confirmed_from, *_ = record
    own = _consent_at_mailchimp(signed_up, confirmed) if signed_up or confirmed_from else ""
    if own and cells.terms.evidence:
        own = f"{cells.terms.evidence}; {own}"
    at, ip = cells.utc(confirmed or signed_up), _both(signed_up_from, confirmed_from)
    return _from(cells, line, address, Consent.CONFIRMED, evidence=own, at=at, ip=ip)


def _mailchimp_unsubscribed(record: Sequence[str], cells: Cells, line: int) -> NewSubscriber:
    address, signed_up, signed_up_from, confirmed, confirmed_from, at, campaign, reason, other, *_ = record
    said = f"unsubscribed at Mailchimp{_clause(': ', f'{reason} {other}'.strip())}{_clause(', by ', campaign)}"
    said += _clause("; ", _consent_at_mailchimp(signed_up, confirmed))
    ip = _both(signed_up_from, confirmed_from)
    return _from(cells, line, address, Consent.LEFT, evidence=said, at=cells.utc(at), ip=ip)


def _mailchimp_cleaned(record: Sequence[str], cells: Cells, line: int) -> NewSubscriber:
    address, signed_up, signed_up_from, confirmed, confirmed_from, *_, at, campaign = record
    said = f"cleaned at Mailchimp, where mail to it bounced{_clause(', by ', campaign)}"
    said += _clause("; ", _consent_at_mailchimp(signed_up, confirmed))
    ip = _both(signed_up_from, confirmed_from)
    return _from(cells, line, address, Consent.SUPPRESSED, evidence=said, at=cells.utc(at), ip=ip)


def _listmonk(record: Sequence[str], cells: Cells, line: int) -> NewSubscriber:
    """Return a subscriber of listmonk, whose export does not say that anybody agreed: `--consent` has to."""
    address, status, created, updated = record
    if status not in _LISTMONK_STATES:
        known = ", ".join(_LISTMONK_STATES)
        raise UnfitText(f"{status!r} is not where a subscriber of listmonk can stand", f"Known: {known}.")
    state = _LISTMONK_STATES[status]
    since = f"in listmonk since {created}" if created and not created.startswith(_NO_TIME) else "in listmonk"
    if state is Consent.CONFIRMED:
        own = f"{cells.terms.evidence}; {since}" if cells.terms.evidence else ""
        return _from(cells, line, address, state, evidence=own, at=cells.utc(_go_time(created)))
    return _from(
        cells, line, address, state, evidence=f"{status} in listmonk; {since}", at=cells.utc(_go_time(updated))
    )


def _from(  # noqa: PLR0913 - as many as a line says
    cells: Cells, line: int, address: str, state: Consent, *, evidence: str, at: datetime | None, ip: str | None = None
) -> NewSubscriber:
    stands = cells.standing(state)
    return NewSubscriber(
        address=parse_address(address),
        language=cells.language(""),
        digests=cells.terms.digests,
        state=stands,
        source=cells.source,
        evidence=cells.evidence(evidence, stands),
        agreed_at=at,
        ip=ip,
        line=line,
    )


def _consent_at_mailchimp(signed_up: str, confirmed: str) -> str:
    if signed_up and confirmed:
        return f"signed up at Mailchimp {signed_up}, confirmed {confirmed} UTC"
    if signed_up or confirmed:
        return f"{'signed up' if signed_up else 'confirmed'} at Mailchimp {signed_up or confirmed} UTC"
    return ""


def _both(first: str, second: str) -> str | None:
    return first + ", " + second if first and second and first != second else second or first or None


def _clause(before: str, text: str) -> str:
    """Return the text on one line behind what leads to it; nothing where there is none."""
    return before + " ".join(text.split())[:_LONGEST_REASON] if text else ""


def _go_time(cell: str) -> str:
    """Return a time that Go wrote, `2023-05-17 10:22:31.123456 +0200 CEST`, as others write it; empty: never."""
    if cell.startswith(_NO_TIME):
        return ""
    found = _GO_TIME.fullmatch(cell)
    return found[1] + found[2] if found else cell


def _or(otherwise: T, read: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    try:
        return read(*args, **named)
    except UnfitText:
        return otherwise


def _known_keys(cell: str, what: str, known: Sequence[str]) -> tuple[str, ...]:
    named = tuple(cell.replace(",", " ").replace(";", " ").split())
    for name in named:
        if name not in known:
            raise UnfitText(f"there is no {what} {name!r}", f"Known: {', '.join(known) or 'none'}.")
    return named


_MAILCHIMP_COLUMNS: Final = (
    ("email address", "email", "e-mail address", "e-mail"), ("optin_time",), ("optin_ip",), ("confirm_time",),
    ("confirm_ip",), ("unsub_time",), ("unsub_campaign_title",), ("unsub_reason",), ("unsub_reason_other",),
    ("clean_time",), ("clean_campaign_title",),
)  # fmt: skip
_ANYBODYS_COLUMNS: Final = (
    ("email", "e-mail", "address"), ("language",), ("digests",), ("kinds",), ("topics",), ("consent", "evidence"),
    ("confirmed_at",),
)  # fmt: skip
_LISTMONK_COLUMNS: Final = (("email",), ("status",), ("created_at",), ("updated_at",))
_MAILCHIMP_FILES: Final[dict[str, Reading]] = {
    "clean_time": _mailchimp_cleaned,
    "clean_campaign_title": _mailchimp_cleaned,
    "unsub_time": _mailchimp_unsubscribed,
    "unsub_campaign_title": _mailchimp_unsubscribed,
    "": _mailchimp,
}
_SHAPES: Final[tuple[tuple[frozenset[str], Reading, tuple[tuple[str, ...], ...]], ...]] = (
    (frozenset({"email", "state", "consent", "confirmed_at", "chosen_at"}), _own, tuple((name,) for name in OWN)),
    (frozenset({"leid", "euid"}), _mailchimp, _MAILCHIMP_COLUMNS),
    (frozenset({"uuid", "email", "attributes", "status"}), _listmonk, _LISTMONK_COLUMNS),
    (frozenset(), _anybodys, _ANYBODYS_COLUMNS),
)
