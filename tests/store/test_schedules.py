from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.engine import Engine

from digest.store.schedules import Schedules

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def schedules(engine: Engine) -> Schedules:
    return Schedules(engine)


def test_a_digest_starts_where_it_was_first_asked_about(schedules: Schedules) -> None:
    assert schedules.start_of("weekly", NOON) == NOON
    assert schedules.start_of("weekly", NOON + HOUR) == NOON
    assert schedules.start_of("daily", NOON + HOUR) == NOON + HOUR


def test_what_has_been_seen_and_the_start_are_kept_apart(schedules: Schedules) -> None:
    assert schedules.seen_until("weekly", NOON) == NOON
    assert schedules.start_of("weekly", NOON - HOUR) == NOON - HOUR
    assert schedules.seen_until("weekly", NOON + HOUR) == NOON


def test_what_has_been_seen_never_goes_back(schedules: Schedules) -> None:
    schedules.mark_seen("weekly", NOON)
    schedules.mark_seen("weekly", NOON - HOUR)
    assert schedules.seen_until("weekly", NOON + 9 * HOUR) == NOON
    schedules.mark_seen("weekly", NOON + HOUR)
    assert schedules.seen_until("weekly", NOON) == NOON + HOUR


def test_a_digest_with_a_start_alone_can_be_marked_as_seen(schedules: Schedules) -> None:
    schedules.start_of("weekly", NOON)
    schedules.mark_seen("weekly", NOON)
    assert schedules.seen_until("weekly", NOON + HOUR) == NOON


def test_the_last_beat_is_the_latest_one(schedules: Schedules) -> None:
    assert schedules.last_beat("scheduler") is None
    schedules.beat("scheduler", NOON)
    schedules.beat("scheduler", NOON + HOUR)
    assert schedules.last_beat("scheduler") == NOON + HOUR
    assert schedules.last_beat("sender") is None
