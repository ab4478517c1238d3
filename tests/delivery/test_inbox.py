from mailbox import Maildir
from pathlib import Path

from digest import wiring
from digest.config import Relay
from digest.delivery.inbox import local_inbox
from digest.delivery.rows import RowState
from digest.delivery.sender import send_edition
from digest.delivery.single import send_one
from digest.delivery.summary import Summary
from tests.delivery.doubles import EDITION, START, MemoryRows, Process, message_for, never


def test_a_message_is_kept_as_it_was_meant_with_its_envelope_on_top(tmp_path: Path) -> None:
    outgoing = "bounces+t@news.example", "reader@example.org", b"Subject: x\r\n\r\n..hidden\r\nend\r\n"
    with local_inbox(tmp_path / "var" / "inbox") as (host, port):
        relay = Relay(host=host, port=port, security="none")
        assert send_one([wiring.route_to(relay)], *outgoing).text == "2.0.0 kept"
    (kept,) = (tmp_path / "var" / "inbox" / "new").iterdir()
    assert kept.read_bytes() == (
        b"Return-Path: <bounces+t@news.example>\nDelivered-To: reader@example.org\nSubject: x\n\n.hidden\nend\n"
    )


def test_an_edition_sent_to_it_is_there_once_for_each_reader(tmp_path: Path) -> None:
    process = Process()
    rows = MemoryRows([f"reader{number}@example.org" for number in range(100)], process)
    with local_inbox(tmp_path / "inbox") as (host, port):
        relay = Relay(host=host, port=port, security="none")
        summary = send_edition(
            EDITION,
            rows,
            [wiring.route_to(relay)],
            message_for,
            process.clock,
            policy="resend",
            started=START,
            stop=never,
        )
    assert summary == Summary(sent=100)
    assert set(rows.states()) == {RowState.SENT}
    received = [message["Delivered-To"] for message in Maildir(tmp_path / "inbox")]
    assert sorted(received) == sorted(row.recipient.address for row in rows.rows.values())
