"""How far a long command has come: one line that changes on a terminal, a line now and then elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from digest import clock

_ON_A_TERMINAL: Final = 0.2  # seconds between two lines
_ELSEWHERE: Final = 10.0


@contextmanager
def progress_of(name: str) -> Iterator[Callable[[int, float], None]]:
    """Give what is told lines and the share of all, from 0 to 1; it says so on standard error, not too often."""
    terminal = sys.stderr.isatty()
    every = _ON_A_TERMINAL if terminal else _ELSEWHERE
    said = clock.monotonic()
    written = False

    def tell(lines: int, share: float) -> None:
        nonlocal said, written
        if clock.monotonic() - said < every:
            return
        said, written = clock.monotonic(), True
        how_far = f", {share:.0%}" if share else ""
        line = f"{name}: {lines:,} lines{how_far}"
        print(f"\r{line}" if terminal else line, end="" if terminal else "\n", file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        if terminal and written:
            print(file=sys.stderr)
