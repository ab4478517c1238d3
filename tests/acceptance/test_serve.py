"""`digest serve` as a process: the site, leaving by one click, health, and a clean end."""

import http.client
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digest import clock
from digest.actions.enlist import choice, enlist
from digest.audience.subscriber import Consent
from digest.audience.tokens import sign
from digest.wiring import newsroom_at, open_store, token_keys
from tests.acceptance.newsroom import sample

ONE_CLICK = "List-Unsubscribe=One-Click"
MULTIPART = f'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'  # noqa: F541


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _ask(port: int, method: str, path: str, body: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body or None, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read().decode()
    connection.close()
    return answer


@contextmanager
def _serving(newsroom: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    port = _free_port()
    config = (newsroom / "config.yaml").read_text("utf-8")
    (newsroom / "config.yaml").write_text(re.sub(r"127\.0\.0\.1:8000", f"127.0.0.1:{port}", config), "utf-8")
    command = [str(Path(sys.executable).with_name("digest")), "serve", "--newsroom", str(newsroom)]
    process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        deadline = clock.monotonic() + 30
        while True:
            assert process.poll() is None, process.communicate()
            assert clock.monotonic() < deadline
            try:
                if _ask(port, "GET", "/healthz")[0] == 200:  # the first round is done
                    break
            except OSError:
                pass
            time.sleep(0.05)
        yield port, process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    return sample(tmp_path)


def test_it_serves_the_site_with_validators_and_ends_cleanly_on_sigterm(newsroom: Path) -> None:
    with _serving(newsroom) as (port, process):
        status, headers, feed = _ask(port, "GET", "/atom.xml")
        assert (status, headers["content-type"]) == (200, "application/atom+xml; charset=utf-8")
        assert headers["cache-control"] == "public, max-age=900"
        assert headers["x-content-type-options"] == "nosniff"
        assert "<feed" in feed
        assert _ask(port, "GET", "/atom.xml", If_None_Match=headers["etag"])[0] == 304
        assert _ask(port, "GET", "/")[0] == 200
        assert _ask(port, "GET", "/items/counting-the-cells/")[0] == 200
        assert _ask(port, "GET", "/nothing-here/")[0] == 404
        assert _ask(port, "GET", "/items/quillmere-growers-blacklist/")[0] == 410
        assert _ask(port, "GET", "/../config.yaml")[0] == 404
        assert _ask(port, "GET", "/%2e%2e/config.yaml")[0] == 404
        assert _ask(port, "GET", "/healthz")[0] == 200
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=15)
        assert process.returncode == 0, errors
        assert "Traceback" not in errors
        assert errors.rstrip().endswith("stopped")


@pytest.mark.parametrize(
    ("body", "media_type"),
    [(ONE_CLICK, "application/x-www-form-urlencoded"), (MULTIPART, "multipart/form-data; boundary=x")],
)
def test_one_click_leaves_and_looking_does_not(newsroom: Path, body: str, media_type: str) -> None:
    where = newsroom_at(newsroom)
    audience = open_store(where).audience
    enlist(audience, "reader@reader.example", choice(where.config, (), None, "asked"), clock.now())
    reader = audience.get("reader@reader.example")
    assert reader is not None
    link = f"/unsubscribe/{sign(token_keys(where), 'unsubscribe', reader.key, 1)}"

    def state() -> Consent:
        found = audience.get("reader@reader.example")
        assert found is not None
        return found.state

    with _serving(newsroom) as (port, _):
        status, headers, page = _ask(port, "GET", link)
        assert status == 200
        assert headers["cache-control"] == "private, no-store"
        assert "reader@reader.example" not in page
        assert _ask(port, "HEAD", link)[0] == 200
        assert _ask(port, "GET", link[:-1] + "x")[0] == 404
        assert state() is Consent.CONFIRMED

        status, headers, _page = _ask(port, "POST", link, body, Content_Type=media_type)
        assert status == 200
        assert "set-cookie" not in headers
        assert state() is Consent.LEFT
        assert _ask(port, "POST", link, body, Content_Type=media_type)[0] == 200
