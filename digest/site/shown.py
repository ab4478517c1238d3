"""What the public is shown of the items at a moment: which, in what order, and which of their parts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from digest.items import markdown
from digest.items.item import ALWAYS, Correction, Item, Visibility, Withdrawal, is_featured, visibility

WITHDRAWN = "Withdrawn: {title}"  # the title of an item taken back, on pages and in feeds


def shown(items: Iterable[Item], at: datetime) -> list[Item]:
    """Return the items that the public may see, if only as a notice: newest first, those of one moment by slug."""
    seen = [item for item in items if visibility(item, at) in {Visibility.PUBLIC, Visibility.NOTICE}]
    return sorted(sorted(seen, key=lambda item: item.slug), key=published, reverse=True)


def led(items: Sequence[Item], at: datetime) -> tuple[Item | None, list[Item]]:
    """Return the item that leads a list of shown items, and the others as they were.

    The newest featured one leads, or the newest; a notice never does.
    """
    public = [item for item in items if visibility(item, at) is Visibility.PUBLIC]
    lead = next((item for item in public if is_featured(item, at)), public[0] if public else None)
    return lead, [item for item in items if item is not lead]


def published(item: Item) -> datetime:
    """Return when the item became public; of a draft, the end of time."""
    return item.published or ALWAYS


def withdrawal(item: Item, at: datetime) -> Withdrawal | None:
    """Return the notice that stands in the item's place, if it does."""
    return item.withdrawn if visibility(item, at) is Visibility.NOTICE else None


def corrections(item: Item, at: datetime) -> tuple[Correction, ...]:
    """Return the corrections made by then, oldest first."""
    return tuple(sorted((each for each in item.corrections if each.at <= at), key=lambda each: each.at))


def lede(item: Item) -> str | None:
    """Return the summary as it opens the item, or None when the body opens with it already."""
    return None if item.body and markdown.first_paragraph(item.body) == item.summary else item.summary


def translations(items: Iterable[Item], at: datetime) -> dict[str, tuple[Item, ...]]:
    """Return by slug each public item's public versions in all languages, itself among them, by language.

    Translations belong together through their original, even while that is hidden.
    """
    known = {item.slug: item for item in items}
    groups: dict[str, list[Item]] = {}
    for item in sorted(known.values(), key=lambda item: (item.language, item.slug)):
        if visibility(item, at) is Visibility.PUBLIC:
            groups.setdefault(_original(item, known), []).append(item)
    return {item.slug: tuple(group) for group in groups.values() for item in group}


def _original(item: Item, known: Mapping[str, Item]) -> str:
    """Return the slug that a chain of translations starts from; of items that name each other, the first by slug."""
    chain = [item.slug]
    while chain[-1] in known and (original := known[chain[-1]].translation_of):
        if original in chain:
            return min(chain[chain.index(original) :])
        chain.append(original)
    return chain[-1]
