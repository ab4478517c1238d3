"""One round of what the clock asks for: the database decides what is due, however often and by whomever it is called.

plan slots ─▶ follow config.yaml ─▶ too late? missed ─▶ compose ─▶ approve (automatic, sound) ─▶ begin ─▶ tell the staff
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from digest.actions import attention
from digest.actions.begin import begin
from digest.actions.compose import approve_edition, begin_digest, current_items, draft, freeze_edition, is_empty
from digest.actions.lint import FaultyMail
from digest.actions.notify import Notice, tell_staff
from digest.actions.ports import Office
from digest.actions.send import deliver, settle
from digest.config import Digest
from digest.delivery.route import rest_of
from digest.editions import due
from digest.editions.edition import Edition, Overtaken, State
from digest.editions.slots import slots
from digest.errors import Busy, DigestError
from digest.items.item import Item
from digest.moments import to_stored

_WAITING = frozenset({State.PLANNED, State.BUILT, State.APPROVED})  # for their slot
_SET_BACK = timedelta(hours=1)  # by which a clock is set back no more without a word


def reconcile(office: Office, at: datetime) -> list[datetime]:
    """Take every step that is due at `at`, up to editions being `sending`; return moments when more will be.

    One edition's failure is told and does not keep the others waiting.
    """
    this = _Round(office, at)
    for name, digest in office.newsroom.config.digests.items():
        this.plan(name, digest)
    # The newest first: of several that are due, it is the one to be sent.
    for edition in reversed(office.store.editions.open_editions()):
        this.try_to_advance(edition)
    tell_staff(office, [*this.notices, *attention.of_editions(office, lambda: this.items, at)], at)
    return [moment for moment in this.coming if moment > at]


@dataclass
class _Round:
    """One round: what it works with, and what came of it."""

    office: Office
    at: datetime
    coming: list[datetime] = field(default_factory=list)  # when something will be due
    notices: list[Notice] = field(default_factory=list)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Return the newsroom's items, read once a round and only when they are wanted."""
        return current_items(self.office.newsroom)

    def plan(self, name: str, digest: Digest) -> None:
        """Make the editions of the slots since the schedule was last seen, up to those to be composed now."""
        store, zone = self.office.store, self.office.newsroom.config.newsroom.timezone
        seen = store.schedules.seen_until(name, self.at)
        for slot in slots(name, digest, zone, seen, self.at + digest.compose):
            state, reason = (State.SKIPPED, due.EXCEPTED) if slot.skipped else (State.PLANNED, None)
            if store.editions.plan(name, slot.day, slot.at, state=state, reason=reason):
                begin_digest(self.office.newsroom, store, name, slot.at)
        store.schedules.mark_seen(name, self.at)
        if seen - self.at > _SET_BACK:
            self.notices.append(attention.of_clock(seen, self.at))

    def try_to_advance(self, edition: Edition) -> None:
        """Take the steps of one edition that are due, or note why not."""
        digest = self.office.newsroom.config.digests.get(edition.digest)
        if digest is None or edition.state not in _WAITING:
            return
        try:
            self._advance(edition, digest)
        except Overtaken as error:
            self.office.say(str(error))
        except DigestError as error:
            self.notices.append(attention.of_failure(edition, error))

    def _advance(self, edition: Edition, digest: Digest) -> None:
        edition = self._missed_if_late(self._as_config_wants(edition, digest), digest)
        if edition.state is State.PLANNED and self.at >= due.compose_at(edition, digest):
            edition = self._composed(edition, digest)
        if edition.state not in _WAITING:
            return
        if self.at < edition.slot_at:
            self.coming += [due.compose_at(edition, digest), edition.slot_at]
        else:
            self._at_slot(edition, digest)

    def _as_config_wants(self, edition: Edition, digest: Digest) -> Edition:
        """Return the edition as config.yaml has its slot today: skipped, or at another moment."""
        store, zone = self.office.store, self.office.newsroom.config.newsroom.timezone
        if why := due.why_skipped(edition, digest, zone):
            return store.editions.move(edition, State.SKIPPED, reason=why)
        slot = due.own_slot(edition, digest, zone)
        return store.editions.reschedule(edition, slot.at) if slot and slot.at != edition.slot_at else edition

    def _missed_if_late(self, edition: Edition, digest: Digest) -> Edition:
        store = self.office.store
        if edition.state not in _WAITING or self.at < edition.slot_at:
            return edition
        others = store.editions.recent(digest=edition.digest)
        why = due.why_missed(edition, digest, others, self.at)
        return store.editions.move(edition, State.MISSED, reason=why) if why else edition

    def _composed(self, edition: Edition, digest: Digest) -> Edition:
        """Return the edition composed; while it is empty it waits, because something may still be published."""
        newsroom, store = self.office.newsroom, self.office.store
        drafted = draft(newsroom, store, edition, self.items, self.at)
        if is_empty(drafted) and digest.when_empty == "skip":
            if self.at < edition.slot_at:
                return edition
            return store.editions.move(edition, State.SKIPPED, reason="nothing to send")
        return freeze_edition(newsroom, store, edition, drafted, {})[0]

    def _at_slot(self, edition: Edition, digest: Digest) -> None:
        """Begin the edition whose slot has come, if it is approved or needs nobody's approval."""
        if edition.state is State.BUILT and due.approves_itself(edition, digest):
            edition = self._approved_by_itself(edition)
        if edition.state is State.APPROVED:
            begin(self.office, edition)
        elif edition.state in _WAITING:
            self.coming.append(edition.slot_at + digest.send_within + timedelta(seconds=1))

    def _approved_by_itself(self, edition: Edition) -> Edition:
        """Return the edition approved, or held because its mail has errors: then a person decides."""
        newsroom, store = self.office.newsroom, self.office.store
        try:
            return approve_edition(newsroom, store, edition, "automatic", self.at, self.office.say)
        except FaultyMail as faulty:
            return store.editions.move(edition, State.HELD, reason=faulty.reason)


def deliver_due(office: Office, stop: Callable[[], bool]) -> None:
    """Send what is due of every edition being sent; a failure is told and does not keep the others waiting.

    What a cancelled edition left, because who cancelled it was interrupted, is closed first.
    """
    for edition in office.store.editions.unclosed():
        settle(office, edition)
    for edition in office.store.editions.open_editions():
        if edition.state is not State.SENDING or rest_of(office.routes, office.clock()) or stop():
            continue
        try:
            if office.store.deliveries.has_work(edition.key, office.clock()):
                summary = deliver(office, edition, stop)
                if summary.paused_until:
                    office.say(f"{edition.id} rests until {to_stored(summary.paused_until)}: {summary.reason}")
            else:
                settle(office, edition)
        except Busy as error:  # the process that sends it goes on with it
            office.say(f"{edition.id}: {error}")
        except DigestError as error:
            hour = to_stored(office.clock())[:13]
            notice = Notice(f"failing {edition.id} {hour}", f"{edition.id} cannot be sent", str(error))
            tell_staff(office, [notice], office.clock())
