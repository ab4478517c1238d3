"""The sender of letters killed in the middle: by `digest tick`, a real database and a real SMTP conversation."""

import os
import subprocess
import sys
import time
from collections import Counter
from mailbox import Maildir
from pathlib import Path

import sqlalchemy as sa

from digest import clock
from digest.actions.enlist import choice, enlist
from digest.audience.requests import Says
from digest.delivery.inbox import local_inbox
from digest.delivery.rows import RowState
from digest.store import tables
from digest.store.database import open_database
from digest.wiring import newsroom_at, open_store
from tests.acceptance.newsroom import sample
from tests.store.people import owe_letter

LETTERS = 30
KILLS = 2


def _tick(newsroom: Path) -> subprocess.Popen[str]:
    command = [str(Path(sys.executable).with_name("digest")), "tick", "--newsroom", str(newsroom)]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _kill_when_received(process: subprocess.Popen[str], inbox: Path, count: int) -> None:
    deadline = clock.monotonic() + 120
    while sum(1 for _ in os.scandir(inbox / "new")) < count:
        assert process.poll() is None, process.communicate()
        assert clock.monotonic() < deadline
        time.sleep(0.002)
    process.kill()
    process.communicate()


def test_after_kills_every_letter_has_come_and_only_what_is_named_in_doubt_came_twice(tmp_path: Path) -> None:
    with local_inbox(tmp_path / "inbox") as (_, port):
        (tmp_path / "newsroom").mkdir()
        path = sample(tmp_path / "newsroom", port)
        newsroom = newsroom_at(path)
        store = open_store(newsroom)
        agreed = choice(newsroom.config, (), None, "asked by letter")
        for number in range(LETTERS):
            enlist(store.audience, f"reader{number}@reader.example", agreed, clock.now())
            who = store.audience.get(f"reader{number}@reader.example")
            assert who
            owe_letter(store.letters, who.key, Says.WELCOME, clock.now())
        for kill in range(1, KILLS + 1):
            _kill_when_received(_tick(path), tmp_path / "inbox", kill * 8)
        _, errors = _tick(path).communicate(timeout=240)
        received = Counter(str(mail["Delivered-To"]) for mail in Maildir(tmp_path / "inbox", create=False).values())
    engine = open_database("sqlite:///var/digest.db", path)
    with engine.connect() as connection:
        query = sa.select(tables.subscriber.c.address, tables.letter.c.state, tables.letter.c.reply)
        rows = connection.execute(query.join(tables.letter)).all()
    engine.dispose()
    assert {row.state for row in rows} == {RowState.SENT}, errors
    named = {row.address for row in rows if row.reply.startswith("in doubt")}
    assert len(received) == LETTERS
    assert max(received.values()) <= 2
    assert {address for address, times in received.items() if times > 1} <= named
    assert len(named) <= KILLS
