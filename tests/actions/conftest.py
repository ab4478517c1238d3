from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.newsroom import madrid
from tests.actions.desk import Desk, desk_in

MANY = [f"reader{number}@paper.example" for number in range(9)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_in(tmp_path / "newsroom") as made:
        yield made


@pytest.fixture
def at_the_slot(desk: Desk) -> None:
    """Come to the slot with an approved edition and ten subscribers."""
    desk.subscribe(*MANY)
    desk.go()
    desk.write("strike")
    desk.at("2026-11-26 10:00")
    desk.approve()
    desk.clock.move_to(madrid("2026-11-27 09:00"))
