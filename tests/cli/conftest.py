from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from digest.cli import entry
from tests.items.samples import make_newsroom


@dataclass(frozen=True)
class Ended:
    """How a run of the command line ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Return what was said on standard error, line by line."""
        return self.err.splitlines()


Run = Callable[..., Ended]


@pytest.fixture
def digest(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs the command line as its console script does."""

    def run(*arguments: str | Path) -> Ended:
        monkeypatch.setattr("sys.argv", ["digest", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            entry.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Ended(code, out, err)

    return run


@pytest.fixture
def newsroom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a newsroom without items, which is the current folder."""
    folder = make_newsroom(tmp_path / "newsroom")
    monkeypatch.chdir(folder)
    return folder
