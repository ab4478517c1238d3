"""Several mail servers: the first is used that can be, and a faulty one holds up nobody."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest

from digest.config import Relay
from digest.delivery import dialogue, lanes
from digest.delivery.outgoing import Outgoing
from digest.delivery.replies import Reply, Stage, reply
from digest.delivery.route import Route
from digest.delivery.rows import RowState
from digest.delivery.sender import MOST_REFUSED, send_edition
from digest.delivery.summary import Summary
from digest.delivery.throttle import Limits, Throttle
from digest.delivery.transport import Transport
from digest.errors import OutsideFailure
from digest.log import Entry
from digest.wiring import route_to as relayed
from tests.delivery.doubles import EDITION, START, MemoryRows, Process, message_for, minutes, never
from tests.delivery.immediate import Immediate
from tests.delivery.scripted_server import DOT, GREETING, SILENCE, scripted_server
from tests.delivery.test_throttle import Day

READERS = 40


class Server:
    """A mail server that answers as it is told to, over any number of connections."""

    def __init__(self, *answers: tuple[Stage, bytes]) -> None:
        self.answers = list(answers)  # of the messages to come; then it takes everything
        self.taken: list[str] = []
        self.down = False
        self.open = self.most_open = 0

    def connect(self) -> Transport:
        if self.down:
            raise OutsideFailure("first.example:25 cannot be reached: Connection refused", "Check it.")
        return _Connection(self)

    def route(self, day: Day | None = None, **limits: int) -> Route:
        return Route(self.connect, Throttle("relay.example:25", Limits(**limits), day))


class _Connection(Immediate):
    def __init__(self, server: Server) -> None:
        self._server = server
        server.open += 1
        server.most_open = max(server.open, server.most_open)

    def take(self, outgoing: Outgoing) -> Reply | None:
        self._address = outgoing.address
        self._next = self._server.answers.pop(0) if self._server.answers else (Stage.DOT, b"250 2.0.0 taken")
        return None if self._next[0] is Stage.DOT else self._said()

    def answer(self) -> Reply:
        said = self._said()
        if said.accepts:
            self._server.taken.append(self._address)
        return said

    def _said(self) -> Reply:
        stage, text = self._next
        return reply(int(text[:3]), text[4:], stage)

    def drop(self) -> None:
        self._server.open -= 1


class Mailing:
    """An edition that is sent by several servers."""

    def __init__(self, *routes: Route) -> None:
        self.routes = routes
        self.process = Process()
        self.logged: list[Entry] = []
        self.rows = MemoryRows((f"reader{number}@example.org" for number in range(READERS)), self.process)

    def send(self, stop: Callable[[], bool] = never) -> Summary:
        return send_edition(
            EDITION,
            self.rows,
            self.routes,
            message_for,
            self.process.clock,
            policy="hold",
            started=START,
            stop=stop,
            log=self.logged.append,
        )


def test_the_first_server_gets_everything_as_long_as_it_takes_it() -> None:
    first, second = Server(), Server()
    assert Mailing(first.route(connections=3), second.route()).send() == Summary(sent=READERS)
    assert (len(first.taken), len(second.taken)) == (READERS, 0)
    assert first.most_open <= 3


def test_a_server_out_of_reach_leaves_everything_to_the_next_one() -> None:
    first, second = Server(), Server()
    first.down = True
    assert Mailing(first.route(connections=3), second.route()).send() == Summary(sent=READERS)
    assert len(second.taken) == READERS


def test_it_is_logged_once_that_a_server_is_out_of_reach() -> None:
    down = Server()
    down.down = True
    mailing = Mailing(down.route(connections=3), Server().route())
    mailing.send()
    assert mailing.logged == ["first.example:25 cannot be reached: Connection refused"]
    assert mailing.logged[0].facts == {"event": "server", "server": "relay.example:25", "state": "out of reach"}


def test_it_is_logged_once_that_a_server_rests_and_until_when() -> None:
    mailing = Mailing(Server((Stage.MAIL, b"421 4.7.0 too many")).route(), Server().route())
    mailing.send()
    why = "421 4.7.0 too many (at MAIL)"
    assert mailing.logged == [
        f"subscriber 1 is deferred: {why}",
        f"relay.example:25 rests until 2026-11-27T09:05:00Z: {why}",
    ]


def test_a_row_that_is_sent_is_not_logged_and_a_refused_one_is_with_its_number_and_reply() -> None:
    mailing = Mailing(Server((Stage.RCPT, b"550 5.1.1 unknown"), (Stage.DOT, b"250 2.0.0 taken")).route())
    mailing.send()
    [entry] = mailing.logged
    assert entry.facts == {
        "event": "row",
        "subscriber": 1,
        "state": "bounced",
        "reply": "550 5.1.1 unknown (at RCPT)",
        "server": "relay.example:25",
    }


def test_a_server_behind_one_out_of_reach_hears_of_the_next_message_with_each_dot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = Server(), Server()
    first.down = True
    announced: list[bool] = []
    finish = _Connection.finish

    def noted(self: _Connection, following: Outgoing | None = None) -> None:
        announced.append(following is not None)
        finish(self, following)

    monkeypatch.setattr(_Connection, "finish", noted)
    Mailing(first.route(connections=3), second.route()).send()
    assert announced == [True] * (READERS - 1) + [False]


def test_a_server_that_wants_it_slower_is_left_alone_and_the_next_one_goes_on() -> None:
    first, second = Server((Stage.DOT, b"250 2.0.0 taken"), (Stage.MAIL, b"421 4.7.0 too many")), Server()
    summary = Mailing(first.route(), second.route()).send()
    assert (summary.sent, summary.deferred, summary.paused_until) == (READERS - 1, 1, None)
    assert (len(first.taken), len(second.taken)) == (1, READERS - 2)


def test_a_server_that_fails_again_and_again_is_left_alone_too() -> None:
    first, second = Server(*[(Stage.MAIL, b"451 4.3.0 broken")] * READERS), Server()
    summary = Mailing(first.route(), second.route()).send()
    assert (summary.sent, summary.deferred) == (READERS - 3, 3)


def test_when_all_have_to_rest_the_mailing_does_until_the_first_may_go_on() -> None:
    slower = (Stage.MAIL, b"421 4.7.0 too many")
    mailing = Mailing(Server(slower).route(), Server(slower).route())
    summary = mailing.send()
    assert summary.paused_until == START + minutes(5)
    assert summary.reason.startswith("421 4.7.0")
    assert mailing.send() == Summary(paused_until=START + minutes(5), reason=summary.reason)
    mailing.process.now += minutes(5)
    assert mailing.send().sent == READERS


def test_a_server_gets_no_more_than_its_day_allows_and_the_next_one_the_rest() -> None:
    first, second, day = Server(), Server(), Day()
    assert Mailing(first.route(day, per_day=15), second.route()).send() == Summary(sent=READERS)
    assert (len(first.taken), day.given, len(second.taken)) == (15, 15, READERS - 15)


def test_without_another_server_the_rest_waits_for_tomorrow() -> None:
    server, day = Server(), Day()
    mailing = Mailing(server.route(day, per_day=15))
    summary = mailing.send()
    assert summary.sent == 15
    assert summary.paused_until == START.replace(hour=0) + timedelta(days=1)
    assert "per_day" in summary.reason
    assert mailing.rows.states().count(RowState.DUE) == READERS - 15


def test_messages_a_second_are_shared_by_all_connections() -> None:
    began = time.monotonic()
    assert Mailing(Server().route(connections=8, per_second=200)).send() == Summary(sent=READERS)
    assert time.monotonic() - began > (READERS - 1) / 200


def test_content_that_servers_refuse_stops_the_edition_and_says_so() -> None:
    server = Server(*[(Stage.DOT, b"250 2.0.0 taken")] * 10, *[(Stage.DOT, b"554 5.7.1 spam")] * READERS)
    summary = Mailing(server.route()).send()
    assert summary.blocked
    assert summary.reason == "554 5.7.1 spam (at the final dot)"
    assert (summary.sent, summary.failed) == (10, MOST_REFUSED)


def test_a_few_refusals_among_many_stop_nothing() -> None:
    taken, refused = (Stage.DOT, b"250 2.0.0 taken"), (Stage.DOT, b"552 5.3.4 too large for this mailbox")
    server = Server(*[refused, *[taken] * 8] * (MOST_REFUSED - 1))
    summary = Mailing(server.route()).send()
    assert (summary.sent, summary.failed, summary.blocked) == (READERS - 4, 4, False)


def test_a_server_that_is_down_uses_up_nothing_of_its_day() -> None:
    server, day = Server(), Day()
    server.down = True
    mailing = Mailing(server.route(day, connections=8, per_day=500))
    for _ in range(20):
        with pytest.raises(OutsideFailure):
            mailing.send()
    assert day.given == 0


def test_a_slow_pace_asks_the_database_no_more_often_than_a_fast_one(monkeypatch: pytest.MonkeyPatch) -> None:
    mailing = Mailing(Server().route(per_second=3))
    asked, due = [], mailing.rows.due
    monkeypatch.setattr(mailing.rows, "due", lambda *arguments: asked.append(1) or due(*arguments))  # type: ignore[func-returns-value]
    began = time.monotonic()
    mailing.send(lambda: time.monotonic() - began > 1.2)
    assert len(asked) <= 2


def test_a_server_that_allows_one_connection_is_not_asked_for_another_one_again_and_again() -> None:
    server = Server()
    connect, asked = server.connect, []

    def reluctant() -> Transport:
        asked.append(1)
        if server.open:
            raise OutsideFailure("421 one connection only", "Ask for more.")
        return connect()

    mailing = Mailing(Route(reluctant, Throttle("relay.example:25", Limits(4))))
    assert mailing.send() == Summary(sent=READERS)
    assert len(asked) <= 8


@contextmanager
def servers(*scripts: dict[str, bytes]) -> Iterator[list[Relay]]:
    with ExitStack() as stack:
        yield [stack.enter_context(scripted_server(script)).relay for script in scripts]


@pytest.mark.parametrize(
    "fault", [{GREETING: SILENCE}, {"EHLO": SILENCE}, {"MAIL": SILENCE}, {DOT: SILENCE}], ids=lambda fault: str(*fault)
)
def test_a_silent_server_holds_up_nobody_whose_message_it_has_not_taken(
    fault: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "_STUCK", 0.1)
    monkeypatch.setattr(lanes, "_UNPROVEN", 0.1)
    monkeypatch.setitem(dialogue._PATIENCE, Stage.DOT, 2.0)  # noqa: SLF001 - ten minutes otherwise
    with servers(fault, {}) as relays:
        mailing = Mailing(*(relayed(relay.model_copy(update={"connections": 1})) for relay in relays))

        began = time.monotonic()
        summary = mailing.send()
    assert summary.sent + summary.in_doubt == READERS
    assert summary.in_doubt <= (2 if fault == {DOT: SILENCE} else 0)
    assert time.monotonic() - began < 30  # it has five minutes to answer
