"""A program measured as a whole: its seconds, or the memory of all its processes."""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from digest import clock

_LOOK = 0.01  # seconds between two looks at the memory
_HELD = re.compile(r"^Pss: +([0-9]+) kB$", re.MULTILINE)


def timed(command: Sequence[str]) -> tuple[float, str]:
    """Return the seconds that the program runs, and what it prints."""
    os.sync()  # so that it does not wait for what the one before left to be written
    began = clock.monotonic()
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=_environment()).stdout
    return clock.monotonic() - began, said


def peak(command: Sequence[str]) -> float:
    """Return how many MB the program and all processes below it hold at once at most.

    They are added up as proportional set sizes, in which what several processes share counts once. Looking takes time
    from the program, so its seconds are measured in another run.
    """
    most = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=_environment()) as program:
        while program.poll() is None:
            most = max(most, sum(map(_held, _family(program.pid))))
            clock.sleep(_LOOK)
    if program.returncode:
        raise subprocess.CalledProcessError(program.returncode, command)
    return most / 1024


def _environment() -> dict[str, str]:
    """Return the environment in which Python keeps what it compiled, as it does unless somebody forbids it."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _family(process: int) -> Iterator[int]:
    """Yield the process and all below it; what ends meanwhile has nothing below it."""
    yield process
    with suppress(OSError):
        for file in Path(f"/proc/{process}/task").glob("*/children"):
            for child in file.read_text().split():
                yield from _family(int(child))


def _held(process: int) -> int:
    """Return the kB that the process holds; none once it has ended."""
    with suppress(OSError):
        if found := _HELD.search(Path(f"/proc/{process}/smaps_rollup").read_text()):
            return int(found[1])
    return 0
