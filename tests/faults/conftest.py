from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from digest.store import tables
from digest.store.database import open_database


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
