"""Times as people write them: moments, days, times of day and durations.

A moment is `2026-11-18 09:30` in the newsroom's zone, the same with a zone (`2026-11-18 00:01 GMT`), or RFC 3339
with an offset. Every parser raises UnfitText.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digest.errors import UnfitText

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME_OF_DAY = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_MOMENT = re.compile(
    rf"(?P<day>{_DAY.pattern})"
    r"(?:[T ](?P<time>[0-9:]+)(?:\.[0-9]+)?\s*(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2}|[A-Za-z][\w+/-]*)?)?"
)
_YEARS = range(1900, 3000)  # others are typing errors; and within them no arithmetic leaves the calendar
_DURATION = re.compile(r"([0-9]{1,5})\s*([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
MOMENT_FORMS = "2026-11-18 09:30, 2026-11-18 00:01 GMT or 2026-11-18T09:30:00+01:00"


def zone_named(name: str) -> ZoneInfo:
    """Return the time zone `name` of the IANA data, such as Europe/Madrid."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones
        raise UnfitText(f"{name!r} is not a time zone", "Write an IANA name, such as Europe/Madrid.") from None


def parse_moment(text: str, zone: ZoneInfo) -> datetime:
    """Return the moment in UTC; a text without a zone is in `zone`, one without a time is that day's start there."""
    found = _MOMENT.fullmatch(text.strip())
    if not found:
        raise UnfitText(f"{text!r} is not a time", f"Write it like {MOMENT_FORMS}.")
    day = parse_day(found["day"])
    if found["time"] is None:
        return local_moment(day, time(), zone)
    time_of_day = parse_time_of_day(found["time"])
    if found["zone"] is None:
        return local_moment(day, time_of_day, zone, strict=True)
    if found["zone"] == "Z" or not found["zone"][0].isalpha():
        return _with_offset(day, time_of_day, found["zone"])
    return local_moment(day, time_of_day, zone_named(found["zone"]), strict=True)


def _with_offset(day: date, at: time, offset: str) -> datetime:
    try:
        return datetime.fromisoformat(f"{day}T{at}{offset}").astimezone(UTC)
    except ValueError:
        raise UnfitText(f"{offset!r} is not an offset", "Write it like +01:00.") from None


def local_moment(day: date, at: time, zone: ZoneInfo, *, strict: bool = False) -> datetime:
    """Return in UTC when the clocks of `zone` show `at` on `day`.

    A repeated hour means its first pass (fold=0). A time that the clocks skip is shifted out of the gap, or with
    `strict` refused.
    """
    local = datetime.combine(day, at)
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    shown = moment.astimezone(zone).replace(tzinfo=None)
    if strict and shown != local:
        raise UnfitText(
            f"{local:%Y-%m-%d %H:%M} does not exist in {zone.key}: the clocks skip it",
            f"Write {shown:%Y-%m-%d %H:%M} or another time.",
        )
    return moment


def parse_day(text: str) -> date:
    """Return the calendar day of `2026-11-18`."""
    try:
        day = date.fromisoformat(text.strip()) if _DAY.fullmatch(text.strip()) else None
    except ValueError:
        day = None
    if day is None:
        raise UnfitText(f"{text!r} is not a day", "Write it like 2026-11-18.")
    if day.year not in _YEARS:
        raise UnfitText(f"{day.year:04} is not a year of ours", f"Write one from {_YEARS[0]} to {_YEARS[-1]}.")
    return day


def parse_time_of_day(text: str) -> time:
    """Return the time of day of `09:00` or `09:00:30`."""
    found = _TIME_OF_DAY.fullmatch(text.strip())
    if not found:
        raise UnfitText(f"{text!r} is not a time of day", 'Write it like "09:00".')
    hour, minute, second = (int(part or 0) for part in found.groups())
    return time(hour, minute, second)


def parse_duration(text: str) -> timedelta:
    """Return the length of `90m`, `24h`, `30d` or `2w`."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise UnfitText(f"{text!r} is not a duration", "Write it like 90m, 24h, 30d or 2w.")
    return int(found[1]) * _UNITS[found[2]]


def to_stored(moment: datetime) -> str:
    """Return the moment as databases and manifests keep it: `2026-11-18T08:30:00Z`."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def from_stored(text: str) -> datetime:
    """Return the moment that `to_stored` wrote."""
    return datetime.fromisoformat(text)


def for_people(moment: datetime, zone: ZoneInfo) -> str:
    """Return the moment as tables and messages show it: `Fri 2026-11-27 09:00`, in `zone`."""
    return moment.astimezone(zone).strftime("%a %Y-%m-%d %H:%M")
