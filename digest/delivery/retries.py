"""When something is tried again, and when it is given up."""

from datetime import datetime, timedelta

FIRST = timedelta(minutes=5)  # after a server said later
SOON = timedelta(minutes=1)  # after a connection was lost
LONGEST = timedelta(hours=1)
GIVE_UP = timedelta(hours=48)  # after the edition's start
FEWEST = 6  # attempts that each row has all the same: a mailing may be paused, or take days
PAUSE = timedelta(minutes=5)  # of the whole sending, when the server wants it slower
_DOUBLINGS = 10  # more of them pass LONGEST anyway


def is_due(next_at: datetime | None, at: datetime) -> bool:
    """Return whether a row is tried now: its time has come, or lies so far ahead that a clock was set back since."""
    return next_at is None or next_at <= at or next_at > at + LONGEST


def next_try(attempts: int, at: datetime, started: datetime, first: timedelta = FIRST) -> datetime | None:
    """Return when to try again after a failed attempt at `at`, or None to give up.

    The wait is `first`, doubled for each of the `attempts` before this one, and at most LONGEST.
    """
    moment = at + min(first * 2 ** min(attempts, _DOUBLINGS), LONGEST)
    return moment if moment <= started + GIVE_UP or attempts + 1 < FEWEST else None
