"""A list of subscribers from elsewhere: CSV with a line of column names, and evidence of consent for each person.

lines ─▶ records ─▶ the shape that the columns have ─▶ NewSubscriber | Problem      one line at a time, however many

Commas, semicolons and tabs may separate the columns, as spreadsheets do.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from digest.audience.admission import NewSubscriber
from digest.audience.cells import Terms
from digest.audience.shapes import Shape, shape_of
from digest.errors import Problem, UnfitText

_SEPARATORS = ",;\t"
_BYTES = re.compile("[\udc80-\udcff]")  # what was no UTF-8, as `surrogateescape` writes it
_NO_UTF8 = UnfitText("the line is not UTF-8", "Save the list as CSV UTF-8.")
_NUL = UnfitText("the line has a byte that is zero", "Save the list as CSV UTF-8.")


@dataclass(frozen=True)
class Refusal:
    """A line of a list that is not taken, and why."""

    line: int
    address: str  # as the line has it
    problem: Problem


def read_subscribers(lines: Iterable[str], terms: Terms) -> Iterator[NewSubscriber | Refusal]:
    """Yield each line of the list as somebody to be put on it, or as the problem that it has.

    `lines` have their line ends, and bytes that are not UTF-8 as `surrogateescape` writes them.
    """
    unfit: dict[int, UnfitText] = {}
    records = _records(_fit(lines, unfit))
    names = next(records, None)
    if names is None or isinstance(names[1], UnfitText) or not any(names[1]) or unfit:
        yield _unusable(terms, next(iter(unfit.values()), None))
        return
    try:
        shape = shape_of(names[1], terms)
    except UnfitText as error:
        yield _refusal(terms, 1, "", error)
        return
    for number, cells in records:
        if unfit:
            yield from (_refusal(terms, line, "", error) for line, error in unfit.items())
            unfit.clear()
        elif isinstance(cells, UnfitText):
            yield _refusal(terms, number, "", cells)
        elif any(cells):
            yield _read(shape, cells, number, terms)
    yield from (_refusal(terms, line, "", error) for line, error in unfit.items())


def _read(shape: Shape, cells: list[str], number: int, terms: Terms) -> NewSubscriber | Refusal:
    try:
        return shape.read(cells, number)
    except UnfitText as error:
        return _refusal(terms, number, shape.address(cells), error)


def _fit(lines: Iterable[str], unfit: dict[int, UnfitText]) -> Iterator[str]:
    """Yield the lines, and note those that hold what no text may."""
    for number, line in enumerate(lines, 1):
        if not line.isascii() and _BYTES.search(line):
            unfit[number] = _NO_UTF8
        elif "\0" in line:
            unfit[number] = _NUL
        yield line


def _records(lines: Iterator[str]) -> Iterator[tuple[int, list[str] | UnfitText]]:
    """Yield each record with the number of its first line; one that is not CSV as what is wrong with it."""
    header = next(lines, "").removeprefix("\ufeff")
    reader = csv.reader(chain([header], lines), delimiter=max(_SEPARATORS, key=header.count), strict=True)
    while True:
        first = reader.line_num + 1
        try:
            yield first, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield first, UnfitText(f"the line is not CSV: {error}", "Mend it, or save the list as CSV again.")


def _unusable(terms: Terms, unfit: UnfitText | None) -> Refusal:
    empty = UnfitText("the list is empty", "Begin it with a line of column names.")
    return _refusal(terms, 1, "", unfit or empty)


def _refusal(terms: Terms, line: int, address: str, unfit: UnfitText) -> Refusal:
    return Refusal(line, address, Problem(terms.file, line, 0, "error", unfit.message, unfit.remedy))
