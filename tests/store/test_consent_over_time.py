"""Whatever people, strangers, staff and lists do, in whatever order: nobody is mailed without consent.

The store is compared with a plain model, which asks nothing but `digest.audience.subscriber.after`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.engine import Engine

from digest.addresses import Address, parse_address
from digest.audience.admission import STEPS, NewSubscriber
from digest.audience.interests import EVERYTHING
from digest.audience.requests import ERASED, Purpose, Request, Says, Wish
from digest.audience.subscriber import GONE, Consent, Evidence, Step, Subscriber, after
from digest.audience.tokens import address_hash
from digest.delivery.rows import Result, RowState
from digest.store import tables
from digest.store.admission import ELSEWHERE
from digest.store.letters import Letters
from digest.store.mailable import mailable, paused
from digest.store.requests import Requests
from digest.store.subscribers import Subscribers

START = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = b"h" * 32
NAMES = st.sampled_from(["anaquartz", "AnaQuartz", "benquartz", "choquartz"])
STATES = st.sampled_from(list(Consent))
DIGESTS = st.sampled_from([("weekly",), ("daily",), ("daily", "weekly")])


@dataclass
class Person:
    """What the model knows of one subscriber."""

    key: int
    address: str | None  # in lower case; None once erased
    state: Consent
    digests: set[str]
    seen: datetime  # when something happened to them last
    history: list[Consent] = field(default_factory=list)
    chose_at: datetime | None = None
    version: int = 0
    paused_until: datetime | None = None

    def take(self, step: Step, at: datetime) -> None:
        to = after(self.state, step)
        assert to, f"the store took {step} from {self.state}"
        self.state, self.seen = to, max(self.seen, at)
        self.history.append(to)


def address(name: str) -> Address:
    return parse_address(f"{name}@paper.example")


def _name(new: NewSubscriber) -> str:
    return new.address.key.partition("@")[0]


class ConsentOverTime(RuleBasedStateMachine):
    engine: Engine

    @initialize()
    def empty(self) -> None:
        with self.engine.begin() as connection:
            for table in reversed(tables.METADATA.sorted_tables):
                connection.execute(sa.delete(table))
        self.now = START
        self.store, self.requests = Subscribers(self.engine, KEY), Requests(self.engine, KEY)
        self.letters = Letters(self.engine, KEY)
        self.people: dict[int, Person] = {}
        self.barred: dict[str, str] = {}

    # --- what strangers and people do

    @rule(name=NAMES, digests=DIGESTS)
    def ask(self, name: str, digests: tuple[str, ...]) -> None:
        self.now += DAY
        request = Request(Purpose.SUBSCRIBE, address(name), Wish("en", digests), "the form", "203.0.113.7")
        assert self.requests.take(request, self.now) is None
        self._answer()
        who = self._who(name)
        if who is None:
            if self._barred(name) not in {None, ERASED}:
                return
            who = self._met(name, Consent.ASKED, digests)
        elif who.state in {Consent.ASKED, Consent.LEFT}:
            who.take(Step.ASK, self.now)
            who.digests, who.paused_until = set(digests), None

    @rule(name=NAMES)
    def confirm(self, name: str) -> None:
        if who := self._who(name):
            may = after(who.state, Step.CONFIRM) not in {None, who.state} and self._barred(name) in {None, ERASED}
            assert self.store.confirm(who.key, self._event("confirmation")) is may
            if may:
                who.take(Step.CONFIRM, self.now)
                who.chose_at = self.now
                if self._barred(name):
                    del self.barred[name.lower()]

    @rule(name=NAMES)
    def leave(self, name: str) -> None:
        if who := self._who(name):
            may = after(who.state, Step.LEAVE) not in {None, who.state}
            assert self.store.leave(who.key, self._event("one-click"), Says.LEFT) is may
            if may:
                rests = who.paused_until
                self._part(who, Step.LEAVE)
                who.paused_until = rests  # for those who undo it

    @rule(name=NAMES, digests=DIGESTS, days=st.sampled_from([0, 1, 5]))
    def choose(self, name: str, digests: tuple[str, ...], days: int) -> None:
        if who := self._who(name):
            until = self.now + days * DAY if days else None
            may = who.state is Consent.CONFIRMED
            assert self.store.choose(who.key, Wish("es", digests, EVERYTHING), until, self._event("choice")) is may
            if may:
                who.take(Step.CONFIRM, self.now)
                who.digests, who.chose_at, who.paused_until = set(digests), self.now, until

    @rule(name=NAMES, to=NAMES)
    def move(self, name: str, to: str) -> None:
        if not (who := self._who(name)):
            return
        if self.requests.take(self._about(Purpose.MOVE, to, who), self.now) is None:
            self._answer()
        there = self._who(to)
        may = who.state is Consent.CONFIRMED and (there is None or there.state is Consent.ASKED)
        may = may and self._barred(to) in {None, ERASED}
        assert self.store.move(who.key, address(to), self._event("change of address")) is may
        if may:
            if there:
                del self.people[there.key]
            self.barred.pop(to.lower(), None)
            who.take(Step.CONFIRM, self.now)
            who.address = address(to).key
            who.version += 1

    @rule(name=NAMES)
    def erase(self, name: str) -> None:
        if who := self._who(name):
            self.requests.take(self._about(Purpose.MANAGE, name, who), self.now)
            assert self.store.erase(who.key, self.now)
            assert not self.store.erase(who.key, self.now)
            self.barred.setdefault(name.lower(), ERASED)
            who.address, who.state, who.history, who.paused_until = None, Consent.SUPPRESSED, [Consent.SUPPRESSED], None
            who.version += 1

    # --- what staff, lists and servers do

    @rule(name=NAMES, state=STATES, digests=DIGESTS, days_ago=st.sampled_from([None, 0, 1, 5]))
    def bring_a_list(self, name: str, state: Consent, digests: tuple[str, ...], days_ago: int | None) -> None:
        then = None if days_ago is None else self.now - days_ago * DAY
        new = NewSubscriber(address(name), "en", digests, state, "import list.csv", "as it says", then)
        report = self.store.import_rows([new], self.now)
        result = next(word for word, count in vars(report).items() if count)
        assert result == self._enlisted(new)

    @rule(name=NAMES)
    def suppress(self, name: str) -> None:
        self.store.suppress(address(name).key, "5.1.1", "bounce", self.now)
        self.barred[name.lower()] = "5.1.1"
        if (who := self._who(name)) and who.state is not Consent.SUPPRESSED:
            self._part(who, Step.SUPPRESS)
            who.paused_until = self._paused_of(who)

    @rule(name=NAMES)
    def release(self, name: str) -> None:
        reason = self.store.release(address(name).key, self._event("staff"))
        who, barred = self._who(name), self._barred(name)
        if barred and (barred == ERASED or who is None):
            self.barred[name.lower()] = ERASED
        else:
            self.barred.pop(name.lower(), None)
        if who and who.state is Consent.SUPPRESSED:
            who.take(Step.RELEASE, self.now)
            barred = barred or "suppressed"
        assert reason == barred

    # --- what time does

    @rule(days=st.integers(1, 4))
    def wait(self, days: int) -> None:
        self.now += days * DAY

    @rule()
    def forget(self) -> None:
        before = self.now - 3 * DAY
        self.store.forget(before, before)
        self.requests.forget(self.now - DAY, before)
        self.letters.forget(before)
        for who in list(self.people.values()):
            if who.state is Consent.ASKED and who.seen < before:
                del self.people[who.key]

    @rule()
    def deliver(self) -> None:
        for letter in self.letters.due(0, self.now, 100):
            owed = self.letters.owed(letter.subscriber)
            assert owed
            passed = self.letters.commit(0, (), (letter.subscriber,), self.now)
            who, barred = self.people[owed.subscriber], self._barred(letter.address.partition("@")[0])
            if passed:
                assert who.state is not Consent.SUPPRESSED
                assert barred in {None, ERASED}
                assert owed.says is not Says.WELCOME or who.state is Consent.CONFIRMED
                self.letters.commit(0, [Result(letter.subscriber, RowState.SENT, "250 kept")], (), self.now)

    # --- what always holds

    @invariant()
    def nobody_is_mailed_without_consent(self) -> None:
        table = tables.subscriber
        for digest in ("daily", "weekly"):
            now = sa.literal(self.now, tables.Moment)
            query = sa.select(table.c.id).where(mailable(sa.literal(digest)), ~paused(now))
            with self.engine.connect() as connection:
                found = set(connection.execute(query).scalars())
            assert found == {who.key for who in self.people.values() if self._agreed_to(who, digest)}

    @invariant()
    def the_store_knows_what_the_model_knows_and_nobody_else(self) -> None:
        with self.engine.connect() as connection:
            known = set(connection.execute(sa.select(tables.subscriber.c.id)).scalars())
        assert known == self.people.keys()
        for who in self.people.values():
            found = self.store.by_key(who.key)
            assert found
            assert self._gist(found) == (who.address or "", who.state, who.version, who.paused_until)
            assert who.address is None or set(found.digests) == who.digests

    @invariant()
    def the_history_explains_the_state(self) -> None:
        event = tables.consent.c
        query = sa.select(event.subscriber_id, event.before, event.state).order_by(event.subscriber_id, event.id)
        with self.engine.connect() as connection:
            rows = connection.execute(query).all()
        for who in self.people.values():
            steps = [(row.before, row.state) for row in rows if row.subscriber_id == who.key]
            assert [to for _, to in steps] == who.history
            assert all(to == before for (_, to), (before, _) in pairwise(steps))
            assert steps[-1][1] == who.state

    @invariant()
    def the_suppression_list_holds(self) -> None:
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(tables.suppression.c.address_hash, tables.suppression.c.reason)).all()
        hashed = {address_hash(KEY, address(name).key): reason for name, reason in self.barred.items()}
        assert {row.address_hash: row.reason for row in rows} == hashed

    @invariant()
    def nobody_confirmed_is_on_the_suppression_list(self) -> None:
        who, barred = tables.subscriber.c, tables.suppression.c
        query = sa.select(who.address).join(tables.suppression, barred.address_hash == who.address_hash)
        with self.engine.connect() as connection:
            assert connection.execute(query.where(who.state == Consent.CONFIRMED)).scalars().all() == []

    @invariant()
    def who_was_erased_leaves_nothing(self) -> None:
        here = {who.address for who in self.people.values() if who.address}
        letters = tables.letter.c
        with self.engine.connect() as connection:
            owned = connection.execute(sa.select(letters.subscriber_id, letters.address)).all()
            text = str([connection.execute(sa.select(table)).all() for table in self._but_letters()]).lower()
        assert all(self.people[row.subscriber_id].address for row in owned)
        for name in ("anaquartz", "benquartz", "choquartz"):
            assert (name in text) == (address(name).key in here)

    # --- the model

    def _enlisted(self, new: NewSubscriber) -> str:
        """Return what becomes of somebody in a list."""
        who, barred = self._who(_name(new)), self._barred(_name(new))
        if barred and new.state not in GONE:
            return "refused"
        return self._relisted(who, new) if who else self._listed(new)

    def _listed(self, new: NewSubscriber) -> str:
        barred = self._barred(_name(new))
        if new.state is Consent.SUPPRESSED:
            self._bar_as_elsewhere(new)
        if not barred:
            self._met(_name(new), new.state, new.digests)
        return "known" if barred else "added"

    def _relisted(self, who: Person, new: NewSubscriber) -> str:
        to = after(who.state, STEPS[new.state])
        if to is None or (who.state is Consent.LEFT and new.state is Consent.ASKED):
            return "known" if who.state in GONE and new.state is Consent.LEFT else "refused"
        if new.state in GONE:
            return self._departed(who, new)
        if who.state is Consent.CONFIRMED and new.state is Consent.ASKED:
            return "known"
        had = set(who.digests)
        who.digests = had if who.chose_at else had | set(new.digests)
        if (to, who.digests) == (who.state, had):
            return "known"
        who.take(STEPS[new.state], new.agreed_at or self.now)
        return "changed"

    def _departed(self, who: Person, new: NewSubscriber) -> str:
        came_back = who.chose_at and new.agreed_at and new.agreed_at < who.chose_at
        if who.state is new.state or came_back:
            return "known"
        self._part(who, STEPS[new.state], new.agreed_at)
        if new.state is Consent.SUPPRESSED:
            self._bar_as_elsewhere(new)
        return "changed"

    def _bar_as_elsewhere(self, new: NewSubscriber) -> None:
        if self._barred(_name(new)) in {None, ERASED}:
            self.barred[_name(new)] = ELSEWHERE

    def _part(self, who: Person, step: Step, at: datetime | None = None) -> None:
        who.take(step, at or self.now)
        who.version += 1
        who.paused_until = None

    def _paused_of(self, who: Person) -> datetime | None:
        """Return what the store says: whether a suppressed one rests matters to nobody."""
        found = self.store.by_key(who.key)
        return found.paused_until if found else None

    def _met(self, name: str, state: Consent, digests: tuple[str, ...]) -> Person:
        found = self.store.get(address(name).key)
        assert found
        assert found.key not in self.people, "a key was used again"
        who = Person(found.key, address(name).key, state, set(digests), self.now, [state])
        self.people[found.key] = who
        return who

    def _who(self, name: str) -> Person | None:
        return next((who for who in self.people.values() if who.address == address(name).key), None)

    def _barred(self, name: str) -> str | None:
        return self.barred.get(name.lower())

    def _agreed_to(self, who: Person, digest: str) -> bool:
        rests = who.paused_until and who.paused_until > self.now
        return who.state is Consent.CONFIRMED and digest in who.digests and not rests

    def _answer(self) -> None:
        for number in self.requests.waiting():
            self.requests.answer(number, self.now)

    def _about(self, purpose: Purpose, name: str, who: Person) -> Request:
        return Request(purpose, address(name), Wish("en", ("weekly",)), "", "203.0.113.7", who.key)

    def _event(self, source: str) -> Evidence:
        return Evidence(self.now, source, "as it says", "203.0.113.7")

    @staticmethod
    def _but_letters() -> Iterator[sa.Table]:
        return (table for table in tables.METADATA.sorted_tables if table is not tables.letter)

    @staticmethod
    def _gist(found: Subscriber) -> tuple[str, Consent, int, datetime | None]:
        return found.address.lower(), found.state, found.version, found.paused_until


def test_nobody_is_mailed_without_consent_whatever_happens(engine: Engine, request: pytest.FixtureRequest) -> None:
    machine: type[RuleBasedStateMachine] = type("On", (ConsentOverTime,), {"engine": engine})
    examples, steps = (400, 60) if request.config.getoption("--long-loops") else (12, 20)
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks
        ),
    )
