"""The nginx configuration of the how-to page, in a real nginx before the real application."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from digest import clock
from digest.web.app import application
from digest.web.file_headers import describing, lasting
from digest.web.security import HEADERS
from digest.wiring import StandingOffice, newsroom_at
from tests.acceptance.newsroom import ROOT
from tests.web.tree import AUGUST_DATE, DOCUMENT, FEED

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
PAGE = ROOT / "docs" / "how-to" / "serve-public-files.md"
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
MIME_TYPES = Path("/etc/nginx/mime.types")

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: nginx-light)")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]  # by name in lower case
    body: bytes


@dataclass(frozen=True)
class Server:
    port: int

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        named = [(name.lower(), value) for name, value in response.getheaders()]
        assert len(named) == len(dict(named)), f"a header stands twice: {named}"
        answer = Answer(response.status, dict(named), response.read())
        connection.close()
        return answer


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = clock.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert clock.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


def _configured(newsroom: Path, folder: Path, port: int, upstream: int) -> Path:
    """Write the page's configuration for this machine; nothing but the places and the encryption differs."""
    [block] = re.findall(r"^```nginx\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    block = re.sub(r"^ +(ssl_certificate|server_name).*\n", "", block, flags=re.MULTILINE)
    block = block.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    block = block.replace("/srv/newsroom/public", str(newsroom / "public")).replace(
        "127.0.0.1:8000", f"127.0.0.1:{upstream}"
    )
    if not BROTLI.is_file():
        block = re.sub(r"^ +brotli_static.*\n", "", block, flags=re.MULTILINE)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"{f'load_module {BROTLI};' if BROTLI.is_file() else ''}\n"
        f"{'user root;' if os.getuid() == 0 else ''}\n"  # the test's folder is closed to others
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
        "events { worker_connections 64; }\n"
        f"http {{ include {MIME_TYPES}; access_log {folder}/access.log;\n{temporary}{block}}}\n"
    )
    return config


@pytest.fixture(scope="module")
def upstream(newsroom: Path) -> Iterator[int]:
    port = _free_port()
    office_now = StandingOffice(newsroom, clock.now, lambda _: None)
    server = uvicorn.Server(
        uvicorn.Config(application(office_now), port=port, log_level="warning", server_header=False)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    _wait_for(port)
    yield port
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def nginx(newsroom: Path, upstream: int, folder: Path) -> Iterator[Server]:
    yield from _running(newsroom, folder, upstream)


@pytest.fixture
def nginx_alone(newsroom: Path, tmp_path: Path) -> Iterator[Server]:
    yield from _running(newsroom, tmp_path, _free_port())


def _running(newsroom: Path, folder: Path, upstream: int) -> Iterator[Server]:
    port = _free_port()
    config = _configured(newsroom, folder, port, upstream)
    process = subprocess.Popen(
        [str(NGINX), "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log")], stderr=subprocess.PIPE
    )
    try:
        _wait_for(port)
        yield Server(port)
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=10)
    assert not errors, errors.decode()


@pytest.mark.parametrize(
    "path",
    [
        "index.html",
        "atom.xml",
        "kinds/report/atom.xml",
        "archive/1.xml",
        "rss.xml",
        "feed.json",
        "feeds.opml",
        "sitemap.xml",
        "robots.txt",
        "exports/ninjs/one.json",
        "assets/site-01.css",
        "images/01/a.jpg",
        "images/01/a.webp",
        "documents/01/report.pdf",
        "documents/01/data.tar.gz",
        "documents/01/sheet.html",
        "editions/index.html",
        "editions/weekly/2026-11-27/index.html",
    ],
)
def test_a_file_has_the_headers_that_serve_gives_it(nginx: Server, newsroom: Path, path: str) -> None:
    answer = nginx.ask(f"/{path.removesuffix('index.html')}")
    assert answer.status == 200
    # Of an archive's insides nginx has its own name; it is saved anyhow.
    expected = HEADERS | lasting(path, newsroom_at(newsroom).config) | describing(path)
    if path.endswith(".tar.gz"):
        del expected["Content-Type"]
    assert {name: answer.headers.get(name.lower()) for name in expected} == expected
    assert ("content-disposition" in answer.headers) == ("Content-Disposition" in expected)
    assert answer.headers["last-modified"] == AUGUST_DATE
    assert answer.headers["etag"]


def test_a_copy_that_stands_is_not_sent_again(nginx: Server) -> None:
    tag = nginx.ask("/atom.xml").headers["etag"]
    for answer in (nginx.ask("/atom.xml", If_None_Match=tag), nginx.ask("/atom.xml", If_Modified_Since=AUGUST_DATE)):
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["cache-control"] == "public, max-age=900"


def test_a_variant_comes_with_its_own_tag(nginx: Server, newsroom: Path) -> None:
    plain = nginx.ask("/atom.xml")
    zipped = nginx.ask("/atom.xml", Accept_Encoding="gzip")
    assert zipped.body == (newsroom / "public" / "atom.xml.gz").read_bytes()
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert zipped.headers["vary"] == "Accept-Encoding"
    assert zipped.headers["etag"] != plain.headers["etag"]
    assert plain.body == FEED
    assert nginx.ask("/atom.xml", Accept_Encoding="gzip", If_None_Match=zipped.headers["etag"]).status == 304


@pytest.mark.skipif(not BROTLI.is_file(), reason="libnginx-mod-http-brotli-static is not installed")
def test_brotli_comes_first(nginx: Server, newsroom: Path) -> None:
    answer = nginx.ask("/atom.xml", Accept_Encoding="gzip, br")
    assert answer.headers["content-encoding"] == "br"
    assert answer.body == (newsroom / "public" / "atom.xml.br").read_bytes()


def test_a_document_comes_in_parts(nginx: Server) -> None:
    answer = nginx.ask("/documents/01/report.pdf", Range="bytes=10-19")
    assert (answer.status, answer.body) == (206, DOCUMENT[10:20])


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/items/one", "/items/one/"),
        ("/items/one?x=1", "/items/one/?x=1"),
        ("/items/one/index.html?x=1", "/items/one/?x=1"),
        ("/index.html", "/"),
        ("/press/1.html", "../items/one/"),
        ("/items/old/", "../../items/one/"),
    ],
)
def test_each_page_has_one_address_to_which_the_others_lead(nginx: Server, path: str, location: str) -> None:
    answer = nginx.ask(path)
    assert (answer.status, answer.headers["location"]) == (301, location)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing/",
        "/nothing.xml",
        "/images/01/nothing.jpg",
        "/items/",
        "/.new/secret.html",
        "/%2enew/secret.html",
        "/atom.xml.gz",
        "/atom.xml.br",
        "/out/2026/",
        "/config.txt",
        "/%252e%252e/config.yaml",
        "/.well-known/.htpasswd",
        "//evil.example/index.html",
    ],
)
def test_what_is_not_there_shows_the_sites_own_page(nginx: Server, path: str) -> None:
    answer = nginx.ask(path)
    assert (answer.status, answer.body) == (404, b"<h1>No such page</h1>")
    assert answer.headers["cache-control"] == "public, max-age=60, must-revalidate"
    assert {name: answer.headers[name.lower()] for name in HEADERS} == HEADERS


def test_an_address_that_leads_upwards_is_refused(nginx: Server) -> None:
    for path in ("/..%2fconfig.yaml", "/../config.yaml", "/items%2f..%2f..%2fconfig.yaml"):
        assert nginx.ask(path).status == 400


def test_the_hosts_own_folder_is_served(nginx: Server) -> None:
    assert nginx.ask("/.well-known/security.txt").status == 200


def test_what_was_withdrawn_without_trace_answers_410(nginx: Server) -> None:
    answer = nginx.ask("/items/gone/")
    assert answer.status == 410
    assert b"This page was withdrawn" in answer.body


def test_faces_are_passed_on_and_their_tokens_are_not_logged(nginx: Server, folder: Path) -> None:
    assert b"This link is not known" in nginx.ask("/unsubscribe/a-token").body
    assert nginx.ask("/unsubscribe/a-token", "POST").headers["cache-control"] == "private, no-store"
    assert b'"schedule"' in nginx.ask("/healthz").body
    assert nginx.ask("/web.css").headers["content-type"] == "text/css; charset=utf-8"
    assert b"<form" in nginx.ask("/subscribe").body
    for path in ("/confirm/x", "/my-data/x", "/my-data/x/erase", "/move/x"):
        assert nginx.ask(path).headers["cache-control"] == "private, no-store"
    assert "a-token" not in (folder / "access.log").read_text()
    assert "/web.css" in (folder / "access.log").read_text()


def test_methods_that_change_nothing_there_are_refused(nginx: Server) -> None:
    assert nginx.ask("/", "HEAD").status == 200
    assert nginx.ask("/", "POST").status == 405
    assert nginx.ask("/atom.xml", "DELETE").status == 405


def test_the_site_stands_while_digest_serve_is_down(nginx_alone: Server) -> None:
    assert nginx_alone.ask("/").body == b"<h1>Front</h1>"
    answer = nginx_alone.ask("/items/gone/")
    assert (answer.status, answer.body) == (404, b"<h1>No such page</h1>")
    assert {name: answer.headers[name.lower()] for name in HEADERS} == HEADERS
    assert nginx_alone.ask("/unsubscribe/x").status == 502
