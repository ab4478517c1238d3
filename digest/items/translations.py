"""Which items tell one story in several languages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from digest.items.item import Outline, Visibility, visibility

AnyItem = TypeVar("AnyItem", bound=Outline)


def originals(items: Sequence[Outline]) -> dict[str, str]:
    """Return by slug which original each item tells the story of, whatever the public sees of it."""
    known = {item.slug: item for item in items}
    return {item.slug: _original(item, known) for item in items}


def translations(items: Sequence[AnyItem], at: datetime) -> dict[str, tuple[AnyItem, ...]]:
    """Return by slug the public versions in all languages, itself among them, of each public item that can have any.

    Translations belong together through their original, even while that is hidden.
    """
    translated = {item.translation_of for item in items if item.translation_of}
    known = {item.slug: item for item in items if item.translation_of or item.slug in translated}
    groups: dict[str, list[AnyItem]] = {}
    for item in sorted(known.values(), key=lambda item: (item.language, item.slug)):
        if visibility(item, at) is Visibility.PUBLIC:
            groups.setdefault(_original(item, known), []).append(item)
    return {item.slug: tuple(group) for group in groups.values() for item in group}


def _original(item: Outline, known: Mapping[str, Outline]) -> str:
    """Return the slug that a chain of translations starts from; of items that name each other, the first by slug."""
    chain = [item.slug]
    while chain[-1] in known and (original := known[chain[-1]].translation_of):
        if original in chain:
            return min(chain[chain.index(original) :])
        chain.append(original)
    return chain[-1]
