"""Range: which part of a file is wanted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.web.ranges import wanted


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=0-", range(10)),
        ("bytes=3-5", range(3, 6)),
        ("Bytes= 3-5 ", range(3, 6)),
        ("bytes=3-99", range(3, 10)),
        ("bytes=-4", range(6, 10)),
        ("bytes=-99", range(10)),
    ],
)
def test_one_range_is_read(header: str, part: range) -> None:
    assert wanted(header, 10) == part


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-12", "bytes=-0"])
def test_a_range_behind_the_end_is_empty(header: str) -> None:
    assert wanted(header, 10) == range(0)


@pytest.mark.parametrize(
    "header", [None, "", "bytes", "bytes=", "bytes=-", "bytes=5-3", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b", "0-1"]
)
def test_other_forms_ask_for_the_whole(header: str | None) -> None:
    assert wanted(header, 10) is None


@given(st.from_regex(r"(bytes)?=?[0-9]{0,30}-?[0-9]{0,30}[,x]?"), st.integers(0, 10**12))
def test_a_part_never_leaves_the_file(header: str, size: int) -> None:
    part = wanted(header, size)
    assert part is None or not part or 0 <= part.start < part.stop <= size
