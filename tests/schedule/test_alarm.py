import threading
import time
from datetime import UTC, datetime, timedelta

from digest.schedule.alarm import alarm
from tests.schedule.waiting import eventually

NOT_SOON = 3600.0


def soon(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)  # noqa: TID251 - APScheduler looks at the real clock


def test_it_rings_at_once_and_then_again_and_again() -> None:
    rings: list[int] = []
    with alarm(lambda: rings.append(1) or [], lambda _: None, every=0.05):  # type: ignore[func-returns-value]
        eventually(lambda: len(rings) >= 3)


def test_it_rings_at_a_moment_that_it_was_told_of_and_once_however_often_it_was_told() -> None:
    rings: list[int] = []
    moment = soon(0.6)

    def go() -> list[datetime]:
        rings.append(1)
        return [soon(0.05), moment] if len(rings) <= 3 else []

    with alarm(go, lambda _: None, every=NOT_SOON):
        eventually(lambda: len(rings) == 5)
        time.sleep(0.1)
    assert len(rings) == 5


def test_a_round_that_fails_is_said_and_the_next_comes_all_the_same() -> None:
    said: list[str] = []
    rings: list[int] = []

    def go() -> list[datetime]:
        rings.append(1)
        raise ValueError("no such template")

    with alarm(go, said.append, every=0.05):
        eventually(lambda: len(rings) >= 2)
    assert said[0] == "a round of the schedule failed: ValueError: no such template"


def test_one_round_follows_the_other_and_never_runs_beside_it() -> None:
    running = threading.Semaphore(1)
    overlaps: list[bool] = []
    said: list[str] = []

    def go() -> list[datetime]:
        overlaps.append(not running.acquire(blocking=False))
        time.sleep(0.15)
        running.release()
        return [soon(0.01)]

    with alarm(go, said.append, every=0.05):
        eventually(lambda: len(overlaps) >= 4)
    assert not any(overlaps)
    assert set(said) <= {"a round of the schedule failed: the one before takes too long"}


def test_at_the_end_the_round_under_way_is_waited_for() -> None:
    begun, ended = threading.Event(), threading.Event()

    def go() -> list[datetime]:
        begun.set()
        time.sleep(0.1)
        ended.set()
        return [soon(0.01), soon(5)]

    with alarm(go, lambda _: None, every=NOT_SOON):
        assert begun.wait(5)
    assert ended.is_set()
