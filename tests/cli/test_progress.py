import pytest

from digest import clock
from digest.actions.how_far import Pace
from digest.cli.progress import progress_of, progress_of_mailing
from digest.delivery.rows import RowState
from digest.delivery.summary import Progress


@pytest.mark.parametrize(
    ("terminal", "said"),
    [
        (False, "list.csv: 2,000 lines, 40%\n"),
        (True, "\rlist.csv: 1,000 lines, 20%\rlist.csv: 2,000 lines, 40%\n"),
    ],
)
def test_progress_is_one_line_on_a_terminal_and_a_line_now_and_then_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, terminal: bool, said: str
) -> None:
    now = [0.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    with progress_of("list.csv") as tell:
        for seconds, lines, share in ((1.0, 1000, 0.2), (10.0, 2000, 0.4), (10.1, 3000, 0.6)):
            now[0] = seconds
            tell(lines, share)
    assert capsys.readouterr().err == said


def test_of_a_mailing_it_shows_a_bar_what_became_of_it_its_rate_and_how_long_it_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    pace = Pace({RowState.DUE: 4000}, 0.0)
    with progress_of_mailing("weekly/2026-11-27", None) as tell:
        for seconds in (5.0, 10.0, 15.0):
            now[0] = seconds
            tell(pace.how_far(Progress(sent=int(seconds) * 100, bounced=2, deferred=1), seconds))
    assert capsys.readouterr().err == (
        "weekly/2026-11-27 [█████···············] 25%, 1,000 sent, 2,998 left, 2 refused, 1 deferrals, 100/s, "
        "0:30 to go\n"
    )
