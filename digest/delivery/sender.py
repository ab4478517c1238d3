"""The sender of one edition: takes the rows that are due through the gate, over several connections at once.

On each connection message n+1 is offered whole but for its final dot; one commit records the result of n and that
n+1 is in flight; only then the dot of n+1 goes out. So after a kill the rows in flight, and no others, are in doubt:
at most one for each connection.

One thread holds all connections: whatever they wait for, it goes on with those that need not. What decides who is
due and who may pass is behind `Rows`, what talks SMTP behind `Transport`; nothing here knows who called it or how
many others do the same.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from digest.clock import Clock
from digest.delivery import outcomes, retries
from digest.delivery.gate import Gate
from digest.delivery.lane import Errand, Lane, Place
from digest.delivery.outcomes import Health, Outcome, Policy
from digest.delivery.outgoing import Outgoing
from digest.delivery.replies import Lost, Reply
from digest.delivery.rows import Recipient, Rows, RowState
from digest.delivery.transport import Connect, Step, Transport
from digest.delivery.waits import Waits
from digest.errors import OutsideFailure

BATCH = 500  # rows asked for at a time
PATIENCE = 3  # attempts in a row that fail by no fault of their recipients, before the sending pauses
_LOOK = 0.25  # seconds until somebody's wish to stop is noticed although no server says anything


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
    raises is that row's outcome. Raises OutsideFailure when no mail server can be reached or the database fails; the
    rows then stand as they are, and the next run goes on.
    """
    with Waits() as waits:
        run = _Run(edition_key, rows, connect, message_for, at, policy, started, stop, progress, connections, waits)
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
    waits: Waits
    free: list[Lane] = field(default_factory=list)
    busy: set[Lane] = field(default_factory=set)
    shut: int = 0  # lanes of this pass that no server let in
    unconnected: OutsideFailure | None = None  # why
    at_gate: dict[int, Lane] = field(default_factory=dict)  # by subscriber
    counts: Counter[RowState] = field(default_factory=Counter)
    batch: deque[Recipient] = field(default_factory=deque)
    reached: int = 0  # the subscriber up to whom rows were asked for in this pass
    served: int = 0  # attempts of this pass
    turned_away: set[int] = field(default_factory=set)  # at the gate, for they left
    failures: int = 0  # in a row, by no fault of the recipients
    stopped: bool = False
    paused_until: datetime | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        self.gate = Gate(self.edition, self.rows, self.at)

    def to_the_end(self) -> Summary:
        try:
            self.counts[RowState.IN_DOUBT] += self.rows.recover(self.edition, self.policy, self.at())
            while self._begin_pass():
                self._pass()
            self.gate.record()
            self._take_leave()
        finally:
            self._end()
        return Summary(**self._tally(), stopped=self.stopped, paused_until=self.paused_until, reason=self.reason)

    def _end(self) -> None:
        """Let no message go out any more, however this run ends, and leave no result in doubt that is known."""
        for lane in [*self.busy, *self.free]:
            self._disconnect(lane)
        self.gate.record()

    def _begin_pass(self) -> bool:
        """Ask for the first rows; False when none are due."""
        if not self._goes_on():
            return False
        self.gate.record()
        self.reached = self.served = self.shut = 0
        self.unconnected = None
        self.batch = self._asked()
        return bool(self.batch)

    def _pass(self) -> None:
        """Serve each row that is due once, over all connections."""
        self._put_to_work()
        while self.busy:
            if not self._went_on() or self.gate.is_full():
                self._through_the_gate()
            self._put_to_work()
        if self.unconnected and not self.served:
            raise self.unconnected

    def _put_to_work(self) -> None:
        """Give a row to each lane that has none, as long as there are some; or take them back when this run ends."""
        while len(self.busy) + self.shut < self.connections and (errand := self._next_errand()):
            lane = self.free.pop() if self.free else Lane()
            self.busy.add(lane)
            self._offer(lane, errand)
        if not self._goes_on():
            for lane in [lane for lane in self.busy if lane.place in {Place.CONNECTING, Place.OFFERING}]:
                self._disconnect(lane)
                self._set_free(lane)

    def _goes_on(self) -> bool:
        self.stopped = self.stopped or self.stop()
        return not self.stopped and self.paused_until is None

    def _next_errand(self) -> Errand | None:
        """Return the next row with its message; None when there is none, or this run ends."""
        while self._goes_on() and (recipient := self._next()):
            try:
                return Errand(recipient, self.message_for(recipient))
            except OutsideFailure:  # not of this row: the run ends, and the next one goes on
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this row's outcome, with its reason
                self._note(outcomes.not_built(recipient, error))
        return None

    def _next(self) -> Recipient | None:
        if not self.batch:
            self.batch = self._asked()
        return self.batch.popleft() if self.batch else None

    def _asked(self) -> deque[Recipient]:
        batch = self.rows.due(self.edition, self.at(), BATCH, self.reached)
        self.reached = batch[-1].subscriber if batch else self.reached
        return deque(batch)

    def _offer(self, lane: Lane, errand: Errand) -> None:
        lane.errand = errand
        if lane.transport is None:
            lane.place, lane.has_served = Place.CONNECTING, False
            self.waits.connect(lane, self.connect)
        else:
            lane.place = Place.OFFERING
            lane.transport.offer(errand.outgoing)
            self._step(lane)

    def _went_on(self) -> bool:
        """Go on with whatever can, waiting for it as long as the gate has time; return whether something could."""
        patience = self.gate.patience()
        ready = self.waits.ready(_LOOK if patience is None else min(patience, _LOOK))
        for lane in ready:
            if lane.place is Place.WAITING:
                self.waits.forget(lane)  # it is asked when the dot goes out; nothing else it says matters
            elif lane.place is Place.FREE:
                self._disconnect(lane)  # it says that it will serve no more
            else:
                self._step(lane)
        for lane, made in self.waits.connected():
            self._connected(lane, made)
        return bool(ready)

    def _connected(self, lane: Lane, made: Transport | BaseException) -> None:
        if lane.place is not Place.CONNECTING:  # taken back meanwhile
            if not isinstance(made, BaseException):
                made.drop()
        elif isinstance(made, OutsideFailure):
            # A server may allow fewer connections than others have by now: those go on.
            self.unconnected = made
            self.shut += 1
            self._give_back(lane)
        elif isinstance(made, BaseException):
            raise made
        elif lane.errand:
            lane.transport = made
            self._offer(lane, lane.errand)

    def _step(self, lane: Lane) -> None:
        """Go on with what the lane's transport does, as far as it goes."""
        if lane.transport is None:
            return
        try:
            ended = lane.transport.step()
        except Lost as lost:
            self._lost(lane, lost)
            return
        if ended is None:
            self.waits.watch(lane)
        elif isinstance(ended, Reply):
            self._answered(lane, ended)
        elif ended is Step.OFFERED and lane.errand:
            lane.place = Place.WAITING
            subscriber = lane.errand.recipient.subscriber
            self.at_gate[subscriber] = lane
            self.gate.ask(subscriber)
        else:
            self._disconnect(lane)
            self._set_free(lane)

    def _answered(self, lane: Lane, reply: Reply) -> None:
        """Note what the server said to the message, and go on with the next one."""
        errand, lane.has_served = lane.errand, True
        if reply.hangs_up:
            self._disconnect(lane)
        if errand:
            since = errand.recipient.since or self.started
            self._note(outcomes.after_reply(errand.recipient, reply, self.at(), since))
        self._follow(lane)

    def _lost(self, lane: Lane, lost: Lost) -> None:
        """Offer the message once more where a server may have closed, or note that the connection was lost.

        A server may close a connection that has served before whenever it likes, so the first loss on such a one is
        made good on a fresh one.
        """
        self._disconnect(lane)
        errand = lane.errand
        if errand and lane.place is Place.OFFERING and lane.has_served:
            self._offer(lane, errand)
            return
        if errand:
            since = errand.recipient.since or self.started
            self._note(outcomes.after_loss(errand.recipient, lost, self.at(), since, self.policy))
        self._follow(lane)

    def _follow(self, lane: Lane) -> None:
        """Go on with what the lane was to carry next."""
        following, lane.following = lane.following, None
        if following and self._goes_on():
            self._offer(lane, following)
            return
        if following:
            self._disconnect(lane)  # the server waits for a message that is not to come
        self._set_free(lane)

    def _through_the_gate(self) -> None:
        """Send the dots that the last commit allows."""
        if self.gate.patience() != 0.0:
            return
        settled = self.gate.commit()
        self.stopped = self.stopped or settled.allowed is None
        for subscriber in settled.asked:
            lane = self.at_gate.pop(subscriber)
            if settled.allowed and subscriber in settled.allowed and lane.transport:
                self._finish(lane, lane.transport)
                continue
            if settled.allowed is not None:
                self.turned_away.add(subscriber)
            self._disconnect(lane)  # DATA cannot be taken back
            self._set_free(lane)

    def _finish(self, lane: Lane, transport: Transport) -> None:
        lane.place, lane.following = Place.FINISHING, self._next_errand()
        transport.finish(lane.following.outgoing if lane.following else None)
        self._step(lane)

    def _give_back(self, lane: Lane) -> None:
        if lane.errand:
            self.batch.appendleft(lane.errand.recipient)
        self._set_free(lane)

    def _set_free(self, lane: Lane) -> None:
        lane.place, lane.errand = Place.FREE, None
        self.busy.discard(lane)
        self.free.append(lane)

    def _disconnect(self, lane: Lane) -> None:
        if lane.transport:
            self.waits.forget(lane)
            lane.transport.drop()
            lane.transport = None

    def _take_leave(self) -> None:
        """Say goodbye on all connections at once."""
        for lane in [lane for lane in self.free if lane.transport]:
            self.free.remove(lane)
            self.busy.add(lane)
            lane.place = Place.LEAVING
            if lane.transport:
                lane.transport.leave()
                self._step(lane)
        while self.busy:
            self._went_on()

    def _note(self, outcome: Outcome) -> None:
        """Keep the result for the next commit, and pause when the server is not well."""
        self.gate.note(outcome.result)
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
