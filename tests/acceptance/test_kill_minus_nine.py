"""A sender killed in the middle, by the real command line, a real database and a real SMTP conversation."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from mailbox import Maildir
from pathlib import Path

from digest import clock
from digest.actions.compose import approve_edition, compose_now
from digest.actions.enlist import choice, enlist
from digest.delivery.inbox import local_inbox
from digest.delivery.rows import RowState
from digest.editions.edition import Edition
from digest.wiring import newsroom_at, open_store
from tests.acceptance.newsroom import sample, write_item
from tests.store.rows import Row, rows_of

READERS = 500
KILLS = 3
CONNECTIONS = 8  # by default


def _digest(newsroom: Path, *words: str) -> subprocess.Popen[str]:
    command = [str(Path(sys.executable).with_name("digest")), *words, "--newsroom", str(newsroom)]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@contextmanager
def _approved(folder: Path, change: tuple[str, str] = ("", "")) -> Iterator[tuple[Path, Edition]]:
    """Give a newsroom with an approved edition for 500 readers, and a mail server that takes it."""
    with local_inbox(folder / "inbox") as (_, port):
        (folder / "newsroom").mkdir()
        path = sample(folder / "newsroom", port, lambda text: text.replace(*change) if change[0] else text)
        write_item(
            path,
            "2026-11-21-now",
            id="abababab-1111-4222-8333-444444444444",
            published=f"{clock.now():%Y-%m-%d %H:%M}Z",
        )
        newsroom = newsroom_at(path)
        store = open_store(newsroom)
        agreed = choice(newsroom.config, (), None, "asked by letter")
        for number in range(READERS):
            enlist(store.audience, f"reader{number}@reader.example", agreed, clock.now())
        edition, _ = compose_now(newsroom, store, "weekly", clock.now())
        yield path, approve_edition(newsroom, store, edition, "test", clock.now())


def _kill_when_received(process: subprocess.Popen[str], inbox: Path, count: int) -> None:
    deadline = clock.monotonic() + 60
    while sum(1 for _ in os.scandir(inbox / "new")) < count:
        assert process.poll() is None, process.communicate()
        assert clock.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def _received(inbox: Path) -> Counter[str]:
    """Return how many mails each reader has; the staff, who are told how it ended, are none."""
    to = (str(mail["Delivered-To"]) for mail in Maildir(inbox, create=False).values())
    return Counter(address for address in to if address.startswith("reader"))


def _rows(path: Path, edition: Edition) -> list[Row]:
    return list(rows_of(open_store(newsroom_at(path)).deliveries, edition.key))


def test_after_kills_everybody_has_the_mail_and_only_who_was_in_doubt_has_it_twice(tmp_path: Path) -> None:
    with _approved(tmp_path) as (path, edition):
        for kill in range(1, KILLS + 1):
            _kill_when_received(_digest(path, "edition", "send", edition.id), tmp_path / "inbox", kill * 120)
        output, errors = _digest(path, "edition", "send", edition.id).communicate(timeout=120)
        assert f"{edition.id} is sent: {READERS} sent" in output, errors

        received = _received(tmp_path / "inbox")
        rows = _rows(path, edition)
        named_in_doubt = {row.address for row in rows if row.reply.startswith("in doubt")}
        twice = {address for address, times in received.items() if times > 1}
        assert len(received) == READERS
        assert {row.state for row in rows} == {RowState.SENT}
        assert len(rows) == READERS
        assert len(named_in_doubt) <= KILLS * CONNECTIONS
        assert twice <= named_in_doubt
        assert sum(received.values()) - READERS <= KILLS * CONNECTIONS


def test_with_hold_nobody_gets_it_twice_and_who_is_in_doubt_is_named(tmp_path: Path) -> None:
    with _approved(tmp_path, ("in_doubt: resend", "in_doubt: hold")) as (path, edition):
        _kill_when_received(_digest(path, "edition", "send", edition.id), tmp_path / "inbox", 200)
        _digest(path, "edition", "send", edition.id).communicate(timeout=120)

        received = _received(tmp_path / "inbox")
        rows = _rows(path, edition)
        in_doubt = {row.address for row in rows if row.state is RowState.IN_DOUBT}
        assert max(received.values()) == 1
        assert len(in_doubt) <= CONNECTIONS
        assert {row.address for row in rows if row.state is RowState.SENT} | in_doubt == {row.address for row in rows}
        assert len(rows) == READERS
        assert READERS - len(received) <= len(in_doubt)
