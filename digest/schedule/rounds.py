"""One round of the schedule after the other, and what has to be known from one to the next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest import clock
from digest.actions import attention
from digest.actions.built import Built
from digest.actions.notify import Notice, tell_staff
from digest.actions.ports import Office
from digest.actions.publish import build_standing, fingerprint
from digest.actions.reconcile import reconcile
from digest.actions.websub import tell_hubs_aside
from digest.errors import DigestError
from digest.schedule.clockwatch import ClockWatch

HEARTBEAT = "schedule"


@dataclass
class Rounds:
    """Goes round as often as it is called; publishes only when something changed."""

    office_now: Callable[[], Office]  # with the configuration in force
    steady: Callable[[], float] = clock.since_boot  # seconds
    halted: bool = False  # the clock cannot be trusted
    watch: ClockWatch | None = None
    built: Built | None = None
    seen: str = ""  # fingerprint of what the site was built from

    def go(self) -> list[datetime]:
        """Do what is due; return the coming moments at which something will be due."""
        office = self.office_now()
        at = office.clock()
        if self._clock_jumped(office, at):
            return []
        self._publish(office, at)
        coming = reconcile(office, at)
        office.store.schedules.beat(HEARTBEAT, at)
        if self.built and self.built.next_change:
            coming.append(self.built.next_change)
        return coming

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

    def _publish(self, office: Office, at: datetime) -> None:
        """Make the site anew when something changed, and tell the staff what cannot be published."""
        notices = []
        try:
            self._build_if_changed(office, at)
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
            tell_hubs_aside(office.newsroom, self.built.published, office.say)
            self.seen = seen
