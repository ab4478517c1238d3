"""What became of the recipients of an edition, read as of one moment and row by row: a million take no more memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from digest.actions.accounts import Account, Named, Received
from digest.delivery.rows import RowState
from digest.store import tables

_CHUNK = 1000  # rows fetched at a time
_row, _who = tables.delivery.c, tables.subscriber.c
_NAMED = (
    RowState.IN_DOUBT,
    RowState.IN_FLIGHT,
    RowState.DEFERRED,
    RowState.FAILED,
    RowState.BOUNCED,
    RowState.SUPPRESSED,
)


@dataclass(frozen=True)
class Reports:
    """The rows of editions, for people to read."""

    engine: Engine

    @contextmanager
    def account(self, edition: int) -> Iterator[Account]:
        """Give the sums of an edition's rows, and those to be named, as of one moment."""
        with _one_moment(self.engine) as connection:
            of_it = _row.edition_id == edition
            by_state = sa.select(_row.state, sa.func.count()).where(of_it).group_by(_row.state)
            counts = {RowState(state): count for state, count in connection.execute(by_state)}
            why = sa.select(_row.reply, sa.func.count()).where(of_it, _row.state == RowState.SKIPPED)
            skipped = {
                str(reason): int(count)
                for reason, count in connection.execute(why.group_by(_row.reply).order_by(_row.reply))
            }
            yield Account(counts, skipped, _named(connection, edition))

    def received(self, edition: int) -> Iterator[Received]:
        """Yield who got the edition, oldest subscriber first."""
        last = 0
        query = (
            sa.select(_who.id, _who.address, _row.variant, _row.at)
            .join_from(tables.delivery, tables.subscriber, _who.id == _row.subscriber_id)
            .where(_row.edition_id == edition, _row.state == RowState.SENT, _row.subscriber_id > sa.bindparam("last"))
            .order_by(_row.subscriber_id)
            .limit(_CHUNK)
        )
        while True:
            with self.engine.connect() as connection:  # who reads slowly keeps no transaction open
                page = connection.execute(query, {"last": last}).all()
            yield from (Received(*row[1:]) for row in page)
            if len(page) < _CHUNK:
                return
            last = page[-1].id


@contextmanager
def _one_moment(engine: Engine) -> Iterator[Connection]:
    """Give a connection of which all statements see the same moment: SQLite's do anyway."""
    connection = engine.connect()
    if engine.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    with connection:
        yield connection


def _named(connection: Connection, edition: int) -> Iterator[Named]:
    """Yield the rows that did not simply end well, what needs somebody first; also who may have got it twice."""
    order = sa.case({state: place for place, state in enumerate(_NAMED)}, value=_row.state, else_=len(_NAMED))
    of_it = sa.and_(_row.edition_id == edition, sa.or_(_row.state.in_(_NAMED), _row.fence > 0))
    query = (
        sa.select(_who.address, _row.state, _row.reply, _row.attempts, _row.at, _row.next_at)
        .join_from(tables.delivery, tables.subscriber, _who.id == _row.subscriber_id)
        .where(of_it)
        .order_by(order, _row.subscriber_id)
    )
    for row in connection.execution_options(yield_per=_CHUNK).execute(query):
        yield Named(row.address, RowState(row.state), row.reply, row.attempts, row.at, row.next_at)
