"""Letters to subscribers about their subscription, as rows that the sender takes through the same gate as editions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from digest.audience.requests import OwedLetter, Says
from digest.audience.subscriber import Consent
from digest.delivery.rows import MOST_DOUBTS, Recipient, Result, RowState
from digest.store import tables
from digest.store.database import writing

_row = tables.letter
_who = tables.subscriber
_OPEN: Final = sa.text("letter.state IN ('due', 'in flight', 'deferred')")  # in the index's words, or SQLite reads all


def owe(connection: Connection, subscriber: int, says: Says, at: datetime, address: str | None = None) -> None:
    """Note that a subscriber is to be mailed that, to their own address unless another one is given."""
    row = {"subscriber_id": subscriber, "says": says, "address": address, "made_at": at, "at": at}
    connection.execute(sa.insert(_row).values(row))


@dataclass(frozen=True)
class Letters:
    """All letters; a method is a transaction. As `Rows` it knows one edition, `0`, and calls letters subscribers."""

    engine: Engine

    def owe(self, subscriber: int, says: Says, at: datetime, address: str | None = None) -> None:
        """Note that a subscriber is to be mailed that, to their own address unless another one is given."""
        with writing(self.engine) as connection:
            owe(connection, subscriber, says, at, address)

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
            .values(state=again if policy == "resend" else RowState.IN_DOUBT, reply="in doubt", fence=fence, at=at)
        )
        with writing(self.engine) as connection:
            return connection.execute(left).rowcount

    def due(self, _edition: int, at: datetime, limit: int, beyond: int = 0) -> Sequence[Recipient]:
        """Return letters that are due, or deferred until `at` or earlier, the oldest `beyond` that number first."""
        ready = sa.or_(_row.c.next_at.is_(None), _row.c.next_at <= at)
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

        A letter to somebody who is suppressed meanwhile becomes so, too.
        """
        with writing(self.engine) as connection:
            for result in results:
                connection.execute(_recorded(result, at))
            return _put_in_flight(connection, next_up, at) if next_up else frozenset()


def _recorded(result: Result, at: datetime) -> sa.Update:
    return (
        sa.update(_row)
        .where(_row.c.id == result.subscriber)
        .values(
            state=result.state,
            attempts=_row.c.attempts + sa.case((_row.c.state == RowState.IN_FLIGHT, 0), else_=1),
            reply=result.reply,
            next_at=result.next_at,
            at=at,
        )
    )


def _put_in_flight(connection: Connection, numbers: Sequence[int], at: datetime) -> frozenset[int]:
    open_ones = sa.and_(_row.c.id.in_(numbers), _row.c.state.in_([RowState.DUE, RowState.DEFERRED]))
    suppressed = sa.exists().where(_who.c.id == _row.c.subscriber_id, _who.c.state == Consent.SUPPRESSED)
    flying = (
        sa.update(_row)
        .where(open_ones, ~suppressed)
        .values(state=RowState.IN_FLIGHT, attempts=_row.c.attempts + 1, next_at=None, at=at)
        .returning(_row.c.id)
    )
    passed = frozenset(connection.execute(flying).scalars())
    connection.execute(
        sa.update(_row)
        .where(open_ones, suppressed)
        .values(state=RowState.SUPPRESSED, reply="suppressed meanwhile", next_at=None, at=at)
    )
    return passed
