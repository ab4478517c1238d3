"""Whatever people, the clock and the mail server do in whatever order, what must never happen does not happen."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from digest.actions import send
from digest.actions.compose import current_items, frozen_content
from digest.actions.reconcile import deliver_due, reconcile
from digest.delivery.replies import Reply
from digest.editions.edition import State
from digest.editions.slots import slots
from digest.errors import Refused
from digest.items.item import Visibility, visibility
from digest.moments import to_stored
from tests.acceptance.newsroom import MADRID
from tests.actions.desk import Desk, Post, desk_in

READERS = ["ana@paper.example", "ben@paper.example", "eva@paper.example"]
A_WEEK = 7 * 24
states_to_compose = st.sampled_from([State.PLANNED, State.BUILT, State.APPROVED, State.HELD, State.MISSED])


class WatchedPost(Post):
    """A mail server that looks at each digest when it takes it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.approved: dict[str, str | None] = {}  # content by edition
        self.read: dict[str, set[str]] = {reader: set() for reader in READERS}  # slugs that each was mailed

    def answer(self) -> Reply:
        answer = super().answer()
        address, message = self.mails[-1]
        if message["List-Id"] and address in self.read:
            self._look_at(address, message)
        return answer

    def _look_at(self, address: str, message: EmailMessage) -> None:
        """Check that all of it is public at this moment, that it is what was approved, and new to its reader."""
        name = str(message["Feedback-ID"]).split(":")[0]
        edition = self.desk.edition(name)
        assert self.approved.get(name, edition.content_sha) == edition.content_sha
        assert name in self.approved or edition.approved_by == "automatic"
        composition = frozen_content(self.desk.newsroom, edition).composition
        assert message["Subject"] == composition.subject
        items = {item.uri: item for item in current_items(self.desk.newsroom)}
        for entry in composition.entries:
            assert visibility(items[entry.id], self.desk.clock()) is Visibility.PUBLIC
        carried = {entry.slug for entry in composition.entries}
        assert not self.read[address] & carried
        self.read[address] |= carried


class EditionsOverTime(RuleBasedStateMachine):
    """A newsroom of some weeks."""

    slugs = Bundle("slugs")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(TemporaryDirectory()))
        self.desk = self.stack.enter_context(desk_in(folder / "newsroom"))
        self.desk.post = self.post = WatchedPost(self.desk)
        self.items: dict[str, dict[str, Any]] = {}

    @initialize(
        approval=st.sampled_from(["required", "automatic"]), every=st.sampled_from(["day", "week"]), long=st.booleans()
    )
    def begin(self, approval: str, every: str, long: bool) -> None:  # noqa: FBT001
        on = {"on": "friday"} if every == "week" else {}
        schedule = {"every": every, "at": "09:00", **on}
        self.desk.settings(approval=approval, schedule=schedule, send_within="3w" if long else "24h")
        self.desk.subscribe(*READERS)
        self.desk.go()

    def _moment(self, hours: int) -> str:
        return to_stored(self.desk.clock() + timedelta(hours=hours))

    def _write(self, slug: str, **fields: object) -> None:
        self.items[slug] |= fields
        self.desk.write(slug, **self.items[slug])

    @rule(target=slugs, hours=st.sampled_from([-30, 0, 1, 20]))
    def publish(self, hours: int) -> str:
        return self._publish(hours)

    def _publish(self, hours: int) -> str:
        slug = f"item-{len(self.items)}"
        self.items[slug] = {"published": self._moment(hours)}
        self._write(slug)
        return slug

    @rule(slug=slugs, hours=st.sampled_from([0, 0, 5]), show=st.sampled_from(["notice", "nothing"]))
    def withdraw(self, slug: str, hours: int, show: str) -> None:
        self._write(slug, withdrawn={"at": self._moment(hours), "reason": "Wrong.", "show": show})

    @rule(slug=slugs)
    def correct(self, slug: str) -> None:
        self._write(slug, corrections=[{"at": self._moment(0), "note": "A figure."}])

    @rule(slug=slugs)
    def put_under_embargo_again(self, slug: str) -> None:
        self._write(slug, published=self._moment(10))

    @rule(hours=st.sampled_from([1, 6, 24, A_WEEK, 3 * A_WEEK]))
    def nobody_looks_for(self, hours: int) -> None:
        self.desk.clock.move(hours=hours)

    @rule(target=slugs, approve=st.booleans())
    def come_to_the_next_draft_with_news(self, approve: bool) -> str:  # noqa: FBT001
        slot = next(slots("weekly", self.desk.newsroom.config.digests["weekly"], MADRID, *self._coming()))
        self.desk.clock.move_to(max(self.desk.clock(), slot.at - timedelta(hours=12)))
        slug = self._publish(-1)
        self.tick()
        if approve:
            self.approve_all()
        return slug

    @rule(at_most=st.sampled_from([1, 99, 99]))
    def come_to_the_next_slot(self, at_most: int) -> None:
        slot = next(slots("weekly", self.desk.newsroom.config.digests["weekly"], MADRID, *self._coming()))
        self.desk.clock.move_to(slot.at)
        self.tick()
        self.deliver(at_most)

    def _coming(self) -> tuple[datetime, datetime]:
        return self.desk.clock(), self.desk.clock() + timedelta(hours=2 * A_WEEK)

    @rule()
    def tick(self) -> None:
        reconcile(self.desk.office, self.desk.clock())

    @rule(at_most=st.sampled_from([1, 2, 99]))
    def deliver(self, at_most: int) -> None:
        already = len(self.post.digests())
        deliver_due(self.desk.office, lambda: len(self.post.digests()) - already >= at_most)

    def _names(self, *states: State) -> list[str]:
        return [name for name, state in self.desk.states().items() if state in states]

    @rule()
    def approve_all(self) -> None:
        for name in self._names(State.BUILT):
            self.post.approved[name] = self.desk.approve(name).content_sha

    @rule(state=states_to_compose)
    def compose_again(self, state: State) -> None:
        for name in self._names(state)[-1:]:
            try:
                self.desk.compose(name)
            except Refused:
                continue
            self.post.approved.pop(name, None)

    @rule(slug=slugs)
    def leave_out(self, slug: str) -> None:
        for name in self._names(State.BUILT, State.APPROVED)[-1:]:
            try:
                self.desk.edit(name, without=[slug])
            except Refused:
                continue
            self.post.approved.pop(name, None)

    @rule(send_it=st.booleans())
    def compose_a_special(self, send_it: bool) -> None:  # noqa: FBT001
        try:
            self.desk.compose_now()
        except Refused as refused:
            assert "would be empty" in str(refused)  # noqa: PT017 - it may also be made
            return
        if send_it:
            self.approve_all()
            self.send_now()

    @rule()
    def send_now(self) -> None:
        for name in self._names(State.APPROVED, State.HELD)[-1:]:
            try:
                started = send.start(self.desk.office, self.desk.edition(name))
            except Refused:
                continue
            send.deliver(self.desk.office, started, lambda: False)

    @rule(down=st.booleans())
    def change_the_mail_servers_mood(self, down: bool) -> None:  # noqa: FBT001
        self.post.greylisted = {READERS[1]} if down else set()

    @invariant()
    def nothing_needs_a_person_for_a_fault_of_ours(self) -> None:
        assert not [notice for notice in self.post.notices() if "needs you" in notice or "cannot be sent" in notice]

    def teardown(self) -> None:
        self.stack.close()


def test_nothing_is_mailed_twice_or_while_it_is_not_public_or_as_nobody_approved_it(
    rounds: Callable[[int, int], int],
) -> None:
    run_state_machine_as_test(
        EditionsOverTime,
        settings=settings(
            max_examples=rounds(12, 200),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
            print_blob=True,
        ),
    )
