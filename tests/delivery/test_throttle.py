from datetime import UTC, datetime, timedelta

import pytest

from digest import clock
from digest.delivery import retries
from digest.delivery.outcomes import Health
from digest.delivery.throttle import PATIENCE, RECOVERY, Limits, Throttle

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 28, tzinfo=UTC)
SLOWER = "451 4.7.1 slower (at RCPT)"


class Day:
    """An allowance held in memory."""

    def __init__(self) -> None:
        self.given = 0
        self.asked = 0

    def take(self, server: str, most: int, wanted: int, at: datetime) -> int:
        assert server == "relay.example:25"
        assert at.tzinfo
        self.asked += 1
        granted = max(0, min(wanted, most - self.given))
        self.given += granted
        return granted

    def give_back(self, server: str, number: int, at: datetime) -> None:
        assert server
        assert at.tzinfo
        self.given -= number


def throttled(day: Day | None = None, **limits: int) -> Throttle:
    return Throttle("relay.example:25", Limits(**limits), day)


def test_a_server_that_wants_it_slower_rests_and_gets_half_the_connections() -> None:
    relay = throttled(connections=8)
    relay.note(Health.OVERLOADED, SLOWER, NOON)
    assert relay.rest(NOON) == (NOON + retries.PAUSE, SLOWER)
    assert relay.rest(NOON + retries.PAUSE) is None
    assert relay.connections(NOON) == 4


def test_all_connections_may_hear_of_it_at_once_and_it_is_halved_once() -> None:
    relay = throttled(connections=8)
    for _ in range(8):
        relay.note(Health.OVERLOADED, SLOWER, NOON)
    assert relay.connections(NOON) == 4


def test_one_connection_is_always_left() -> None:
    relay = throttled(connections=8)
    for round_ in range(10):
        relay.note(Health.OVERLOADED, SLOWER, NOON + round_ * retries.PAUSE)
    assert relay.connections(NOON + 10 * retries.PAUSE) == 1


def test_connections_come_back_twofold_each_half_hour() -> None:
    relay = throttled(connections=8)
    relay.note(Health.OVERLOADED, SLOWER, NOON)
    relay.note(Health.OVERLOADED, SLOWER, NOON + retries.PAUSE)
    since = NOON + retries.PAUSE
    assert [relay.connections(since + part * RECOVERY / 2) for part in range(6)] == [2, 2, 4, 4, 8, 8]
    assert relay.connections(since + timedelta(days=400)) == 8


def test_three_failures_in_a_row_make_it_rest_and_a_success_between_does_not() -> None:
    relay = throttled()
    for health in [Health.AILING] * (PATIENCE - 1) + [Health.WELL] + [Health.AILING] * (PATIENCE - 1):
        relay.note(health, "452 4.3.1 full", NOON)
        assert relay.rest(NOON) is None
    relay.note(Health.AILING, "452 4.3.1 full", NOON)
    assert relay.rest(NOON)
    assert relay.connections(NOON) == 1


def test_what_is_refused_for_its_content_says_nothing_about_the_server() -> None:
    relay = throttled()
    for _ in range(10):
        relay.note(Health.REFUSES, "554 5.7.1 spam", NOON)
    assert relay.rest(NOON) is None


def test_so_many_messages_begin_a_second_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(clock, "monotonic", lambda: now)
    relay, began = throttled(per_second=50), []
    while now < 1003.0:
        if relay.wait() == 0.0:
            assert relay.begin(NOON)
            began.append(now)
        now += 0.001
    assert 140 <= len(began) <= 150
    for moment in began:
        assert sum(moment <= other < moment + 1 for other in began) <= 50


def test_a_day_has_so_many_messages_and_then_the_server_rests_until_midnight() -> None:
    day = Day()
    relay = throttled(day, per_day=250)
    assert [relay.begin(NOON) for _ in range(252)] == [True] * 250 + [False] * 2
    assert day.given == 250
    assert day.asked < 30
    rest = relay.rest(NOON)
    assert rest
    assert rest[0] == MIDNIGHT
    assert "250 messages of the day" in rest[1]


def test_a_small_allowance_is_given_out_to_the_last_message() -> None:
    relay = throttled(Day(), per_day=3)
    assert [relay.begin(NOON) for _ in range(4)] == [True] * 3 + [False]


def test_what_was_taken_and_not_needed_is_given_back() -> None:
    day = Day()
    relay = throttled(day, per_day=10_000)
    relay.begin(NOON)
    relay.give_back(NOON)
    relay.give_back(NOON)
    assert day.given == 1


def test_what_was_taken_yesterday_is_of_no_use_today() -> None:
    day = Day()
    relay = throttled(day, per_day=10_000)
    relay.begin(NOON)
    taken = day.given
    relay.begin(MIDNIGHT)
    assert day.given == 2 * taken


def test_a_clock_that_is_set_back_leaves_the_fewer_connections() -> None:
    relay = throttled(connections=8)
    relay.note(Health.OVERLOADED, SLOWER, NOON)
    assert relay.connections(NOON - timedelta(days=1)) == 4


def test_half_of_what_it_has_by_then_is_taken_from_a_server_that_wants_it_slower_again() -> None:
    relay = throttled(connections=8)
    relay.note(Health.OVERLOADED, SLOWER, NOON)
    relay.note(Health.OVERLOADED, SLOWER, NOON + 3 * RECOVERY)
    assert relay.connections(NOON + 3 * RECOVERY) == 4


def test_a_message_that_was_not_carried_takes_nothing_from_the_day() -> None:
    day = Day()
    relay = throttled(day, per_day=10_000)
    for _ in range(500):
        assert relay.begin(NOON)
        relay.forgo(NOON)
    relay.give_back(NOON)
    assert day.given == 0
