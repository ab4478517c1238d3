"""The coming slots, rehearsed for the staff who plan: when, with what notes, for whom, with what in the next one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice

from digest.actions.compose import current_items, draft, frozen_content
from digest.actions.newsroom import Newsroom
from digest.actions.ports import Store
from digest.config import Digest
from digest.editions.edition import Edition, State
from digest.editions.slots import Slot, slots, zone_of
from digest.moments import for_people, to_stored

_FAR = timedelta(days=800)  # two years hold every slot that anybody plans for


@dataclass(frozen=True)
class Rehearsal:
    """One slot to come."""

    edition: str  # id
    local: str  # in the digest's zone
    utc: str
    recipients: int  # confirmed today
    items: int | None  # in the digest's next one, as composed or, if it is not, from today's files; None for others
    note: str  # how far its edition is, exceptions, daylight saving


def rehearse(newsroom: Newsroom, store: Store, at: datetime, limit: int) -> list[Rehearsal]:
    """Return the next `limit` slots of all digests, the nearest first."""
    rows = [
        row
        for name, digest in newsroom.config.digests.items()
        for row in _rows(newsroom, store, name, digest, at, limit)
    ]
    return sorted(rows, key=lambda row: (row.utc, row.edition))[:limit]


def _rows(  # noqa: PLR0913, PLR0917 - a row's ingredients
    newsroom: Newsroom, store: Store, name: str, digest: Digest, at: datetime, limit: int
) -> Iterator[Rehearsal]:
    zone = zone_of(digest, newsroom.config.newsroom.timezone)
    recipients = store.audience.count(name)
    coming = list(islice(slots(name, digest, newsroom.config.newsroom.timezone, at, at + _FAR), limit))
    following = next((slot for slot in coming if not slot.skipped), None)
    for slot in coming:
        edition = store.editions.get(name, slot.day, 1) or Edition(0, name, slot.day, 1, State.PLANNED, slot.at)
        yield Rehearsal(
            edition=edition.id,
            local=f"{for_people(slot.at, zone)} {slot.at.astimezone(zone):%Z}",
            utc=to_stored(slot.at),
            recipients=recipients,
            items=_items(newsroom, store, edition, at) if slot == following else None,
            note="; ".join(_notes(edition, slot, digest, slot.at.astimezone(zone))),
        )


def _items(newsroom: Newsroom, store: Store, edition: Edition, at: datetime) -> int:
    if edition.content_sha:
        return len(frozen_content(newsroom, edition).composition.entries)
    return len(draft(newsroom, store, edition, current_items(newsroom), at)[0].entries)


def _notes(edition: Edition, slot: Slot, digest: Digest, local: datetime) -> Iterator[str]:
    if slot.skipped:
        yield "skipped by `except`"
        return
    if edition.state is not State.PLANNED:
        yield str(edition.state)
    if slot.moved_to:
        yield f"moved from {slot.day} by `except`"
    if digest.schedule:
        yield from _clock_notes(local, digest.schedule.at)


def _clock_notes(local: datetime, wanted: time) -> Iterator[str]:
    """Yield what is unusual about the clocks of the slot's day."""
    midnight = local.replace(hour=0, minute=0, second=0)
    if local.time() != wanted:
        yield f"{wanted:%H:%M} does not exist that day: the clocks go forward"
    elif local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        yield "that hour comes twice: the first is meant"
    elif midnight.utcoffset() != (midnight + timedelta(days=1)).utcoffset():
        yield "the clocks change that day"
