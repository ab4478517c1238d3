"""A newsroom with an edition for many readers, and the commands that are run beside each other on it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from digest import clock
from digest.actions.compose import approve_edition, compose_now
from digest.addresses import Address
from digest.audience.admission import NewSubscriber
from digest.audience.subscriber import Consent
from digest.store import tables
from digest.store.database import open_database
from digest.wiring import newsroom_at, store_on
from tests.acceptance.newsroom import sample, write_item
from tests.faults.sending import Post


def run_digest(newsroom: Path, *words: str) -> "subprocess.Popen[str]":
    command = [str(Path(sys.executable).with_name("digest")), *words, "--newsroom", str(newsroom)]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(process: "subprocess.Popen[str]", code: int = 0) -> str:
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (code, "")
    return out


@contextmanager
def approved(folder: Path, url: str, port: int, readers: int) -> Iterator[tuple[Path, str]]:
    """Give a newsroom with an approved edition for many readers, and its id."""

    def changed(text: str) -> str:
        return f"{text}\ndatabase: {{url: {url}}}\n"

    (folder / "newsroom").mkdir()
    path = sample(folder / "newsroom", port, changed)
    now = f"{clock.now():%Y-%m-%d %H:%M}Z"
    write_item(path, "2026-11-21-now", id="abababab-1111-4222-8333-444444444444", published=now)
    newsroom = newsroom_at(path)
    engine = open_database(url, path)
    with engine.begin() as connection:  # other tests use the same PostgreSQL
        for table in reversed(tables.METADATA.sorted_tables):
            connection.execute(sa.delete(table))
    store = store_on(engine, b"h" * 32)
    store.audience.import_rows(map(_reader, range(readers)), clock.now())
    edition, _ = compose_now(newsroom, store, "weekly", clock.now())
    approved = approve_edition(newsroom, store, edition, "test", clock.now())
    engine.dispose()
    yield path, approved.id


def begin_to_send(newsroom: Path, edition: str, server: Post, count: int) -> "subprocess.Popen[str]":
    """Return a process that sends the edition, once so many messages arrived in all."""
    process = run_digest(newsroom, "edition", "send", edition)
    deadline = clock.monotonic() + 60
    while len(server.copies) < count:
        if process.poll() is not None or clock.monotonic() > deadline:
            process.kill()
            raise AssertionError(process.communicate())
        clock.sleep(0.005)
    return process


def _reader(number: int) -> NewSubscriber:
    text = f"reader{number}@reader.example"
    return NewSubscriber(Address(text, text), "en", ("weekly",), Consent.CONFIRMED, "staff", "asked by letter")
