"""The sender of one edition: takes the rows that are due through the gate, over several connections at once.

On each connection message n+1 is offered whole but for its final dot; one commit records the result of n and that
n+1 is in flight; only then the dot of n+1 goes out. So after a kill the rows in flight, and no others, are in doubt:
at most one for each connection.

One thread holds all connections: whatever they wait for, it goes on with those that need not. What decides who is
due and who may pass is behind `Rows`, what talks SMTP behind `Transport`; nothing here knows who called it or how
many others do the same.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from digest import clock
from digest.clock import Clock
from digest.delivery import outcomes
from digest.delivery.chronicle import Chronicle
from digest.delivery.gate import Gate, Settled
from digest.delivery.lane import Errand, Lane
from digest.delivery.lanes import Lanes
from digest.delivery.outcomes import Outcome, Policy
from digest.delivery.outgoing import Outgoing
from digest.delivery.queue import Queue
from digest.delivery.replies import Lost, Reply, Stage
from digest.delivery.route import Route, rest_of
from digest.delivery.rows import Recipient, Result, Rows, RowState
from digest.delivery.summary import Progress, Summary
from digest.delivery.waits import Waits
from digest.errors import OutsideFailure
from digest.log import Entry

WINDOW = 100  # dots whose answers say whether the content is refused
MOST_REFUSED = 5  # of them, and the edition is stopped
_LAST_ANSWERS = 10.0  # seconds to wait for answers to dots when a failure ends the run
_LOOK = 0.25  # seconds until somebody's wish to stop is noticed although no server says anything


def send_edition(  # noqa: PLR0913 - everything that it touches is an argument
    edition_key: int,
    rows: Rows,
    routes: Sequence[Route],
    message_for: Callable[[Recipient], Outgoing],
    at: Clock,
    *,
    policy: Policy,
    started: datetime,
    stop: Callable[[], bool],
    progress: Callable[[Progress], None] | None = None,
    log: Callable[[Entry], None] | None = None,
    connections: int | None = None,
) -> Summary:
    """Send what is due of an edition until nothing is due now, `stop` says so or every server has to rest.

    Of `routes` the first is used that can be, over as many connections as it takes, and at most `connections`.

    `started` is when the edition began to be sent, in UTC: deferrals end some time after it. What `message_for`
    raises is that row's outcome. `log` is told of rows that do not get it and of servers. Raises OutsideFailure when no
    mail server can be reached or the database fails; the rows then stand as they are, and the next run goes on.
    """
    with Waits() as waits:
        run = _Run(edition_key, rows, routes, message_for, at, policy, started, stop, progress, Chronicle(log), waits)
        run.lanes += [Lanes(route, waits, run, connections) for route in routes]
        return run.to_the_end()


@dataclass
class _Run:
    """One run over the rows of one edition; hears what becomes of its messages."""

    edition: int
    rows: Rows
    routes: Sequence[Route]
    message_for: Callable[[Recipient], Outgoing]
    at: Clock
    policy: Policy
    started: datetime
    stop: Callable[[], bool]
    progress: Callable[[Progress], None] | None
    chronicle: Chronicle
    waits: Waits
    lanes: list[Lanes] = field(default_factory=list)  # of each server, in the order in which they are used
    at_gate: dict[int, Lane] = field(default_factory=dict)  # by subscriber
    counts: Counter[RowState] = field(default_factory=Counter)
    served: int = 0  # attempts of this pass
    turned_away: set[int] = field(default_factory=set)  # at the gate, for they left
    passed: set[int] = field(default_factory=set)  # the gate, and their dots are still to be sent
    dots: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW))  # of the last ones, who was refused
    stopped: bool = False
    blocked: str = ""  # what the server says to the content that it does not take

    def __post_init__(self) -> None:
        self.gate = Gate(self.edition, self.rows, self.at)
        self.queue = Queue(self.edition, self.rows, self.at)

    def to_the_end(self) -> Summary:
        try:
            self.counts[RowState.IN_DOUBT] += self.rows.recover(self.edition, self.policy, self.at())
            while self._begin_pass():
                self._pass()
                if not self.served:
                    break  # whatever keeps it from being carried, the next run tries it again
            self.gate.record()
            self._take_leave()
            self.rows.release(self.edition)
        except Exception:
            self._bring_in()
            raise
        finally:
            self._end()
        rest = self._rest()
        return Summary(
            **self._tally(),
            stopped=self.stopped,
            paused_until=rest[0] if rest else None,
            reason=self.blocked or (rest[1] if rest else ""),
            blocked=bool(self.blocked),
        )

    def _bring_in(self) -> None:
        """Hear the answers to dots that are out before a failure of ours ends this run: it puts nobody in doubt."""
        self.stopped = True
        self._turn_all_away()
        for lanes in self.lanes:
            lanes.take_back()
        until = clock.monotonic() + _LAST_ANSWERS
        while any(lanes.busy for lanes in self.lanes) and clock.monotonic() < until:
            self._hear(_LOOK)

    def _end(self) -> None:
        """Let no message go out any more, however this run ends, and leave no result in doubt that is known."""
        for lanes in self.lanes:
            lanes.close()
        for subscriber in self.passed:  # and no dot was sent
            self.gate.note(Result(subscriber, RowState.DUE, ""))
        self.gate.record()
        for lanes in self.lanes:
            lanes.throttle.give_back(self.at())

    def _begin_pass(self) -> bool:
        """Ask for the first rows; False when none are due."""
        if not self._may_go_on():
            return False
        self.gate.record()
        self.served = 0
        for lanes in self.lanes:
            lanes.reopen()
        return self.queue.begin()

    def _pass(self) -> None:
        """Serve each row that is due once."""
        wait = self._put_to_work()
        while wait is not None:
            if not self._went_on(wait) or self.gate.is_due():
                self._through_the_gate()
            wait = self._put_to_work()
        failures = [lanes.unreachable for lanes in self.lanes if lanes.unreachable]
        if failures and not self.served and self._may_go_on():
            raise OutsideFailure("; ".join(failure.message for failure in failures), failures[0].remedy)

    def _put_to_work(self) -> float | None:
        """Give rows to who can carry them; return for how many seconds to wait at most, None at the pass's end."""
        pace = self._fill()
        if self._relieve():
            pace = self._fill()
        for lanes in self.lanes:
            self.chronicle.server(lanes.throttle, self.at())
            if not self.goes_on(lanes):
                lanes.take_back()
        if not pace and not any(lanes.busy for lanes in self.lanes):
            return None
        return min(pace or _LOOK, _LOOK)

    def _fill(self) -> float:
        """Give rows to servers as long as one has room; return in how many seconds the next may begin, or 0."""
        pace = 0.0
        while self._may_go_on() and (recipient := self.queue.next()):
            lanes = self._carrier(recipient)
            pace = lanes.throttle.wait() if lanes else 0.0
            if not lanes or pace:
                self.queue.put_back(recipient)
                break
            if errand := self._errand(lanes, recipient):
                lanes.carry(errand)
        return pace

    def _relieve(self) -> bool:
        """Take the last rows from servers that are stuck, where another one is not; return whether there were any."""
        if self.queue or not self._may_go_on():
            return False
        stuck = [lanes for lanes in self.lanes if lanes.is_within_reach() and lanes.is_stuck()]
        well = [lanes for lanes in self.lanes if lanes not in stuck and lanes.is_within_reach() and self.goes_on(lanes)]
        for lanes in stuck if well else []:
            lanes.give_up()
        return bool(self.queue)

    def _carrier(self, recipient: Recipient) -> Lanes | None:
        """Return the server that can carry the row now; None while the one whose turn it is has no room."""
        turns = self._turns(recipient)
        if first := _whose_turn(turns):
            return first if first.has_room(self.at()) else None
        return next((lanes for lanes in turns if lanes.has_room(self.at())), None)

    def _turns(self, recipient: Recipient) -> Sequence[Lanes]:
        """Return the servers that can be used now, in the order in which they are for this row.

        A row that was deferred begins at the next server each time: a faulty one shall not have it again and again.
        """
        first = recipient.attempts % len(self.lanes) if self.lanes else 0
        order = [*self.lanes[first:], *self.lanes[:first]]
        return [lanes for lanes in order if lanes.is_within_reach() and self.goes_on(lanes)]

    def goes_on(self, lanes: Lanes) -> bool:
        """Return whether these may carry one more message."""
        return self._may_go_on() and not lanes.throttle.rest(self.at())

    def _may_go_on(self) -> bool:
        self.stopped = self.stopped or self.stop()
        return not self.stopped and not self.blocked and not self._rest()

    def _rest(self) -> tuple[datetime, str] | None:
        return rest_of(self.routes, self.at())

    def _errand(self, lanes: Lanes, recipient: Recipient) -> Errand | None:
        """Return the row with its message; None when it cannot be built, or the server's day is over."""
        if not lanes.throttle.begin(self.at()):
            self.queue.put_back(recipient)
            return None
        try:
            return Errand(recipient, self.message_for(recipient))
        except OutsideFailure:  # not of this row: the run ends, and the next one goes on
            lanes.throttle.forgo(self.at())
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this row's outcome, with its reason
            lanes.throttle.forgo(self.at())
            self._note(outcomes.not_built(recipient, error), lanes)
            return None

    def _went_on(self, seconds: float) -> bool:
        """Go on with whatever can, waiting for it as long as the gate has time; return whether something could."""
        return self._hear(min(self.gate.patience(), seconds))

    def _hear(self, seconds: float) -> bool:
        """Go on with what servers say within so many seconds; return whether one said something."""
        ready = self.waits.ready(seconds)
        for lane in ready:
            lane.lanes.go_on(lane)
        for lane, made in self.waits.connected():
            lane.lanes.connected(lane, made)
        return bool(ready)

    def _through_the_gate(self) -> None:
        """Send the dots that a commit allows, if it is time for one."""
        if self.gate.patience() != 0.0:
            return
        if not self._may_go_on():
            self._turn_all_away()
        # Before the commit: what fails here leaves nobody in flight whose dot then does not go out.
        following = {subscriber: self._following(lane.lanes) for subscriber, lane in self.at_gate.items()}
        settled = self.gate.commit()
        self.stopped = self.stopped or settled.allowed is None
        self.passed.update(settled.allowed or ())
        for subscriber in settled.asked:
            self._settle(self.at_gate.pop(subscriber), subscriber, settled, following[subscriber])

    def _settle(self, lane: Lane, subscriber: int, settled: Settled, following: Errand | None) -> None:
        """Send the dot of a message, or drop it."""
        # A process that was stopped for long may have been taken over, with the rows that it had in flight.
        in_time = clock.since_boot() < settled.until
        if subscriber in self.passed and in_time:
            self.passed.discard(subscriber)
            lane.lanes.finish(lane, following)
            return
        self.stopped = self.stopped or not in_time
        if settled.allowed is not None and subscriber not in settled.allowed:
            self.turned_away.add(subscriber)
        lane.lanes.turn_away(lane)
        if following:
            self.untouched(lane.lanes, following)

    def _turn_all_away(self) -> None:
        """Let nobody through who waits: their rows are due as they were."""
        for lane in self.at_gate.values():
            errand = lane.errand
            lane.lanes.turn_away(lane)
            if errand:
                self.untouched(lane.lanes, errand)
        self.at_gate.clear()
        self.gate.forget()

    def _following(self, lanes: Lanes) -> Errand | None:
        """Return what is carried after a message that is about to be sent."""
        if not self.goes_on(lanes) or lanes.throttle.wait() or not (recipient := self.queue.next()):
            return None
        if _whose_turn(self._turns(recipient)) in {lanes, None}:
            return self._errand(lanes, recipient)
        self.queue.put_back(recipient)
        return None

    def offered(self, lane: Lane, errand: Errand) -> None:
        """Bring a message that waits for its dot before the gate."""
        self.at_gate[errand.recipient.subscriber] = lane
        self.gate.ask(errand.recipient.subscriber)

    def answered(self, lanes: Lanes, errand: Errand, answer: Reply | Lost) -> None:
        """Note how a message ended."""
        recipient = errand.recipient
        since = recipient.since or self.started
        if isinstance(answer, Lost):
            self._note(outcomes.after_loss(recipient, answer, self.at(), since, self.policy), lanes)
            return
        if answer.stage is Stage.DOT:
            self.dots.append(answer.refuses)
            if sum(self.dots) == MOST_REFUSED:
                self.blocked = str(answer)
        self._note(outcomes.after_reply(recipient, answer, self.at(), since), lanes)

    def untouched(self, lanes: Lanes, errand: Errand) -> None:
        """Let a row be the next one again."""
        lanes.throttle.forgo(self.at())
        self.queue.put_back(errand.recipient)

    def _note(self, outcome: Outcome, lanes: Lanes) -> None:
        """Keep the result for the next commit."""
        self.gate.note(outcome.result)
        lanes.throttle.note(outcome.health, outcome.result.reply, self.at())
        self.chronicle.row(outcome.result, lanes.throttle.server)
        self.served += 1
        self.counts[RowState.IN_DOUBT if outcome.in_doubt else outcome.result.state] += 1
        if self.progress:
            self.progress(Progress(**self._tally()))

    def _take_leave(self) -> None:
        """Say goodbye on all connections at once."""
        for lanes in self.lanes:
            lanes.take_leave()
        while any(lanes.busy for lanes in self.lanes):
            self._hear(_LOOK)

    def _tally(self) -> dict[str, int]:
        return {
            "sent": self.counts[RowState.SENT],
            "deferred": self.counts[RowState.DEFERRED],
            "bounced": self.counts[RowState.BOUNCED],
            "failed": self.counts[RowState.FAILED],
            "suppressed": len(self.turned_away),
            "in_doubt": self.counts[RowState.IN_DOUBT],
        }


def _whose_turn(turns: Sequence[Lanes]) -> Lanes | None:
    """Return the first that is not stuck; of one alone nobody asks, for there is nobody else."""
    return turns[0] if len(turns) == 1 else next((lanes for lanes in turns if not lanes.is_stuck()), None)
