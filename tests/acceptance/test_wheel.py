"""The wheel in an empty virtual environment, as somebody gets it who never saw the repository."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.newsroom import ROOT

UV = Path(sys.executable).with_name("uv")
OUTSIDE = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}


def _run(*command: str | Path, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, env=OUTSIDE, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def digest(tmp_path: Path) -> Path:
    """Return the command `digest` of a virtual environment that holds the wheel and what it depends on."""
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist"), folder=ROOT)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    environment = tmp_path / "venv"
    _run(UV, "venv", "-q", "--python", sys.executable, environment, folder=tmp_path)
    python = environment / "bin" / "python"
    # The versions of the lock file, so that what is tested is what was tested.
    _run(UV, "pip", "install", "-q", "--python", python, "-c", ROOT / "requirements.lock", wheel, folder=tmp_path)
    return environment / "bin" / "digest"


def test_a_newcomer_can_begin_check_and_build_a_newsroom(digest: Path, tmp_path: Path) -> None:
    _run(digest, "init", "n", folder=tmp_path)
    newsroom = tmp_path / "n"
    _run(digest, "check", folder=newsroom)
    _run(digest, "build", folder=newsroom)
    assert "Our newsroom is open" in (newsroom / "public" / "index.html").read_text("utf-8")
    assert "Our newsroom is open" in (newsroom / "public" / "atom.xml").read_text("utf-8")
    _run(digest, "subscribers", "add", "press@example.org", "--consent", "told us so", folder=newsroom)
    assert "weekly" in _run(digest, "edition", "compose", "weekly", folder=newsroom)
