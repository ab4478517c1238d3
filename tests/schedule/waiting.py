"""Waiting for what another thread does."""

import time
from collections.abc import Callable

from digest import clock

_PATIENCE = 10.0  # seconds


def eventually(holds: Callable[[], bool]) -> None:
    """Return as soon as it holds."""
    deadline = clock.monotonic() + _PATIENCE
    while not holds():
        assert clock.monotonic() < deadline
        time.sleep(0.005)
