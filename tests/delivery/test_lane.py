import pytest

from digest.delivery.lane import Lane
from digest.delivery.replies import Lost, Stage
from digest.delivery.rows import Recipient
from tests.delivery.doubles import Event, FakeServer, Process, answers, message_for

OUTGOING = message_for(Recipient(1, "reader@example.org", "en", 0))


def test_one_connection_serves_many_messages() -> None:
    server = FakeServer(Process())
    lane = Lane(server.connect)
    for _ in range(3):
        assert lane.offer(OUTGOING) is None
        assert lane.finish().accepts
    lane.close()
    assert server.calls == ["connect", *["offer", "dot"] * 3, "close"]


def test_a_lane_that_was_never_used_connects_to_nobody() -> None:
    server = FakeServer(Process())
    Lane(server.connect).close()
    assert server.calls == []


def test_a_loss_on_a_connection_that_had_served_is_made_good_on_a_fresh_one() -> None:
    process = Process(script=[Event(), Event("lost", Stage.MAIL)])
    server = FakeServer(process)
    lane = Lane(server.connect)
    lane.offer(OUTGOING)
    lane.finish()
    assert lane.offer(OUTGOING) is None
    assert lane.finish().accepts
    assert server.calls.count("connect") == 2


def test_a_loss_on_a_fresh_connection_is_passed_on() -> None:
    server = FakeServer(Process(script=[Event("lost", Stage.DATA)]))
    with pytest.raises(Lost):
        Lane(server.connect).offer(OUTGOING)
    assert server.calls == ["connect", "offer", "drop"]


def test_the_final_dot_is_never_sent_again_on_another_connection() -> None:
    server = FakeServer(Process(script=[Event(), Event("lost", Stage.DOT)]))
    lane = Lane(server.connect)
    lane.offer(OUTGOING)
    lane.finish()
    lane.offer(OUTGOING)
    with pytest.raises(Lost):
        lane.finish()
    assert server.calls.count("dot") == 2


def test_a_message_offered_but_not_finished_is_dropped_when_the_lane_closes() -> None:
    server = FakeServer(Process())
    lane = Lane(server.connect)
    lane.offer(OUTGOING)
    lane.close()
    assert server.calls == ["connect", "offer", "drop"]
    assert not server.copies


def test_a_connection_that_the_server_gives_up_is_not_used_again() -> None:
    server = FakeServer(Process(script=answers(b"421 4.3.2 closing", stage=Stage.MAIL)))
    lane = Lane(server.connect)
    refusal = lane.offer(OUTGOING)
    assert refusal
    assert refusal.hangs_up
    assert lane.offer(OUTGOING) is None
    assert server.calls == ["connect", "offer", "drop", "connect", "offer"]


def test_a_connection_goes_on_after_a_refusal() -> None:
    server = FakeServer(Process(script=answers(b"550 5.1.1 unknown", stage=Stage.RCPT)))
    lane = Lane(server.connect)
    assert lane.offer(OUTGOING)
    assert lane.offer(OUTGOING) is None
    lane.finish()
    lane.close()
    assert server.calls == ["connect", "offer", "offer", "dot", "close"]
