"""Subscribers as they are kept: each change of consent is added to a history that nothing alters."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from digest.addresses import Address
from digest.audience.admission import ImportReport, NewSubscriber, Outcome, merged, outcome
from digest.audience.requests import ERASED, Says, Wish
from digest.audience.subscriber import Consent, ConsentEvent, Step, Subscriber, before
from digest.audience.tokens import address_hash
from digest.delivery.rows import RowState
from digest.store import tables
from digest.store.database import CHUNK, alone, alongside, insert, pause, wipe, writing
from digest.store.editions import edition_of
from digest.store.letters import owe
from digest.store.mailable import mailable
from digest.store.requests import forget_waiting
from digest.store.subscriber_rows import (
    forget_erasure,
    found,
    locked,
    next_version,
    remember,
    subscribe,
    take,
    why_barred,
)

ELSEWHERE = "barred where the list comes from"
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
            return next(iter(found(connection, _who.c.address_key == address_key)), None)

    def by_key(self, key: int) -> Subscriber | None:
        """Return the subscriber that tokens call `key`."""
        with self.engine.connect() as connection:
            return next(iter(found(connection, _who.c.id == key)), None)

    def history(self, key: int) -> list[ConsentEvent]:
        """Return each change of the subscriber's consent, the oldest first."""
        event = tables.consent.c
        query = sa.select(event.at, event.state, event.source, event.evidence, event.ip)
        with self.engine.connect() as connection:
            rows = connection.execute(query.where(event.subscriber_id == key).order_by(event.id)).all()
        return [ConsentEvent(row.at, Consent(row.state), row.source, row.evidence, row.ip) for row in rows]

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

    def letters_to(self, key: int) -> list[tuple[Says, RowState, str, datetime]]:
        """Return what each letter that is still known says, with its state, reply and time, the oldest first."""
        row = tables.letter.c
        query = sa.select(row.says, row.state, row.reply, row.at).where(row.subscriber_id == key).order_by(row.id)
        with self.engine.connect() as connection:
            return [(Says(says), RowState(state), reply, at) for says, state, reply, at in connection.execute(query)]

    def confirm(self, key: int, event: ConsentEvent) -> bool:
        """Record that the owner of an address said yes, and owe them a welcome; False when they may not, or had."""
        with writing(self.engine) as connection:
            who = locked(connection, _who.c.id == key)
            if who is None or who.state not in before(Step.CONFIRM) or _barred(connection, key):
                return False
            forget_erasure(connection, _hash_of(connection, key))
            take(connection, who, Step.CONFIRM, event, chosen_at=event.at)
            owe(connection, key, Says.WELCOME, event.at)
            return True

    def leave(self, key: int, event: ConsentEvent, notice: Says | None = None) -> bool:
        """Take the subscriber off every digest; return False when they had left already, or never were here.

        `notice` is owed to them. Links to choose and to confirm that they hold are worth nothing from then on.
        """
        with writing(self.engine) as connection:
            who = locked(connection, _who.c.id == key)
            if who is None or who.state not in before(Step.LEAVE):
                return False
            take(connection, who, Step.LEAVE, event, version=next_version(), paused_until=None)
            if notice and who.state is Consent.CONFIRMED:
                owe(connection, key, notice, event.at)
            return True

    def note(self, key: int, source: str, evidence: str, at: datetime) -> None:
        """Add something to a subscriber's history that changes nothing else."""
        with writing(self.engine) as connection:
            if who := locked(connection, _who.c.id == key):
                remember(connection, [(key, who.state, ConsentEvent(at, who.state, source, evidence))])

    def choose(self, key: int, wish: Wish, paused_until: datetime | None, event: ConsentEvent) -> bool:
        """Write down what a subscriber wants from now on; False when they are not confirmed."""
        with writing(self.engine) as connection:
            who = locked(connection, _who.c.id == key)
            if who is None or who.state is not Consent.CONFIRMED:
                return False
            wanted = {"language": wish.language, "interests": str(wish.interests), "paused_until": paused_until}
            take(connection, who, Step.CONFIRM, event, chosen_at=event.at, **wanted)
            subscribe(connection, key, wish.digests)
            return True

    def suppress(self, address_key: str, reason: str, source: str, at: datetime) -> None:
        """Never mail an address again, until it is released: it bounced for good, or its owner complained."""
        with writing(self.engine) as connection:
            who = locked(connection, _who.c.address_key == address_key)  # first, as an import does: no deadlock
            _suppress(connection, address_hash(self.hash_key, address_key), reason, at)
            if who and who.state in before(Step.SUPPRESS):
                event = ConsentEvent(at, Consent.SUPPRESSED, source, reason)
                take(connection, who, Step.SUPPRESS, event, version=next_version())

    def release(self, address_key: str, event: ConsentEvent) -> str | None:
        """Take an address off the suppression list; return why it was there, or None.

        Nobody is mailed by that: who was on the list counts as having left, and can subscribe again.
        """
        hashed = address_hash(self.hash_key, address_key)
        with writing(self.engine) as connection:
            who = locked(connection, _who.c.address_key == address_key)
            reason = why_barred(connection, hashed)
            connection.execute(sa.delete(tables.suppression).where(tables.suppression.c.address_hash == hashed))
            if who and who.state in before(Step.RELEASE):
                take(connection, who, Step.RELEASE, event)
                reason = reason or "suppressed"
            return reason

    def erase(self, key: int, at: datetime) -> bool:
        """Forget who a subscriber was, and keep a keyed hash of the address; False when there is nobody to forget."""
        with writing(self.engine) as connection:
            who = locked(connection, sa.and_(_who.c.id == key, _who.c.erased_at.is_(None)))
            if who is None:
                return False
            _suppress(connection, _hash_of(connection, key), ERASED, at)
            forget_waiting(connection, key, who.address.lower())
            _forget(connection, who, at)
        wipe(self.engine)
        return True

    def move(self, key: int, address: Address, event: ConsentEvent) -> bool:
        """Mail a subscriber at another address from now on; False when it is somebody's, or may not be mailed.

        Somebody who was only asked there, and never confirmed, is forgotten: its owner has now said what they want.
        The former address is owed a notice. Their links are worth nothing from then on, but those to leave by.
        """
        hashed = address_hash(self.hash_key, address.key)
        with writing(self.engine) as connection:
            alone(connection, _who)
            who = locked(connection, _who.c.id == key)
            others = found(connection, _who.c.address_key == address.key)
            taken = any(other.state is not Consent.ASKED for other in others)
            barred = why_barred(connection, hashed)
            if who is None or who.state is not Consent.CONFIRMED or taken or (barred and barred != ERASED):
                return False
            _remove(connection, [other.key for other in others])
            forget_erasure(connection, hashed)
            new = {"address": address.address, "address_key": address.key, "address_hash": hashed}
            take(connection, who, Step.CONFIRM, event, version=next_version(), **new)
            owe(connection, key, Says.MOVED, event.at, who.address)
            return True

    def forget(self, ips_before: datetime, unconfirmed_before: datetime) -> None:
        """Forget the IP addresses of older evidence, and who was asked before that and never confirmed."""
        event = tables.consent.c
        with writing(self.engine) as connection:
            connection.execute(
                sa.update(tables.consent).where(event.ip.is_not(None), event.at < ips_before).values(ip=None)
            )
        while self._forget_unconfirmed(unconfirmed_before):
            pause(self.engine)

    def _forget_unconfirmed(self, before: datetime) -> bool:
        """Forget some who were asked for the last time before that; return whether there were any."""
        event = tables.consent.c
        lately = sa.exists().where(event.subscriber_id == _who.c.id, event.at >= before)
        asked = sa.select(_who.c.id).where(_who.c.state == Consent.ASKED, _who.c.created_at < before, ~lately)
        with writing(self.engine) as connection:
            alongside(connection, _who)
            keys = connection.execute(asked.limit(CHUNK).with_for_update()).scalars().all()
            _remove(connection, keys)
        return bool(keys)

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
        remember(connection, [_agreed(known, after[new.address.key], new, at) for new in (*added, *changed)])
        erased = [new for new in group if new.address.key not in known and hashes[new.address.key] in barred]
        departed = [new for new in (*added, *changed, *erased) if new.state is Consent.SUPPRESSED]
        _bar(connection, [hashes[new.address.key] for new in departed], at)
        return [(after.get(new.address.key), result) for new, result in zip(group, outcomes, strict=True)]


def _without_repeats(chunk: Sequence[NewSubscriber]) -> Iterator[list[NewSubscriber]]:
    """Yield the chunk in groups in which no address comes twice: mostly one."""
    while chunk:
        group: dict[str, NewSubscriber] = {}
        repeats = [new for new in chunk if group.setdefault(new.address.key, new) is not new]
        yield list(group.values())
        chunk = repeats


def _known(connection: Connection, address_keys: Sequence[str]) -> dict[str, Subscriber]:
    return {who.address.lower(): who for who in found(connection, _who.c.address_key.in_(address_keys))}


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
            .values(
                state=sa.bindparam("now"),
                language=sa.bindparam("tongue"),
                interests=sa.bindparam("chosen"),
                version=sa.case((sa.bindparam("parted"), next_version()), else_=_who.c.version),
                paused_until=sa.case((sa.bindparam("parted"), None), else_=_who.c.paused_until),
            ),
            [
                {
                    "key": who.key,
                    "now": who.state,
                    "tongue": who.language,
                    "chosen": str(who.interests),
                    "parted": who.gone,
                }
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


def _agreed(
    known: dict[str, Subscriber], who: Subscriber, new: NewSubscriber, at: datetime
) -> tuple[int, Consent | None, ConsentEvent]:
    before = known.get(new.address.key)
    event = ConsentEvent(new.agreed_at or at, who.state, new.source, new.evidence, new.ip)
    return who.key, before.state if before else None, event


def _bar(connection: Connection, hashes: Sequence[str], at: datetime) -> None:
    known = tables.suppression.c
    for hashed in sorted(hashes):
        row = insert(connection, tables.suppression).values(address_hash=hashed, reason=ELSEWHERE, at=at)
        stronger = {"reason": ELSEWHERE, "at": at}
        connection.execute(
            row.on_conflict_do_update(index_elements=["address_hash"], set_=stronger, where=known.reason == ERASED)
        )


def _suppress(connection: Connection, hashed: str, reason: str, at: datetime) -> None:
    """Put an address on the suppression list; that its owner was erased, who may come back, is the weakest reason."""
    row = insert(connection, tables.suppression).values(address_hash=hashed, reason=reason, at=at)
    stronger = {"reason": reason, "at": at} if reason != ERASED else {}
    new = (
        row.on_conflict_do_update(index_elements=["address_hash"], set_=stronger)
        if stronger
        else row.on_conflict_do_nothing()
    )
    connection.execute(new)


def _remove(connection: Connection, keys: Sequence[int]) -> None:
    """Remove subscribers who never confirmed, as if they had never been here."""
    event, of = tables.consent.c, tables.subscription.c
    for column in (event.subscriber_id, of.subscriber_id, tables.letter.c.subscriber_id, _who.c.id):
        connection.execute(sa.delete(column.table).where(column.in_(keys)))


def _hash_of(connection: Connection, key: int) -> str:
    return str(connection.execute(sa.select(_who.c.address_hash).where(_who.c.id == key)).scalar_one())


def _barred(connection: Connection, key: int) -> bool:
    return why_barred(connection, _hash_of(connection, key)) not in {None, ERASED}


def _forget(connection: Connection, who: Subscriber, at: datetime) -> None:
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
    event = ConsentEvent(at, Consent.SUPPRESSED, "erasure", ERASED)
    take(
        connection,
        who,
        Step.SUPPRESS,
        event,
        erased_at=at,
        chosen_at=None,
        paused_until=None,
        version=next_version(),
        **nobody,
    )
