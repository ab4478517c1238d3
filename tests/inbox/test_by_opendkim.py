"""OpenDKIM, which many receivers run, judges our signatures as we mean them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from digest.signing_key import SigningKey
from tests.inbox.conftest import Need
from tests.inbox.letters import Letter
from tests.inbox.tampering import damaged
from tests.mail.keys import rsa_pem

PROGRAM = shutil.which("opendkim", path="/usr/sbin:/usr/bin:/usr/local/sbin")
_VERDICT = re.compile(r"^opendkim: (\S+): verification .* (succeeded|failed\b.*)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def opendkim(need: Need) -> None:
    need(PROGRAM, "OpenDKIM is not installed: apt-get install opendkim")


def judged(folder: Path, sources: dict[str, bytes]) -> dict[str, str]:
    """Return what it says of each message; its keys come from a file, so it needs no DNS."""
    keys = folder / "keys"
    keys.write_text(f"digest._domainkey.amparo.example v=DKIM1; k=rsa; p={SigningKey(rsa_pem()).public()}\n", "ascii")
    config = folder / "opendkim.conf"
    config.write_text(f"Mode v\nSyslog no\nTemporaryDirectory {folder}\nTestPublicKeys {keys}\n", "ascii")
    files = {}
    for number, (name, source) in enumerate(sources.items()):
        file = folder / f"{number}.eml"
        file.write_bytes(source)
        files[str(file)] = name
    command = [PROGRAM or "", "-x", str(config), "-t", ",".join(files)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    verdicts = {files[file]: verdict for file, verdict in _VERDICT.findall(ended.stdout + ended.stderr)}
    assert verdicts.keys() == sources.keys(), ended.stdout + ended.stderr
    return verdicts


def test_it_finds_the_signature_good(letters: list[Letter], tmp_path: Path) -> None:
    verdicts = judged(tmp_path, {letter.name: letter.source for letter in letters})

    assert set(verdicts.values()) == {"succeeded"}, verdicts


def test_it_finds_every_damage(letters: list[Letter], tmp_path: Path) -> None:
    verdicts = judged(tmp_path, {f"{one.name}: {what}": bad for one in letters for what, bad in damaged(one.source)})

    assert [what for what, verdict in verdicts.items() if verdict == "succeeded"] == []
