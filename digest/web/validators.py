"""Whether a client's copy still stands: its conditional headers, read (RFC 9110 section 13)."""

import re
from collections.abc import Sequence
from datetime import UTC
from email.utils import formatdate, parsedate_to_datetime

_ENTITY_TAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')  # without `W/`; a comma may stand in it (section 8.8.3)


def standing_tag(
    if_none_match: str | None, if_modified_since: str | None, tags: Sequence[str], modified: int
) -> str | None:
    """Return the entity tag of the client's copy if it stands, which answers 304; None when it is out of date.

    `tags` are those of every encoding that the client takes, the one to send first; `modified` is in seconds since
    1970. If-None-Match compares weakly and leaves If-Modified-Since without a say (section 13.2.2).
    """
    if if_none_match is not None:
        if if_none_match.strip() == "*":
            return tags[0]
        given = set(_ENTITY_TAG.findall(if_none_match))
        return next((tag for tag in tags if tag in given), None)
    since = _seconds(if_modified_since)
    return tags[0] if since is not None and since >= modified else None


def part_fits(if_range: str | None, tag: str, modified: int) -> bool:
    """Return whether a part of the file fits what the client has of it (section 13.1.5), compared strongly."""
    return if_range is None or if_range.strip() in {tag, http_date(modified)}


def http_date(moment: int) -> str:
    """Return seconds since 1970 as Last-Modified has them (section 5.6.7)."""
    return formatdate(moment, usegmt=True)


def _seconds(date: str | None) -> float | None:
    """Return a date of any of the three forms of section 5.6.7 in seconds since 1970; None when it is none."""
    try:
        moment = parsedate_to_datetime(date or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
