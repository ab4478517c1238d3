"""A page cut into pieces: head, section heads, entries, foot. A variant of an edition is a selection of them."""

import re
from dataclasses import dataclass

_CUT = re.compile(r"<!-- cut: ([a-z0-9 -]+) -->\n?")


@dataclass(frozen=True)
class Segment:
    """A piece of a page that makes sense with or without its neighbours."""

    name: str  # `head`, `section KIND`, `entry SLUG`, `foot` …
    text: str  # ends a line


def segments(page: str) -> tuple[Segment, ...]:
    """Return the page cut at its `<!-- cut: NAME -->` lines, which are left out; what is before the first is `head`."""
    pieces = ["head", *_CUT.split(page)]
    return tuple(Segment(*pair) for pair in zip(pieces[::2], pieces[1::2], strict=True))


def joined(page: str) -> str:
    """Return the page without its cuts."""
    return _CUT.sub("", page)
