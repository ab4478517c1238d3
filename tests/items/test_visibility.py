from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.items.item import (
    ALWAYS,
    ItemFields,
    Visibility,
    is_featured,
    last_changed,
    moments_of_change,
    visibility,
)
from tests.items.samples import NOW, id_of

DAY = timedelta(days=1)
BEFORE, AFTER = NOW - DAY, NOW + DAY
MOMENTS = st.none() | st.sampled_from([NOW + n * DAY for n in range(-3, 4)])


def item(
    published: datetime | None, withdrawn: datetime | None = None, show: str = "notice", **fields: object
) -> ItemFields:
    taken_back = {"at": withdrawn, "reason": "An error", "show": show} if withdrawn else None
    usual = {"id": id_of("x"), "kind": "report", "title": "T", "published": published, "withdrawn": taken_back}
    return ItemFields.model_validate(usual | fields)


@pytest.mark.parametrize(
    ("published", "withdrawn", "seen"),
    [
        (None, None, "hidden"),
        (None, BEFORE, "hidden"),
        (AFTER, None, "hidden"),
        (AFTER, BEFORE, "hidden"),
        (AFTER, NOW, "hidden"),
        (AFTER, AFTER + DAY, "hidden"),
        (NOW, None, "public"),
        (BEFORE, None, "public"),
        (BEFORE, AFTER, "public"),
        (NOW, AFTER, "public"),
        (BEFORE, NOW, "withdrawn"),
        (BEFORE - DAY, BEFORE, "withdrawn"),
        (NOW, NOW, "hidden"),
        (BEFORE, BEFORE, "hidden"),
        (BEFORE, BEFORE - DAY, "hidden"),
    ],
)
def test_what_the_public_sees(published: datetime | None, withdrawn: datetime | None, seen: str) -> None:
    as_notice, as_nothing = (visibility(item(published, withdrawn, show), NOW).value for show in ("notice", "nothing"))

    assert as_notice == (seen if seen != "withdrawn" else "notice")
    assert as_nothing == (seen if seen != "withdrawn" else "gone")


def test_the_truth_table_is_complete() -> None:
    offsets = (None, -2, -1, 0, 1, 2)
    for published, withdrawn, show in product(offsets, offsets, ("notice", "nothing")):
        one = item(_days_from_now(published), _days_from_now(withdrawn), show)
        if published is None or published > 0:
            expected = Visibility.HIDDEN
        elif withdrawn is None or withdrawn > 0:
            expected = Visibility.PUBLIC
        elif withdrawn <= published:
            expected = Visibility.HIDDEN
        else:
            expected = Visibility.NOTICE if show == "notice" else Visibility.GONE
        assert visibility(one, NOW) is expected


def _days_from_now(days: int | None) -> datetime | None:
    return None if days is None else NOW + days * DAY


@given(MOMENTS, MOMENTS, st.sampled_from(["notice", "nothing"]), st.integers(-200, 200))
def test_nothing_is_seen_before_it_is_published(
    published: datetime | None, withdrawn: datetime | None, show: str, hours: int
) -> None:
    at = NOW + timedelta(hours=hours)

    if published is None or at < published:
        assert visibility(item(published, withdrawn, show), at) is Visibility.HIDDEN


@given(MOMENTS, MOMENTS, st.integers(-200, 200), st.integers(0, 200))
def test_what_was_withdrawn_never_comes_back(
    published: datetime | None, withdrawn: datetime | None, hours: int, later: int
) -> None:
    one, at = item(published, withdrawn), NOW + timedelta(hours=hours)

    if visibility(one, at) is Visibility.NOTICE:
        assert visibility(one, at + timedelta(hours=later)) is Visibility.NOTICE


@given(MOMENTS, MOMENTS, MOMENTS, st.integers(-200, 200))
def test_what_is_seen_changes_only_at_the_moments_named(
    published: datetime | None, withdrawn: datetime | None, featured: datetime | None, hours: int
) -> None:
    one, at = item(published, withdrawn, featured=featured), NOW + timedelta(hours=hours)
    then = at + timedelta(hours=1)

    if not any(at < moment <= then for moment in moments_of_change(one)):
        assert visibility(one, at) is visibility(one, then)
        assert is_featured(one, at) == is_featured(one, then)


def test_the_last_change_is_the_latest_that_is_not_in_the_future() -> None:
    corrections = [{"at": BEFORE, "note": "A name"}, {"at": AFTER, "note": "A number"}]
    one = item(BEFORE - 3 * DAY, NOW + 2 * DAY, updated=BEFORE - DAY, corrections=corrections)

    seen = [last_changed(one, NOW + n * DAY) for n in (-3, -2, 0, 1, 2)]

    assert seen == [BEFORE - 3 * DAY, BEFORE - DAY, BEFORE, AFTER, NOW + 2 * DAY]


def test_an_item_leads_until_its_moment() -> None:
    assert [is_featured(item(BEFORE, featured=until), NOW) for until in (None, NOW, AFTER, ALWAYS)] == [
        False,
        False,
        True,
        True,
    ]
    assert ALWAYS not in moments_of_change(item(BEFORE, featured=ALWAYS))
