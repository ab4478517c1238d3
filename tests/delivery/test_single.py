import socket

import pytest

from digest.config import Relay
from digest.delivery.replies import Lost, Stage
from digest.delivery.single import send_one
from digest.delivery.transport import Transport
from digest.errors import OutsideFailure, Refused
from digest.wiring import route_to as route
from tests.delivery.doubles import Event, FakeServer, Process, answers, route_to
from tests.delivery.scripted_server import GREETING, scripted_server

SENDER, STAFF, MESSAGE = "news@news.example", "ana@news.example", b"Subject: x\r\n\r\nbody\r\n"


def test_a_notice_is_sent_once_and_the_connection_closed() -> None:
    server = FakeServer(Process())
    assert send_one([route_to(server.connect)], SENDER, STAFF, MESSAGE).code == 250
    assert server.copies == {STAFF: 1}
    assert server.calls == ["connect", "offer", "dot", "close"]


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT])
@pytest.mark.parametrize("answer", [b"450 4.2.0 later", b"550 5.1.1 unknown"])
def test_a_refusal_names_the_address_and_the_reply(stage: Stage, answer: bytes) -> None:
    server = FakeServer(Process(script=answers(answer, stage=stage)))
    with pytest.raises(OutsideFailure) as failure:
        send_one([route_to(server.connect)], SENDER, STAFF, MESSAGE)
    assert STAFF in failure.value.message
    assert answer.decode() in failure.value.message
    assert not server.copies


def test_a_lost_connection_is_an_outside_failure() -> None:
    server = FakeServer(Process(script=[Event("lost", Stage.DOT)]))
    with pytest.raises(Lost):
        send_one([route_to(server.connect)], SENDER, STAFF, MESSAGE)


def test_an_unfit_address_is_refused_before_any_connection() -> None:
    server = FakeServer(Process())
    with pytest.raises(Refused, match="not an e-mail address"):
        send_one([route_to(server.connect)], SENDER, "ana@news.example\r\nDATA", MESSAGE)
    assert server.calls == []


def test_the_next_relay_is_tried_when_the_first_does_not_let_us_in() -> None:
    with scripted_server({GREETING: b"554 5.7.1 go away"}) as first, scripted_server() as second:
        send_one([*map(route, [first.relay, second.relay])], SENDER, STAFF, MESSAGE)
        assert second.commands[-1].upper() == "QUIT"


def test_a_relay_that_let_nobody_in_is_asked_last_from_then_on() -> None:
    server, asked = FakeServer(Process()), []

    def silent() -> Transport:
        asked.append(1)
        raise OutsideFailure("silent.example:25 says nothing", "Read its log.")

    routes = [route_to(silent), route_to(server.connect)]
    for _ in range(3):
        send_one(routes, SENDER, STAFF, MESSAGE)
    assert (len(asked), server.copies) == (1, {STAFF: 3})


def test_relays_are_all_named_when_none_lets_us_in() -> None:
    with scripted_server({GREETING: b"421 4.3.2 busy"}) as busy, scripted_server({"EHLO": None}) as rude:
        closed = Relay(host="127.0.0.1", port=_closed_port(), security="none")
        unknown = Relay(host="no-such-host.invalid", port=25, security="none")
        with pytest.raises(OutsideFailure) as failure:
            send_one([*map(route, [busy.relay, rude.relay, closed, unknown])], SENDER, STAFF, MESSAGE)
    message = failure.value.message
    assert f"127.0.0.1:{busy.port}: 421 4.3.2 busy (at connecting)" in message
    assert f"127.0.0.1:{rude.port} cannot be reached" in message
    assert f"127.0.0.1:{closed.port} cannot be reached: Connection refused" in message
    assert "no-such-host.invalid:25 cannot be reached" in message
    assert "mail.smtp" in failure.value.remedy


def test_no_relay_at_all_is_refused() -> None:
    with pytest.raises(Refused, match=r"mail\.smtp"):
        send_one([], SENDER, STAFF, MESSAGE)


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
