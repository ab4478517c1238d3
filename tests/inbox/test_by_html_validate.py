"""Every mail is right HTML, says html-validate, but for what mail has to do otherwise (html-validate.json):

no-inline-style         many programs drop <style>, so all that matters stands at each element
no-deprecated-attr      Word, which lays out Outlook's mails, knows bgcolor, align and cellpadding better than CSS
no-conditional-comment  gives the same Word its table of fixed width
prefer-tbody            tables are layout here (role="presentation") and have no sections
prefer-native-element   some programs drop <article>; role="article" on a <div> stays
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.inbox.conftest import Need
from tests.inbox.letters import Letter

ROOT = Path(__file__).parents[2]
VALIDATOR = ROOT / "node_modules/html-validate/bin/html-validate.mjs"
CONFIG = Path(__file__).parent / "html-validate.json"


def complaints(folder: Path, pages: dict[str, str], config: Path) -> set[tuple[str, str]]:
    """Return each complaint's rule and message, as the validator finds them in the pages."""
    for name, page in pages.items():
        (folder / f"{name}.html").write_text(page, "utf-8")
    found = folder / "found.json"  # a pipe would lose what is longer than 64 kB
    with found.open("wb") as output:
        command = ["node", str(VALIDATOR), "--config", str(config), "--formatter", "json", str(folder)]
        ended = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, check=False, cwd=ROOT)
    results = json.loads(found.read_text("utf-8"))
    assert (ended.stderr, ended.returncode) == (b"", 1 if results else 0)
    return {
        (said["ruleId"], f"{Path(one['filePath']).stem}: {said['message']}")
        for one in results
        for said in one["messages"]
    }


@pytest.fixture(autouse=True)
def validator(need: Need) -> None:
    need(VALIDATOR.is_file() and shutil.which("node"), "html-validate is not installed: npm ci")


def test_every_mail_is_without_an_error(letters: list[Letter], tmp_path: Path) -> None:
    assert complaints(tmp_path, {letter.name: letter.html for letter in letters}, CONFIG) == set()


def test_an_error_is_found(every_letter: list[Letter], tmp_path: Path) -> None:
    broken = every_letter[0].html.replace("</h1>", "</h2>", 1)

    assert complaints(tmp_path, {"broken": broken}, CONFIG)


def test_no_rule_is_off_without_need(every_letter: list[Letter], tmp_path: Path) -> None:
    strict = tmp_path / "strict.json"
    strict.write_text('{"root": true, "extends": ["html-validate:recommended"]}', "ascii")
    pages = tmp_path / "pages"
    pages.mkdir()
    found = complaints(pages, {letter.name: letter.html for letter in every_letter}, strict)

    assert {rule for rule, _ in found} == set(json.loads(CONFIG.read_text("utf-8"))["rules"])
