"""One thing that the lint found, and how several that are the same become one."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace

from digest.errors import Level, printable

FRAME, NOTE, SUBJECT, SENDER = "the frame", "the note", "the subject", "the sender"  # places that are no item's
_NAMED = 3  # places; of more, their number is told

Fault = tuple[Level, str, str, str]  # level, rule, message, remedy: a finding that knows no place yet


@dataclass(frozen=True)
class Finding:
    """Something that a mail program or a reader would stumble over."""

    language: str  # BCP 47, of the edition's version; several for people, as `across_languages` tells them
    places: tuple[str, ...]  # slugs of items, or names such as `the note`; never empty
    level: Level
    rule: str  # which check it is of; the same in each version of the program
    message: str  # what is wrong, with the value; no final full stop
    remedy: str  # what to do, a sentence with a full stop
    form: str = field(default="", compare=False)  # of the entry: lead, full, brief or link

    def __str__(self) -> str:
        """Return `(en) strike: warning: message. Remedy.` on one line."""
        return printable(f"({self.language}) {self._where}: {self.level}: {self.message}. {self.remedy}")

    def as_row(self) -> dict[str, object]:
        """Return it for JSON."""
        return {name: value for name, value in asdict(self).items() if name != "form"}

    @property
    def _where(self) -> str:
        more = len(self.places) - _NAMED
        return ", ".join(self.places[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Return the errors among the findings."""
    return [finding for finding in findings if finding.level == "error"]


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, errors first, each once: for several forms of an entry, and with all of its places."""
    known: dict[Finding, Finding] = {}
    for finding in _of_one_form(findings):
        same = replace(finding, places=())
        places = known[same].places if same in known else ()
        known[same] = replace(finding, places=tuple(dict.fromkeys([*places, *finding.places])))
    return tuple(sorted(known.values(), key=lambda finding: finding.level))


def across_languages(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings for people, errors first: what is the same in several languages is one, of `en, es`."""
    known: dict[Finding, list[str]] = {}
    for finding in findings:
        known.setdefault(replace(finding, language=""), []).append(finding.language)
    told = [replace(finding, language=", ".join(dict.fromkeys(of))) for finding, of in known.items()]
    return tuple(sorted(told, key=lambda finding: finding.level))


def _of_one_form(findings: Iterable[Finding]) -> Iterable[Finding]:
    """Yield what was found in the first form of an entry in which a check found something.

    The forms differ in the size of a picture, say, so that the same thing would be told in other words.
    """
    first: dict[tuple[tuple[str, ...], str], str] = {}
    for finding in findings:
        if finding.form == first.setdefault((finding.places, finding.rule), finding.form):
            yield finding
