"""Real readers poll the feeds from our own server: newsboat, sfeed and rss2email, as Debian has them."""

import mailbox
import re
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email import policy
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from digest import clock
from digest.config import Config
from digest.items.item import Item
from digest.site.feeds import Imprint
from digest.web.app import application
from digest.wiring import StandingOffice
from tests.acceptance.newsroom import sample
from tests.site.samples import CONFIG, NOW, full_item, hours, item
from tests.site.syndicated import syndicated


@dataclass
class Site:
    """What `digest serve` serves, and what it answered."""

    public: Path
    address: str = ""
    answers: list[tuple[str, int]] = field(default_factory=list)  # path, status

    def publish(self, files: Mapping[str, bytes]) -> None:
        for path, content in files.items():
            (self.public / path).parent.mkdir(parents=True, exist_ok=True)
            (self.public / path).write_bytes(content)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = sample(tmp_path / "newsroom")
    served = Site(folder / "public")
    answering = application(StandingOffice(folder, clock.now, lambda _: None))

    async def recorded(scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                served.answers.append((scope["path"].removeprefix("/"), message["status"]))
            await send(message)

        await answering(scope, receive, noted)

    server = uvicorn.Server(uvicorn.Config(recorded, port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = clock.monotonic() + 10
    while not server.started:
        assert clock.monotonic() < deadline
        time.sleep(0.02)
    served.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield served
    server.should_exit = True
    thread.join()


def _needs(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed; Debian has it")


def _version(program: str) -> tuple[int, ...]:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+(\.\d+)+", told)
    assert found is not None, told
    return tuple(map(int, found[0].split(".")))


def _at(site: Site) -> Config:
    """Return the newsroom as it is read from that server."""
    return CONFIG.model_copy(update={"newsroom": CONFIG.newsroom.model_copy(update={"url": site.address})})


def _items(folder: Path) -> list[Item]:
    return [full_item(folder, title="Ana & <Co> are free"), item("ayer", title="Ayer: ¿qué pasó?", language="es")]


def _run(home: Path, *command: str) -> str:
    done = subprocess.run(
        command,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", ["atom.xml", "rss.xml", "kinds/press-release/atom.xml"])
def test_newsboat_shows_each_item_as_it_is_and_polls_again_for_nothing(tmp_path: Path, site: Site, path: str) -> None:
    _needs("newsboat")
    config, items = _at(site), _items(tmp_path)
    site.publish(syndicated(config, items, NOW, Imprint()))
    (tmp_path / "urls").write_text(f"{site.address}/{path}\n")
    (tmp_path / "config").write_text("max-items 0\n")
    newsboat = ["newsboat", "-q", "-u", "urls", "-c", "cache.db", "-C", "config", "-x", "reload"]
    for _ in range(3):
        _run(tmp_path, *[str(tmp_path / word) if word in {"urls", "cache.db", "config"} else word for word in newsboat])
    # Before 2.37, newsboat updates a feed's validators in its cache before the feed has a row there, so that of the
    # first answer it keeps none, whatever server sent them.
    second = 304 if _version("newsboat") >= (2, 37) else 200
    assert site.answers == [(path, 200), (path, second), (path, 304)]
    cache = sqlite3.connect(tmp_path / "cache.db")
    [(title, link)] = cache.execute("select title, url from rss_feed").fetchall()
    read = cache.execute("select guid, title, author, url, pubDate, content from rss_item order by title").fetchall()
    cache.close()
    assert title == ("Example Newsroom: Press releases" if "kinds" in path else "Example Newsroom")
    assert link == f"{site.address}/{'kinds/press-release/' if 'kinds' in path else ''}"
    full, spanish = read
    assert full[:2] == (items[0].uri, "Ana & <Co> are free")
    assert full[2] == "One, Two"
    assert full[3:5] == (f"{site.address}/items/full/", int(hours(-24).timestamp()))
    assert full[5].startswith(f'<figure><img src="{site.address}/images/')
    assert spanish[1:4] == ("Ayer: ¿qué pasó?", "Example Organisation", f"{site.address}/items/ayer/")


@pytest.mark.parametrize("path", ["atom.xml", "rss.xml"])
def test_sfeed_reads_each_item_as_it_is_and_polls_again_for_nothing(tmp_path: Path, site: Site, path: str) -> None:
    _needs("sfeed", "sfeed_update", "curl")
    config, items = _at(site), _items(tmp_path)
    site.publish(syndicated(config, items, NOW, Imprint()))
    etag, rc = tmp_path / "etag", tmp_path / "sfeedrc"
    rc.write_text(  # with `fetch` as sfeed's own README advises
        f'sfeedpath="{tmp_path}/feeds"\n'
        "fetch() {\n"
        '    curl -L --max-redirs 0 -H "User-Agent:" -f -s -m 15 --compressed \\\n'
        f'        --etag-save {etag} --etag-compare {etag} -z {etag} "$2" 2>/dev/null\n'
        "}\n"
        f'feeds() {{ feed "ours" "{site.address}/{path}"; }}\n'
    )
    _run(tmp_path, "sfeed_update", str(rc))
    once = (tmp_path / "feeds/ours").read_text()
    _run(tmp_path, "sfeed_update", str(rc))
    assert site.answers == [(path, 200), (path, 304)]
    assert (tmp_path / "feeds/ours").read_text() == once
    read = {row[5]: row for row in (line.split("\t") for line in once.splitlines())}
    full = read[items[0].uri]
    assert full[:3] == [str(int(hours(-24).timestamp())), "Ana & <Co> are free", f"{site.address}/items/full/"]
    assert full[3].startswith(f'<figure><img src="{site.address}/images/')
    assert full[4] == "html"
    assert full[6] == ("One, Two" if path == "rss.xml" else "One")  # it shows the first of several
    assert full[7].endswith("/a%20%231.pdf")
    assert read[items[1].uri][1] == "Ayer: ¿qué pasó?"


@pytest.mark.parametrize("path", ["atom.xml", "rss.xml"])
def test_rss2email_mails_each_item_as_it_is_and_polls_again_for_nothing(tmp_path: Path, site: Site, path: str) -> None:
    _needs("r2e")
    config, items = _at(site), _items(tmp_path)
    site.publish(syndicated(config, items, NOW, Imprint()))
    (tmp_path / "r2e.cfg").write_text(
        "[DEFAULT]\nto = press@example.org\nhtml-mail = True\ndate-header = True\ndate-header-order = issued\n"
        f"email-protocol = maildir\nmaildir-path = {tmp_path}\nmaildir-mailbox = mail\n"
    )
    r2e = ["r2e", "-c", str(tmp_path / "r2e.cfg"), "-d", str(tmp_path / "r2e.json")]
    _run(tmp_path, *r2e, "add", "ours", f"{site.address}/{path}")
    _run(tmp_path, *r2e, "run")
    _run(tmp_path, *r2e, "run")
    assert site.answers == [(path, 200), (path, 304)]
    read = [BytesParser(policy=policy.default).parsebytes(bytes(mail)) for mail in mailbox.Maildir(tmp_path / "mail")]
    full, spanish = sorted(read, key=lambda mail: str(mail["Subject"]))
    assert full["Subject"] == "Ana & <Co> are free"
    assert full["X-RSS-URL"] == f"{site.address}/items/full/"
    assert full["X-RSS-ID"] == items[0].uri
    assert parsedate_to_datetime(full["Date"]).replace(tzinfo=UTC) == hours(-24)
    author = "One, Two" if path == "rss.xml" else "Two"  # it shows the last of several
    assert full["From"].addresses[0].display_name == f"Example Newsroom: {author}"
    assert f'src="{site.address}/images/' in full.get_content()
    assert "/a%20%231.pdf" in full.get_content()
    assert spanish["Subject"] == "Ayer: ¿qué pasó?"
    assert spanish["From"].addresses[0].display_name == "Example Newsroom: Example Organisation"
