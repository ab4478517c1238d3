"""The rows of an edition, for tests to look at."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from digest.actions.ports import Deliveries as Port
from digest.delivery.rows import RowState
from digest.store import tables
from digest.store.deliveries import Deliveries


class Row(NamedTuple):
    """What is kept of one recipient."""

    address: str
    state: RowState
    reply: str
    attempts: int
    at: datetime  # UTC, of the last change


def rows_of(deliveries: Port, edition: int) -> Iterator[Row]:
    """Yield the rows of an edition, the oldest subscriber first."""
    assert isinstance(deliveries, Deliveries)
    row, who = tables.delivery.c, tables.subscriber.c
    query = (
        sa.select(who.address, row.state, row.reply, row.attempts, row.at)
        .join_from(tables.delivery, tables.subscriber, who.id == row.subscriber_id)
        .where(row.edition_id == edition)
        .order_by(row.subscriber_id)
    )
    with deliveries.engine.connect() as connection:
        for address, state, *others in connection.execute(query).all():
            yield Row(address, RowState(state), *others)
