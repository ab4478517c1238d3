"""Forgetting people: by themselves, or by time, some at once so that other writers get in between.

erased        ─▶ an empty row, a keyed hash, and that rows were mailed
unconfirmed   ─▶ nothing
IP addresses  ─▶ what they proved, without them
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from digest import clock
from digest.audience.requests import ERASED
from digest.audience.subscriber import Consent, Evidence, Step, Subscriber
from digest.delivery.rows import RowState
from digest.store import tables
from digest.store.database import CHUNK, alongside, pause, writing
from digest.store.subscriber_rows import next_version, take

_who = tables.subscriber


def forget_ips(engine: Engine, before: datetime) -> None:
    """Forget the IP addresses of evidence from before that."""
    event = tables.consent.c
    old = sa.select(event.id).where(event.ip.is_not(None), event.at < before).limit(CHUNK)
    some = sa.update(tables.consent).where(event.id.in_(old)).values(ip=None)
    _in_chunks(engine, lambda connection: connection.execute(some).rowcount)


def forget_unconfirmed(engine: Engine, before: datetime) -> None:
    """Forget who was asked for the last time before that, and never confirmed."""
    event = tables.consent.c
    lately = sa.exists().where(event.subscriber_id == _who.c.id, event.at >= before)
    asked = sa.select(_who.c.id).where(_who.c.state == Consent.ASKED, _who.c.created_at < before, ~lately)

    def some(connection: Connection) -> int:
        alongside(connection, _who)
        keys = connection.execute(asked.limit(CHUNK).with_for_update()).scalars().all()
        remove(connection, keys)
        return len(keys)

    _in_chunks(engine, some)


def remove(connection: Connection, keys: Sequence[int]) -> None:
    """Remove subscribers who never confirmed, as if they had never been here."""
    event, of = tables.consent.c, tables.subscription.c
    for column in (event.subscriber_id, of.subscriber_id, tables.letter.c.subscriber_id, _who.c.id):
        connection.execute(sa.delete(column.table).where(column.in_(keys)))


def empty(connection: Connection, who: Subscriber, at: datetime) -> None:
    """Take out of every table what leads from a subscriber to a person; that a row was mailed stays."""
    row = tables.delivery.c
    waiting = row.state.in_([RowState.DUE, RowState.DEFERRED])
    of = row.subscriber_id == who.key
    connection.execute(
        sa.update(tables.delivery).where(of, waiting).values(state=RowState.SUPPRESSED, next_at=None, at=at)
    )
    connection.execute(sa.update(tables.delivery).where(of).values(reply="", variant=""))  # servers quote addresses
    for table in (tables.consent, tables.subscription, tables.letter):
        connection.execute(sa.delete(table).where(table.c.subscriber_id == who.key))
    nobody = {"address": "", "address_key": f"erased {who.key}", "address_hash": "", "interests": "", "language": ""}
    take(
        connection,
        who,
        Step.SUPPRESS,
        Evidence(at, "erasure", ERASED),
        erased_at=at,
        chosen_at=None,
        paused_until=None,
        version=next_version(),
        **nobody,
    )


def _in_chunks(engine: Engine, some: Callable[[Connection], int]) -> None:
    """Forget some in a transaction, and then others, until none is left."""
    while True:
        with writing(engine) as connection:
            forgotten = some(connection)
        if forgotten < CHUNK:
            return
        pause(engine, clock.monotonic())
