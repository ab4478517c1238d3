"""One round of the schedule after the other, and what has to be known from one to the next."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from digest import clock
from digest.actions import attention
from digest.actions.build_lock import build_lock
from digest.actions.built import Built
from digest.actions.forget import forget
from digest.actions.notify import Notice, tell_staff
from digest.actions.ports import Office
from digest.actions.publish import bring_out, build_standing, fingerprint
from digest.actions.reconcile import reconcile
from digest.actions.websub import tell_hubs_aside
from digest.errors import DigestError, Refused
from digest.schedule.clockwatch import ClockWatch

HEARTBEAT = "schedule"
_FORGET_EVERY = timedelta(hours=1)
_AFTER_A_FAILURE = timedelta(minutes=15)  # of `after_build`, which may have taken long to fail


@dataclass
class Rounds:
    """Goes round as often as it is called; publishes only when something changed."""

    office_now: Callable[[], Office]  # with the configuration in force
    steady: Callable[[], float] = clock.since_boot  # seconds
    halted: bool = False  # the clock cannot be trusted
    watch: ClockWatch | None = None
    built: Built | None = None
    seen: str = ""  # fingerprint of what the site was built from
    untold: frozenset[str] = frozenset()  # paths of files in public/ that changed since hubs were told
    forgotten: datetime | None = None  # when last was forgotten what is kept only for a time
    patience: datetime | None = None  # until then `after_build` is not tried again

    def go(self) -> list[datetime]:
        """Do what is due; return the coming moments at which something will be due."""
        office = self.office_now()
        at = office.clock()
        if self._clock_jumped(office, at):
            return []
        self._publish(office, at)
        coming = reconcile(replace(office, clock=partial(self._now, office)), at)
        office.store.schedules.beat(HEARTBEAT, at)
        self._forget(office, at)
        if self.built and self.built.next_change:
            coming.append(self.built.next_change)
        return coming

    def _forget(self, office: Office, at: datetime) -> None:
        if self.forgotten is None or at - self.forgotten >= _FORGET_EVERY:
            forget(office, at)
            self.forgotten = at

    def _clock_jumped(self, office: Office, at: datetime) -> bool:
        now = self.steady()
        self.watch = self.watch or ClockWatch(at, now)
        self.halted = self.watch.jumped(at, now)
        if not self.halted:
            self.watch = ClockWatch(at, now)  # small corrections of the clock must not add up
            return False
        hours = self.watch.drift(at, now) / timedelta(hours=1)
        text = (
            f"The computer's clock was set by {hours:+.1f} hours. Nothing is published or sent until it is\n"
            "right again, or until `digest serve` is started anew.\n"
        )
        tell_staff(office, [Notice(f"clock {self.watch.wall.date()}", "the clock jumped", text)], at)
        return True

    def _now(self, office: Office) -> datetime:
        """Return the time; Refused when the clock has jumped since the round began, which the next round tells."""
        at = office.clock()
        if self.watch and self.watch.jumped(at, self.steady()):
            raise Refused("the computer's clock jumped", "Set it right, or start `digest serve` anew.")
        return at

    def _publish(self, office: Office, at: datetime) -> None:
        """Make the site anew when something changed, and tell the staff what cannot be published."""
        notices = []
        try:
            with build_lock(office.newsroom.var):
                office = self.office_now()  # anew, since another may have built until now
                self._build_if_changed(office, self._now(office))
        except DigestError as error:
            notices.append(Notice(f"unpublished {error}", "the site cannot be published", str(error)))
        except Exception as error:  # noqa: BLE001 - whatever it is, mail and schedule go on, and the staff hear of it
            said = f"{type(error).__name__}: {error}"[:200]
            notices.append(Notice(f"unpublished {said}", "the site cannot be published", f"{said}\nReport this.\n"))
        faulty = [*office.config_problems, *(self.built.held if self.built else ())]
        tell_staff(office, [*notices, *attention.of_files(faulty)], at)

    def _build_if_changed(self, office: Office, at: datetime) -> None:
        mailed = office.store.editions.mailed()
        seen = fingerprint(office.newsroom, [edition.id for edition in mailed])
        due = self.built is None or (self.built.next_change is not None and self.built.next_change <= at)
        due = due or not (office.newsroom.public / "index.html").is_file()  # somebody removed it
        if due or seen != self.seen:
            self.built = build_standing(office.newsroom, mailed, at)
            self.untold |= self.built.published.changed
            self.seen = seen
            self.patience = None
        if self.built and not (self.patience and at < self.patience):
            self._bring_out(office, self.built, at)

    def _bring_out(self, office: Office, built: Built, at: datetime) -> None:
        """Let `after_build` bring the site to where it is read, then tell the hubs what has changed there."""
        self.patience = at + _AFTER_A_FAILURE
        bring_out(office.newsroom, built)
        self.patience = None
        if self.untold:
            tell_hubs_aside(office.newsroom, self.untold, office.say)
            self.untold = frozenset()
