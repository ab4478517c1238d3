"""Put everybody in a CSV file on the list: a stream of lines, a report of those that were not taken.

file ─▶ lines ─▶ NewSubscriber ─▶ the store, a thousand at a time ─▶ outcomes ─┬─▶ counts
             └─▶ Refusal ──────────────────────────────────────────────────────┴─▶ report.csv: line, address, reason
"""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from operator import itemgetter
from pathlib import Path
from typing import Final, TextIO

from digest.actions.enlist import Choice
from digest.actions.ports import Admission, Audience
from digest.audience.admission import ImportReport, NewSubscriber
from digest.audience.cells import Terms
from digest.audience.importing import Refusal, read_subscribers
from digest.audience.subscriber import Consent
from digest.clock import Clock
from digest.config import Config
from digest.errors import OutsideFailure

_HELD_BACK: Final = 1000  # faulty lines that wait for their neighbours, so that the report is in the list's order
_SHOWN: Final = 20  # faulty lines that are shown, too
_HEAD: Final = ("line", "address", "reason")  # of the report
_LONGEST_HEAD: Final = 100  # characters
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets calculate


@dataclass(frozen=True)
class Imported:
    """What became of a file."""

    counts: ImportReport
    faults: int  # lines that could not be used
    report: Path | None  # where each line that was not taken is named; None when all were
    first_faults: tuple[Refusal, ...]


def terms_of(config: Config, file: str, chosen: Choice, *, left: bool) -> Terms:
    """Return what holds for the lines of that file."""
    return Terms(
        file=file,
        known=tuple(config.digests),
        kinds=tuple(config.kinds),
        topics=tuple(config.topics),
        digests=chosen.digests,
        language=chosen.language,
        zone=config.newsroom.timezone,
        evidence=chosen.evidence,
        left=left,
    )


def import_list(  # noqa: PLR0913 - what a list needs, by name
    audience: Audience,
    path: Path,
    terms: Terms,
    clock: Clock,
    *,
    report: Path,
    dry_run: bool = False,
    progress: Callable[[int, float], None] = lambda _lines, _share: None,
) -> Imported:
    """Put everybody in a CSV file on the list, and write a report of the lines that were not taken.

    `progress` is called after each thousand with the last line and the share of the file that was read. What is on the
    list already changes nothing: an import that broke is run again. Raises OutsideFailure for files that fail.
    """
    with _opened(path) as (lines, share), _Report(report) as taken_down:

        def told(chunk: Sequence[tuple[NewSubscriber, Admission]]) -> None:
            taken_down.outcomes(chunk)
            progress(chunk[-1][0].line, share())

        def good() -> Iterator[NewSubscriber]:
            for one in read_subscribers(lines, terms):
                if isinstance(one, Refusal):
                    taken_down.fault(one)
                else:
                    yield one

        counts = audience.import_rows(good(), clock(), told, dry_run=dry_run)
    if not taken_down.rows:
        _remove(report)  # of an earlier run
    return Imported(counts, taken_down.faults, taken_down.path if taken_down.rows else None, tuple(taken_down.first))


@contextmanager
def _opened(path: Path) -> Iterator[tuple[TextIO, Callable[[], float]]]:
    """Give the lines of a file, and what tells which share of it was read."""
    try:
        with path.open("rb") as data:
            size = os.fstat(data.fileno()).st_size  # 0: of a pipe
            lines = TextIOWrapper(data, encoding="utf-8", errors="surrogateescape", newline="")
            yield lines, lambda: data.tell() / size if size else 0.0
    except OSError as error:
        raise OutsideFailure(
            f"{path} cannot be read: {error.strerror}", "Name a CSV file that you may read."
        ) from error


class _Report(AbstractContextManager["_Report"]):
    """The lines that were not taken, in a file that is made when there is the first of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults = 0
        self.rows = 0
        self.first: list[Refusal] = []
        self._waiting: list[tuple[int, str, str]] = []
        self._file: TextIO | None = None

    def fault(self, refusal: Refusal) -> None:
        """Take down a line that cannot be used."""
        self.faults += 1
        if len(self.first) < _SHOWN:
            self.first.append(refusal)
        problem = refusal.problem
        self._waiting.append((refusal.line, refusal.address, f"{problem.message}. {problem.remedy}"))
        if len(self._waiting) > _HELD_BACK:
            self._write()

    def outcomes(self, chunk: Sequence[tuple[NewSubscriber, Admission]]) -> None:
        """Take down who of a chunk was refused, and why."""
        self._waiting += [
            (new.line, new.address.address, why_refused(admission))
            for new, admission in chunk
            if admission[1] == "refused"
        ]
        self._write()

    def __exit__(self, *_: object) -> None:
        self._write()
        if self._file:
            self._file.close()

    def _write(self) -> None:
        if not self._waiting:
            return
        rows = [
            (line, _no_formula(address), reason) for line, address, reason in sorted(self._waiting, key=itemgetter(0))
        ]
        self._waiting.clear()
        self.rows += len(rows)
        try:
            if self._file is None:
                self._file = _made(self.path)
                csv.writer(self._file).writerow(_HEAD)
            csv.writer(self._file).writerows(rows)
        except OSError as error:
            message = f"the report {self.path} cannot be written: {error.strerror}"
            raise OutsideFailure(message, "Name another file with --report.") from error


def _remove(path: Path) -> None:
    """Remove a report; any other file of that name stays."""
    try:
        if not path.is_file():
            return
        with path.open(encoding="utf-8", errors="replace") as file:
            ours = file.readline(_LONGEST_HEAD).strip() == ",".join(_HEAD)
        if ours:
            path.unlink()
    except OSError as error:
        message = f"the report {path} of an earlier import cannot be removed: {error.strerror}"
        raise OutsideFailure(message, "Remove it yourself: no line was refused this time.") from error


def _made(path: Path) -> TextIO:
    """Return the new file, which is for its owner only: it names people."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="")


def why_refused(admission: Admission) -> str:
    """Return why somebody is not put on the list, in words."""
    known = admission[0]
    if known and known.state is Consent.LEFT:
        return "left: only they themselves can come back"
    if known and known.state is Consent.SUPPRESSED:
        return "suppressed: it bounced or complained; `digest subscribers release` lifts that"
    return "erased: only they themselves can come back, by the form"


def _no_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULAS) else cell
