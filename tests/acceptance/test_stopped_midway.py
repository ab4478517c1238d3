"""An edition that is paused, resumed and cancelled by the real command line while another process sends it."""

import json
import re
from pathlib import Path

import pytest

from digest import clock
from tests.acceptance.mailing import approved, begin_to_send, ended, run_digest
from tests.faults.sending import post

READERS = 1200  # more than are served while commands start on a busy machine
SLOWNESS = 0.2  # seconds for a message, over each of 8 connections


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite:///var/digest.db"
    return str(request.getfixturevalue("postgres_url")).replace("postgresql://", "postgresql+psycopg://")


def test_a_running_mailing_is_paused_resumed_and_cancelled_from_another_terminal(url: str, tmp_path: Path) -> None:
    with post(SLOWNESS) as server, approved(tmp_path, url, server.port, READERS) as (path, edition):
        sender = begin_to_send(path, edition, server, 50)
        said = ended(run_digest(path, "edition", "pause", edition, "--reason", "a name is wrong"))
        answered = clock.monotonic()
        assert re.fullmatch(rf"{edition} is paused: \d+ due, \d+ sent\n", said)
        assert ended(sender).startswith(f"{edition} is paused: ")
        assert server.last < answered  # when the command has answered, nothing more goes out
        assert json.loads(ended(run_digest(path, "edition", "list", "--json")))[0]["reason"] == "a name is wrong"
        so_far = sum(server.copies.values())
        ended(run_digest(path, "tick"))
        assert sum(server.copies.values()) == so_far < READERS
        assert ended(run_digest(path, "edition", "resume", edition)).startswith(f"{edition} is sending: ")
        sender = begin_to_send(path, edition, server, so_far + 50)
        said = ended(run_digest(path, "edition", "cancel", edition))
        answered = clock.monotonic()
        ended(sender)
        assert server.last < answered
        copies = server.copies
    assert said == f"{edition} is cancelled: {len(copies)} sent, {READERS - len(copies)} skipped\n"
    assert set(copies.values()) == {1}
