"""SpamAssassin gives our mails no point."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.inbox.conftest import Need
from tests.inbox.letters import Letter

PROGRAM = shutil.which("spamassassin")
# As the reader's server notes from whom it got the mail; without, some rules do not look at all. The address is a
# private one, since SpamAssassin takes those of documentation for forged.
RECEIVED = (
    b"Received: from mail.amparo.example (mail.amparo.example [10.0.0.7])\r\n"
    b" by mx.reader.example (Postfix) with ESMTPS id 4XyZ\r\n"
    b" for <reader@reader.example>; Fri, 02 Jan 2026 08:00:05 +0000\r\n"
)
_POINTS = re.compile(rb"^Content analysis details:\s+\((-?[\d.]+) points", re.MULTILINE)
_RULE = re.compile(r"^ *(-?\d+\.\d+) ([A-Z][A-Z0-9_]+) ", re.MULTILINE)


@pytest.fixture(autouse=True)
def spamassassin(need: Need) -> None:
    need(PROGRAM, "SpamAssassin is not installed: apt-get install spamassassin")


def judged(folder: Path, source: bytes) -> tuple[float, list[str]]:
    """Return the points of a message, and the rules that gave any."""
    where = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}  # what it learns stays there
    command = [
        PROGRAM or "",
        "-L",
        "-t",
        "-x",
        "--cf=trusted_networks 127.0.0.1",
    ]  # no network, a report, nobody's settings
    report = subprocess.run(command, input=source, capture_output=True, check=True, env=where).stdout
    points = _POINTS.search(report)
    assert points, report.decode("utf-8", "replace")
    rules = [f"{rule} {value}" for value, rule in _RULE.findall(report.decode("utf-8", "replace")) if float(value)]
    return float(points[1]), rules


def test_a_mail_gets_no_points(letters: list[Letter], tmp_path: Path) -> None:
    found = {letter.name: judged(tmp_path, RECEIVED + letter.source) for letter in letters}

    assert {name: points for name, points in found.items() if points[0] > 0 or points[1]} == {}


def test_what_looks_like_spam_gets_some(every_letter: list[Letter], tmp_path: Path) -> None:
    source = every_letter[0].source
    bad = re.sub(rb"(?m)^Date: .*\r\n", b"", source).replace(b"Subject: ", b"Subject: V1AGRA 100% FREE!!! ")

    assert judged(tmp_path, RECEIVED + bad)[0] > 1
