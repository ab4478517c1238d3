"""Whose network a visitor counts for, in the real `digest serve` behind a real nginx."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from digest import clock
from digest.store import tables
from digest.store.database import open_database
from digest.web.stamps import stamp
from digest.wiring import newsroom_at, token_keys
from tests.acceptance.newsroom import sample

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: nginx-light)")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = clock.monotonic() + 40
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert process.poll() is None
            assert clock.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


@contextmanager
def _running(command: list[str], port: int, end: signal.Signals) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield
    finally:
        process.send_signal(end)
        process.wait(20)


@contextmanager
def serving(folder: Path, trusted: list[str]) -> Iterator[tuple[Path, int, int]]:
    """Give a newsroom behind nginx, nginx's port and that of `digest serve`."""
    serve, front = _free_port(), _free_port()

    def configured(text: str) -> str:
        text = re.sub(r"127\.0\.0\.1:8000", f"127.0.0.1:{serve}", text)
        return re.sub(r"^web:\n", f"web:\n  trusted_proxies: {json.dumps(trusted)}\n", text, flags=re.MULTILINE)

    (folder / "newsroom").mkdir()
    newsroom = sample(folder / "newsroom", change=configured)
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
        "events { worker_connections 64; }\n"
        f"http {{ access_log off; {places} server {{ listen 127.0.0.1:{front}; location / {{\n"
        f"proxy_pass http://127.0.0.1:{serve}; proxy_set_header X-Forwarded-For $remote_addr; }} }} }}\n"
    )
    digest = [str(Path(sys.executable).with_name("digest")), "serve", "--newsroom", str(newsroom)]
    nginx = [str(NGINX), "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log")]
    # `serve` would bring its first build to its end; killed, nginx would leave its worker behind.
    with _running(digest, serve, signal.SIGKILL), _running(nginx, front, signal.SIGTERM):
        yield newsroom, front, serve


def _networks(newsroom: Path) -> list[str]:
    """Return the hash of the network of each request, in their order."""
    engine = open_database("sqlite:///var/digest.db", newsroom)
    with engine.connect() as connection:
        found = (
            connection.execute(sa.select(tables.request.c.network_hash).order_by(tables.request.c.id)).scalars().all()
        )
    engine.dispose()
    return list(found)


def _subscribe(newsroom: Path, port: int, name: str, visitor: str, told: str | None = None) -> None:
    """Send the form from an IP address of this machine, with the X-Forwarded-For that the visitor made up."""
    made = stamp(token_keys(newsroom_at(newsroom)), "subscribe en", clock.now() - timedelta(seconds=30))
    form = urlencode({"address": f"{name}@paper.example", "stamp": made, "language": "en", "digest": "weekly"})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Language": "en"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=(visitor, 0))
    connection.request("POST", "/subscribe", form, headers | ({"X-Forwarded-For": told} if told else {}))
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    connection.close()


def test_two_visitors_are_two_networks_and_a_forged_header_is_not_believed(tmp_path: Path) -> None:
    with serving(tmp_path, ["127.0.0.1"]) as (newsroom, front, serve):
        _subscribe(newsroom, front, "ana", "127.1.1.1")
        _subscribe(newsroom, front, "ben", "127.1.1.9")
        _subscribe(newsroom, front, "cho", "127.2.2.2")
        _subscribe(newsroom, front, "dia", "127.1.1.1", "127.2.2.2")
        _subscribe(newsroom, front, "eli", "127.1.1.1", "203.0.113.7, 127.2.2.2")
        _subscribe(newsroom, serve, "fay", "127.1.1.1", "127.2.2.2")  # past nginx, from no trusted address
        ana, ben, cho, dia, eli, fay = _networks(newsroom)
        assert ana == ben == dia == eli == fay
        assert cho != ana


def test_without_trusted_proxies_nobody_is_believed(tmp_path: Path) -> None:
    with serving(tmp_path, []) as (newsroom, front, serve):
        _subscribe(newsroom, front, "ana", "127.1.1.1")
        _subscribe(newsroom, front, "ben", "127.2.2.2")
        _subscribe(newsroom, serve, "cho", "127.0.0.1", "127.2.2.2")
        assert len(set(_networks(newsroom))) == 1
