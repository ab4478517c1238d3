"""One build at a time, each of a later state than the one before.

Whoever publishes takes the lock first, then the time, config.yaml and the editions. One that took them before and then
waited would put an older state over a newer one: what was withdrawn would be public again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

from digest.errors import OutsideFailure


@contextmanager
def build_lock(var: Path) -> Iterator[None]:
    """Wait until nobody else builds, and let nobody else until the context ends; taken twice, it waits for itself."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        file = (var / "build.lock").open("w")
    except OSError as error:
        raise OutsideFailure(f"{var} cannot be used: {error.strerror}", "Mend its rights, or move it away.") from error
    with file:
        flock(file, LOCK_EX)
        yield
