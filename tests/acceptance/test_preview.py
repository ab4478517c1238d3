"""`digest preview` as a process: what an edit shows, what it never touches, and how it ends."""

import http.client
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from digest import clock
from digest.actions.publish import build
from digest.wiring import newsroom_at, open_store
from tests.acceptance.newsroom import everything_in
from tests.acceptance.previewing import HOST, free_port, previewing
from tests.items.samples import NOW, image_of, make_newsroom, write_item, write_picture

FAR = "2999-01-01 09:00"


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    """Return a newsroom that was built and has a database, with a secret item under embargo and a draft."""
    folder = make_newsroom(tmp_path / "newsroom")
    write_picture(folder / "items/red.png")
    write_item(folder, "public", published="2020-01-01")
    write_item(folder, "secret", title="Secret words", published=FAR, image=image_of("red.png"))
    write_item(folder, "draft", title="Unready words", published=None)
    where = newsroom_at(folder)
    build(where, [], NOW)
    open_store(where)
    return folder


def untouched(newsroom: Path) -> dict[Path, tuple[int, bytes]]:
    """Return when each file changed that a preview may not touch, and what it holds.

    What SQLite has beside a database comes and goes with each look into it.
    """
    others = [path for path in newsroom.rglob("*") if not path.name.endswith(("-shm", "-wal"))]
    files = [path for path in others if path.is_file() and newsroom / "var/preview" not in path.parents]
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def data(stream: http.client.HTTPResponse) -> str:
    """Return what the next message on the stream of states says."""
    while not (line := stream.readline().decode()).startswith("data: "):
        assert line
    return line


def test_a_saved_change_is_told_to_open_pages_within_a_second_and_shown(newsroom: Path) -> None:
    with previewing(newsroom) as preview:
        connection = http.client.HTTPConnection(HOST, preview.port, timeout=10)
        connection.request("GET", "/.preview/states")
        stream = connection.getresponse()
        first = data(stream)
        assert first.removeprefix("data: ").strip() in preview.get("/items/public/")[1]
        write_item(newsroom, "public", published="2020-01-01", title="Words of today")
        saved = clock.monotonic()
        while (told := data(stream)) == first:
            assert clock.monotonic() - saved < 10  # a second; the machine may be busy
        page = preview.get("/items/public/")[1]
        assert "Words of today" in page
        assert told.removeprefix("data: ").strip() in page
        connection.close()


def test_what_is_not_public_is_shown_and_stays_in_the_previews_own_folder(newsroom: Path) -> None:
    before = untouched(newsroom)
    with previewing(newsroom) as preview:
        assert "Secret words" in preview.get("/items/secret/")[1]
        assert "Unready words" in preview.get("/")[1]
        edited = write_item(newsroom, "draft", title="Unready words", published=None, kind="novel")
        deadline = clock.monotonic() + 10
        while "is unknown" not in preview.get("/")[1]:
            assert clock.monotonic() < deadline
        own = newsroom / "var/preview"
        assert [path.name for path in own.iterdir()] == [str(preview.port)]
    after = untouched(newsroom)
    assert {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)} == {edited}
    assert "Secret words" in everything_in(own)
    assert "Secret words" not in everything_in(newsroom / "public")


def test_at_a_time_asked_for_only_what_is_public_then_is_shown(newsroom: Path) -> None:
    with previewing(newsroom, "--at", "2026-11-20 12:00") as preview:
        assert preview.get("/items/secret/")[0] == 404
        front = preview.get("/")[1]
        assert "As of 20 November 2026, 12:00, with drafts." in front
        assert "Unready words" in front
    with previewing(newsroom, "--at", FAR) as preview:
        assert "Under embargo until 1 January 2999, 09:00" in preview.get("/items/secret/")[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_while_a_browser_holds_the_stream(newsroom: Path, number: signal.Signals) -> None:
    with previewing(newsroom) as preview:
        connection = http.client.HTTPConnection(HOST, preview.port, timeout=10)
        connection.request("GET", "/.preview/states")
        data(connection.getresponse())
        preview.process.send_signal(number)
        _, said = preview.process.communicate(timeout=5)
        assert preview.process.returncode == 0
        assert said == "stopped\n"
        connection.close()


def test_only_this_computer_reaches_it(newsroom: Path) -> None:
    # A server on every address would answer at this one.
    with previewing(newsroom) as preview, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", preview.port), 2)


def test_a_port_that_is_taken_is_told_before_anything_is_built(newsroom: Path) -> None:
    port = free_port()
    command = [str(Path(sys.executable).with_name("digest")), "preview", "--newsroom", str(newsroom)]
    with socket.create_server((HOST, port)):
        ended = subprocess.run([*command, "--port", str(port)], capture_output=True, text=True, check=False)
    assert ended.returncode == 3
    assert ended.stderr == (
        f"127.0.0.1:{port} cannot be listened on: Address already in use. Give another port with --port.\n"
    )
    assert not (newsroom / "var/preview").exists()
