"""What several transactions do with the rows of subscribers: find, lock, take a step of consent, remember it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digest.audience.interests import Interests
from digest.audience.requests import ERASED
from digest.audience.subscriber import Consent, Evidence, Step, Subscriber, after
from digest.audience.tokens import VERSIONS
from digest.store import tables
from digest.store.database import alongside, insert

_who: Final = tables.subscriber


def found(connection: Connection, condition: sa.ColumnElement[bool]) -> list[Subscriber]:
    """Return the subscribers that fit, by key."""
    query = (
        sa.select(_who, tables.subscription.c.digest)
        .outerjoin(tables.subscription, tables.subscription.c.subscriber_id == _who.c.id)
        .where(condition)
        .order_by(_who.c.id, tables.subscription.c.digest)
    )
    return subscribers_of(connection.execute(query))


def subscribers_of(rows: Iterable[sa.Row[Any]]) -> list[Subscriber]:
    """Return the subscribers of rows that have a line for each digest, sorted by key."""
    return [_subscriber(list(some)) for _, some in groupby(rows, key=lambda row: row.id)]


def locked(connection: Connection, condition: sa.ColumnElement[bool]) -> Subscriber | None:
    """Return the one subscriber that fits, whom nobody else changes until the transaction ends."""
    alongside(connection, _who)
    key = connection.execute(sa.select(_who.c.id).where(condition).with_for_update()).scalar()
    return found(connection, _who.c.id == key)[0] if key is not None else None


def take(connection: Connection, who: Subscriber, step: Step, evidence: Evidence, **values: object) -> Subscriber:
    """Take a locked subscriber's step, which must be allowed, and remember it; `values` are written into their row."""
    state = after(who.state, step)
    if state is None:
        raise ValueError(f"{step} does not lead anywhere from {who.state}")
    connection.execute(sa.update(_who).where(_who.c.id == who.key).values(state=state, **values))
    remember(connection, [(who.key, who.state, state, evidence)])
    return replace(who, state=state)


def remember(connection: Connection, steps: Sequence[tuple[int, Consent | None, Consent, Evidence]]) -> None:
    """Add to the history of subscribers: each step with whose it is, the state before, and that from then on."""
    if steps:
        rows = [
            {"subscriber_id": key, "before": before, "state": to, **vars(shown)} for key, before, to, shown in steps
        ]
        connection.execute(sa.insert(tables.consent), rows)


def heard_since_leaving(connection: Connection, key: int, source: str) -> bool:
    """Return whether something from that source was added to a subscriber's history since they left."""
    event = tables.consent.c
    left = sa.and_(event.state == Consent.LEFT, sa.func.coalesce(event.before, "") != Consent.LEFT)
    last = sa.select(sa.func.max(event.id)).where(event.subscriber_id == key, left).scalar_subquery()
    since = sa.select(event.id).where(event.subscriber_id == key, event.source == source, event.id > last)
    return connection.execute(since.limit(1)).first() is not None


def next_version() -> sa.ColumnElement[int]:
    """Return what makes a subscriber's tokens worthless, but for those to leave by."""
    return (_who.c.version + 1) % VERSIONS


def subscribe(connection: Connection, key: int, digests: Collection[str]) -> None:
    """Write down that the subscriber gets these digests and no others."""
    of = tables.subscription.c
    connection.execute(sa.delete(tables.subscription).where(of.subscriber_id == key, of.digest.not_in(digests)))
    had = set(connection.execute(sa.select(of.digest).where(of.subscriber_id == key)).scalars())
    if rows := [{"subscriber_id": key, "digest": digest} for digest in sorted({*digests} - had)]:
        connection.execute(sa.insert(tables.subscription), rows)


def why_barred(connection: Connection, address_hash: str) -> str | None:
    """Return why an address is on the suppression list, or None."""
    known = tables.suppression.c
    return connection.execute(sa.select(known.reason).where(known.address_hash == address_hash)).scalar()


def suppress(connection: Connection, hashes: Sequence[str], reason: str, at: datetime, *, weakly: bool = False) -> None:
    """Put addresses on the suppression list; `weakly` replaces no reason but that somebody was erased."""
    if not hashes:
        return
    new = insert(connection, tables.suppression).on_conflict_do_update(
        index_elements=["address_hash"],
        set_={"reason": reason, "at": at},
        where=tables.suppression.c.reason == ERASED if weakly else None,
    )
    connection.execute(new, [{"address_hash": hashed, "reason": reason, "at": at} for hashed in sorted(hashes)])


def forget_erasure(connection: Connection, address_hash: str) -> None:
    """Take an address off the suppression list whose owner came back after they were erased."""
    known = tables.suppression.c
    gone = sa.delete(tables.suppression).where(known.address_hash == address_hash, known.reason == ERASED)
    connection.execute(gone)


def _subscriber(rows: Sequence[sa.Row[Any]]) -> Subscriber:
    one = rows[0]
    return Subscriber(
        key=one.id,
        address=one.address,
        state=Consent(one.state),
        language=one.language,
        digests=tuple(sorted(row.digest for row in rows if row.digest)),
        interests=Interests.of(one.interests),
        version=one.version,
        chosen_at=one.chosen_at,
        paused_until=one.paused_until,
    )
