"""Making an edition smaller until its mail fits, without cutting anything in the middle.

summaries shortened ─▶ at most 50 entries named as links ─▶ entries in full become links ─▶ fewer links
"""

from dataclasses import dataclass, replace

from digest.editions.composition import Composition, Entry, Section
from digest.errors import Refused

_SUMMARY = 160  # characters of a shortened summary
_LINKS = 50  # a longer list of links is better read on the web


@dataclass(frozen=True)
class Shown:
    """What a mail shows of an edition."""

    composition: Composition
    unnamed: int = 0  # how many more entries are on the web only


def smaller(shown: Shown, share: float) -> Shown:
    """Return the next smaller form; `share` is about how much of what is shown has room, less than 1.

    Refused: there is nothing left that could be left out.
    """
    composition = shown.composition
    brief = _with_short_summaries(composition)
    if brief != composition:
        return replace(shown, composition=brief)
    links = len(composition.more)
    if links > _LINKS:
        return _with_links(shown, _LINKS)
    if full := sum(len(section.entries) for section in composition.sections):
        return replace(shown, composition=_with_full_entries(composition, int(full * share)))
    if links:
        return _with_links(shown, int(links * share))
    raise Refused(
        f"the mail of {composition.digest}/{composition.name} is too large even without its entries",
        "Shorten the editors' note.",
    )


def _with_short_summaries(composition: Composition) -> Composition:
    return composition.model_copy(
        update={
            "lead": composition.lead and _brief(composition.lead),
            "sections": tuple(
                section.model_copy(update={"entries": tuple(map(_brief, section.entries))})
                for section in composition.sections
            ),
        }
    )


def _brief(entry: Entry) -> Entry:
    """Return the entry with its summary cut between words."""
    if len(entry.summary) <= _SUMMARY:
        return entry
    start = entry.summary[: _SUMMARY - 1]
    words = start.rpartition(" ")[0] or start
    return entry.model_copy(update={"summary": words.rstrip(" ,;:.-–—") + "…"})


def _with_full_entries(composition: Composition, count: int) -> Composition:
    """Return the composition with the first `count` entries of its sections in full, the others as links."""
    sections: list[Section] = []
    moved: list[Entry] = []
    for section in composition.sections:
        kept, rest = section.entries[:count], section.entries[count:]
        count -= len(kept)
        moved += rest
        if kept:
            sections.append(section.model_copy(update={"entries": kept}))
    return composition.model_copy(update={"sections": tuple(sections), "more": (*moved, *composition.more)})


def _with_links(shown: Shown, count: int) -> Shown:
    more = shown.composition.more
    kept = shown.composition.model_copy(update={"more": more[:count]})
    return Shown(kept, shown.unnamed + len(more) - count)
