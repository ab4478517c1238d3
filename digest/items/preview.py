"""What a preview shows: the items as if drafts, and what is under embargo, were out.

items ─▶ each as the public sees it at a moment of its own ─▶ the one rule of visibility, at the latest of these moments
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from digest.items.item import ALWAYS, Item, Visibility, is_featured, moments_of_change, visibility


@dataclass(frozen=True)
class Foreseen:
    """Items made ready for a preview."""

    items: tuple[Item, ...]
    at: datetime  # the moment at which the one rule of visibility shows of them what is to be shown
    unreleased: tuple[Item, ...]  # as they are: those that are shown, and hidden from the public now
    next_change: datetime | None  # when the public sees something else by itself


def foreseen(items: Iterable[Item], now: datetime, at: datetime | None) -> Foreseen:
    """Return the items as the public would see them at the moment `at`, with drafts as if published then.

    Without `at`: as the public sees them now, and of what is under embargo what it will see when that ends.
    """
    moments = [(item, at or max(now, item.published or now)) for item in items]
    seen = [_as_seen(item, moment) for item, moment in moments]
    latest = max([at or now, *(moment for _, moment in moments)])
    unreleased = tuple(
        item
        for (item, _), shown in zip(moments, seen, strict=True)
        if visibility(item, now) is Visibility.HIDDEN and visibility(shown, latest) is not Visibility.HIDDEN
    )
    coming = [change for item, _ in moments for change in moments_of_change(item) if change > now]
    return Foreseen(tuple(seen), latest, unreleased, min(coming, default=None))


def _as_seen(item: Item, moment: datetime) -> Item:
    """Return the item without what is to come after `moment`, so that at later ones, too, it is seen as it is then."""
    changes = {
        "published": item.published or moment,
        "updated": item.updated if item.updated and item.updated <= moment else None,
        "corrections": tuple(each for each in item.corrections if each.at <= moment),
        "withdrawn": item.withdrawn if item.withdrawn and item.withdrawn.at <= moment else None,
        "featured": ALWAYS if is_featured(item, moment) else None,
    }
    return item.model_copy(update={**changes, "version": f"{item.version} {changes}"})
