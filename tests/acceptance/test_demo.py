"""`digest demo`: the whole job once, and what a reader and a feed reader then have in hand."""

import email
import re
import subprocess
import sys
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import feedparser
import pytest
from lxml import etree

from tests.acceptance.newsroom import ROOT

STRICT = default.clone(raise_on_defect=True)
SCHEMA = ROOT.parent / "shared" / "schemas" / "atom.rng"
MEANT = {
    "To",
    "Message-ID",
    "From",
    "Subject",
    "Date",
    "MIME-Version",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Reply-To",
    "List-Id",
    "List-Help",
    "List-Unsubscribe-Post",
    "Feedback-ID",
    "List-Unsubscribe",
    "Content-Type",
}
ADDED_BY_THE_SERVER = {"Return-Path", "Delivered-To"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the demonstration; return its folder."""
    folder = tmp_path_factory.mktemp("demo")
    command = [str(Path(sys.executable).with_name("digest")), "demo", "--into", str(folder)]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 sent" in done.stdout
    return folder


def _mails(demo: Path) -> list[EmailMessage]:
    parsed = []
    for file in sorted((demo / "mails").glob("*.eml")):
        message = email.message_from_bytes(file.read_bytes(), policy=STRICT)
        assert isinstance(message, EmailMessage)
        parsed.append(message)
    return parsed


def test_every_confirmed_reader_and_nobody_else_has_the_mail(demo: Path) -> None:
    assert sorted(str(mail["To"]) for mail in _mails(demo)) == sorted(f"reader{n}@example.org" for n in range(1, 13))


def test_each_mail_reads_strictly_with_exactly_the_headers_that_were_meant(demo: Path) -> None:
    for mail in _mails(demo):
        assert sorted(mail.keys()) == sorted(MEANT | ADDED_BY_THE_SERVER)
        assert mail.defects == []


def test_each_mail_has_a_page_under_the_limit_and_a_text_to_read(demo: Path) -> None:
    for mail in _mails(demo):
        page, text = mail.get_body(("html",)), mail.get_body(("plain",))
        assert page is not None
        assert text is not None
        assert len(page.get_content().encode()) < 90_000
        assert "Verenna bans live face recognition" in page.get_content()
        assert "https://newsroom.amparo.example/items/verenna-bans-live-face-recognition/" in text.get_content()
        assert max(len(line) for line in text.get_content().splitlines() if "://" not in line) <= 72


def test_every_link_of_the_mail_into_the_site_leads_to_a_page_that_is_there(demo: Path) -> None:
    page = _mails(demo)[0].get_body(("html",))
    assert page is not None
    home = "https://newsroom.amparo.example/"
    addresses = re.findall(r'(?:href|src)="([^"]+)"', page.get_content())
    own = [address for address in addresses if address.startswith(home)]
    personal = (f"{home}unsubscribe/", f"{home}preferences/")
    assert sum(address.startswith(personal) for address in own) == 2
    paths = [one.removeprefix(home) for one in own if not one.startswith((*personal, f"{home}subscribe"))]
    assert len(paths) > 5
    missing = [
        p for p in paths if not (demo / "public" / (f"{p}index.html" if p.endswith("/") or not p else p)).is_file()
    ]
    assert missing == []


def test_the_feed_is_read_without_complaint_and_its_links_keep_their_attributes(demo: Path) -> None:
    parsed = feedparser.parse((demo / "public" / "atom.xml").read_bytes())
    assert not parsed.bozo
    assert len(parsed.entries) > 15
    enclosures = [link for entry in parsed.entries for link in entry.links if link.rel == "enclosure"]
    assert [(link.type, int(link.length) > 0) for link in enclosures] == [("application/pdf", True)]
    for entry in parsed.entries:
        assert [link.type for link in entry.links if link.rel == "alternate"] == ["text/html"]


@pytest.mark.skipif(not SCHEMA.exists(), reason="the schema of RFC 4287 lies beside the repository, and not here")
def test_the_feed_is_valid_atom(demo: Path) -> None:
    schema = etree.RelaxNG(etree.parse(SCHEMA))
    schema.assertValid(etree.parse(demo / "public" / "atom.xml"))
