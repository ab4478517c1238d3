"""Whatever people, staff and imports do, in whatever order: nobody is mailed without consent."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from digest.addresses import parse_address
from digest.audience.admission import NewSubscriber
from digest.audience.subscriber import Consent
from digest.store.database import open_database
from digest.store.subscribers import Subscribers
from tests.audience.events import left

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
NAMES = st.sampled_from(["ana", "Ana", "ben", "cho"])
STATES = st.sampled_from([Consent.ASKED, Consent.CONFIRMED])
DIGESTS = st.sampled_from([("weekly",), ("daily",), ("daily", "weekly")])


class SubscribersOverTime(RuleBasedStateMachine):
    """Compares the store with a plain model: a state and the digests agreed to, for each address."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.engine = open_database("sqlite:///digest.db", Path(self.folder.name))
        self.subscribers = Subscribers(self.engine, hash_key=b"h" * 32)
        self.model: dict[str, tuple[Consent, set[str]]] = {}
        self.changes: dict[str, int] = {}

    @rule(name=NAMES, state=STATES, digests=DIGESTS)
    def add(self, name: str, state: Consent, digests: tuple[str, ...]) -> None:
        _, outcome = self.subscribers.add(self._newcomer(name, state, digests), NOON)
        assert outcome == self._expected(name, state, digests)

    @rule(names=st.lists(NAMES, max_size=5), state=STATES, digests=DIGESTS)
    def bring_a_list(self, names: list[str], state: Consent, digests: tuple[str, ...]) -> None:
        report = self.subscribers.import_rows((self._newcomer(name, state, digests) for name in names), NOON)
        first = list(dict.fromkeys(name.lower() for name in names))
        repeats = list(names)
        for name in first:
            repeats.remove(next(each for each in repeats if each.lower() == name))
        outcomes = [self._expected(name, state, digests) for name in first + repeats]
        assert report.added == outcomes.count("added")
        assert report.known == outcomes.count("known")
        assert report.changed == outcomes.count("changed")
        assert report.refused == outcomes.count("refused")

    @rule(name=NAMES)
    def leave(self, name: str) -> None:
        found = self.subscribers.get(f"{name.lower()}@paper.example")
        before = self.model.get(name.lower())
        if found and before:
            assert self.subscribers.leave(found.key, left("one-click", "unsubscribed", NOON)) == (
                before[0] != Consent.LEFT
            )
            self._keep(name.lower(), Consent.LEFT, before[1], changed=before[0] != Consent.LEFT)

    @invariant()
    def the_store_knows_what_the_model_knows(self) -> None:
        for name, (state, digests) in self.model.items():
            found = self.subscribers.get(f"{name}@paper.example")
            assert found
            assert (found.state, set(found.digests)) == (state, digests)
            history = self.subscribers.history(found.key)
            assert history[-1].state == state
            assert len(history) == self.changes[name]

    @invariant()
    def only_who_confirmed_is_counted(self) -> None:
        for digest in ("daily", "weekly"):
            agreed = [name for name, (state, of) in self.model.items() if state == Consent.CONFIRMED and digest in of]
            assert self.subscribers.count(digest) == len(agreed)

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()
            self.folder.cleanup()

    def _newcomer(self, name: str, state: Consent, digests: tuple[str, ...]) -> NewSubscriber:
        return NewSubscriber(parse_address(f"{name}@paper.example"), "en", digests, state, "staff", "by phone")

    def _expected(self, name: str, state: Consent, digests: tuple[str, ...]) -> str:
        name = name.lower()
        if name not in self.model:
            self._keep(name, state, set(digests), changed=True)
            return "added"
        before, had = self.model[name]
        if before == Consent.LEFT:
            return "refused"
        if (before, state) == (Consent.CONFIRMED, Consent.ASKED):
            return "known"
        changed = before != state or not set(digests) <= had
        self._keep(name, state, had | set(digests), changed=changed)
        return "changed" if changed else "known"

    def _keep(self, name: str, state: Consent, digests: set[str], *, changed: bool) -> None:
        self.model[name] = (state, digests)
        self.changes[name] = self.changes.get(name, 0) + changed


TestSubscribersOverTime = SubscribersOverTime.TestCase
TestSubscribersOverTime.settings = settings(max_examples=20, stateful_step_count=15, deadline=None)
