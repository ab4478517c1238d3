from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.config import Schedule
from digest.editions.slots import Slot, period, slot_of_day, slots, zone_of
from tests.editions.samples import MADRID, at, digest

ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Madrid",
        "America/New_York",
        "America/Santiago",  # its clocks change at midnight
        "America/St_Johns",
        "Africa/Cairo",  # the same, into a gap that begins the day
        "Africa/Casablanca",  # four changes a year
        "Asia/Kolkata",
        "Australia/Lord_Howe",  # half an hour
        "Pacific/Kiritimati",  # UTC+14
    )
]
FIRST, LAST = date(2024, 1, 1), date(2031, 12, 31)
ALL_DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]


Wanted = dict[str, Any] | str


def found(since: str, until: str, schedule: Wanted, exceptions: object = (), zone: ZoneInfo = MADRID) -> Sequence[Slot]:
    """Return the slots after `since` up to `until`, both in UTC."""
    wanted = digest(schedule=schedule, **({"except": exceptions} if exceptions else {}))
    return list(slots("weekly", wanted, zone, at(since), at(until)))


def days(found_slots: Sequence[Slot]) -> list[str]:
    return [f"{slot.day}" for slot in found_slots]


FRIDAYS = {"every": "week", "on": "friday", "at": "09:00"}


def test_a_daily_digest_has_a_slot_every_day() -> None:
    assert days(found("2026-11-26", "2026-11-29", {"every": "day", "at": "09:00"})) == [
        "2026-11-26",
        "2026-11-27",
        "2026-11-28",
    ]


def test_a_weekly_digest_may_have_several_days() -> None:
    twice = {"every": "week", "on": "tuesday, friday", "at": "09:00"}
    assert days(found("2026-11-23", "2026-12-02", twice)) == ["2026-11-24", "2026-11-27", "2026-12-01"]


def test_every_two_weeks_counts_from_the_week_that_it_starts_in() -> None:
    for starting, expected in (("2026-11-23", ["2026-11-27", "2026-12-11"]), ("2026-11-18", ["2026-12-04"])):
        schedule = {"every": "2 weeks", "on": "friday", "at": "09:00", "starting": starting}
        assert days(found("2026-11-23", "2026-12-12", schedule)) == expected


def test_every_two_weeks_leaves_out_every_other_week_across_the_years() -> None:
    both = found("2024-01-01", "2031-12-31", {"every": "2 weeks", "on": "monday, sunday", "at": "09:00"})
    assert {(b.day - a.day).days for a, b in pairwise(both)} == {6, 8}


def test_the_31st_is_the_last_day_in_shorter_months_and_comes_once() -> None:
    ends = {"every": "month", "on": "30, 31", "at": "09:00"}
    expected = ["2028-01-30", "2028-01-31", "2028-02-29", "2028-03-30", "2028-03-31", "2028-04-30"]
    assert days(found("2028-01-01", "2028-05-01", ends)) == expected


def test_a_month_may_have_several_days() -> None:
    halves = {"every": "month", "on": ["1", "15"], "at": "09:00"}
    assert days(found("2026-11-02", "2026-12-16", halves)) == ["2026-11-15", "2026-12-01", "2026-12-15"]


def test_a_manual_digest_has_no_slots() -> None:
    assert found("2026-01-01", "2027-01-01", "manual") == []


def test_a_slot_is_at_its_local_time_in_summer_and_in_winter() -> None:
    both = found("2026-10-23", "2026-11-01", FRIDAYS)
    assert [slot.at for slot in both] == [at("2026-10-23 07:00"), at("2026-10-30 08:00")]


def test_the_schedules_own_zone_comes_before_the_newsrooms() -> None:
    (slot,) = found("2026-11-26", "2026-11-28", FRIDAYS | {"timezone": "Asia/Tokyo"})
    assert slot.at == at("2026-11-27 00:00")
    assert zone_of(digest(schedule=FRIDAYS | {"timezone": "Asia/Tokyo"}), MADRID).key == "Asia/Tokyo"
    assert zone_of(digest(schedule="manual"), MADRID) is MADRID


def test_a_slot_in_a_repeated_hour_is_in_its_first_pass() -> None:
    (slot,) = found("2026-10-24 12:00", "2026-10-25 12:00", {"every": "day", "at": "02:30"})
    assert slot.at == at("2026-10-25 00:30")


def test_a_slot_in_a_gap_is_shifted_out_of_it() -> None:
    (slot,) = found("2026-03-28 12:00", "2026-03-29 12:00", {"every": "day", "at": "02:30"})
    assert slot.at == at("2026-03-29 01:30")
    assert slot.at.astimezone(MADRID).time() == time(3, 30)


def test_a_gap_at_the_end_of_a_day_shifts_the_slot_past_midnight_but_not_its_name() -> None:
    nuuk = ZoneInfo("America/Nuuk")
    (slot,) = found("2026-03-28 12:00", "2026-03-29 12:00", {"every": "day", "at": "23:30"}, zone=nuuk)
    assert slot.day == date(2026, 3, 28)
    assert slot.at.astimezone(nuuk).replace(tzinfo=None) == datetime(2026, 3, 29, 0, 30)  # noqa: DTZ001 - local


def test_a_moved_slot_keeps_its_name() -> None:
    (slot,) = found("2026-12-21", "2026-12-28", FRIDAYS, {"2026-12-25": "2026-12-23"})
    assert (slot.day, slot.moved_to, slot.at) == (date(2026, 12, 25), date(2026, 12, 23), at("2026-12-23 08:00"))


def test_a_skipped_slot_is_named_at_its_usual_moment() -> None:
    (slot,) = found("2026-12-28", "2027-01-04", FRIDAYS, ["2027-01-01"])
    assert (slot.day, slot.skipped, slot.at) == (date(2027, 1, 1), True, at("2027-01-01 08:00"))


def test_an_exception_for_a_day_without_a_slot_makes_none() -> None:
    assert found("2026-12-21", "2026-12-25", FRIDAYS, {"2026-12-24": "2026-12-23"}) == []


def test_a_slot_is_found_by_its_day_wherever_it_was_moved() -> None:
    moved = digest(**{"except": {"2026-12-25": "2027-02-01"}})
    slot = slot_of_day("weekly", moved, MADRID, date(2026, 12, 25))
    assert slot
    assert slot.at == at("2027-02-01 08:00")
    assert slot_of_day("weekly", moved, MADRID, date(2026, 12, 24)) is None


def test_the_bounds_are_after_the_first_and_up_to_the_second() -> None:
    assert days(found("2026-11-20 08:00", "2026-11-27 08:00", FRIDAYS)) == ["2026-11-27"]
    assert found("2026-11-27 08:00", "2026-11-27 08:00", FRIDAYS) == []
    assert found("2026-12-27", "2026-11-27", FRIDAYS) == []


@pytest.mark.parametrize(
    ("schedule", "length"),
    [
        ("manual", 7),
        ({"every": "day", "at": "09:00"}, 1),
        (FRIDAYS, 7),
        (FRIDAYS | {"every": "2 weeks"}, 14),
        ({"every": "month", "on": "1", "at": "09:00"}, 31),
    ],
)
def test_a_first_edition_looks_back_by_the_longest_way_from_slot_to_slot(schedule: Wanted, length: int) -> None:
    assert period(digest(schedule=schedule).schedule) == timedelta(days=length)


@pytest.mark.parametrize("zone", ZONES, ids=str)
@given(minute=st.integers(0, 24 * 60 - 1))
@settings(max_examples=12, deadline=None)
def test_no_slot_of_eight_years_is_missing_doubled_or_on_a_wrong_day(zone: ZoneInfo, minute: int) -> None:
    wanted = time(minute // 60, minute % 60)
    daily = digest(schedule=Schedule(every="day", at=wanted))
    before, after = datetime(2023, 12, 30, tzinfo=UTC), datetime(2032, 1, 2, tzinfo=UTC)
    all_slots = [slot for slot in slots("daily", daily, zone, before, after) if FIRST <= slot.day <= LAST]
    assert [slot.day for slot in all_slots] == ALL_DAYS
    assert all(slot.at.astimezone(zone).date() == slot.day for slot in all_slots)
    assert all(timedelta(hours=22) <= b.at - a.at <= timedelta(hours=26) for a, b in pairwise(all_slots))


moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
schedules = st.one_of(
    st.just({"every": "day", "at": "02:30"}),
    st.just({"every": "week", "on": "monday, friday", "at": "00:15"}),
    st.just({"every": "2 weeks", "on": "friday", "at": "23:45"}),
    st.just({"every": "month", "on": "1, 31", "at": "12:00"}),
)
calendar_days = st.dates(date(2025, 6, 1), date(2028, 6, 1))


@given(
    schedules,
    st.dictionaries(calendar_days, st.none() | calendar_days, max_size=5),
    st.sampled_from(ZONES),
    st.tuples(moments, moments, moments).map(sorted),
)
@settings(max_examples=60, deadline=None)
def test_two_ranges_that_meet_have_the_slots_of_the_whole(
    schedule: dict[str, Any], exceptions: dict[date, date | None], zone: ZoneInfo, bounds: list[datetime]
) -> None:
    wanted = digest(schedule=schedule).model_copy(update={"exceptions": exceptions})
    first, second, third = bounds

    def between(since: datetime, until: datetime) -> list[Slot]:
        return list(slots("weekly", wanted, zone, since, until))

    whole = between(first, third)
    assert between(first, second) + between(second, third) == whole
    assert len({slot.day for slot in whole}) == len(whole)
    assert all(slot_of_day("weekly", wanted, zone, slot.day) == slot for slot in whole)
