"""Which part of a file a client asks for: its Range, read (RFC 9110 section 14)."""

import re

_ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)


def wanted(header: str | None, size: int) -> range | None:
    """Return the bytes asked for of a file of `size` bytes; an empty range when it has none of them, which is a 416.

    None stands for the whole file: nothing was asked, or in a form that is ignored, as the section allows: other
    units, and several parts at once, which no client of ours needs and which cost a server most.
    """
    asked = _ONE_RANGE.fullmatch(header or "")
    if not asked or asked[0].endswith("=-") or not (asked[1] or asked[2]):
        return None
    if not asked[1]:
        return range(max(size - int(asked[2]), 0), size)
    start, stop = int(asked[1]), min(int(asked[2]) + 1, size) if asked[2] else size
    if asked[2] and int(asked[2]) < start:
        return None
    return range(start, stop)
