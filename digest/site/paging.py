"""A long list over several pages, numbered from the oldest, so that a new item rewrites hardly any of them.

newest ─▶ first page: up to 23 items ─▶ … ─▶ page 2: 12 items ─▶ page 1: the oldest 12
"""

from collections.abc import Sequence
from typing import NamedTuple

from digest.site import paths

PAGE_SIZE = 12  # items; the first page has up to one less than twice as many


class Leaf(NamedTuple):
    """One page of a list."""

    path: str  # in public/
    slugs: tuple[str, ...]  # of its items, the newest first
    newer: str | None  # path of the page with newer items
    older: str | None  # path of the page with older items


def leaves(home: str, slugs: Sequence[str]) -> list[Leaf]:
    """Return the pages of the list at `home`, the newest first, for items, by their slugs, in that order.

    A page of its own is what fills one and leaves the first at least as much: so a new item rewrites the first page,
    and once in PAGE_SIZE items makes one and turns the next one's link to it.
    """
    full = max(len(slugs) // PAGE_SIZE - 1, 0)
    first = len(slugs) - full * PAGE_SIZE
    where = [home, *(paths.numbered(home, number) for number in range(full, 0, -1))]
    begins = [0, *range(first, len(slugs), PAGE_SIZE)][: len(where)]
    ends = [*begins[1:], len(slugs)]
    return [
        Leaf(path, tuple(slugs[begin:end]), newer, older)
        for path, begin, end, newer, older in zip(
            where, begins, ends, [None, *where[:-1]], [*where[1:], None], strict=True
        )
    ]
