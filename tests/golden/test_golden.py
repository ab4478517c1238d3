"""The feed, a page and the mail of a small newsroom, as they are expected to the byte; `make golden` rewrites them."""

from pathlib import Path

import pytest

from digest.actions.compose import compose_now
from digest.actions.publish import build
from digest.actions.send import envelope
from digest.audience.interests import EVERYTHING
from digest.mail.message import PreparedMessage, Tokens
from digest.mail.rendering import Rendering
from digest.wiring import newsroom_at, open_store
from tests.acceptance.newsroom import madrid

HERE = Path(__file__).parent
AT = madrid("2026-11-20 09:00")


@pytest.fixture
def newsroom_folder(tmp_path: Path) -> Path:
    """Write the small newsroom: no pictures, because their bytes differ from one Pillow to the next."""
    root = HERE.parents[1]
    (tmp_path / "config.yaml").write_bytes((root / "config.yaml").read_bytes())
    (tmp_path / "items").mkdir()
    for source in sorted((HERE / "items").glob("*.yaml")):
        (tmp_path / "items" / source.name).write_bytes(source.read_bytes())
    return tmp_path


def _compare(name: str, made: bytes, *, rewrite: bool) -> None:
    expected = HERE / "expected" / name
    if rewrite:
        expected.parent.mkdir(exist_ok=True)
        expected.write_bytes(made)
    assert made.decode() == expected.read_bytes().decode()


@pytest.mark.parametrize("path", ["atom.xml", "index.html", "items/river-law/index.html"])
def test_the_site_is_what_was_agreed(newsroom_folder: Path, path: str, pytestconfig: pytest.Config) -> None:
    newsroom = newsroom_at(newsroom_folder)
    build(newsroom, [], AT)
    name = path.replace("/", "-")
    _compare(name, (newsroom.public / path).read_bytes(), rewrite=pytestconfig.getoption("--rewrite-golden"))


def test_the_mail_is_what_was_agreed(newsroom_folder: Path, pytestconfig: pytest.Config) -> None:
    newsroom = newsroom_at(newsroom_folder)
    edition, frozen = compose_now(newsroom, open_store(newsroom), "weekly", AT)
    (version,) = frozen.versions
    headers = envelope(newsroom, edition, frozen.manifest, version, AT)
    message = PreparedMessage(Rendering(version.html, version.text), version.composition, headers)
    tokens = Tokens(unsubscribe="u" * 43, preferences="p" * 43)
    sent = message.for_recipient("reader@reader.example", tokens, "<message@amparo.example>", EVERYTHING)
    _compare("digest.eml", sent, rewrite=pytestconfig.getoption("--rewrite-golden"))
