"""Kills, losses and refusals at random: nobody is lost, and every doubtful recipient is named."""

from contextlib import suppress
from typing import Literal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from digest.delivery.replies import Stage
from digest.delivery.rows import RowState
from digest.delivery.sender import send_edition
from digest.errors import OutsideFailure
from tests.delivery.doubles import (
    EDITION,
    FINE,
    START,
    Crash,
    Event,
    FakeServer,
    MemoryRows,
    Place,
    Process,
    message_for,
    minutes,
    never,
    route_to,
)

PLACES: list[Place] = ["offer", "before commit", "after commit", "before dot", "after dot"]
BEFORE_THE_DOT = [Stage.MAIL, Stage.RCPT, Stage.DATA]
REFUSALS = [
    b"421 closing",
    b"450 4.2.0 later",
    b"451 4.7.1 slower",
    b"452 4.3.1 full",
    b"550 5.1.1 no",
    b"554 5.7.1 no",
]

events = st.one_of(
    st.just(FINE),
    st.builds(Event, st.just("answer"), st.sampled_from([*BEFORE_THE_DOT, Stage.DOT]), st.sampled_from(REFUSALS)),
    st.builds(Event, st.just("lost"), st.sampled_from([*BEFORE_THE_DOT, Stage.DOT]), taken=st.booleans()),
    st.builds(Event, st.just("crash"), place=st.sampled_from(PLACES)),
    st.just(Event("leaves")),
)


class Sending(RuleBasedStateMachine):
    """One edition, sent by processes that die, to a server that fails, for people who leave."""

    @initialize(readers=st.integers(1, 5), policy=st.sampled_from(["resend", "hold"]))
    def prepare(self, readers: int, policy: Literal["resend", "hold"]) -> None:
        self.policy = policy
        self.process = Process()
        self.rows = MemoryRows([f"reader{number}@example.org" for number in range(1, readers + 1)], self.process)
        self.server = FakeServer(self.process, self.rows)
        self.copies_at_leaving: dict[int, int] = {}

    @rule(script=st.lists(events, max_size=8))
    def send(self, script: list[Event]) -> None:
        self.process.script = script
        with suppress(Crash, OutsideFailure):
            send_edition(
                EDITION,
                self.rows,
                [route_to(self.server.connect)],
                message_for,
                self.process.clock,
                policy=self.policy,
                started=START,
                stop=never,
            )
        self.process.restart()

    @rule(number=st.integers(1, 5))
    def leave(self, number: int) -> None:
        if number in self.rows.consenting:
            self.rows.consenting.discard(number)
            self.copies_at_leaving[number] = self.copies(number)

    @rule(passed=st.sampled_from([1, 5, 60, 60 * 24]))
    def wait(self, passed: int) -> None:
        self.process.now += minutes(passed)

    @rule(sending=st.booleans())
    def pause_or_resume(self, *, sending: bool) -> None:
        self.rows.sending = sending

    @rule(reachable=st.booleans())
    def plug(self, *, reachable: bool) -> None:
        self.server.reachable = reachable

    def copies(self, number: int) -> int:
        return self.server.copies[self.rows.rows[number].recipient.address]

    @invariant()
    def at_most_one_row_is_in_flight(self) -> None:
        assert self.rows.states().count(RowState.IN_FLIGHT) <= 1

    @invariant()
    def what_is_called_sent_was_sent(self) -> None:
        for number, row in self.rows.rows.items():
            if row.state is RowState.SENT:
                assert self.copies(number) >= 1

    @invariant()
    def what_was_sent_is_called_sent_or_in_doubt(self) -> None:
        for number, row in self.rows.rows.items():
            if self.copies(number):
                assert row.state in {RowState.SENT, RowState.IN_FLIGHT} or number in self.rows.doubted

    @invariant()
    def only_doubtful_rows_get_a_second_copy_and_by_hold_nobody(self) -> None:
        for number in self.rows.rows:
            allowed = 1 + self.rows.rows[number].doubts if self.policy == "resend" else 1
            assert self.copies(number) <= allowed

    @invariant()
    def who_left_gets_nothing_more(self) -> None:
        for number, copies in self.copies_at_leaving.items():
            assert self.copies(number) == copies

    def teardown(self) -> None:
        """With a healthy server every row comes to an end that a report can name."""
        if not hasattr(self, "rows"):
            return
        self.rows.sending = self.server.reachable = True
        for _ in range(60):
            self.send([])
            self.process.now += minutes(60)
        for number in self.rows.open_rows():
            assert self.rows.rows[number].state is RowState.IN_DOUBT
            assert self.rows.rows[number].reply.startswith("in doubt")


TestSending = Sending.TestCase
TestSending.settings = settings(max_examples=300, stateful_step_count=12, deadline=None)
