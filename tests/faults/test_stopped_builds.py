"""Builds that are killed or stopped at random moments: each file is old or new, and the next one is right."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from random import Random  # noqa: TID251 - seeded

import pytest

from digest import clock
from tests.faults.newsroom import (
    ChangingNewsroom,
    assert_tidy,
    assert_whole,
    build,
    ended,
    moments,
    send_at,
    start,
    wait_until_alone,
    wait_until_it_hears,
)


def test_after_a_kill_at_any_moment_the_site_is_whole_and_the_next_build_is_right(
    tmp_path: Path, rounds: Callable[[int, int], int]
) -> None:
    kills = rounds(3, 50)
    chance = Random(20)
    newsroom = ChangingNewsroom(tmp_path / "newsroom", chance)
    lasts = build(newsroom.folder)
    hit = 0
    for number, part in enumerate(moments(kills, chance)):
        old = newsroom.site()
        newsroom.change()
        new = newsroom.wanted()
        process = start(newsroom.folder)
        send_at(process, signal.SIGKILL, part * lasts, everybody=number % 2 == 0)
        hit += ended(process)[0] == -signal.SIGKILL
        wait_until_alone(process.pid)
        assert_whole(newsroom, old, new)
        left = newsroom.site()
        time.sleep(0.1)
        assert newsroom.site() == left
        lasts = (lasts + build(newsroom.folder)) / 2
        assert_tidy(newsroom, new)
    assert hit >= kills / 3


STOPPED = "digest was stopped before it was done. Run it again to finish.\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_build_that_is_stopped_ends_at_once_in_one_line_and_leaves_the_site_whole(
    tmp_path: Path, rounds: Callable[[int, int], int], number: signal.Signals
) -> None:
    chance = Random(number)
    newsroom = ChangingNewsroom(tmp_path / "newsroom", chance)
    lasts = build(newsroom.folder)
    for part in moments(rounds(2, 20), chance):
        old = newsroom.site()
        newsroom.change()
        new = newsroom.wanted()
        process = start(newsroom.folder)
        wait_until_it_hears(process, signal.SIGTERM)  # which is later than it hears Ctrl-C
        send_at(process, number, part * lasts, everybody=number == signal.SIGINT)  # Ctrl-C reaches all
        sent = clock.monotonic()
        output, errors = process.communicate(timeout=120)
        assert clock.monotonic() - sent < 3
        if "files written" in output:  # it was done already, and Python about to end
            assert process.returncode in {0, 130, -number}
            assert errors in {"", STOPPED}
        else:
            assert (process.returncode, errors) == (130, STOPPED)
        wait_until_alone(process.pid)
        assert_whole(newsroom, old, new)
    build(newsroom.folder)
    assert_tidy(newsroom, newsroom.wanted())
