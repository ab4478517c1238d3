"""The sender of one edition: takes the rows that are due through the gate, one after the other.

Message n+1 is offered whole but for its final dot; one commit records the result of n and that n+1 is in flight;
only then the dot of n+1 goes out. So after a kill the rows in flight, and no others, are in doubt.

What decides who is due and who may pass is behind `Rows`, what talks SMTP behind `Lane`; nothing here knows who
called it or how many others do the same.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from digest.clock import Clock
from digest.delivery import outcomes, retries
from digest.delivery.lane import Connect, Lane
from digest.delivery.outcomes import Health, Outcome, Policy
from digest.delivery.outgoing import Outgoing
from digest.delivery.replies import Lost
from digest.delivery.rows import Recipient, Result, Rows, RowState

BATCH = 100  # rows asked for at a time
PATIENCE = 3  # attempts in a row that fail by no fault of their recipients, before the sending pauses


@dataclass(frozen=True)
class Progress:
    """How many attempts of this run ended how."""

    sent: int = 0
    deferred: int = 0
    bounced: int = 0
    failed: int = 0
    suppressed: int = 0  # left between `prepare` and the gate
    in_doubt: int = 0  # found at the start or lost after the dot; held or due again, by policy


@dataclass(frozen=True)
class Summary(Progress):
    """How a run ended; without `stopped` and `paused_until` nothing more was due."""

    stopped: bool = False  # on request, or because the edition is no longer being sent
    paused_until: datetime | None = None  # UTC; the server wants it slower, or fails again and again
    reason: str = ""  # of the pause: what the server said last


def send_edition(  # noqa: PLR0913 - everything that it touches is an argument
    edition_key: int,
    rows: Rows,
    connect: Connect,
    message_for: Callable[[Recipient], Outgoing],
    at: Clock,
    *,
    policy: Policy,
    started: datetime,
    stop: Callable[[], bool],
    progress: Callable[[Progress], None] | None = None,
) -> Summary:
    """Send what is due of an edition until nothing is due now, `stop` says so or the server wants a pause.

    `started` is when the edition began to be sent, in UTC: deferrals end some time after it. What `message_for`
    raises is that row's outcome. Raises OutsideFailure when no mail server can be reached or the database fails; the
    rows then stand as they are, and the next run goes on.
    """
    with closing(Lane(connect)) as lane:
        run = _Run(edition_key, rows, lane, message_for, at, policy, started, stop, progress)
        return run.to_the_end()


@dataclass
class _Run:
    """One run over the rows of one edition, on one lane."""

    edition: int
    rows: Rows
    lane: Lane
    message_for: Callable[[Recipient], Outgoing]
    at: Clock
    policy: Policy
    started: datetime
    stop: Callable[[], bool]
    progress: Callable[[Progress], None] | None
    counts: Counter[RowState] = field(default_factory=Counter)
    pending: list[Result] = field(default_factory=list)  # known but not recorded yet
    turned_away: set[int] = field(default_factory=set)  # at the gate
    failures: int = 0  # in a row, by no fault of the recipients
    stopped: bool = False
    paused_until: datetime | None = None
    reason: str = ""

    def to_the_end(self) -> Summary:
        self.counts[RowState.IN_DOUBT] += self.rows.recover(self.edition, self.policy, self.at())
        try:
            while self._goes_on() and (batch := self._due()):
                self._serve(batch)
        finally:
            # However this run ends: a result that is known must not be left in doubt.
            self._record()
        return Summary(**self._tally(), stopped=self.stopped, paused_until=self.paused_until, reason=self.reason)

    def _goes_on(self) -> bool:
        self.stopped = self.stopped or self.stop()
        return not self.stopped and self.paused_until is None

    def _due(self) -> Sequence[Recipient]:
        """Return the next rows, or none when rows that the gate turned away are still due: nobody may pass."""
        self._record()
        batch = self.rows.due(self.edition, self.at(), BATCH)
        if still_due := self.turned_away.intersection(row.subscriber for row in batch):
            self.turned_away -= still_due
            self.stopped = True
            return ()
        return batch

    def _serve(self, batch: Sequence[Recipient]) -> None:
        for recipient in batch:
            if not self._goes_on():
                return
            outcome = self._attempt(recipient)
            if outcome is None:
                return
            self._note(outcome)

    def _attempt(self, recipient: Recipient) -> Outcome | None:
        """Return how the attempt ended, or None when the gate turned the row away."""
        try:
            outgoing = self.message_for(recipient)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this row's outcome, with its reason
            return outcomes.not_built(recipient, error)
        try:
            reply = self.lane.offer(outgoing)
            if reply is None:
                if not self._passes(recipient):
                    return None
                reply = self.lane.finish()
        except Lost as lost:
            return outcomes.after_loss(recipient, lost, self.at(), recipient.since or self.started, self.policy)
        return outcomes.after_reply(recipient, reply, self.at(), recipient.since or self.started)

    def _passes(self, recipient: Recipient) -> bool:
        """Put the row in flight, in one commit with the results before it; drop its message if it may not be sent."""
        allowed = self.rows.commit(self.edition, tuple(self.pending), (recipient.subscriber,), self.at())
        self.pending.clear()
        if recipient.subscriber in allowed:
            return True
        self.turned_away.add(recipient.subscriber)
        self.lane.drop()
        return False

    def _note(self, outcome: Outcome) -> None:
        """Keep the result for the next commit, and pause when the server is not well."""
        self.pending.append(outcome.result)
        self.counts[RowState.IN_DOUBT if outcome.in_doubt else outcome.result.state] += 1
        self.failures = 0 if outcome.health is Health.WELL else self.failures + 1
        if outcome.health is Health.OVERLOADED or self.failures == PATIENCE:
            self.paused_until = self.at() + retries.PAUSE
            self.reason = outcome.result.reply
        if self.progress:
            self.progress(Progress(**self._tally()))

    def _record(self) -> None:
        if self.pending:
            self.rows.commit(self.edition, tuple(self.pending), (), self.at())
            self.pending.clear()

    def _tally(self) -> dict[str, int]:
        return {
            "sent": self.counts[RowState.SENT],
            "deferred": self.counts[RowState.DEFERRED],
            "bounced": self.counts[RowState.BOUNCED],
            "failed": self.counts[RowState.FAILED],
            "suppressed": len(self.turned_away),
            "in_doubt": self.counts[RowState.IN_DOUBT],
        }
