"""The only place that asks for the time and for chance; everywhere else both are arguments."""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """Return this moment in UTC, to the whole second, as every stored time is."""
    return datetime.now(UTC).replace(microsecond=0)


def fixed(moment: datetime) -> Clock:
    """Return a clock that stands still at `moment`."""
    return lambda: moment


def monotonic() -> float:
    """Return seconds on a clock that never jumps; only differences mean anything."""
    return time.monotonic()


def since_boot() -> float:
    """Return seconds on a clock that never jumps and, where the system has one, goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def sleep(seconds: float) -> None:
    """Wait for `seconds`."""
    time.sleep(seconds)


def new_uuid() -> str:
    """Return a fresh random UUID (RFC 9562 section 5.4) in its usual form."""
    return str(uuid.uuid4())
