from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.actions.desk import Desk, desk_in


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_in(tmp_path / "newsroom") as made:
        yield made
