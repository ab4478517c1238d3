"""What the public may see of the items at a moment, looked at once for everything that is made of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.config import Config
from digest.items.item import Outline, Visibility, state, visibility
from digest.items.translations import translations
from digest.site import shown
from digest.site.feeds import Feed, Sort, all_feeds


@dataclass(frozen=True)
class Survey:
    """The newsroom's items at a moment, each by its outline."""

    config: Config
    at: datetime
    items: tuple[Outline, ...]  # all of them, those the public may not see among them
    placed: tuple[Outline, ...]  # that are or were public, newest first
    shown: tuple[Outline, ...]  # that the public may see, if only as a notice, in the same order
    feeds: tuple[Feed, ...]  # the main one first
    carried: Mapping[Feed, Sequence[str]]  # slugs of what each feed has, newest first
    versions: Mapping[str, tuple[Outline, ...]]  # public versions in all languages by slug, where there are any
    states: Mapping[str, str]  # by slug, of what is shown: what changes with anything that the public sees of it

    def states_of(self, slugs: Sequence[str]) -> list[str]:
        """Return the states of these items, in their order."""
        return [self.states[slug] for slug in slugs]


def survey(config: Config, items: Sequence[Outline], at: datetime) -> Survey:
    """Return the items as they are at the moment `at`."""
    placed = shown.placed(items, at)
    seen = [item for item in placed if visibility(item, at) is not Visibility.GONE]
    feeds = all_feeds(config, {item.language for item in seen})
    return Survey(
        config=config,
        at=at,
        items=tuple(items),
        placed=tuple(placed),
        shown=tuple(seen),
        feeds=feeds,
        carried=_carried(feeds, seen),
        versions=translations(items, at),
        states={item.slug: state(item, at) for item in seen},
    )


def _carried(feeds: Sequence[Feed], items: Sequence[Outline]) -> dict[Feed, Sequence[str]]:
    kinds, topics, languages = (defaultdict[str, list[str]](list) for _ in range(3))
    for item in items:
        kinds[item.kind].append(item.slug)
        languages[item.language].append(item.slug)
        for topic in dict.fromkeys(item.topics):  # a topic may be named twice
            topics[topic].append(item.slug)
    everything = {"": [item.slug for item in items]}
    filed = {Sort.MAIN: everything, Sort.KIND: kinds, Sort.TOPIC: topics, Sort.LANGUAGE: languages}
    return {feed: filed[feed.sort].get(feed.key, ()) for feed in feeds}
