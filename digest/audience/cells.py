"""What the cells of a list mean, and whom a line brings that has nothing but an address and a state."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from digest.addresses import parse_address
from digest.audience.admission import NewSubscriber
from digest.audience.interests import EVERYTHING, Interests, narrowed
from digest.audience.subscriber import Consent
from digest.config import parse_key, parse_language
from digest.errors import UnfitText
from digest.moments import parse_moment

_REMEMBERED: Final = 4096  # different cells
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


Reading = Callable[[Sequence[str], Cells, int], NewSubscriber]  # cells of one line, what they mean, its number


def from_elsewhere(  # noqa: PLR0913 - as many as a line says
    cells: Cells, line: int, address: str, state: Consent, *, evidence: str, at: datetime | None, ip: str | None = None
) -> NewSubscriber:
    """Return whom a line of another program's list brings, which knows neither our digests nor our languages."""
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
