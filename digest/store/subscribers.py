"""Subscribers as they are kept: each change of consent is added to a history that nothing alters."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from digest.audience.admission import ImportReport, NewSubscriber, Outcome, merged, outcome
from digest.audience.interests import Interests
from digest.audience.subscriber import Consent, ConsentEvent, Subscriber
from digest.audience.tokens import address_hash
from digest.delivery.rows import RowState
from digest.store import tables
from digest.store.database import CHUNK, alone, pause, writing
from digest.store.editions import edition_of
from digest.store.mailable import mailable

Admission = tuple[Subscriber | None, Outcome]  # None: refused, and the address is only known by its hash

_who = tables.subscriber


@dataclass(frozen=True)
class Subscribers:
    """Everybody who was ever on the list; a method is a transaction, an import one for each chunk."""

    engine: Engine
    hash_key: bytes = field(repr=False)  # never changes: it makes the hashes of the suppression list

    def add(self, new: NewSubscriber, at: datetime) -> Admission:
        """Put somebody on the list, or add to what they get; who left or is suppressed stays so and is refused."""
        with writing(self.engine) as connection:
            return self._admit(connection, [new], at)[0]

    def import_rows(self, rows: Iterable[NewSubscriber], at: datetime) -> ImportReport:
        """Put many on the list, as `add` does with one; of each thousand all or, where it breaks, none."""
        outcomes: Counter[Outcome] = Counter()
        rest = iter(rows)
        while chunk := list(islice(rest, CHUNK)):
            if outcomes:
                pause(self.engine)
            with writing(self.engine) as connection:
                for group in _without_repeats(chunk):
                    outcomes.update(result for _, result in self._admit(connection, group, at))
        return ImportReport(
            added=outcomes["added"],
            known=outcomes["known"],
            changed=outcomes["changed"],
            refused=outcomes["refused"],
        )

    def get(self, address_key: str) -> Subscriber | None:
        """Return the subscriber with that address, written in lower case."""
        with self.engine.connect() as connection:
            return next(iter(_found(connection, _who.c.address_key == address_key)), None)

    def by_key(self, key: int) -> Subscriber | None:
        """Return the subscriber that tokens call `key`."""
        with self.engine.connect() as connection:
            return next(iter(_found(connection, _who.c.id == key)), None)

    def history(self, key: int) -> list[ConsentEvent]:
        """Return each change of the subscriber's consent, the oldest first."""
        event = tables.consent.c
        query = sa.select(event.at, event.state, event.source, event.evidence)
        with self.engine.connect() as connection:
            rows = connection.execute(query.where(event.subscriber_id == key).order_by(event.id)).all()
        return [ConsentEvent(at, Consent(state), source, evidence) for at, state, source, evidence in rows]

    def editions_received(self, key: int) -> list[tuple[str, RowState, str, datetime]]:
        """Return the id of each edition that has a row for the subscriber, with its state, reply and time."""
        row, of = tables.delivery.c, tables.edition.c
        query = (
            sa.select(tables.edition, row.state.label("outcome"), row.reply, row.at)
            .join(tables.delivery, sa.and_(row.edition_id == of.id, row.subscriber_id == key))
            .order_by(of.slot_at, of.id)
        )
        with self.engine.connect() as connection:
            rows = connection.execute(query).all()
        return [(edition_of(found).id, RowState(found.outcome), found.reply, found.at) for found in rows]

    def leave(self, key: int, source: str, evidence: str, at: datetime) -> bool:
        """Take the subscriber off every digest; return False when they had left already, or never were here."""
        with writing(self.engine) as connection:
            left = connection.execute(
                sa.update(_who).where(_who.c.id == key, _who.c.state != Consent.LEFT).values(state=Consent.LEFT)
            )
            if left.rowcount:
                _remember(connection, [_event(key, Consent.LEFT, source, evidence, at)])
            return left.rowcount == 1

    def choose(self, key: int, language: str, interests: Interests) -> None:
        """Write down what a subscriber wants from now on."""
        chosen = sa.update(_who).where(_who.c.id == key).values(language=language, interests=str(interests))
        with writing(self.engine) as connection:
            connection.execute(chosen)

    def count(self, digest: str) -> int:
        """Return how many would be mailed an edition of the digest now."""
        query = sa.select(sa.func.count()).select_from(_who).where(mailable(sa.literal(digest)))
        with self.engine.connect() as connection:
            return connection.execute(query).scalar_one()

    def totals(self) -> dict[Consent, int]:
        """Return how many subscribers stand where."""
        query = sa.select(_who.c.state, sa.func.count()).group_by(_who.c.state)
        with self.engine.connect() as connection:
            return {Consent(state): count for state, count in connection.execute(query)}

    def _admit(self, connection: Connection, group: Sequence[NewSubscriber], at: datetime) -> list[Admission]:
        """Put people with different addresses on the list, in a few statements however many they are."""
        alone(connection, _who)
        hashes = {new.address.key: address_hash(self.hash_key, new.address.key) for new in group}
        known = _known(connection, list(hashes))
        barred = _suppressed(connection, list(hashes.values()))
        outcomes = [
            outcome(known.get(new.address.key), new, suppressed=hashes[new.address.key] in barred) for new in group
        ]
        added = [new for new, result in zip(group, outcomes, strict=True) if result == "added"]
        changed = [new for new, result in zip(group, outcomes, strict=True) if result == "changed"]
        keys = _insert(connection, [_row(new, hashes[new.address.key], at) for new in added])
        after = known | {new.address.key: _newcomer(keys[new.address.key], new) for new in added}
        after |= {new.address.key: merged(known[new.address.key], new) for new in changed}
        _update(connection, [after[new.address.key] for new in changed])
        _subscribe(connection, known, [after[new.address.key] for new in (*added, *changed)])
        _remember(connection, [_agreed(after[new.address.key], new, at) for new in (*added, *changed)])
        return [(after.get(new.address.key), result) for new, result in zip(group, outcomes, strict=True)]


def _without_repeats(chunk: Sequence[NewSubscriber]) -> Iterator[list[NewSubscriber]]:
    """Yield the chunk in groups in which no address comes twice: mostly one."""
    while chunk:
        group: dict[str, NewSubscriber] = {}
        repeats = [new for new in chunk if group.setdefault(new.address.key, new) is not new]
        yield list(group.values())
        chunk = repeats


def _found(connection: Connection, condition: sa.ColumnElement[bool]) -> list[Subscriber]:
    query = (
        sa.select(_who, tables.subscription.c.digest)
        .outerjoin(tables.subscription, tables.subscription.c.subscriber_id == _who.c.id)
        .where(condition)
        .order_by(_who.c.id, tables.subscription.c.digest)
    )
    return [_subscriber(list(rows)) for _, rows in groupby(connection.execute(query), key=lambda row: row.id)]


def _subscriber(rows: Sequence[sa.Row[Any]]) -> Subscriber:
    one = rows[0]
    digests = tuple(sorted(row.digest for row in rows if row.digest))
    return Subscriber(one.id, one.address, Consent(one.state), one.language, digests, Interests.of(one.interests))


def _known(connection: Connection, address_keys: Sequence[str]) -> dict[str, Subscriber]:
    found = _found(connection, _who.c.address_key.in_(address_keys))
    return {who.address.lower(): who for who in found}


def _suppressed(connection: Connection, hashes: Sequence[str]) -> frozenset[str]:
    known = tables.suppression.c.address_hash
    return frozenset(connection.execute(sa.select(known).where(known.in_(hashes))).scalars())


def _row(new: NewSubscriber, hashed: str, at: datetime) -> dict[str, object]:
    return {
        "address": new.address.address,
        "address_key": new.address.key,
        "address_hash": hashed,
        "state": new.state,
        "language": new.language,
        "created_at": at,
        "interests": str(new.interests),
    }


def _newcomer(key: int, new: NewSubscriber) -> Subscriber:
    return Subscriber(key, new.address.address, new.state, new.language, tuple(sorted(set(new.digests))), new.interests)


def _insert(connection: Connection, rows: Sequence[dict[str, object]]) -> dict[str, int]:
    """Return the keys of the new rows by address."""
    if not rows:
        return {}
    inserted = connection.execute(sa.insert(_who).returning(_who.c.address_key, _who.c.id), rows)
    return {row.address_key: row.id for row in inserted}


def _update(connection: Connection, changed: Sequence[Subscriber]) -> None:
    if changed:
        connection.execute(
            sa.update(_who)
            .where(_who.c.id == sa.bindparam("key"))
            .values(state=sa.bindparam("now"), language=sa.bindparam("tongue"), interests=sa.bindparam("chosen")),
            [
                {"key": who.key, "now": who.state, "tongue": who.language, "chosen": str(who.interests)}
                for who in changed
            ],
        )


def _subscribe(connection: Connection, before: dict[str, Subscriber], after: Sequence[Subscriber]) -> None:
    """Write down the digests that each gets now and did not get before."""
    old = {who.key: set(who.digests) for who in before.values()}
    rows = [
        {"subscriber_id": who.key, "digest": digest}
        for who in after
        for digest in who.digests
        if digest not in old.get(who.key, ())
    ]
    if rows:
        connection.execute(sa.insert(tables.subscription), rows)


def _agreed(who: Subscriber, new: NewSubscriber, at: datetime) -> dict[str, object]:
    return _event(who.key, who.state, new.source, new.evidence, new.agreed_at or at)


def _event(key: int, state: Consent, source: str, evidence: str, at: datetime) -> dict[str, object]:
    return {"subscriber_id": key, "at": at, "state": state, "source": source, "evidence": evidence}


def _remember(connection: Connection, events: Sequence[dict[str, object]]) -> None:
    if events:
        connection.execute(sa.insert(tables.consent), events)
