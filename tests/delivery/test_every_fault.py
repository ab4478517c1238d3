"""Each way in which a mail server can fail, over real sockets: the right outcome, and nobody lost."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest

from digest.config import Relay
from digest.delivery import dialogue, lanes
from digest.delivery.replies import Stage
from digest.delivery.rows import RowState
from digest.delivery.sender import send_edition
from digest.delivery.summary import Summary
from digest.errors import OutsideFailure
from digest.wiring import route_to
from tests.delivery.doubles import EDITION, START, MemoryRows, Process, message_for, minutes, never
from tests.delivery.scripted_server import BODY, DOT, GREETING, SILENCE, Answer, Dripping, scripted_server

READERS = 6
PIPELINING: dict[str, Answer] = {"EHLO": b"250-relay.example\r\n250 PIPELINING"}
LATER, GONE = RowState.DEFERRED, RowState.BOUNCED
COMMANDS: dict[str, Stage] = {"MAIL": Stage.MAIL, "RCPT": Stage.RCPT, "DATA": Stage.DATA, DOT: Stage.DOT}


class Mailing:
    """An edition that is sent again and again, as the schedule does, until every row is accounted for."""

    def __init__(self, *relays: Relay) -> None:
        self.process = Process()
        self.rows = MemoryRows((f"reader{number}@example.org" for number in range(READERS)), self.process)
        self.routes = [route_to(relay.model_copy(update={"connections": 1})) for relay in relays]

    def send(self) -> Summary:
        return send_edition(
            EDITION, self.rows, self.routes, message_for, self.process.clock, policy="hold", started=START, stop=never
        )

    def to_the_end(self) -> dict[RowState, int]:
        for _ in range(100):
            with suppress(OutsideFailure):  # the next round may find the server again
                self.send()
            if not self.rows.open_rows() or set(self.rows.states()) <= {RowState.SENT, RowState.IN_DOUBT}:
                break
            self.process.now += minutes(15)
        return {state: self.rows.states().count(state) for state in set(self.rows.states())}


@pytest.mark.parametrize("offered", [{}, PIPELINING], ids=["in turn", "at once"])
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (b"421 4.3.2 closing", LATER),
        (b"450 4.2.1 greylisted", LATER),
        (b"451 4.7.1 too many", LATER),
        (b"452 4.3.1 full", LATER),
        (b"454 4.3.0 not now", LATER),
        (b"550 5.7.1 no", GONE),
    ],
)
def test_one_refusal_has_its_outcome_and_in_the_end_everybody_is_accounted_for(
    answer: bytes, state: RowState, command: str, offered: dict[str, Answer]
) -> None:
    usual = b"354 go on" if command == "DATA" else b"250 fine"
    script: dict[str, Answer] = {**offered, command: [answer, *[usual] * 100]}
    if state is GONE and command != "RCPT":
        state = RowState.FAILED
    with scripted_server(script) as server:
        mailing = Mailing(server.relay)
        mailing.send()
        assert mailing.rows.rows[1].state is state
        assert mailing.rows.rows[1].reply == f"{answer.decode()} (at {COMMANDS[command]})"
        expected = {RowState.SENT: READERS} if state is LATER else {state: 1, RowState.SENT: READERS - 1}
        assert mailing.to_the_end() == expected
        came_to_a_dot = state is LATER or command == DOT
        assert sum(map(bool, server.bodies)) >= READERS - 1 + came_to_a_dot


@pytest.mark.parametrize("offered", [{}, PIPELINING], ids=["in turn", "at once"])
@pytest.mark.parametrize("command", [*COMMANDS, BODY, GREETING, "EHLO"])
def test_one_loss_has_its_outcome_and_in_the_end_everybody_is_accounted_for(
    command: str, offered: dict[str, Answer]
) -> None:
    usual: dict[str, bytes] = {"DATA": b"354 go on", GREETING: b"220 ready", "EHLO": b"250 here"}
    after = [usual.get(command, b"250 fine")] * 100
    once: list[bytes | None] = [None, *after]
    script: dict[str, Answer] = {**offered, command: once}
    with scripted_server(script) as server:
        mailing = Mailing(server.relay)
        ended = mailing.to_the_end()
        if command == DOT:
            assert ended == {RowState.IN_DOUBT: 1, RowState.SENT: READERS - 1}
            assert mailing.rows.doubted == {1}
        else:
            assert ended == {RowState.SENT: READERS}
            assert sum(map(bool, server.bodies)) == READERS


@contextmanager
def _beside(script: dict[str, Answer]) -> Iterator[tuple[Mailing, Callable[[], int]]]:
    """Give a mailing by a faulty server and a healthy one, and how many messages the latter has."""
    with scripted_server(script) as faulty, scripted_server(PIPELINING) as healthy:
        yield Mailing(faulty.relay, healthy.relay), lambda: len(healthy.bodies)


@pytest.mark.parametrize("offered", [{}, PIPELINING], ids=["in turn", "at once"])
@pytest.mark.parametrize("command", [*COMMANDS, GREETING, "EHLO"])
@pytest.mark.parametrize(
    "answer",
    [b"421 4.3.2 closing", b"451 4.7.1 too many", b"452 4.3.1 full", b"454 4.3.0 not now", None, SILENCE, b"what?"],
    ids=lambda answer: str(answer)[:8],
)
def test_a_server_that_never_does_its_work_leaves_it_to_the_next_one(
    answer: bytes | None, command: str, offered: dict[str, Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "_STUCK", 0.02)
    monkeypatch.setattr(lanes, "_UNPROVEN", 0.02)
    monkeypatch.setattr(dialogue, "_ANSWER", 0.05)
    monkeypatch.setitem(dialogue._PATIENCE, Stage.DOT, 0.05)  # noqa: SLF001 - ten minutes otherwise
    monkeypatch.setattr("digest.delivery.smtp._CONNECT", 0.05)
    monkeypatch.setattr("digest.delivery.waits._LOOK", 0.05)
    with _beside({**offered, command: answer}) as (mailing, taken):
        ended = mailing.to_the_end()
        in_doubt = ended.get(RowState.IN_DOUBT, 0)
        assert ended.get(RowState.SENT, 0) + in_doubt == READERS
        if not (command == "EHLO" and answer and answer.startswith(b"45")):  # such a one is greeted by HELO
            assert taken() == ended.get(RowState.SENT, 0) >= READERS - 4
        assert not in_doubt or command == DOT


def test_a_server_that_answers_in_pieces_is_understood() -> None:
    said: dict[str, Answer] = {name: Dripping(b"250 ok") for name in ("MAIL", "RCPT", DOT)}
    with scripted_server({**said, "DATA": Dripping(b"354 go on")}) as server:
        mailing = Mailing(server.relay)
        mailing.rows.rows = {1: mailing.rows.rows[1]}
        assert mailing.send() == Summary(sent=1)


def test_a_server_that_takes_commands_in_turn_only_though_it_said_otherwise_is_understood() -> None:
    confused: dict[str, Answer] = {**PIPELINING, "RCPT": [b"503 5.5.1 in turn, please", *[b"250 fine"] * 100]}
    with scripted_server(confused) as server:
        mailing = Mailing(server.relay)
        assert mailing.to_the_end() == {GONE: 1, RowState.SENT: READERS - 1}
        assert sum(map(bool, server.bodies)) == READERS - 1


def test_a_server_that_went_down_and_came_back_is_used_again(free_port: Callable[[], int]) -> None:
    port = free_port()
    relay = Relay(host="127.0.0.1", port=port, security="none")
    mailing = Mailing(relay)
    with pytest.raises(OutsideFailure, match="refused"):
        mailing.send()
    assert set(mailing.rows.states()) == {RowState.DUE}
    with scripted_server(port=port):
        assert mailing.send() == Summary(sent=READERS)


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(hours=-1), timedelta(hours=1), timedelta(days=400)])
def test_a_clock_that_jumps_in_the_middle_loses_nobody(jump: timedelta) -> None:
    with scripted_server({"RCPT": [b"250 fine", b"450 4.2.1 greylisted", *[b"250 fine"] * 100]}) as server:
        mailing = Mailing(server.relay)
        offered = mailing.rows.commit

        def jumping(*arguments: object) -> frozenset[int] | None:
            if len(mailing.rows.commits) == 3:
                mailing.process.now += jump
            return offered(*arguments)  # type: ignore[arg-type]

        mailing.rows.commit = jumping  # type: ignore[method-assign, assignment]
        began = time.monotonic()
        mailing.send()
        assert time.monotonic() - began < 10
        assert mailing.to_the_end() in ({RowState.SENT: READERS}, {RowState.SENT: READERS - 1, RowState.FAILED: 1})
        assert sum(map(bool, server.bodies)) >= READERS - 1
