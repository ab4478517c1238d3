"""Every page is right HTML, says html-validate; `make html-check` installs it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser.conftest import EDITION, ROOT

VALIDATOR = ROOT / "node_modules/html-validate/bin/html-validate.mjs"


@pytest.mark.skipif(not VALIDATOR.is_file() or not shutil.which("node"), reason="html-validate is not installed")
def test_every_page_is_without_an_error(site: Path) -> None:
    pages = [str(path) for path in sorted(site.rglob("*.html")) if path != site / EDITION.path]
    assert len(pages) > 50
    command = ["node", str(VALIDATOR), "--config", str(ROOT / ".htmlvalidate.json"), "--formatter", "text", *pages]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
