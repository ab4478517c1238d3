"""What a mailed edition's web view shows today: as mailed, less what was taken back since.

An item withdrawn with a notice keeps its headline and says why it is gone. One that is withdrawn without trace, hidden
again, or not among the items any more leaves no word: whoever deletes a file after taking an item back must not bring
it back by that.
"""

from collections.abc import Mapping
from datetime import datetime

from digest.editions.composition import Change, Composition, Entry, literal
from digest.items.item import Outline, Visibility, visibility


def shown_now(composition: Composition, items: Mapping[str, Outline], at: datetime) -> Composition:
    """Return the composition as the public may see it at `at`; `items` are the newsroom's, by id."""
    now = [_entry_now(entry, items.get(entry.id), at) for entry in composition.entries]
    entries = tuple(entry for entry in now if entry)
    kinds = {entry.kind for entry in entries}
    changes = tuple(_change_now(change, items.get(change.id), at) for change in composition.changes)
    as_mailed = changes == composition.changes and entries == composition.entries
    return composition.model_copy(
        update={
            "entries": entries,
            "sections": tuple(section for section in composition.sections if section.kind in kinds),
            "changes": changes,
            # The subject and the note are free text and may name what was taken back.
            "subject_form": composition.subject_form if as_mailed else literal(composition.title),
            "note": composition.note if as_mailed else None,
        }
    )


def _entry_now(entry: Entry, item: Outline | None, at: datetime) -> Entry | None:
    seen = visibility(item, at) if item else Visibility.GONE
    if seen is Visibility.PUBLIC:
        return entry
    if seen is Visibility.NOTICE and item and item.withdrawn:
        return entry.model_copy(update={"withdrawn": True, "summary": item.withdrawn.reason, "image": None})
    return None


def _change_now(change: Change, item: Outline | None, at: datetime) -> Change:
    seen = visibility(item, at) if item else Visibility.GONE
    if seen in {Visibility.PUBLIC, Visibility.NOTICE}:
        return change
    return change.model_copy(update={"title": None, "note": None, "url": None, "slug": ""})
