import pytest

from digest.delivery.replies import Lost, Stage
from digest.delivery.single import send_one
from digest.errors import OutsideFailure, Refused
from tests.delivery.doubles import Event, FakeServer, Process, answers

SENDER, STAFF, MESSAGE = "news@news.example", "ana@news.example", b"Subject: x\r\n\r\nbody\r\n"


def test_a_notice_is_sent_once_and_the_connection_closed() -> None:
    server = FakeServer(Process())
    assert send_one(server.connect, SENDER, STAFF, MESSAGE).code == 250
    assert server.copies == {STAFF: 1}
    assert server.calls == ["connect", "offer", "dot", "close"]


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT])
@pytest.mark.parametrize("answer", [b"450 4.2.0 later", b"550 5.1.1 unknown"])
def test_a_refusal_names_the_address_and_the_reply(stage: Stage, answer: bytes) -> None:
    server = FakeServer(Process(script=answers(answer, stage=stage)))
    with pytest.raises(OutsideFailure) as failure:
        send_one(server.connect, SENDER, STAFF, MESSAGE)
    assert STAFF in failure.value.message
    assert answer.decode() in failure.value.message
    assert not server.copies


def test_a_lost_connection_is_an_outside_failure() -> None:
    server = FakeServer(Process(script=[Event("lost", Stage.DOT)]))
    with pytest.raises(Lost):
        send_one(server.connect, SENDER, STAFF, MESSAGE)


def test_an_unfit_address_is_refused_before_any_connection() -> None:
    server = FakeServer(Process())
    with pytest.raises(Refused, match="not an e-mail address"):
        send_one(server.connect, SENDER, "ana@news.example\r\nDATA", MESSAGE)
    assert server.calls == []
