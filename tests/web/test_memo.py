"""What is kept of the newsroom for pages: as long as nothing changes, and whole for every thread."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from digest.actions.newsroom import Newsroom
from digest.config import Config, load_config
from digest.web.memo import Memo
from tests.acceptance.newsroom import sample


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path, load_config(sample(tmp_path)))


@pytest.fixture
def impatient() -> Iterator[None]:
    """Let threads take turns all the time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_it_is_made_anew_when_a_file_or_config_yaml_changes_and_only_then(newsroom: Newsroom) -> None:
    file, made = newsroom.folder / "own", iter(range(9))
    memo = Memo(lambda _: next(made), lambda _: [file])
    assert [memo.of(newsroom), memo.of(newsroom)] == [0, 0]
    file.write_text("a")
    assert [memo.of(newsroom), memo.of(newsroom)] == [1, 1]
    file.write_text("ab")
    assert memo.of(newsroom) == 2
    renewed = replace(newsroom, config=newsroom.config.model_copy())
    assert [memo.of(renewed), memo.of(renewed)] == [3, 3]
    file.unlink()
    assert memo.of(renewed) == 4


@pytest.mark.usefixtures("impatient")
def test_every_thread_gets_what_was_made_of_its_own_config_yaml(newsroom: Newsroom) -> None:
    """Config.yaml changes while pages are asked for: for a moment there are requests with either."""
    newsrooms = [replace(newsroom, config=newsroom.config.model_copy()) for _ in range(2)]
    memo: Memo[Config] = Memo(lambda of: of.config, lambda _: [])

    def ask(turn: int) -> bool:
        of = newsrooms[turn % 3 % 2]
        return memo.of(of) is of.config

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(20_000)))
