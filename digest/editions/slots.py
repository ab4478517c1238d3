"""When a digest's slots are: pure arithmetic on calendar days.

A slot is (digest, local date); its instant follows from the date, the time of day and the zone, and is computed anew
each time, because zone data change. No recurrence library: around the clocks' changes they skip or repeat slots.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from digest.config import WEEKDAYS, Digest, Schedule
from digest.moments import local_moment

_MONDAY = date(1970, 1, 5)  # from which sending weeks are counted when `starting` names none
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Slot:
    """One planned mailing of a digest."""

    digest: str
    day: date  # local; with the digest its name, also when it is moved
    at: datetime  # UTC
    skipped: bool = False  # by an exception of the schedule
    moved_to: date | None = None  # by an exception of the schedule


def slots(name: str, digest: Digest, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[Slot]:
    """Yield the digest's slots whose instants lie after `since` and not after `until`, in their order.

    `zone` is the newsroom's. A skipped slot is yielded at its usual instant.
    """
    # A moved slot may be far from its day, so every exception's day is looked at besides the days of the range.
    days = {*_days(since.date() - _DAY, until.date() + _DAY), *digest.exceptions}
    found = (slot_of_day(name, digest, zone, day) for day in days)
    yield from sorted(
        (slot for slot in found if slot and since < slot.at <= until), key=lambda slot: (slot.at, slot.day)
    )


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY


def slot_of_day(name: str, digest: Digest, zone: ZoneInfo, day: date) -> Slot | None:
    """Return the digest's slot that is named after `day`, wherever an exception moved it; `zone` is the newsroom's."""
    if digest.schedule is None or not _is_slot_day(digest.schedule, day):
        return None
    moved_to = digest.exceptions.get(day)
    at = local_moment(moved_to or day, digest.schedule.at, zone_of(digest, zone))
    return Slot(name, day, at, skipped=day in digest.exceptions and moved_to is None, moved_to=moved_to)


def zone_of(digest: Digest, newsroom: ZoneInfo) -> ZoneInfo:
    """Return the zone of the digest's days: its schedule's own, or the newsroom's."""
    return (digest.schedule.timezone if digest.schedule else None) or newsroom


def _is_slot_day(schedule: Schedule, day: date) -> bool:
    if schedule.every == "day":
        return True
    if schedule.every == "month":
        return any(_day_of_month(day, int(wanted)) == day.day for wanted in schedule.on)
    if WEEKDAYS[day.weekday()] not in schedule.on:
        return False
    return schedule.every == "week" or _weeks_between(schedule.starting or _MONDAY, day) % 2 == 0


def _day_of_month(day: date, wanted: int) -> int:
    """Return the wanted day, or the month's last where the month is shorter."""
    following = (day.replace(day=28) + 4 * _DAY).replace(day=1)
    return min(wanted, (following - _DAY).day)


def _weeks_between(first: date, second: date) -> int:
    return (second - timedelta(days=second.weekday()) - first + timedelta(days=first.weekday())).days // 7


def period(schedule: Schedule | None) -> timedelta:
    """Return about how long it is from slot to slot; the first edition looks that far back."""
    if schedule is None:
        return timedelta(weeks=1)
    lengths = {"day": 1, "week": 7, "2 weeks": 14, "month": 31}
    return timedelta(days=lengths[schedule.every])
