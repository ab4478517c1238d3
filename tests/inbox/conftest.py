"""Which mails are looked at: those of three newsrooms in `make test`, all of them in `make inbox-check`.

The modules named test_by_… need a program that others wrote; only `make inbox-check` collects them.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.inbox.letters import CASES, QUICK, Letter, Post, post_of, publish

Need = Callable[[object, str], None]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    only_there = collection_path.name.startswith("test_by_") and not config.getoption("--inbox")
    return True if only_there else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "newsroom" in metafunc.fixturenames:
        metafunc.parametrize("newsroom", list(CASES if metafunc.config.getoption("--inbox") else QUICK))


@pytest.fixture
def need(pytestconfig: pytest.Config) -> Need:
    """Return what ends a test that lacks a program: skipped, or failed where everything has to be there."""

    def ended_without(program: object, how_to_get_it: str) -> None:
        if not program and pytestconfig.getoption("--inbox") == "all":
            pytest.fail(how_to_get_it)
        if not program:
            pytest.skip(how_to_get_it)

    return ended_without


@pytest.fixture(scope="session")
def post(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Post]:
    """Return what makes a newsroom and its letters, each once."""
    folder = tmp_path_factory.mktemp("inbox")
    return cache(lambda name: post_of(name, folder, folder / "pictures"))


@pytest.fixture(scope="session")
def public(post: Callable[[str], Post]) -> Callable[[str], Path]:
    """Return what builds a newsroom's site once, and returns its folder."""
    return cache(lambda name: publish(post(name), CASES[name].at))


@pytest.fixture
def letters(newsroom: str, post: Callable[[str], Post]) -> list[Letter]:
    return post(newsroom).letters


@pytest.fixture(scope="session")
def every_letter(post: Callable[[str], Post]) -> list[Letter]:
    return [letter for name in CASES for letter in post(name).letters]
