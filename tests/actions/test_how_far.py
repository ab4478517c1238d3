"""How far a mailing has come."""

from digest.actions.how_far import Pace
from digest.delivery.rows import RowState
from digest.delivery.summary import Progress

BEFORE = {RowState.DUE: 900, RowState.SENT: 50, RowState.DEFERRED: 30, RowState.BOUNCED: 5, RowState.SKIPPED: 15}


def test_the_rows_at_the_start_and_what_the_run_did_make_the_whole() -> None:
    far = Pace(BEFORE, 0.0).how_far(Progress(sent=100, deferred=7, bounced=2, failed=1, suppressed=3, in_doubt=1), 4.0)
    assert (far.total, far.sent, far.refused, far.suppressed, far.skipped) == (1000, 150, 8, 3, 15)
    assert far.left == 930 - 106
    assert far.done + far.left == far.total
    assert (far.deferrals, far.in_doubt) == (7, 1)
    assert far.rate == 106 / 4.0
    assert far.seconds_left == far.left / far.rate


def test_the_rate_is_that_of_the_last_seconds() -> None:
    pace = Pace(BEFORE, 0.0)
    for second in range(1, 11):
        pace.how_far(Progress(sent=second), float(second))  # one a second
    for second in range(11, 31):
        far = pace.how_far(Progress(sent=10 + 20 * (second - 10)), float(second))  # twenty a second
    assert far.rate == 20.0


def test_where_nothing_moves_nobody_knows_how_long_it_takes() -> None:
    pace = Pace(BEFORE, 0.0)
    assert pace.how_far(Progress(), 0.0).seconds_left is None
    assert pace.how_far(Progress(), 5.0).seconds_left is None


def test_few_samples_are_kept_however_fast_it_goes() -> None:
    pace = Pace(BEFORE, 0.0)
    for count in range(20_000):
        pace.how_far(Progress(sent=count), count / 1000)
    assert len(pace.samples) < 50
