"""A list of subscribers from elsewhere: CSV with a line of column names, and evidence of consent for each person.

Columns, in any order and case: email (or address), language, digests, kinds, topics, consent (or evidence),
confirmed_at. Others are left alone. Commas, semicolons and tabs may separate them, as spreadsheets do.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from digest.addresses import parse_address
from digest.audience.admission import NewSubscriber
from digest.audience.interests import Interests, narrowed
from digest.audience.subscriber import Consent
from digest.config import parse_language
from digest.errors import Problem, UnfitText
from digest.moments import parse_moment

_COLUMNS = {
    "email": "address",
    "e-mail": "address",
    "address": "address",
    "language": "language",
    "digests": "digests",
    "kinds": "kinds",
    "topics": "topics",
    "consent": "evidence",
    "evidence": "evidence",
    "confirmed_at": "confirmed_at",
}
_SEPARATORS = ",;\t"


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


def read_subscribers(data: bytes, terms: Terms) -> Iterator[NewSubscriber | Problem]:
    """Yield each line of the list as somebody to be put on it, or as the problem that it has."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        yield _problem(terms, line, UnfitText("the list is not UTF-8", "Save it as CSV UTF-8."))
        return
    lines = _lines(text)
    try:
        names = _column_names(next(lines)[1])
        for number, cells in lines:
            if any(cells):
                yield _subscriber(dict(zip(names, cells, strict=False)), number, terms)
    except StopIteration:
        yield _problem(terms, 1, UnfitText("the list is empty", "Begin it with a line of column names."))
    except UnfitText as unfit:
        yield _problem(terms, 1, unfit)
    except csv.Error as error:
        yield _problem(terms, 0, UnfitText(f"the list is not CSV: {error}", "Save it as CSV again."))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the number of its first line."""
    header = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_SEPARATORS, key=header.count), strict=True)
    first = 1
    for cells in reader:
        yield first, [cell.strip() for cell in cells]
        first = reader.line_num + 1


def _column_names(cells: Sequence[str]) -> list[str]:
    names = [_COLUMNS.get(cell.lower(), "") for cell in cells]
    if "address" not in names:
        raise UnfitText(f"no column is called email, only {', '.join(cells)}", "Name the columns in the first line.")
    return names


def _subscriber(cells: Mapping[str, str], line: int, terms: Terms) -> NewSubscriber | Problem:
    agreed_at = cells.get("confirmed_at")
    try:
        return NewSubscriber(
            address=parse_address(cells.get("address", "")),
            language=parse_language(cells.get("language") or terms.language),
            digests=_digests(cells.get("digests", ""), terms),
            state=Consent.CONFIRMED,
            source=f"import {terms.file}",
            evidence=_evidence(cells.get("evidence"), terms),
            agreed_at=parse_moment(agreed_at, terms.zone) if agreed_at else None,
            interests=_interests(cells, terms),
        )
    except UnfitText as unfit:
        return _problem(terms, line, unfit)


def _digests(cell: str, terms: Terms) -> tuple[str, ...]:
    return _keys(cell, "digest", terms.known) or terms.digests


def _interests(cells: Mapping[str, str], terms: Terms) -> Interests:
    kinds = _keys(cells.get("kinds", ""), "kind", terms.kinds)
    topics = _keys(cells.get("topics", ""), "topic", terms.topics)
    return Interests(narrowed(kinds, terms.kinds), narrowed(topics, terms.topics))


def _keys(cell: str, what: str, known: Sequence[str]) -> tuple[str, ...]:
    named = tuple(cell.replace(",", " ").replace(";", " ").split())
    for name in named:
        if name not in known:
            raise UnfitText(f"there is no {what} {name!r}", f"Known: {', '.join(known) or 'none'}.")
    return named


def _evidence(own: str | None, terms: Terms) -> str:
    evidence = own or terms.evidence
    if not evidence:
        raise UnfitText(
            "nothing shows that this person agreed to be mailed",
            "Fill the column consent, or say with --consent what all of them agreed to.",
        )
    return evidence


def _problem(terms: Terms, line: int, unfit: UnfitText) -> Problem:
    return Problem(terms.file, line, 0, "error", unfit.message, unfit.remedy)
