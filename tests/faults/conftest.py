from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from digest.store import tables
from digest.store.database import open_database


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """Return what chooses between few rounds, for `make test`, and many, for `make faults`."""
    return lambda few, many: many if request.config.getoption("--long-loops") else few


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    return "sqlite:///var/digest.db" if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def engine(url: str, tmp_path: Path) -> Iterator[Engine]:
    made = open_database(url, tmp_path)
    with made.begin() as connection:
        for table in reversed(tables.METADATA.sorted_tables):
            connection.execute(sa.delete(table))
    yield made
    made.dispose()
