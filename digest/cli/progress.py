"""How far a long command has come: one line that changes on a terminal, a line now and then elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from digest import clock
from digest.log import Log, Trace

if TYPE_CHECKING:
    from digest.actions.how_far import HowFar

_ON_A_TERMINAL: Final = 0.2  # seconds between two lines
_ELSEWHERE: Final = 10.0
_BAR: Final = 20  # characters


@contextmanager
def progress_of(name: str) -> Iterator[Callable[[int, float], None]]:
    """Give what is told lines and the share of all, from 0 to 1; it says so on standard error, not too often."""
    with _said_now_and_then() as say:

        def tell(lines: int, share: float) -> None:
            how_far = f", {share:.0%}" if share else ""
            say(lambda: f"{name}: {lines:,} lines{how_far}")

        yield tell


@contextmanager
def progress_of_mailing(name: str, log: Log | None) -> "Iterator[Callable[[HowFar], None]]":
    """Give what is told how far the mailing of an edition is; with a log it goes there, each time."""
    if log:
        yield lambda far: log(_entry(name, far))
        return
    with _said_now_and_then() as say:
        yield lambda far: say(lambda: _line(name, far))


def _entry(name: str, far: "HowFar") -> Trace:
    return Trace(
        f"{name}: {far.sent:,} sent, {far.left:,} left",
        event="progress",
        edition=name,
        **{**asdict(far), "rate": round(far.rate)},
        seconds_left=far.seconds_left and round(far.seconds_left),
    )


def _line(name: str, far: "HowFar") -> str:
    parts = [f"{far.done / far.total:.0%}" if far.total else "", f"{far.sent:,} sent", f"{far.left:,} left"]
    for count, what in (
        (far.refused, "refused"),
        (far.suppressed, "suppressed"),
        (far.deferrals, "deferrals"),
        (far.in_doubt, "in doubt"),
    ):
        parts += [f"{count:,} {what}"] if count else []
    parts.append(f"{far.rate:,.0f}/s")
    if far.seconds_left is not None:
        minutes, seconds = divmod(round(far.seconds_left), 60)
        parts.append(f"{minutes}:{seconds:02} to go")
    bar = "█" * (_BAR * far.done // far.total if far.total else 0)
    return f"{name} [{bar.ljust(_BAR, '·')}] {', '.join(filter(None, parts))}"


@contextmanager
def _said_now_and_then() -> "Iterator[Callable[[Callable[[], str]], None]]":
    """Give what says a line, unless one was said a moment ago; on a terminal each is written over the one before."""
    terminal = sys.stderr.isatty()
    every = _ON_A_TERMINAL if terminal else _ELSEWHERE
    said = clock.monotonic()
    written = False

    length = 0

    def say(line_now: Callable[[], str]) -> None:
        nonlocal said, written, length
        if clock.monotonic() - said < every:
            return
        said, written, line = clock.monotonic(), True, line_now()
        rest = " " * (length - len(line))
        length = len(line)
        print(f"\r{line}{rest}" if terminal else line, end="" if terminal else "\n", file=sys.stderr, flush=True)

    try:
        yield say
    finally:
        if terminal and written:
            print(file=sys.stderr)
