"""What the public is shown of the items at a moment: which, in what order, and which of their parts."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from digest.items import markdown
from digest.items.item import ALWAYS, Correction, Item, Outline, Visibility, Withdrawal, is_featured, visibility

AnyItem = TypeVar("AnyItem", bound=Outline)
WITHDRAWN = "Withdrawn: {title}"  # the title of an item taken back, on pages and in feeds


def placed(items: Iterable[AnyItem], at: datetime) -> list[AnyItem]:
    """Return the items that are or were public: newest first, those of one moment by slug."""
    seen = [item for item in items if visibility(item, at) is not Visibility.HIDDEN]
    return sorted(sorted(seen, key=lambda item: item.slug), key=published, reverse=True)


def shown(items: Iterable[AnyItem], at: datetime) -> list[AnyItem]:
    """Return the items that the public may see, if only as a notice, in the same order."""
    return [item for item in placed(items, at) if visibility(item, at) is not Visibility.GONE]


def lead(items: Iterable[AnyItem], at: datetime) -> AnyItem | None:
    """Return the item that leads a list of shown items: the newest featured one, or the newest; never a notice."""
    newest = None
    for item in items:
        if (newest is None or is_featured(item, at)) and visibility(item, at) is Visibility.PUBLIC:
            newest = newest or item
            if is_featured(item, at):
                return item
    return newest


def published(item: Outline) -> datetime:
    """Return when the item became public; of a draft, the end of time."""
    return item.published or ALWAYS


def withdrawal(item: Outline, at: datetime) -> Withdrawal | None:
    """Return the notice that stands in the item's place, if it does."""
    return item.withdrawn if visibility(item, at) is Visibility.NOTICE else None


def corrections(item: Item, at: datetime) -> tuple[Correction, ...]:
    """Return the corrections made by then, oldest first."""
    return tuple(sorted((each for each in item.corrections if each.at <= at), key=lambda each: each.at))


def lede(item: Item) -> str | None:
    """Return the summary as it opens the item, or None when the body opens with it already."""
    return None if item.body and markdown.first_paragraph(item.body) == item.summary else item.summary
