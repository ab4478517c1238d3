import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from digest.config import Relay
from digest.delivery import dialogue, smtp
from digest.delivery.outgoing import Outgoing
from digest.delivery.replies import Lost, Reply, Stage
from digest.delivery.transport import Transport, outcome, take_leave
from digest.errors import OutsideFailure
from tests.delivery.scripted_server import BODY, DOT, GREETING, SILENCE, Answer, Dripping, scripted_server

MESSAGE = b"To: reader@example.org\r\nSubject: The week\r\n\r\n..dot\r\nend\r\n"
OUTGOING = Outgoing("bounces+token@news.example", "reader@example.org", MESSAGE)


def offer(connection: Transport, outgoing: Outgoing) -> Reply | None:
    """Offer a message and return the refusal, if any."""
    connection.offer(outgoing)
    ended = outcome(connection)
    return ended if isinstance(ended, Reply) else None


def finish(connection: Transport, following: Outgoing | None = None) -> Reply:
    connection.finish(following)
    ended = outcome(connection)
    assert isinstance(ended, Reply)
    return ended


@contextmanager
def parting(connection: Transport) -> Iterator[Transport]:
    yield connection
    take_leave(connection)


def test_the_bytes_go_out_as_they_are_and_the_dot_makes_them_a_message() -> None:
    with scripted_server() as server, parting(smtp.connect(server.relay)) as connection:
        assert offer(connection, OUTGOING) is None
        assert server.bodies == []
        reply = finish(connection)
        assert reply == Reply(250, "2.0.0", "2.0.0 queued", Stage.DOT)
        assert server.bodies == [MESSAGE]
        assert server.commands[1:] == ["MAIL FROM:<bounces+token@news.example>", "RCPT TO:<reader@example.org>", "DATA"]
        assert server.commands[0].upper().startswith("EHLO ")


def test_a_message_without_its_dot_is_none() -> None:
    with scripted_server() as server:
        connection = smtp.connect(server.relay)
        assert offer(connection, OUTGOING) is None
        connection.drop()
    assert server.bodies == []
    assert server.commands[-1] == "DATA"


def test_the_leave_taking_is_polite() -> None:
    with scripted_server() as server:
        take_leave(smtp.connect(server.relay))
    assert server.commands[-1].upper() == "QUIT"


PIPELINING = {"EHLO": b"250-relay.example\r\n250 PIPELINING"}


def test_commands_go_out_together_where_the_server_takes_them_so() -> None:
    with scripted_server(PIPELINING) as server, parting(smtp.connect(server.relay)) as connection:
        for _ in range(2):
            assert offer(connection, OUTGOING) is None
            assert finish(connection).accepts
        assert server.bodies == [MESSAGE] * 2
        assert server.commands[1:4] == [
            "MAIL FROM:<bounces+token@news.example>",
            "RCPT TO:<reader@example.org>",
            "DATA",
        ]


def test_the_next_message_is_announced_with_the_dot_and_no_body_goes_out_before_that_was_answered() -> None:
    other = Outgoing("bounces+2@news.example", "second@example.org", MESSAGE)
    with scripted_server(PIPELINING) as server, parting(smtp.connect(server.relay)) as connection:
        offer(connection, OUTGOING)
        assert finish(connection, following=other).accepts
        assert offer(connection, other) is None
        assert finish(connection).accepts
        assert server.commands[4:] == ["MAIL FROM:<bounces+2@news.example>", "RCPT TO:<second@example.org>", "DATA"]
        assert server.bodies == [MESSAGE] * 2


def test_a_message_announced_and_refused_is_refused_like_any_other() -> None:
    answers: dict[str, Answer] = {**PIPELINING, "RCPT": [b"250 fine", b"550 5.1.1 no", b"250 fine"]}
    with scripted_server(answers) as server, parting(smtp.connect(server.relay)) as connection:
        offer(connection, OUTGOING)
        assert finish(connection, following=OUTGOING).accepts
        refusal = offer(connection, OUTGOING)
        assert refusal
        assert refusal.stage is Stage.RCPT
        assert offer(connection, OUTGOING) is None
        assert finish(connection).accepts
        assert [body for body in server.bodies if body] == [MESSAGE] * 2


def test_a_server_that_is_asked_command_by_command_hears_of_no_message_with_the_dot() -> None:
    with scripted_server() as server, parting(smtp.connect(server.relay)) as connection:
        offer(connection, OUTGOING)
        assert finish(connection, following=OUTGOING).accepts
        assert server.commands[-1] == "DATA"
        assert offer(connection, OUTGOING) is None
        assert finish(connection).accepts


@pytest.mark.parametrize("offered", [{}, PIPELINING], ids=["in turn", "at once"])
@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA])
@pytest.mark.parametrize(
    "answer", [b"450 4.2.0 later", b"451 4.7.1 slower", b"452 full", b"550 5.1.1 no", b"554 5.7.1 no"]
)
def test_a_refusal_names_its_stage_and_the_connection_serves_on(
    stage: Stage, answer: bytes, offered: dict[str, bytes]
) -> None:
    answers = {**offered, stage.value: answer}
    with scripted_server(answers) as server, parting(smtp.connect(server.relay)) as connection:
        for _ in range(2):
            refusal = offer(connection, OUTGOING)
            assert refusal
            assert (refusal.code, refusal.stage) == (int(answer[:3]), stage)
        assert server.commands.count("RSET") == 1  # before the second
    assert not any(server.bodies)  # an empty one ends what the server began although nobody was to get it


@pytest.mark.parametrize("answer", [b"421 4.3.2 closing", b"450 later", b"554 5.7.1 spam"])
def test_a_refusal_at_the_dot_is_returned(answer: bytes) -> None:
    with scripted_server({DOT: answer}) as server:
        connection = smtp.connect(server.relay)
        offer(connection, OUTGOING)
        reply = finish(connection)
        assert (reply.code, reply.stage) == (int(answer[:3]), Stage.DOT)
        take_leave(connection)


def test_after_421_nothing_more_is_said() -> None:
    with scripted_server({"MAIL": b"421 4.3.2 closing"}) as server:
        connection = smtp.connect(server.relay)
        refusal = offer(connection, OUTGOING)
        assert refusal
        assert refusal.hangs_up
        connection.drop()
    assert "RSET" not in server.commands


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA])
@pytest.mark.parametrize("answer", [None, b"what?", b"", b"999 odd"])
def test_a_server_that_hangs_up_or_talks_nonsense_before_the_dot_is_lost_there(
    stage: Stage, answer: bytes | None
) -> None:
    with scripted_server({stage.value: answer}) as server:
        connection = smtp.connect(server.relay)
        with pytest.raises(Lost) as lost:
            offer(connection, OUTGOING)
        assert lost.value.stage is stage
        assert f"127.0.0.1:{server.port}" in lost.value.message
    assert server.bodies == []


def test_data_answered_out_of_turn_sends_no_body() -> None:
    with scripted_server({"DATA": b"250 ok"}) as server:
        connection = smtp.connect(server.relay)
        with pytest.raises(Lost) as lost:
            offer(connection, OUTGOING)
        assert lost.value.stage is Stage.DATA


def test_a_server_that_hangs_up_in_the_body_is_lost_before_the_dot() -> None:
    large = Outgoing("bounces@news.example", "reader@example.org", b"x" * 70 + b"\r\n" * 4_000_000)
    with scripted_server({BODY: None}) as server:
        connection = smtp.connect(server.relay)
        with pytest.raises(Lost) as lost:
            offer(connection, large)
        assert lost.value.stage is Stage.DATA


@pytest.mark.parametrize("answer", [None, b"what?", b"354 go on", b"999 odd"])
def test_a_server_that_hangs_up_or_talks_nonsense_after_the_dot_leaves_a_doubt(answer: bytes | None) -> None:
    with scripted_server({DOT: answer}) as server:
        connection = smtp.connect(server.relay)
        offer(connection, OUTGOING)
        with pytest.raises(Lost) as lost:
            finish(connection)
        assert lost.value.stage is Stage.DOT
        take_leave(connection)


def test_a_dot_that_cannot_be_written_leaves_no_doubt() -> None:
    with scripted_server() as server:
        connection = smtp.connect(server.relay)
        offer(connection, OUTGOING)
        connection.drop()
        with pytest.raises(Lost) as lost:
            finish(connection)
        assert lost.value.stage is Stage.DATA
    assert server.bodies == []


def test_an_overlong_success_at_the_dot_is_still_a_success() -> None:
    with scripted_server({DOT: b"250 2.0.0 " + b"x" * 20_000}) as server:
        connection = smtp.connect(server.relay)
        offer(connection, OUTGOING)
        assert finish(connection).accepts
        take_leave(connection)


def test_the_answer_to_the_dot_may_take_ten_minutes_and_others_five() -> None:
    with scripted_server() as server, parting(smtp.connect(server.relay)) as connection:
        connection.offer(OUTGOING)
        assert connection.deadline - time.monotonic() == pytest.approx(300, abs=1)
        outcome(connection)
        assert connection.deadline - time.monotonic() == pytest.approx(300, abs=1)
        connection.finish()
        assert connection.deadline - time.monotonic() == pytest.approx(600, abs=1)
        outcome(connection)


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA])
def test_a_server_silent_before_the_dot_is_lost_there(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogue, "_ANSWER", 0.05)
    with scripted_server({stage.value: SILENCE}) as server:
        connection = smtp.connect(server.relay)
        with pytest.raises(Lost, match="timed out") as lost:
            offer(connection, OUTGOING)
        assert lost.value.stage is stage


def test_a_server_that_answers_octet_by_octet_has_no_more_time_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogue, "_ANSWER", 0.3)
    with scripted_server({"MAIL": Dripping(b"250 2.1.0 at last")}) as server:
        connection = smtp.connect(server.relay)
        with pytest.raises(Lost, match="timed out"):
            offer(connection, OUTGOING)


def test_a_greeting_octet_by_octet_has_no_more_time_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "_CONNECT", 0.3)
    with scripted_server({GREETING: Dripping(b"220 at last")}) as server, pytest.raises(OutsideFailure):
        smtp.connect(server.relay)


def test_a_server_silent_after_the_dot_leaves_a_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(dialogue._PATIENCE, Stage.DOT, 0.05)  # noqa: SLF001 - ten minutes otherwise
    with scripted_server({DOT: SILENCE}) as server:
        connection = smtp.connect(server.relay)
        offer(connection, OUTGOING)
        with pytest.raises(Lost, match="timed out") as lost:
            finish(connection)
        assert lost.value.stage is Stage.DOT


def test_messages_do_not_wait_for_delayed_acknowledgements() -> None:
    with scripted_server() as server, parting(smtp.connect(server.relay)) as connection:
        begin = time.monotonic()
        for _ in range(50):
            assert offer(connection, OUTGOING) is None
            assert finish(connection).accepts
        with socket.socket(fileno=os.dup(connection.fileno())) as wire:
            assert wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert time.monotonic() - begin < 1.5  # fifty waits of 40 ms would be 2 s


def test_a_server_that_speaks_only_helo_is_enough() -> None:
    with scripted_server({"EHLO": b"502 5.5.1 unknown"}) as server:
        connection = smtp.connect(server.relay)
        assert offer(connection, OUTGOING) is None
        assert finish(connection).accepts
        take_leave(connection)


@pytest.mark.parametrize("host", ["", "a..b", "x" * 70, "with space"])
def test_a_host_that_is_no_name_is_an_outside_failure(host: str) -> None:
    with pytest.raises(OutsideFailure):
        smtp.connect(Relay(host=host, port=1, security="none"))


def test_a_port_that_does_not_exist_is_an_outside_failure() -> None:
    with pytest.raises(OutsideFailure):
        smtp.connect(Relay(host="127.0.0.1", port=99_999, security="none"))
