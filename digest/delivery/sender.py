"""The sender of one edition: takes the rows that are due through the gate, over several connections at once.

On each connection message n+1 is offered whole but for its final dot; one commit records the result of n and that
n+1 is in flight; only then the dot of n+1 goes out. So after a kill the rows in flight, and no others, are in doubt:
at most one for each connection.

What decides who is due and who may pass is behind `Rows`, what talks SMTP behind `Lane`; nothing here knows who
called it or how many others do the same.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from digest.clock import Clock
from digest.delivery import outcomes, retries
from digest.delivery.gate import Gate
from digest.delivery.lane import Connect, Lane, Unreachable
from digest.delivery.outcomes import Health, Outcome, Policy
from digest.delivery.outgoing import Outgoing
from digest.delivery.replies import Lost
from digest.delivery.rows import Recipient, Rows, RowState
from digest.errors import OutsideFailure

BATCH = 500  # rows asked for at a time
PATIENCE = 3  # attempts in a row that fail by no fault of their recipients, before the sending pauses
FLUSH = 0.1  # seconds that a result waits for the next commit at most


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
    connections: int = 1,
) -> Summary:
    """Send what is due of an edition until nothing is due now, `stop` says so or the server wants a pause.

    `started` is when the edition began to be sent, in UTC: deferrals end some time after it. What `message_for`
    raises is that row's outcome; it may be called by several threads at once. Raises OutsideFailure when no mail
    server can be reached or the database fails; the rows then stand as they are, and the next run goes on.
    """
    run = _Run(edition_key, rows, connect, message_for, at, policy, started, stop, progress, connections)
    return run.to_the_end()


@dataclass
class _Run:
    """One run over the rows of one edition."""

    edition: int
    rows: Rows
    connect: Connect
    message_for: Callable[[Recipient], Outgoing]
    at: Clock
    policy: Policy
    started: datetime
    stop: Callable[[], bool]
    progress: Callable[[Progress], None] | None
    connections: int
    lock: threading.Lock = field(default_factory=threading.Lock)  # held to change anything below
    counts: Counter[RowState] = field(default_factory=Counter)
    batch: deque[Recipient] = field(default_factory=deque)
    reached: int = 0  # the subscriber up to whom rows were asked for in this pass
    served: int = 0  # attempts of this pass
    unconnected: OutsideFailure | None = None  # why a lane of this pass met no server
    turned_away: set[int] = field(default_factory=set)  # at the gate, for they left
    failures: int = 0  # in a row, by no fault of the recipients
    stopped: bool = False
    paused_until: datetime | None = None
    reason: str = ""
    failure: BaseException | None = None  # that ended a lane

    def __post_init__(self) -> None:
        self.gate = Gate(self.edition, self.rows, self.at)

    def to_the_end(self) -> Summary:
        self.counts[RowState.IN_DOUBT] += self.rows.recover(self.edition, self.policy, self.at())
        try:
            while self._begin_pass():
                self._pass()
        finally:
            # However this run ends: a result that is known must not be left in doubt.
            self.gate.record()
        return Summary(**self._tally(), stopped=self.stopped, paused_until=self.paused_until, reason=self.reason)

    def _begin_pass(self) -> bool:
        """Ask for the first rows; False when none are due."""
        if not self._goes_on():
            return False
        self.gate.record()
        self.reached = self.served = 0
        self.unconnected = None
        self.batch = self._asked()
        return bool(self.batch)

    def _pass(self) -> None:
        """Serve each row that is due once, over all connections."""
        with _flushing(self.gate, self._fail):
            if self.connections == 1:
                self._lane()
            else:
                self._lanes()
        if self.failure:
            raise self.failure
        if self.unconnected and not self.served:
            raise self.unconnected

    def _lanes(self) -> None:
        """Run all lanes to their end, also when this thread is interrupted: none goes on without the sender's lock."""
        started = []
        try:
            for _ in range(self.connections):
                thread = threading.Thread(target=self._lane_of_many)
                thread.start()
                started.append(thread)
            for thread in started:
                thread.join()
        except BaseException as error:
            self._fail(error)
            for thread in started:
                thread.join()
            raise

    def _lane_of_many(self) -> None:
        try:
            self._lane()
        except BaseException as error:  # noqa: BLE001 - raised again where the threads are joined
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        """Let every lane end."""
        with self.lock:
            self.failure = self.failure or error

    def _lane(self) -> None:
        with closing(Lane(self.connect)) as lane:
            while recipient := self._next():
                try:
                    outcome = self._attempt(lane, recipient)
                except Unreachable as failure:
                    self.unconnected = failure  # a server may allow fewer connections than others have by now
                    break
                if outcome:
                    self._note(outcome)
            self.gate.record()  # before the server is asked to let us go, which may take it a while

    def _next(self) -> Recipient | None:
        """Return the next row, or None when this lane is to end."""
        with self.lock:
            if self.failure or not self._goes_on():
                return None
            if not self.batch:
                self.batch = self._asked()
            return self.batch.popleft() if self.batch else None

    def _asked(self) -> deque[Recipient]:
        batch = self.rows.due(self.edition, self.at(), BATCH, self.reached)
        self.reached = batch[-1].subscriber if batch else self.reached
        return deque(batch)

    def _goes_on(self) -> bool:
        self.stopped = self.stopped or self.stop()
        return not self.stopped and self.paused_until is None

    def _attempt(self, lane: Lane, recipient: Recipient) -> Outcome | None:
        """Return how the attempt ended, or None when the gate turned the row away."""
        try:
            outgoing = self.message_for(recipient)
        except OutsideFailure:  # not of this row: the run ends, and the next one goes on
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this row's outcome, with its reason
            return outcomes.not_built(recipient, error)
        try:
            reply = lane.offer(outgoing)
            if reply is None:
                if not self._passes(lane, recipient):
                    return None
                reply = lane.finish()
        except Lost as lost:
            return outcomes.after_loss(recipient, lost, self.at(), recipient.since or self.started, self.policy)
        return outcomes.after_reply(recipient, reply, self.at(), recipient.since or self.started)

    def _passes(self, lane: Lane, recipient: Recipient) -> bool:
        """Put the row in flight; drop its message if it may not be sent."""
        passed = self.gate.passes(recipient.subscriber)
        if passed:
            return True
        with self.lock:
            if passed is None:
                self.stopped = True
            else:
                self.turned_away.add(recipient.subscriber)
        lane.drop()
        return False

    def _note(self, outcome: Outcome) -> None:
        """Keep the result for the next commit, and pause when the server is not well."""
        self.gate.note(outcome.result)
        with self.lock:
            self.served += 1
            self.counts[RowState.IN_DOUBT if outcome.in_doubt else outcome.result.state] += 1
            self.failures = 0 if outcome.health is Health.WELL else self.failures + 1
            if outcome.health is Health.OVERLOADED or self.failures == PATIENCE:
                self.paused_until = self.at() + retries.PAUSE
                self.reason = outcome.result.reply
            if self.progress:
                self.progress(Progress(**self._tally()))

    def _tally(self) -> dict[str, int]:
        return {
            "sent": self.counts[RowState.SENT],
            "deferred": self.counts[RowState.DEFERRED],
            "bounced": self.counts[RowState.BOUNCED],
            "failed": self.counts[RowState.FAILED],
            "suppressed": len(self.turned_away),
            "in_doubt": self.counts[RowState.IN_DOUBT],
        }


@contextmanager
def _flushing(gate: Gate, fail: Callable[[BaseException], None]) -> Iterator[None]:
    """Record what is known again and again, so that no result waits long for a message that is slow to go out."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(FLUSH):
            try:
                gate.record()
            except BaseException as error:  # noqa: BLE001 - the lanes hear of it
                fail(error)
                return

    thread = threading.Thread(target=run, name="flush", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
