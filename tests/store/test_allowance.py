from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy.engine import Engine

from digest.store.allowance import Allowances

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
SERVER = "relay.example:25"


def test_a_day_has_as_many_messages_as_it_has_and_the_next_day_anew(engine: Engine) -> None:
    allowance = Allowances(engine)
    assert [allowance.take(SERVER, 250, 100, NOON) for _ in range(4)] == [100, 100, 50, 0]
    assert allowance.take("other.example:25", 250, 100, NOON) == 100
    assert allowance.take(SERVER, 250, 100, NOON + timedelta(days=1)) == 100


def test_what_is_given_back_can_be_taken_again(engine: Engine) -> None:
    allowance = Allowances(engine)
    allowance.take(SERVER, 100, 100, NOON)
    allowance.give_back(SERVER, 40, NOON)
    assert allowance.take(SERVER, 100, 100, NOON) == 40


def test_who_takes_at_the_same_time_gets_no_more_together(engine: Engine) -> None:
    def take(_: int) -> int:
        return Allowances(engine).take(SERVER, 500, 7, NOON)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(100))) == 500


def test_a_lower_limit_gives_nothing_more_and_takes_nothing_back(engine: Engine) -> None:
    allowance = Allowances(engine)
    allowance.take(SERVER, 100, 100, NOON)
    assert allowance.take(SERVER, 50, 10, NOON) == 0
    assert allowance.take(SERVER, 101, 10, NOON) == 1
