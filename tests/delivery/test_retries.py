from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.delivery import retries
from digest.delivery.retries import next_try

STARTED = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


def test_waits_double_from_five_minutes_to_an_hour() -> None:
    moments = [next_try(attempts, STARTED, STARTED) for attempts in range(7)]
    assert [(moment - STARTED).total_seconds() / 60 for moment in moments if moment] == [5, 10, 20, 40, 60, 60, 60]


def test_a_lost_connection_is_tried_again_sooner() -> None:
    assert next_try(0, STARTED, STARTED, retries.SOON) == STARTED + timedelta(minutes=1)


def test_two_days_after_the_start_it_is_given_up() -> None:
    last = STARTED + timedelta(hours=47)
    assert next_try(50, last, STARTED) == STARTED + timedelta(hours=48)
    assert next_try(50, last + timedelta(seconds=1), STARTED) is None


@given(st.integers(0, 10**9), st.timedeltas(timedelta(0), timedelta(days=30)))
def test_a_next_try_is_always_later_and_beyond_the_end_only_where_there_were_few(
    attempts: int, since: timedelta
) -> None:
    moment = next_try(attempts, STARTED + since, STARTED)
    if attempts + 1 < retries.FEWEST:
        assert moment
    assert moment is None or moment > STARTED + since
    assert moment is None or moment <= STARTED + retries.GIVE_UP or attempts + 1 < retries.FEWEST


def test_who_is_served_late_because_the_mailing_took_days_has_some_attempts_all_the_same() -> None:
    late = STARTED + timedelta(days=5)
    tries = [next_try(attempts, late, STARTED) for attempts in range(retries.FEWEST)]
    assert all(tries[:-1])
    assert tries[-1] is None
