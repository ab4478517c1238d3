"""Which items an edition carries, and which changes of earlier ones it names.

No clock arithmetic: an item belongs to the first edition after it became public, so a skipped week loses nothing and
an imported archive, published before the digest's start, is not mailed. A change belongs to the first edition after
it became known, whatever time it bears.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from digest import urls
from digest.config import Config, Include
from digest.editions.composition import Change, Mailed
from digest.items.item import Item, Visibility, Withdrawal, visibility


def new_items(
    items: Sequence[Item], include: Include, start: datetime, cutoff: datetime, mailed: Mapping[str, Mailed]
) -> list[Item]:
    """Return what was published after `start`, is public at `cutoff`, and is in no earlier edition; newest first."""
    fresh = [
        item
        for item in items
        if visibility(item, cutoff) is Visibility.PUBLIC
        and item.published is not None
        and item.published > start
        and item.uri not in mailed
        and included(item, include)
    ]
    return sorted(fresh, key=lambda item: (item.published or cutoff, item.slug), reverse=True)


def included(item: Item, include: Include) -> bool:
    """Return whether the digest takes the item."""
    return (
        (not include.kinds or item.kind in include.kinds)
        and (not include.topics or not set(include.topics).isdisjoint(item.topics))
        and (not include.languages or item.language in include.languages)
    )


def changes_since(
    items: Sequence[Item], config: Config, cutoff: datetime, mailed: Mapping[str, Mailed]
) -> tuple[Change, ...]:
    """Return corrections and withdrawals of items that earlier editions carried, each named once, oldest first."""
    changes = [
        change
        for item in items
        if (before := mailed.get(item.uri))
        for change in _changes(item, config, cutoff, before)
    ]
    return tuple(sorted(changes, key=lambda change: (change.at, change.id)))


def _changes(item: Item, config: Config, cutoff: datetime, before: Mailed) -> list[Change]:
    if visibility(item, cutoff) is Visibility.PUBLIC:
        corrections = _corrections(item, config, cutoff, before)
        return [change for change in corrections if change.key not in before.changes_named]
    if item.withdrawn is None or item.withdrawn.at > cutoff or _named_as_withdrawn(before):
        return []
    return [_withdrawal(item, item.withdrawn, config, cutoff, before)]


def _corrections(item: Item, config: Config, cutoff: datetime, before: Mailed) -> list[Change]:
    return [
        Change(
            id=item.uri,
            slug=item.slug,
            kind=item.kind,
            topics=item.topics,
            what="corrected",
            at=correction.at,
            title=item.title,
            note=correction.note,
            url=urls.absolute(config.newsroom, urls.item_path(item.slug)),
            edition=before.edition,
        )
        for correction in item.corrections
        if correction.at <= cutoff
    ]


def _named_as_withdrawn(before: Mailed) -> bool:
    # Its time may have been mended since; readers need not be told again.
    return any(key.startswith("withdrawn ") for key in before.changes_named)


def _withdrawal(item: Item, withdrawn: Withdrawal, config: Config, cutoff: datetime, before: Mailed) -> Change:
    named = visibility(item, cutoff) is Visibility.NOTICE
    return Change(
        id=item.uri,
        slug=item.slug if named else "",
        kind=item.kind,
        topics=item.topics,
        what="withdrawn",
        at=withdrawn.at,
        title=item.title if named else None,
        note=withdrawn.reason if named else None,
        url=urls.absolute(config.newsroom, urls.item_path(item.slug)) if named else None,
        edition=before.edition,
    )
