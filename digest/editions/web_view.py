"""What a mailed edition's web view shows today: as mailed, less what was taken back since.

An item withdrawn with a notice keeps its headline and says why it is gone. One that is withdrawn without trace, hidden
again, or not among the items any more leaves no word: whoever deletes a file after taking an item back must not bring
it back by that.
"""

from collections.abc import Mapping
from datetime import datetime

from digest.editions.composition import Change, Composition, Entry
from digest.items.item import Outline, Visibility, visibility


def shown_now(composition: Composition, items: Mapping[str, Outline], at: datetime) -> Composition:
    """Return the composition as the public may see it at `at`; `items` are the newsroom's, by id."""
    entries = {entry.id: _entry_now(entry, items.get(entry.id), at) for entry in composition.entries}

    def kept(group: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(now for entry in group if (now := entries[entry.id]))

    sections = [section.model_copy(update={"entries": kept(section.entries)}) for section in composition.sections]
    lead = entries[composition.lead.id] if composition.lead else None
    changes = tuple(_change_now(change, items.get(change.id), at) for change in composition.changes)
    as_mailed = changes == composition.changes and all(entries[entry.id] == entry for entry in composition.entries)
    return composition.model_copy(
        update={
            "lead": lead,
            "sections": tuple(section for section in sections if section.entries),
            "more": kept(composition.more),
            "changes": changes,
            # The subject and the note are free text and may name what was taken back.
            "subject": composition.subject if as_mailed else composition.title,
            "note": composition.note if as_mailed else None,
        }
    )


def _entry_now(entry: Entry, item: Outline | None, at: datetime) -> Entry | None:
    seen = visibility(item, at) if item else Visibility.GONE
    if seen is Visibility.PUBLIC:
        return entry
    if seen is Visibility.NOTICE and item and item.withdrawn:
        return entry.model_copy(
            update={"title": f"Withdrawn: {entry.title}", "summary": item.withdrawn.reason, "image": None}
        )
    return None


def _change_now(change: Change, item: Outline | None, at: datetime) -> Change:
    seen = visibility(item, at) if item else Visibility.GONE
    if seen in {Visibility.PUBLIC, Visibility.NOTICE}:
        return change
    return change.model_copy(update={"title": None, "note": None, "url": None, "slug": ""})
