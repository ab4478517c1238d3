from collections.abc import Callable

import pytest


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """Return what chooses between few rounds, for `make test`, and many, for `make faults`."""
    return lambda few, many: many if request.config.getoption("--long-loops") else few
