"""The pages that list items: the newsroom's own, and one for each kind, topic and language."""

from collections.abc import Iterator
from typing import NamedTuple

from digest.site import paths, shown
from digest.site.feeds import Feed
from digest.site.paging import leaves
from digest.site.survey import Survey


class Listing(NamedTuple):
    """One page of the list of a feed's items, which are named by their slugs."""

    feed: Feed
    path: str  # in public/
    lead: str | None  # only the front page has one
    slugs: tuple[str, ...]  # of the others, newest first
    newer: str | None  # path of the page with newer items
    older: str | None  # path of the page with older items

    @property
    def first(self) -> bool:
        """Return whether it is the page with the newest items."""
        return self.path == self.feed.home

    @property
    def everything(self) -> tuple[str, ...]:
        """Return the slugs of all its items, the lead first."""
        return (self.lead, *self.slugs) if self.lead else self.slugs


def listings(survey: Survey) -> Iterator[Listing]:
    """Yield every page of every feed's list.

    What leads the front page stands there, also while it is older than the rest of it.
    """
    lead = shown.lead(survey.shown, survey.at)
    for feed in survey.feeds:
        for leaf in leaves(feed.home, survey.carried[feed]):
            leading = lead.slug if lead and leaf.path == paths.INDEX else None
            others = tuple(slug for slug in leaf.slugs if slug != leading) if leading else leaf.slugs
            yield Listing(feed, leaf.path, leading, others, leaf.newer, leaf.older)
