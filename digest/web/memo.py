"""What takes long to make of the newsroom, and is made anew only when its config.yaml or some of its files change."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Generic, TypeVar

from digest.actions.newsroom import Newsroom
from digest.config import Config

_Stamp = tuple[str, tuple[int, int] | None]  # the file, its time and size; None where there is none
Made = TypeVar("Made")


class Memo(Generic[Made]):
    """Keeps the last that was made; for any number of threads, of which several may make the same at once."""

    def __init__(self, make: Callable[[Newsroom], Made], files: Callable[[Newsroom], Iterable[str | Path]]) -> None:
        self._make = make
        self._files = files  # of which it is made
        self._kept: tuple[Config, list[_Stamp], Made] | None = None  # assigned at once: others read it meanwhile

    def of(self, newsroom: Newsroom) -> Made:
        """Return what was made of the newsroom as it is now."""
        stamps = [_stamp(file) for file in self._files(newsroom)]
        kept = self._kept
        if kept is None or kept[0] is not newsroom.config or kept[1] != stamps:
            kept = self._kept = newsroom.config, stamps, self._make(newsroom)
        return kept[2]


def _stamp(file: str | Path) -> _Stamp:
    try:
        status = os.stat(file)  # noqa: PTH116 - each file of each page that is asked for
    except OSError:
        return str(file), None
    return str(file), (status.st_mtime_ns, status.st_size)
