"""Against Postfix's own test server, which others wrote."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from digest import wiring
from digest.config import Relay
from digest.delivery.rows import RowState
from digest.delivery.sender import send_edition
from digest.delivery.summary import Summary
from tests.delivery.doubles import EDITION, START, MemoryRows, Process, message_for, never

SINK = shutil.which("smtp-sink", path=f"{os.environ['PATH']}:/usr/sbin")
pytestmark = pytest.mark.skipif(not SINK, reason="smtp-sink is not installed: apt-get install postfix")


@contextmanager
def sink(port: int, *options: str) -> Iterator[Relay]:
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([SINK or "", *user, *options, f"127.0.0.1:{port}", "16"])
    try:
        _wait_for(port)
        yield Relay(host="127.0.0.1", port=port, security="none")
    finally:
        process.terminate()
        process.wait(5)


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"smtp-sink does not listen on {port}")


def send(relay: Relay, readers: int) -> tuple[Summary, MemoryRows]:
    process = Process()
    rows = MemoryRows([f"reader{number}@example.org" for number in range(readers)], process)
    summary = send_edition(
        EDITION,
        rows,
        [wiring.route_to(relay)],
        message_for,
        process.clock,
        policy="hold",
        started=START,
        stop=never,
    )
    return summary, rows


def test_a_thousand_messages_are_taken(free_port: Callable[[], int]) -> None:
    with sink(free_port()) as relay:
        summary, rows = send(relay, 1000)
    assert summary == Summary(sent=1000)
    assert set(rows.states()) == {RowState.SENT}


@pytest.mark.parametrize(
    ("options", "state"),
    [
        (["-r", "rcpt"], RowState.DEFERRED),
        (["-f", "rcpt"], RowState.BOUNCED),
        (["-r", "mail"], RowState.DEFERRED),
        (["-f", "mail"], RowState.FAILED),
        (["-r", "data"], RowState.DEFERRED),
        (["-f", "data"], RowState.FAILED),
        (["-r", "."], RowState.DEFERRED),
        (["-f", "."], RowState.FAILED),
        (["-b", "450 4.2.2 mailbox full", "-r", "rcpt"], RowState.DEFERRED),
        (["-q", "mail"], RowState.DEFERRED),
        (["-q", "rcpt"], RowState.DEFERRED),
        (["-q", "data"], RowState.DEFERRED),
        (["-q", "."], RowState.IN_DOUBT),
        (["-Q", "rcpt"], RowState.DEFERRED),
    ],
)
def test_each_way_to_refuse_or_hang_up_has_its_outcome(
    options: list[str], state: RowState, free_port: Callable[[], int]
) -> None:
    with sink(free_port(), *options) as relay:
        _, rows = send(relay, 2)
    assert set(rows.states()) <= {state, RowState.DUE}
    assert state in rows.states()
