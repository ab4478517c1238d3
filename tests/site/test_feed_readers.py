"""Real readers poll the feeds from a server on this machine: newsboat and sfeed, as Debian has them."""

import hashlib
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from digest.config import Config
from digest.items.item import Item
from digest.site.feeds import Imprint
from tests.site.samples import CONFIG, NOW, full_item, hours, item
from tests.site.syndicated import syndicated

_TYPES = {"atom.xml": "application/atom+xml", "rss.xml": "application/rss+xml"}


@dataclass
class Site:
    """A server that knows validators, and what it answered."""

    address: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    answers: list[tuple[str, int]] = field(default_factory=list)  # path, status


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.removeprefix("/")
            content = served.files.get(path, b"")
            status = 404 if not content else 304 if self.headers["If-None-Match"] == _etag(content) else 200
            served.answers.append((path, status))
            self.send_response(status)
            self.send_header("ETag", _etag(content))
            self.send_header("Last-Modified", format_datetime(NOW, usegmt=True))
            self.send_header("Content-Type", f"{_TYPES.get(path.rpartition('/')[2])}; charset=utf-8")
            self.end_headers()
            if status == 200:
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:16]}"'


def _needs(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed; Debian has it")


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
    site.files = syndicated(config, items, NOW, Imprint())
    (tmp_path / "urls").write_text(f"{site.address}/{path}\n")
    (tmp_path / "config").write_text("max-items 0\n")
    newsboat = ["newsboat", "-q", "-u", "urls", "-c", "cache.db", "-C", "config", "-x", "reload"]
    for _ in range(3):  # newsboat 2.21 keeps the validators of a feed only when it has had an entry for it
        _run(tmp_path, *[str(tmp_path / word) if word in {"urls", "cache.db", "config"} else word for word in newsboat])
    assert [answer for answer in site.answers if answer[0] == path] == [(path, 200), (path, 200), (path, 304)]
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
    site.files = syndicated(config, items, NOW, Imprint())
    etag, rc = tmp_path / "etag", tmp_path / "sfeedrc"
    rc.write_text(
        f'sfeedpath="{tmp_path}/feeds"\n'
        f'fetch() {{ curl -sf --etag-save {etag}.new --etag-compare {etag} "$2"; mv {etag}.new {etag}; }}\n'
        f'feeds() {{ feed "ours" "{site.address}/{path}"; }}\n'
    )
    etag.touch()
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
