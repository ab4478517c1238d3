"""`digest serve` as a process: the site, leaving by one click, health, and a clean end."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from digest import clock, running
from digest.actions.enlist import choice, enlist
from digest.audience.subscriber import Consent
from digest.audience.tokens import sign
from digest.wiring import newsroom_at, open_store, token_keys
from tests.acceptance.newsroom import sample
from tests.acceptance.previewing import free_port
from tests.acceptance.serving import ask, serving

ONE_CLICK = "List-Unsubscribe=One-Click"
MULTIPART = f'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'  # noqa: F541


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    return sample(tmp_path)


def test_a_port_that_is_taken_is_told_before_anything_is_done(newsroom: Path) -> None:
    port = free_port()
    config = newsroom / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("127.0.0.1:8000", f"127.0.0.1:{port}"), "utf-8")
    command = [str(Path(sys.executable).with_name("digest")), "serve", "--newsroom", str(newsroom)]
    with socket.create_server(("127.0.0.1", port)):
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == (
        f"127.0.0.1:{port} cannot be listened on: Address already in use. Set `web.listen` to a free port.\n"
    )
    assert not (newsroom / "public").exists()


def test_it_ends_by_a_signal_that_comes_as_soon_as_it_says_that_it_serves(newsroom: Path) -> None:
    port = free_port()
    config = newsroom / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("127.0.0.1:8000", f"127.0.0.1:{port}"), "utf-8")
    command = [str(Path(sys.executable).with_name("digest")), "serve", "--newsroom", str(newsroom)]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr
        said = process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert said.startswith("serving ")


def test_it_serves_the_site_with_validators_and_ends_cleanly_on_sigterm(newsroom: Path) -> None:
    with serving(newsroom) as (port, process):
        status, headers, feed = ask(port, "GET", "/atom.xml")
        assert (status, headers["content-type"]) == (200, "application/atom+xml; charset=utf-8")
        assert headers["cache-control"] == "public, max-age=900"
        assert headers["x-content-type-options"] == "nosniff"
        assert "<feed" in feed
        assert ask(port, "GET", "/atom.xml", If_None_Match=headers["etag"])[0] == 304
        assert ask(port, "GET", "/")[0] == 200
        assert ask(port, "GET", "/items/counting-the-cells/")[0] == 200
        assert ask(port, "GET", "/nothing-here/")[0] == 404
        assert ask(port, "GET", "/items/quillmere-growers-blacklist/")[0] == 410
        assert ask(port, "GET", "/../config.yaml")[0] == 404
        assert ask(port, "GET", "/%2e%2e/config.yaml")[0] == 404
        assert ask(port, "GET", "/healthz")[0] == 200
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

    with serving(newsroom) as (port, _):
        status, headers, page = ask(port, "GET", link)
        assert status == 200
        assert headers["cache-control"] == "private, no-store"
        assert "reader@reader.example" not in page
        assert ask(port, "HEAD", link)[0] == 200
        assert ask(port, "GET", link[:-1] + "x")[0] == 404
        assert state() is Consent.CONFIRMED

        status, headers, _page = ask(port, "POST", link, body, Content_Type=media_type)
        assert status == 200
        assert "set-cookie" not in headers
        assert state() is Consent.LEFT
        assert ask(port, "POST", link, body, Content_Type=media_type)[0] == 200


@pytest.mark.parametrize(
    ("proxies", "address"), [("[]", "127.0.0.1"), ("[127.0.0.1]", "203.0.113.7"), ("[10.0.0.0/8]", "127.0.0.1")]
)
def test_only_a_trusted_proxy_says_from_where_somebody_asks(newsroom: Path, proxies: str, address: str) -> None:
    file = newsroom / "config.yaml"
    listen = '  listen: "127.0.0.1:8000"\n'
    config = file.read_text("utf-8").replace(listen, f"{listen}  trusted_proxies: {proxies}\n")
    file.write_text(config, "utf-8")
    where = newsroom_at(newsroom)
    audience = open_store(where).audience
    enlist(audience, "reader@reader.example", choice(where.config, (), None, "asked"), clock.now())
    link = f"/unsubscribe/{sign(token_keys(where), 'unsubscribe', 1, 1)}"
    with serving(newsroom) as (port, _):
        assert ask(port, "POST", link, ONE_CLICK, X_Forwarded_For="198.51.100.1, 203.0.113.7")[0] == 200
    assert audience.history(1)[-1].ip == address


def test_no_part_of_an_answer_waits_for_the_acknowledgement_of_the_one_before() -> None:
    [listener] = running._listening("127.0.0.1", 0, "Set another port.")  # noqa: SLF001 - it shows as 40 ms only
    with listener, socket.create_connection(listener.getsockname()), listener.accept()[0] as visitor:
        assert visitor.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
