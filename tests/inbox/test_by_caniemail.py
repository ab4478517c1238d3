"""What caniemail knows that some program does not show as we write it, is accepted with a reason in caniemail.json.

caniemail.json names each feature with the programs that lack it or know it in part; what it accepts and nobody needs
any more has to go.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.inbox.conftest import Need
from tests.inbox.letters import Letter

HERE = Path(__file__).parent
ACCEPTED = json.loads((HERE / "caniemail.json").read_text("utf-8"))
INSTALLED = HERE.parents[1] / "node_modules/caniemail/package.json"


@pytest.fixture(autouse=True)
def caniemail(need: Need) -> None:
    need(INSTALLED.is_file() and shutil.which("node"), "caniemail is not installed: npm ci")


def differences(folder: Path, pages: dict[str, str]) -> set[tuple[str, str, str]]:
    """Return each feature in the pages with the support of the programs that do not have it in full."""
    files = []
    for name, page in pages.items():
        file = folder / f"{name}.html"
        file.write_text(page, "utf-8")
        files.append(str(file))
    command = ["node", str(HERE / "caniemail.mjs"), *files]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return _triples(found)


def _triples(features: dict[str, dict[str, list[str]]]) -> set[tuple[str, str, str]]:
    return {
        (feature, support, program)
        for feature, supports in features.items()
        for support, programs in supports.items()
        if support != "reason"
        for program in programs
    }


def test_every_difference_is_accepted_and_every_accepted_one_is_there(
    every_letter: list[Letter], tmp_path: Path
) -> None:
    found = differences(tmp_path, {letter.name: letter.html for letter in every_letter})

    assert found - _triples(ACCEPTED) == set()  # what is new
    assert _triples(ACCEPTED) - found == set()  # what is no longer needed


def test_every_reason_is_a_sentence() -> None:
    assert [feature for feature, entry in ACCEPTED.items() if not entry["reason"].endswith(".")] == []


def test_what_no_program_shows_is_found(tmp_path: Path) -> None:
    page = '<!DOCTYPE html><html lang="en"><body><p style="display: grid">Words</p></body></html>'

    assert any(feature == "display:grid" for feature, _, _ in differences(tmp_path, {"grid": page}))
