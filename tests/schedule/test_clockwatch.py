from datetime import timedelta

import pytest

from digest.schedule.clockwatch import ClockWatch
from tests.actions.desk import SLOT

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("set_by", "jumped"), [(0.0, False), (1.0, False), (1.01, True), (-1.0, False), (-1.01, True)])
def test_a_clock_that_was_set_by_more_than_an_hour_has_jumped(set_by: float, jumped: bool) -> None:  # noqa: FBT001
    watch = ClockWatch(SLOT, 100.0)
    wall, steady = SLOT + 5 * HOUR + set_by * HOUR, 100.0 + 5 * 3600
    assert watch.jumped(wall, steady) is jumped
    assert watch.drift(wall, steady) == set_by * HOUR
