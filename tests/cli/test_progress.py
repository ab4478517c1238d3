import pytest

from digest import clock
from digest.cli.progress import progress_of


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
