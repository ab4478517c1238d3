"""Whether the files of public/ are as the ledger notes them, found out here or by a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.site import inspection
from digest.site.ledger import KEPT, Ledger, Placed

NAMES = ["as it was", "gone", "longer", "touched", "a folder", "naïve'quotes"]


@pytest.fixture(params=[0, 1000], ids=["by a process", "here"])
def public(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(inspection, "_MANY", request.param)
    folder = tmp_path / "public"
    folder.mkdir()
    return folder


@pytest.fixture
def ledger(public: Path) -> Iterator[Ledger]:
    """Give a ledger that notes a file for each name."""
    made = Ledger(public.parent / "a #strange? name.db", "stamp")
    files = {name: ("key", [_written(public, name)]) for name in NAMES}
    made.finish({**files, KEPT: ("", [Placed("kept", 0, 0)])}, [])
    yield made
    made.close()


def _written(public: Path, name: str) -> Placed:
    file = public / f"{name}.html"
    file.write_text(name)
    return Placed(file.name, len(name.encode()), file.stat().st_mtime_ns)


def test_targets_are_named_whose_files_are_gone_or_otherwise(public: Path, ledger: Ledger) -> None:
    (public / "gone.html").unlink()
    (public / "longer.html").write_text("longer than it was")
    os.utime(public / "touched.html", ns=(1, 1))
    (public / "a folder.html").unlink()
    (public / "a folder.html").mkdir()
    ledger.inspect(public)
    assert ledger.broken() == {"gone", "longer", "touched", "a folder"}
    assert ledger.broken() == {"gone", "longer", "touched", "a folder"}


def test_nothing_is_named_when_all_files_are_as_they_were(public: Path, ledger: Ledger) -> None:
    ledger.inspect(public)
    assert ledger.broken() == frozenset()
    assert ledger.count() == len(NAMES)


def test_it_is_looked_at_here_when_the_process_fails(
    public: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    (public / "gone.html").unlink()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    ledger.inspect(public)
    assert ledger.broken() == {"gone"}


def test_a_look_that_nobody_waits_for_is_ended(public: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[str]] = []
    popen = subprocess.Popen

    def noted(_command: list[str], **options: object) -> "subprocess.Popen[str]":
        started.append(popen(["/bin/sleep", "60"], **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    ledger.inspect(public)
    ledger.close()
    assert all(process.poll() is not None for process in started)
