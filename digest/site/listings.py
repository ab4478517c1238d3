"""The pages that list items: the newsroom's own, and one for each kind, topic and language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.items.item import Item
from digest.site import paths, shown
from digest.site.feeds import Feed
from digest.site.paging import leaves


@dataclass(frozen=True)
class Listing:
    """One page of the list of a feed's items."""

    feed: Feed
    path: str  # in public/
    lead: Item | None  # only the front page has one
    items: tuple[Item, ...]  # the others, newest first
    newer: str | None  # path of the page with newer items
    older: str | None  # path of the page with older items

    @property
    def first(self) -> bool:
        """Return whether it is the page with the newest items."""
        return self.path == self.feed.home


def listings(every: Sequence[Feed], items: Sequence[Item], at: datetime) -> Iterator[Listing]:
    """Yield every page of every feed's list, for `items` that are shown at the moment `at`, newest first.

    What leads the front page stands there, also while it is older than the rest of it.
    """
    for feed in every:
        lead = shown.led(items, at)[0] if feed.home == paths.INDEX else None
        for leaf in leaves(feed.home, [item for item in items if feed.carries(item)]):
            leading = lead if leaf.path == paths.INDEX else None
            others = tuple(item for item in leaf.items if item is not leading)
            yield Listing(feed, leaf.path, leading, others, leaf.newer, leaf.older)
