"""An edition that is paused, resumed and cancelled by the real command line while another process sends it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from digest import clock
from digest.actions.compose import approve_edition, compose_now
from digest.actions.enlist import choice, enlist
from digest.store import tables
from digest.store.database import open_database
from digest.wiring import newsroom_at, store_on
from tests.acceptance.newsroom import sample, write_item
from tests.faults.sending import Post, post

READERS = 1200  # more than are served while commands start on a busy machine
SLOWNESS = 0.2  # seconds for a message, over each of 8 connections


def _digest(newsroom: Path, *words: str) -> "subprocess.Popen[str]":
    command = [str(Path(sys.executable).with_name("digest")), *words, "--newsroom", str(newsroom)]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _ended(process: "subprocess.Popen[str]", code: int = 0) -> str:
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (code, "")
    return out


@contextmanager
def _approved(folder: Path, url: str, server: Post) -> Iterator[tuple[Path, str]]:
    """Give a newsroom with an approved edition for many readers, and its id."""

    def changed(text: str) -> str:
        return f"{text}\ndatabase: {{url: {url}}}\n"

    (folder / "newsroom").mkdir()
    path = sample(folder / "newsroom", server.port, changed)
    now = f"{clock.now():%Y-%m-%d %H:%M}Z"
    write_item(path, "2026-11-21-now", id="abababab-1111-4222-8333-444444444444", published=now)
    newsroom = newsroom_at(path)
    engine = open_database(url, path)
    with engine.begin() as connection:  # other tests use the same PostgreSQL
        for table in reversed(tables.METADATA.sorted_tables):
            connection.execute(sa.delete(table))
    store = store_on(engine, b"h" * 32)
    agreed = choice(newsroom.config, (), None, "asked by letter")
    for number in range(READERS):
        enlist(store.audience, f"reader{number}@reader.example", agreed, clock.now())
    edition, _ = compose_now(newsroom, store, "weekly", clock.now())
    approved = approve_edition(newsroom, store, edition, "test", clock.now())
    engine.dispose()
    yield path, approved.id


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite:///var/digest.db"
    return str(request.getfixturevalue("postgres_url")).replace("postgresql://", "postgresql+psycopg://")


def _sending(newsroom: Path, edition: str, server: Post, count: int) -> "subprocess.Popen[str]":
    """Return a process that sends the edition, once so many messages arrived in all."""
    process = _digest(newsroom, "edition", "send", edition)
    deadline = clock.monotonic() + 60
    while len(server.copies) < count:
        if process.poll() is not None or clock.monotonic() > deadline:
            process.kill()
            raise AssertionError(process.communicate())
        clock.sleep(0.005)
    return process


def test_a_running_mailing_is_paused_resumed_and_cancelled_from_another_terminal(url: str, tmp_path: Path) -> None:
    with post(SLOWNESS) as server, _approved(tmp_path, url, server) as (path, edition):
        sender = _sending(path, edition, server, 50)
        said = _ended(_digest(path, "edition", "pause", edition, "--reason", "a name is wrong"))
        answered = clock.monotonic()
        assert re.fullmatch(rf"{edition} is paused: \d+ due, \d+ sent\n", said)
        assert _ended(sender).startswith(f"{edition} is paused: ")
        assert server.last < answered  # when the command has answered, nothing more goes out
        assert json.loads(_ended(_digest(path, "edition", "list", "--json")))[0]["reason"] == "a name is wrong"
        so_far = sum(server.copies.values())
        _ended(_digest(path, "tick"))
        assert sum(server.copies.values()) == so_far < READERS
        assert _ended(_digest(path, "edition", "resume", edition)).startswith(f"{edition} is sending: ")
        sender = _sending(path, edition, server, so_far + 50)
        said = _ended(_digest(path, "edition", "cancel", edition))
        answered = clock.monotonic()
        _ended(sender)
        assert server.last < answered
        copies = server.copies
    assert said == f"{edition} is cancelled: {len(copies)} sent, {READERS - len(copies)} skipped\n"
    assert set(copies.values()) == {1}
