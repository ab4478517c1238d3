"""Rows, clock and mail server held in memory, with every way to fail that the real ones have."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Literal

from digest.delivery import retries
from digest.delivery.outgoing import Outgoing
from digest.delivery.replies import Lost, Reply, Stage, reply
from digest.delivery.route import Route
from digest.delivery.rows import MOST_DOUBTS, OPEN, Recipient, Result, RowState
from digest.delivery.throttle import Limits, Throttle
from digest.delivery.transport import Connect
from digest.errors import OutsideFailure
from tests.delivery.immediate import Immediate

START = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
EDITION = 7
Place = Literal["offer", "before commit", "after commit", "before dot", "after dot"]


class Crash(BaseException):
    """The process is killed."""


@dataclass(frozen=True)
class Event:
    """What happens to one message on its way."""

    kind: Literal["answer", "lost", "crash", "leaves"] = "answer"
    stage: Stage = Stage.DOT  # of an answer or a loss
    answer: bytes = b"250 2.0.0 queued"
    place: Place = "offer"  # of a crash
    taken: bool = True  # lost after the dot: whether the server has the message


FINE = Event()


@dataclass
class Process:
    """The sending process and its luck: the events wait in `script`, one for each message offered."""

    now: datetime = START
    script: list[Event] = field(default_factory=list)
    event: Event = FINE  # of the message offered last
    alive: bool = True

    def clock(self) -> datetime:
        return self.now

    def passes(self, place: Place) -> None:
        """Go past a place where the process may be killed; a dead one does nothing any more."""
        if self.event == Event("crash", place=place):
            self.alive = False
        if not self.alive:
            raise Crash

    def restart(self) -> None:
        self.alive = True
        self.event = FINE


@dataclass(frozen=True)
class Row:
    recipient: Recipient
    state: RowState = RowState.DUE
    attempts: int = 0
    doubts: int = 0
    next_at: datetime | None = None
    reply: str = ""


class MemoryRows:
    """The port `Rows` as the database keeps it: each method happens wholly or not at all."""

    def __init__(self, addresses: Iterable[str], process: Process) -> None:
        self._process = process
        self.rows = {
            number: Row(Recipient(number, address, "en", 0)) for number, address in enumerate(addresses, start=1)
        }
        self.consenting = set(self.rows)
        self.lease = inf
        self.released = 0
        self.sending = True
        self.doubted: set[int] = set()  # ever
        self.commits: list[tuple[tuple[int, ...], tuple[int, ...]]] = []  # subscribers of results, of next_up

    def recover(self, edition: int, policy: Literal["resend", "hold"], at: datetime) -> int:
        assert edition == EDITION
        assert at.tzinfo
        stranded = [number for number, row in self.rows.items() if row.state is RowState.IN_FLIGHT]
        for number in stranded:
            doubts = self.rows[number].doubts + 1
            state = RowState.DUE if policy == "resend" and doubts < MOST_DOUBTS else RowState.IN_DOUBT
            self._change(number, state=state, doubts=doubts, reply="in doubt: the sender died")
            self.doubted.add(number)
        return len(stranded)

    def release(self, edition: int) -> None:
        assert edition == EDITION
        self.released += 1

    def due(self, edition: int, at: datetime, limit: int, beyond: int = 0) -> Sequence[Recipient]:
        assert edition == EDITION
        return [
            replace(row.recipient, attempts=row.attempts, doubts=row.doubts)
            for row in self.rows.values()
            if row.recipient.subscriber > beyond
            and (row.state is RowState.DUE or (row.state is RowState.DEFERRED and retries.is_due(row.next_at, at)))
        ][:limit]

    def commit(
        self, edition: int, results: Sequence[Result], next_up: Sequence[int], at: datetime
    ) -> frozenset[int] | None:
        assert edition == EDITION
        assert at.tzinfo
        self._process.passes("before commit")
        self.commits.append((tuple(result.subscriber for result in results), tuple(next_up)))
        for result in results:
            self._record(result)
        allowed = frozenset(number for number in next_up if self._may_pass(number))
        for number in allowed:
            self._change(number, state=RowState.IN_FLIGHT, attempts=self.rows[number].attempts + 1)
        self._process.passes("after commit")
        return allowed if self.sending or not next_up else None

    def open_rows(self) -> list[int]:
        return [number for number, row in self.rows.items() if row.state in OPEN]

    def states(self) -> list[RowState]:
        return [row.state for row in self.rows.values()]

    def _record(self, result: Result) -> None:
        row = self.rows[result.subscriber]
        attempts = row.attempts + (row.state is not RowState.IN_FLIGHT)
        doubts = row.doubts + result.reply.startswith("in doubt")
        self._change(
            result.subscriber,
            state=result.state,
            reply=result.reply,
            next_at=result.next_at,
            attempts=attempts,
            doubts=doubts,
        )
        if result.reply.startswith("in doubt"):
            self.doubted.add(result.subscriber)

    def _may_pass(self, number: int) -> bool:
        if number not in self.consenting:
            self._change(number, state=RowState.SUPPRESSED)
            return False
        return self.sending and self.rows[number].state in {RowState.DUE, RowState.DEFERRED}

    def _change(self, number: int, **changes: object) -> None:
        self.rows[number] = replace(self.rows[number], **changes)  # type: ignore[arg-type]


class FakeServer:
    """A mail server: `copies` counts by address what it took."""

    def __init__(self, process: Process, rows: MemoryRows | None = None) -> None:
        self._process = process
        self._rows = rows
        self.copies: Counter[str] = Counter()
        self.reachable = True
        self.calls: list[str] = []

    def connect(self) -> "FakeTransport":
        if not self.reachable:
            raise OutsideFailure("relay.example:25 cannot be reached", "Check it.")
        self.calls.append("connect")
        return FakeTransport(self, self._process)

    def recipient_leaves(self, address: str) -> None:
        assert self._rows
        number = next(n for n, row in self._rows.rows.items() if row.recipient.address == address)
        self._rows.consenting.discard(number)


class FakeTransport(Immediate):
    """One connection to it."""

    def __init__(self, server: FakeServer, process: Process) -> None:
        self._server = server
        self._process = process
        self._open = True
        self._address = ""  # of the message that lies there without its dot

    def take(self, outgoing: Outgoing) -> Reply | None:
        assert self._open, "used after it was closed"
        assert not self._address, "a body without its dot was followed by a command"
        self._server.calls.append("offer")
        event = self._process.event = self._process.script.pop(0) if self._process.script else FINE
        self._process.passes("offer")
        if event.kind == "lost" and event.stage is not Stage.DOT:
            self._open = False
            raise Lost("relay.example:25", event.stage, "reset by peer")
        if event.kind == "leaves":
            self._server.recipient_leaves(outgoing.address)
        if event.kind == "answer" and event.stage is not Stage.DOT:
            return self._said()
        self._address = outgoing.address
        return None

    def answer(self) -> Reply:
        assert self._open
        assert self._address, "a dot without a body"
        self._process.passes("before dot")
        event = self._process.event
        self._server.calls.append("dot")
        address, self._address = self._address, ""
        answer = self._said()
        if answer.accepts and event.taken:
            self._server.copies[address] += 1
        self._process.passes("after dot")
        if event.kind == "lost":
            self._open = False
            raise Lost("relay.example:25", Stage.DOT, "timed out")
        return answer

    def drop(self) -> None:
        if self._open:
            self._server.calls.append("drop")
        self._open = False

    def part(self) -> None:
        assert not self._address, "QUIT would have become a line of the body"
        self._server.calls.append("close")
        self._open = False

    def _said(self) -> Reply:
        event = self._process.event
        if event.kind != "answer":
            event = FINE
        code, _, text = event.answer.partition(b" ")
        return reply(int(code), text, event.stage)


def route_to(connect: Connect, connections: int = 1) -> Route:
    """Return the way to a server without limits."""
    return Route(connect, Throttle("relay.example:25", Limits(connections)))


def message_for(recipient: Recipient) -> Outgoing:
    body = f"To: {recipient.address}\r\nSubject: The week\r\n\r\n..and more\r\n"
    return Outgoing("bounces@news.example", recipient.address, body.encode())


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def never() -> bool:
    return False


def answers(*texts: bytes, stage: Stage) -> list[Event]:
    return [Event("answer", stage, text) for text in texts]
