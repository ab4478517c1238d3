import _thread
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from digest import clock
from digest.delivery.outgoing import Outgoing
from digest.delivery.queue import BATCH
from digest.delivery.replies import Stage
from digest.delivery.rows import Recipient, RowState
from digest.delivery.sender import send_edition
from digest.delivery.summary import Progress, Summary
from digest.errors import OutsideFailure
from tests.delivery.doubles import (
    EDITION,
    START,
    Event,
    FakeServer,
    MemoryRows,
    Process,
    answers,
    message_for,
    minutes,
    never,
    route_to,
)


class Newsroom:
    """A process, its rows and a mail server."""

    def __init__(self, readers: int, *events: Event) -> None:
        self.process = Process(script=list(events))
        self.rows = MemoryRows((f"reader{number}@example.org" for number in range(1, readers + 1)), self.process)
        self.server = FakeServer(self.process, self.rows)

    def send(self, **changes: Any) -> Summary:  # noqa: ANN401 - any argument of send_edition
        arguments: dict[str, Any] = {
            "edition_key": EDITION,
            "rows": self.rows,
            "message_for": message_for,
            "at": self.process.clock,
            "policy": "resend",
            "started": START,
            "stop": never,
        }
        connect, connections = changes.pop("connect", self.server.connect), changes.pop("connections", 1)
        return send_edition(**({"routes": [route_to(connect, connections)]} | arguments | changes))


def test_everybody_who_is_due_gets_one_message_over_one_connection() -> None:
    newsroom = Newsroom(3)
    assert newsroom.send() == Summary(sent=3)
    assert newsroom.rows.states() == [RowState.SENT] * 3
    assert set(newsroom.server.copies.values()) == {1}
    assert newsroom.server.calls == ["connect", *["offer", "dot"] * 3, "close"]


def test_several_connections_share_the_rows_and_each_reader_gets_one_message() -> None:
    newsroom = Newsroom(3 * BATCH)
    assert newsroom.send(connections=5) == Summary(sent=3 * BATCH)
    assert set(newsroom.server.copies.values()) == {1}
    assert len(newsroom.server.copies) == 3 * BATCH
    assert newsroom.server.calls.count("connect") <= 5


@pytest.fixture
def hears_interrupts() -> Iterator[None]:
    """Let this process hear Ctrl-C: one that a shell began in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_interrupts")
def test_who_interrupts_a_mailing_over_several_connections_ends_all_of_them() -> None:
    newsroom = Newsroom(3 * BATCH)
    told: list[int] = []

    def interrupt(progress: Progress) -> None:
        if progress.sent >= 20 and not told:
            told.append(progress.sent)
            _thread.interrupt_main()

    with pytest.raises(KeyboardInterrupt):
        newsroom.send(connections=4, progress=interrupt)
    sent = newsroom.server.copies.total()
    assert 20 <= sent < 3 * BATCH
    assert newsroom.rows.states().count(RowState.SENT) == sent
    assert RowState.IN_FLIGHT not in newsroom.rows.states()


def test_a_server_that_allows_fewer_connections_gets_everything_over_those() -> None:
    newsroom = Newsroom(200)
    connect = newsroom.server.connect

    def reluctant() -> Any:  # noqa: ANN401 - a transport
        calls = newsroom.server.calls
        if calls.count("connect") - calls.count("close") < 2:
            return connect()
        raise OutsideFailure("relay.example:25: 421 too many connections", "Allow more.")

    assert newsroom.send(connect=reluctant, connections=5).sent == 200


def test_one_commit_records_the_last_result_and_puts_the_next_row_in_flight() -> None:
    newsroom = Newsroom(3)
    newsroom.send()
    assert newsroom.rows.commits == [((), (1,)), ((1,), (2,)), ((2,), (3,)), ((3,), ())]


def test_the_dot_follows_the_commit_and_the_body_precedes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom = Newsroom(1)
    calls: list[str] = []
    commit = newsroom.rows.commit

    def noted(*arguments: Any) -> frozenset[int] | None:  # noqa: ANN401 - those of commit
        calls.append(" ".join(newsroom.server.calls))
        return commit(*arguments)

    monkeypatch.setattr(newsroom.rows, "commit", noted)
    newsroom.send()
    assert calls == ["connect offer", "connect offer dot"]


def test_nobody_due_means_no_connection() -> None:
    newsroom = Newsroom(0)
    assert newsroom.send() == Summary()
    assert newsroom.server.calls == []


def test_more_rows_than_one_batch_are_all_sent() -> None:
    newsroom = Newsroom(2 * BATCH + 1)
    assert newsroom.send().sent == 2 * BATCH + 1
    assert set(newsroom.server.copies.values()) == {1}


def test_a_refused_recipient_bounces_and_the_others_go_on() -> None:
    newsroom = Newsroom(3, Event(), *answers(b"550 5.1.1 unknown", stage=Stage.RCPT))
    assert newsroom.send() == Summary(sent=2, bounced=1)
    assert newsroom.rows.rows[2].reply == "550 5.1.1 unknown (at RCPT)"
    assert (2,) not in [next_up for _, next_up in newsroom.rows.commits]


def test_a_whole_batch_of_bounces_is_recorded_and_ends() -> None:
    newsroom = Newsroom(BATCH + 5, *answers(*[b"550 5.1.1 unknown"] * (BATCH + 5), stage=Stage.RCPT))
    assert newsroom.send() == Summary(bounced=BATCH + 5)
    assert newsroom.rows.states() == [RowState.BOUNCED] * (BATCH + 5)


def test_a_deferred_row_comes_back_when_its_time_has_come() -> None:
    newsroom = Newsroom(2, *answers(b"450 4.2.0 later", stage=Stage.RCPT))
    assert newsroom.send() == Summary(sent=1, deferred=1)
    assert newsroom.send() == Summary()
    newsroom.process.now = START + minutes(5)
    assert newsroom.send() == Summary(sent=1)


def test_who_left_since_the_edition_was_prepared_is_turned_away_and_the_others_go_on() -> None:
    newsroom = Newsroom(3, Event(), Event("leaves"))
    assert newsroom.send() == Summary(sent=2, suppressed=1)
    assert newsroom.rows.states() == [RowState.SENT, RowState.SUPPRESSED, RowState.SENT]
    assert newsroom.server.copies["reader2@example.org"] == 0
    assert newsroom.server.calls.count("drop") == 1


def test_an_edition_that_is_paused_stops_at_the_next_gate() -> None:
    newsroom = Newsroom(3)

    def pause(progress: Progress) -> None:
        newsroom.rows.sending = progress.sent == 0

    summary = newsroom.send(progress=pause)
    assert summary == Summary(sent=1, stopped=True)
    assert newsroom.rows.states() == [RowState.SENT, RowState.DUE, RowState.DUE]


def test_a_stop_is_heeded_before_the_next_message_and_loses_no_result() -> None:
    newsroom = Newsroom(3)
    assert newsroom.send(stop=lambda: newsroom.server.copies.total() == 2) == Summary(sent=2, stopped=True)
    assert newsroom.rows.states() == [RowState.SENT, RowState.SENT, RowState.DUE]
    assert newsroom.server.calls[-1] in {"close", "drop"}  # the next message may have been announced by then


def test_a_message_that_cannot_be_built_is_that_rows_outcome() -> None:
    def failing(recipient: Recipient) -> Outgoing:
        if recipient.subscriber == 2:
            raise KeyError("lead")
        return message_for(recipient)

    newsroom = Newsroom(3)
    assert newsroom.send(message_for=failing) == Summary(sent=2, failed=1)
    assert newsroom.rows.rows[2].reply == "the message could not be built: KeyError: 'lead'"


def test_a_hostile_address_fails_alone() -> None:
    def hostile(recipient: Recipient) -> Outgoing:
        address = recipient.address + "\r\nDATA" * (recipient.subscriber == 1)
        return Outgoing("bounces@news.example", address, b"x\r\n")

    newsroom = Newsroom(2)
    assert newsroom.send(message_for=hostile) == Summary(sent=1, failed=1)


@pytest.mark.parametrize("answer", [b"421 4.7.0 closing", b"451 4.7.1 too fast"])
@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT])
def test_a_server_that_wants_it_slower_pauses_the_whole_sending(answer: bytes, stage: Stage) -> None:
    newsroom = Newsroom(3, Event(), *answers(answer, stage=stage))
    summary = newsroom.send()
    assert (summary.sent, summary.deferred) == (1, 1)
    assert summary.paused_until == START + minutes(5)
    assert summary.reason.startswith(answer.decode())
    assert newsroom.rows.states() == [RowState.SENT, RowState.DEFERRED, RowState.DUE]


@pytest.mark.parametrize(
    "events",
    [
        [Event("lost", Stage.DATA)] * 3,
        answers(*[b"550 5.7.1 sender denied"] * 3, stage=Stage.MAIL),
        answers(*[b"452 4.3.1 disk full"] * 3, stage=Stage.DATA),
    ],
)
def test_three_in_a_row_that_fail_by_no_fault_of_their_recipients_pause_the_sending(events: list[Event]) -> None:
    newsroom = Newsroom(10, *events)
    summary = newsroom.send()
    assert summary.paused_until == START + minutes(5)
    assert newsroom.rows.states()[3:] == [RowState.DUE] * 7


def test_a_success_between_failures_keeps_the_sending_going() -> None:
    bad = Event("lost", Stage.DATA)
    newsroom = Newsroom(6, bad, bad, Event(), *answers(*[b"552 5.3.4 too big"] * 2, stage=Stage.DOT), Event())
    summary = newsroom.send()
    assert (summary.sent, summary.deferred, summary.failed) == (2, 2, 2)
    assert summary.paused_until is None


def test_a_loss_after_the_dot_is_mailed_once_more_by_resend() -> None:
    newsroom = Newsroom(2, Event("lost", Stage.DOT))
    assert newsroom.send(policy="resend") == Summary(sent=2, in_doubt=1)
    assert newsroom.server.copies == {"reader1@example.org": 2, "reader2@example.org": 1}
    assert newsroom.rows.doubted == {1}


def test_a_third_loss_after_the_dot_is_left_to_the_staff() -> None:
    lost = Event("lost", Stage.DOT)
    newsroom = Newsroom(1, lost, lost, lost)
    summary = newsroom.send(policy="resend")
    assert (summary.sent, summary.in_doubt) == (0, 3)
    assert newsroom.rows.states() == [RowState.IN_DOUBT]


def test_a_loss_after_the_dot_is_held_by_hold() -> None:
    newsroom = Newsroom(2, Event("lost", Stage.DOT))
    assert newsroom.send(policy="hold") == Summary(sent=1, in_doubt=1)
    assert newsroom.rows.states() == [RowState.IN_DOUBT, RowState.SENT]
    assert newsroom.rows.rows[1].reply.startswith("in doubt: ")


def test_a_server_that_cannot_be_reached_is_raised_and_changes_no_row() -> None:
    newsroom = Newsroom(2)
    newsroom.server.reachable = False
    with pytest.raises(OutsideFailure):
        newsroom.send()
    assert newsroom.rows.states() == [RowState.DUE, RowState.DUE]
    assert newsroom.rows.commits == []


def test_a_server_that_goes_away_in_the_middle_loses_no_result() -> None:
    newsroom = Newsroom(3, Event(), Event("lost", Stage.MAIL))

    def unplug(progress: Progress) -> None:
        newsroom.server.reachable = progress.sent == 0

    with pytest.raises(OutsideFailure):
        newsroom.send(progress=unplug)
    assert newsroom.rows.states() == [RowState.SENT, RowState.DUE, RowState.DUE]


def test_a_database_that_fails_at_the_gate_leaves_the_message_unsent(monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom = Newsroom(1)
    commit = newsroom.rows.commit

    def failing(*arguments: Any) -> frozenset[int]:  # noqa: ANN401 - those of commit
        commit(*arguments)
        raise OutsideFailure("the database is locked", "Wait.")

    monkeypatch.setattr(newsroom.rows, "commit", failing)
    with pytest.raises(OutsideFailure, match="locked"):
        newsroom.send()
    assert not newsroom.server.copies
    assert newsroom.server.calls == ["connect", "offer", "drop"]
    assert newsroom.rows.states() == [RowState.IN_FLIGHT]


def test_an_interrupt_records_what_is_known() -> None:
    def interrupt() -> bool:
        if newsroom.server.copies.total() == 1:
            raise KeyboardInterrupt
        return False

    newsroom = Newsroom(2)
    with pytest.raises(KeyboardInterrupt):
        newsroom.send(stop=interrupt)
    assert newsroom.rows.states() == [RowState.SENT, RowState.DUE]


def test_progress_is_told_after_each_attempt() -> None:
    told: list[Progress] = []
    newsroom = Newsroom(2, *answers(b"550 5.1.1 unknown", stage=Stage.RCPT))
    newsroom.send(progress=told.append)
    assert told == [Progress(bounced=1), Progress(bounced=1, sent=1)]


def test_a_sender_that_was_stopped_for_longer_than_its_lease_sends_no_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom = Newsroom(3)
    newsroom.rows.lease = 30.0
    commit = newsroom.rows.commit

    def stopped_meanwhile(edition: int, *arguments: Any) -> frozenset[int] | None:  # noqa: ANN401 - those of commit
        allowed = commit(edition, *arguments)
        if len(newsroom.rows.commits) == 2:
            woken = clock.since_boot() + 31
            monkeypatch.setattr(clock, "since_boot", lambda: woken)
        return allowed

    monkeypatch.setattr(newsroom.rows, "commit", stopped_meanwhile)
    assert newsroom.send() == Summary(sent=1, stopped=True)
    assert newsroom.server.copies == {"reader1@example.org": 1}
    assert newsroom.rows.states() == [RowState.SENT, RowState.DUE, RowState.DUE]


def test_a_run_that_ends_lets_others_take_over_at_once() -> None:
    newsroom = Newsroom(1)
    newsroom.send()
    assert newsroom.rows.released == 1


def test_a_message_that_ends_the_run_leaves_the_one_before_it_whole() -> None:
    def failing(recipient: Recipient) -> Outgoing:
        if recipient.subscriber == 2:
            raise OutsideFailure("templates/letter.j2 is faulty", "Mend it.")
        return message_for(recipient)

    newsroom = Newsroom(2)
    for _ in range(3):
        with pytest.raises(OutsideFailure, match="faulty"):
            newsroom.send(message_for=failing)
        assert RowState.IN_FLIGHT not in newsroom.rows.states()
    assert not newsroom.rows.doubted
    assert newsroom.send() == Summary(sent=2)


def test_a_stop_puts_nobody_in_flight_whose_dot_is_not_sent() -> None:
    newsroom = Newsroom(40)
    summary = newsroom.send(stop=lambda: newsroom.server.copies.total() >= 3, connections=8)
    assert summary.stopped
    assert set(newsroom.rows.states()) == {RowState.SENT, RowState.DUE}
    assert newsroom.rows.states().count(RowState.SENT) == newsroom.server.copies.total()


def test_a_failure_of_ours_puts_nobody_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom = Newsroom(3 * BATCH)
    due = newsroom.rows.due

    def failing(edition: int, at: Any, limit: int, beyond: int = 0) -> Any:  # noqa: ANN401 - those of due
        if beyond:
            raise OutsideFailure("the database is locked", "Wait.")
        return due(edition, at, limit, beyond)

    monkeypatch.setattr(newsroom.rows, "due", failing)
    with pytest.raises(OutsideFailure, match="locked"):
        newsroom.send(connections=8)
    assert set(newsroom.rows.states()) == {RowState.SENT, RowState.DUE}
    assert newsroom.rows.states().count(RowState.SENT) == newsroom.server.copies.total() > BATCH - 20


def test_a_server_that_takes_so_many_messages_on_a_connection_only_is_asked_again_on_another_one() -> None:
    newsroom = Newsroom(4, Event(), *answers(b"421 4.3.2 too many messages on this connection", stage=Stage.MAIL))
    assert newsroom.send() == Summary(sent=4)
    assert newsroom.server.calls.count("connect") == 2
