"""Letters to subscribers about their subscription, as rows that the sender takes through the same gate as editions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf
from typing import Final, Literal, Self

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from digest.addresses import parse_address
from digest.audience.requests import OwedLetter, Says, unwanted
from digest.audience.subscriber import Consent
from digest.audience.tokens import address_hash
from digest.delivery.rows import MOST_DOUBTS, Recipient, Result, RowState
from digest.store import tables
from digest.store.database import writing
from digest.store.mailable import is_due
from digest.store.subscriber_rows import why_barred

_IN_DOUBT: Final = "in doubt"
_NOT_NAMED: Final = "mail.only_to does not name them"
_row = tables.letter
_who = tables.subscriber
_OPEN_STATES: Final = (RowState.DUE, RowState.IN_FLIGHT, RowState.DEFERRED)
_OPEN: Final = sa.text("letter.state IN ('due', 'in flight', 'deferred')")  # in the index's words, or SQLite reads all


def owe(connection: Connection, subscriber: int, says: Says, at: datetime, address: str | None = None) -> None:
    """Note that a subscriber is to be mailed that, to their own address unless another one is given."""
    row = {"subscriber_id": subscriber, "says": says, "address": address, "made_at": at, "at": at}
    connection.execute(sa.insert(_row).values(row))


@dataclass(frozen=True)
class Letters:
    """All letters; a method is a transaction. As `Rows` it knows one edition, `0`, and calls letters subscribers."""

    engine: Engine
    hash_key: bytes = field(repr=False)  # never changes: it makes the hashes of the suppression list
    lease: float = inf  # whoever holds the lock of letters mails them
    named: frozenset[str] = frozenset()  # addresses in lower case; nobody else is mailed; empty: everybody is

    def only_to(self, addresses: Collection[str]) -> Self:
        """Return the same letters, of which none passes the gate to another address; empty: all may."""
        return replace(self, named=frozenset(parse_address(one).key for one in addresses))

    def owed(self, number: int) -> OwedLetter | None:
        """Return the letter of that number, or None when its subscriber was forgotten meanwhile."""
        query = sa.select(_row, _who.c.address.label("own")).join(_who).where(_row.c.id == number)
        with self.engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return OwedLetter(row.id, row.subscriber_id, Says(row.says), row.address or row.own, row.made_at)

    def recover(self, _edition: int, policy: Literal["resend", "hold"], at: datetime) -> int:
        """Turn letters that a dead sender left in flight into due again, or, by `hold`, in doubt; return how many."""
        fence = _row.c.fence + 1
        again = sa.case((fence < MOST_DOUBTS, str(RowState.DUE)), else_=str(RowState.IN_DOUBT))
        left = (
            sa.update(_row)
            .where(_OPEN, _row.c.state == RowState.IN_FLIGHT)
            .values(state=again if policy == "resend" else RowState.IN_DOUBT, reply=_IN_DOUBT, fence=fence, at=at)
        )
        with writing(self.engine) as connection:
            return connection.execute(left).rowcount

    def has_work(self, at: datetime) -> bool:
        """Return whether a letter is due, or was left in flight by a sender that died."""
        query = sa.select(_row.c.id).where(_OPEN, _row.c.state == RowState.IN_FLIGHT).limit(1)
        with self.engine.connect() as connection:
            in_flight = connection.execute(query).first()
        return bool(in_flight or self.due(0, at, 1))

    def release(self, _edition: int) -> None:
        """Do nothing: the lock is what is released."""

    def due(self, _edition: int, at: datetime, limit: int, beyond: int = 0) -> Sequence[Recipient]:
        """Return letters that are due, or deferred until `at` or earlier, the oldest `beyond` that number first."""
        ready = is_due(_row.c.next_at, at)
        query = (
            sa.select(
                _row.c.id,
                sa.func.coalesce(_row.c.address, _who.c.address),
                _row.c.says,
                _row.c.attempts,
                _row.c.fence,
                _who.c.version,
                _row.c.made_at,
            )
            .join(_who)
            .where(_OPEN, _row.c.state != RowState.IN_FLIGHT, ready, _row.c.id > beyond)
            .order_by(_row.c.id)
            .limit(limit)
        )
        with self.engine.connect() as connection:
            return [Recipient(*row) for row in connection.execute(query)]

    def commit(self, _edition: int, results: Sequence[Result], next_up: Sequence[int], at: datetime) -> frozenset[int]:
        """Record `results`, then put `next_up` in flight; return those of them that may be sent.

        A letter that nobody wants any more is not sent: its subscriber left, or its address was suppressed meanwhile.
        One to an address that `mail.only_to` does not name is skipped for good.
        """
        with writing(self.engine) as connection:
            for result in results:
                connection.execute(_recorded(result, at))
            return self._put_in_flight(connection, next_up, at) if next_up else frozenset()

    def forget(self, before: datetime) -> None:
        """Forget letters whose fate was known before that: some name an address that is nobody's."""
        with writing(self.engine) as connection:
            connection.execute(sa.delete(_row).where(_row.c.state.not_in(_OPEN_STATES), _row.c.at < before))

    def _put_in_flight(self, connection: Connection, numbers: Sequence[int], at: datetime) -> frozenset[int]:
        passed = set()
        for number in numbers:
            reason = self._unwanted(connection, number)
            state = RowState.SUPPRESSED if reason else RowState.IN_FLIGHT
            state = RowState.SKIPPED if reason == _NOT_NAMED else state
            attempts = _row.c.attempts + (0 if reason else 1)
            put = sa.update(_row).where(_row.c.id == number, _row.c.state.in_([RowState.DUE, RowState.DEFERRED]))
            values = {"state": state, "attempts": attempts, "next_at": None, "at": at}
            values |= {"reply": reason} if reason else {}
            if connection.execute(put.values(values)).rowcount and not reason:
                passed.add(number)
        return frozenset(passed)

    def _unwanted(self, connection: Connection, number: int) -> str:
        """Return why a letter is not to be sent any more, or an empty text."""
        to = sa.func.coalesce(_row.c.address, _who.c.address)
        query = sa.select(_row.c.says, _who.c.state, to.label("to")).join(_who).where(_row.c.id == number)
        row = connection.execute(query).one_or_none()
        if row is None:
            return "forgotten meanwhile"
        barred = why_barred(connection, address_hash(self.hash_key, row.to.lower()))
        if reason := unwanted(Says(row.says), Consent(row.state), barred):
            return reason
        return _NOT_NAMED if self.named and row.to.lower() not in self.named else ""


def _recorded(result: Result, at: datetime) -> sa.Update:
    return (
        sa.update(_row)
        .where(_row.c.id == result.subscriber, _row.c.state.in_(_OPEN_STATES))
        .values(
            state=result.state,
            attempts=_row.c.attempts + sa.case((_row.c.state == RowState.IN_FLIGHT, 0), else_=1),
            fence=_row.c.fence + int(result.reply.startswith(_IN_DOUBT)),
            reply=sa.case((_row.c.fence > 0, f"{_IN_DOUBT}; "), else_="") + result.reply,
            next_at=result.next_at,
            at=at,
        )
    )
