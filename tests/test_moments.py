from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import moments
from digest.errors import UnfitText
from digest.moments import from_stored, parse_day, parse_duration, parse_moment, parse_time_of_day, to_stored

MADRID = ZoneInfo("Europe/Madrid")
ZONES = st.sampled_from(["Europe/Madrid", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "UTC"]).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2990, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-18 09:30", "2026-11-18T08:30:00Z"),
        ("2026-07-18 9:30", "2026-07-18T07:30:00Z"),
        (" 2026-11-18T09:30:15 ", "2026-11-18T08:30:15Z"),
        ("2026-11-18", "2026-11-17T23:00:00Z"),
        ("2026-11-18 00:01 GMT", "2026-11-18T00:01:00Z"),
        ("2026-11-18 09:30 America/New_York", "2026-11-18T14:30:00Z"),
        ("2026-11-18T09:30:00+05:45", "2026-11-18T03:45:00Z"),
        ("2026-11-18T09:30:00-0300", "2026-11-18T12:30:00Z"),
        ("2026-11-18T09:30:00.999Z", "2026-11-18T09:30:00Z"),
        ("2026-10-25 02:30", "2026-10-25T00:30:00Z"),  # the first of the repeated hour
        ("2026-10-25 02:30 +01:00", "2026-10-25T01:30:00Z"),  # its second pass has to be said
    ],
)
def test_a_moment_is_read_in_the_newsrooms_zone_unless_it_names_another(text: str, moment: str) -> None:
    assert parse_moment(text, MADRID) == from_stored(moment)


@pytest.mark.parametrize(
    "text",
    [
        "", "tomorrow", "18.11.2026", "2026-11-31", "2026-02-29", "2026-13-01", "2026-11-18 24:00", "2026-11-18 09:60",
        "2026-11-18 9", "2026-11-18 09:30 Europe/Madird", "2026-11-18 09:30 +99:99", "2026-11-18 09:30 +25:00",
        "2026-11-18 GMT", "20261118", "0226-11-18", "9999-12-31 23:59 -14:00", "0001-01-01 00:00 +14:00",
        "٢٣٤٥-٢٣-٢٣", "2026-11-18 ٢٣:٣٤", "2026-11-18\n09:30",
    ],
)  # fmt: skip
def test_what_is_no_moment_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(UnfitText) as caught:
        parse_moment(text, MADRID)

    assert caught.value.remedy.startswith(("Write", "Choose"))


def test_a_time_that_the_clocks_skip_is_refused_and_the_next_one_named() -> None:
    with pytest.raises(UnfitText) as caught:
        parse_moment("2027-03-28 02:30", MADRID)

    assert str(caught.value) == (
        "2027-03-28 02:30 does not exist in Europe/Madrid: the clocks skip it. Write 2027-03-28 03:30 or another time."
    )


def test_a_skipped_time_with_an_offset_is_a_moment() -> None:
    assert parse_moment("2027-03-28 02:30 +01:00", MADRID) == from_stored("2027-03-28T01:30:00Z")


def test_a_day_whose_midnight_is_skipped_starts_when_its_clocks_do() -> None:
    beirut = ZoneInfo("Asia/Beirut")

    assert parse_moment("2026-03-29", beirut) == from_stored("2026-03-28T22:00:00Z")


def test_the_planners_arithmetic_is_shifted_out_of_a_gap_not_refused() -> None:
    assert moments.local_moment(date(2027, 3, 28), time(2, 30), MADRID) == from_stored("2027-03-28T01:30:00Z")


@pytest.mark.parametrize(
    ("text", "at"), [("09:00", time(9)), ("9:00", time(9)), ("23:59:58", time(23, 59, 58)), (" 0:05 ", time(0, 5))]
)
def test_a_time_of_day_is_hours_and_minutes(text: str, at: time) -> None:
    assert parse_time_of_day(text) == at


@pytest.mark.parametrize(
    "text", ["", "9", "0900", "24:00", "09:60", "09:00Z", "09:00+01:00", "T09:00", "090000.5", "٢٣:٣٤"]
)
def test_other_times_of_day_are_refused(text: str) -> None:
    with pytest.raises(UnfitText, match="is not a time of day"):
        parse_time_of_day(text)


@pytest.mark.parametrize("text", ["", "20261118", "2026-W47-3", "2026-1-8", "2026-11-18 09:00"])
def test_other_days_are_refused(text: str) -> None:
    with pytest.raises(UnfitText, match="is not a day"):
        parse_day(text)


@pytest.mark.parametrize(
    ("text", "length"),
    [("90m", timedelta(minutes=90)), ("24h", timedelta(days=1)), ("30d", timedelta(days=30)), ("2 w", timedelta(14))],
)
def test_a_duration_is_a_number_and_a_unit(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["", "24", "h", "-1h", "1.5h", "24 hours", "999999d", "٣h"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(UnfitText, match="is not a duration"):
        parse_duration(text)


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d{1,2}:\d\d(:\d\d)?\s?(Z|[+-]\d\d:?\d\d|[A-Z]\w+)?"), ZONES)
def test_no_text_gives_anything_but_a_moment_or_a_remedy(text: str, zone: ZoneInfo) -> None:
    try:
        moment = parse_moment(text, zone)
    except UnfitText:
        return
    assert moment.utcoffset() == timedelta(0)
    assert from_stored(to_stored(moment)) == moment


@given(MOMENTS, ZONES)
def test_a_moment_written_with_its_offset_comes_back(moment: datetime, zone: ZoneInfo) -> None:
    moment = moment.replace(microsecond=0)

    assert parse_moment(moment.isoformat(), zone) == moment
    assert parse_moment(to_stored(moment), zone) == moment


@given(MOMENTS, ZONES)
def test_a_moment_written_as_the_local_clocks_show_it_comes_back(moment: datetime, zone: ZoneInfo) -> None:
    local = moment.replace(microsecond=0).astimezone(zone)
    read = parse_moment(f"{local:%Y-%m-%d %H:%M:%S}", zone)

    assert read == moment.replace(microsecond=0) or local.fold == 1  # the first pass of a repeated hour is meant


def test_tables_show_the_weekday_and_the_local_time() -> None:
    assert moments.for_people(from_stored("2026-11-27T08:00:00Z"), MADRID) == "Fri 2026-11-27 09:00"
