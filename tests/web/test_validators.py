"""Conditional requests: when the client's copy still stands."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.web.validators import http_date, part_fits, standing_tag

TAGS = ['"gz"', '"plain"']
MODIFIED = int(datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC).timestamp())
LATER, EARLIER = "Sun, 06 Nov 1994 08:49:38 GMT", "Sun, 06 Nov 1994 08:49:36 GMT"


@pytest.mark.parametrize(
    ("header", "standing"),
    [
        ('"gz"', '"gz"'),
        ('W/"gz"', '"gz"'),
        ('"plain"', '"plain"'),
        ('"plain", "gz"', '"gz"'),
        ('"other" ,W/"plain","more"', '"plain"'),
        ('"a, comma", "gz"', '"gz"'),
        ("*", '"gz"'),
        (" * ", '"gz"'),
        ('"other"', None),
        ("gz", None),
        ("", None),
        ('"*"', None),
        ('"GZ"', None),
    ],
)
def test_if_none_match_compares_weakly_with_each_tag_of_its_list(header: str, standing: str | None) -> None:
    assert standing_tag(header, None, TAGS, MODIFIED) == standing


@pytest.mark.parametrize(
    ("header", "stands"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", True),
        ("Sunday, 06-Nov-94 08:49:37 GMT", True),
        ("Sun Nov  6 08:49:37 1994", True),
        (LATER, True),
        (EARLIER, False),
        ("yesterday", False),
        ("", False),
        (None, False),
    ],
)
def test_a_copy_as_old_or_younger_stands(header: str | None, stands: bool) -> None:  # noqa: FBT001
    assert (standing_tag(None, header, TAGS, MODIFIED) is not None) == stands


def test_if_none_match_wins() -> None:
    assert standing_tag('"other"', LATER, TAGS, MODIFIED) is None
    assert standing_tag('"gz"', EARLIER, TAGS, MODIFIED) == '"gz"'


def test_a_part_fits_the_same_bytes_only() -> None:
    assert part_fits(None, '"a"', MODIFIED)
    assert part_fits('"a"', '"a"', MODIFIED)
    assert part_fits(http_date(MODIFIED), '"a"', MODIFIED)
    assert not part_fits('W/"a"', '"a"', MODIFIED)
    assert not part_fits('"b"', '"a"', MODIFIED)
    assert not part_fits(LATER, '"a"', MODIFIED)


@given(st.text(), st.text())
def test_no_header_breaks_it_and_none_that_does_not_hold_a_tag_matches(tags: str, date: str) -> None:
    standing = standing_tag(tags, date, TAGS, MODIFIED)
    assert standing is None or tags.strip() == "*" or standing in tags
    standing_tag(None, date, TAGS, MODIFIED)


_OPAQUE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters='"\x7f'))


@given(st.lists(st.tuples(_OPAQUE, st.booleans())), _OPAQUE)
def test_a_tag_is_found_exactly_where_it_stands_in_the_list(listed: list[tuple[str, bool]], own: str) -> None:
    header = ", ".join(f'{"W/" if weak else ""}"{opaque}"' for opaque, weak in listed)
    stands = any(opaque == own and _can_stand(own) for opaque, _ in listed)
    assert (standing_tag(header, None, [f'"{own}"'], MODIFIED) is not None) == stands


def _can_stand(opaque: str) -> bool:
    """Return whether an entity tag may be made of it (RFC 9110 section 8.8.3): no control characters."""
    return not any("\x7f" <= char < "\x80" for char in opaque)


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_last_modified_that_was_sent_is_accepted_back(moment: datetime) -> None:
    modified = int(moment.timestamp())
    assert standing_tag(None, http_date(modified), TAGS, modified)
    assert standing_tag(None, http_date(modified), TAGS, modified + 1) is None
