"""Putting many on the list: a few statements for each thousand, whatever becomes of them.

rows ─▶ chunk ─▶ BEGIN ─▶ who is known, who is barred ─▶ outcomes ─▶ new and changed rows ─▶ COMMIT ─▶ told
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from digest import clock
from digest.actions.ports import Admission, Told
from digest.audience.admission import ImportReport, NewSubscriber, Outcome, merged, outcome
from digest.audience.interests import EVERYTHING
from digest.audience.subscriber import Consent, Subscriber
from digest.audience.tokens import VERSIONS, address_hash
from digest.moments import to_stored
from digest.store import tables
from digest.store.database import CHUNK, alone, insert_many, make_room, pause, writing
from digest.store.subscriber_rows import found, suppress

ELSEWHERE: Final = "barred where the list comes from"

_BARRED: Final = Consent.SUPPRESSED
_who = tables.subscriber


def tell_nobody(chunk: Sequence[tuple[NewSubscriber, Admission]]) -> None:
    """Be told what became of a chunk, and do nothing with it."""


def import_in_chunks(
    engine: Engine, hash_key: bytes, rows: Iterable[NewSubscriber], at: datetime, told: Told
) -> ImportReport:
    """Put many on the list, each thousand in a transaction of its own; other writers get in between."""
    outcomes: Counter[Outcome] = Counter()
    rest, done = iter(rows), None
    while chunk := list(islice(rest, CHUNK)):
        if done is not None:
            pause(engine, done)
        admitted: list[tuple[NewSubscriber, Admission]] = []
        with writing(engine) as connection:
            make_room(connection)
            for group in _without_repeats(chunk):
                admitted += zip(group, admit(connection, hash_key, group, at), strict=True)
        done = clock.monotonic()
        outcomes.update(result for _, (_, result) in admitted)
        told(admitted)
    return _report(outcomes)


def rehearse(engine: Engine, hash_key: bytes, rows: Iterable[NewSubscriber], told: Told) -> ImportReport:
    """Find out what an import would do, and write nothing; an address that comes again counts as known."""
    outcomes: Counter[Outcome] = Counter()
    rest, seen = iter(rows), set[int]()
    while chunk := list(islice(rest, CHUNK)):
        with engine.connect() as connection:
            before = _Before.of(connection, hash_key, chunk)
        admitted: list[tuple[NewSubscriber, Admission]] = []
        for new in chunk:
            known = before.known.get(new.address.key)
            result = before.outcome(new)
            number = hash(new.address.key)  # eight bytes stand for it: a million addresses have to fit
            if number in seen and result != "refused":
                result = "known"
            seen.add(number)
            admitted.append((new, (known, result)))
        outcomes.update(result for _, (_, result) in admitted)
        told(admitted)
    return _report(outcomes)


def admit(connection: Connection, hash_key: bytes, group: Sequence[NewSubscriber], at: datetime) -> list[Admission]:
    """Put people with different addresses on the list, in a few statements however many they are."""
    alone(connection, _who)
    before = _Before.of(connection, hash_key, group)
    admissions = [(before.known.get(new.address.key), before.outcome(new)) for new in group]
    added = [new for new, (_, result) in zip(group, admissions, strict=True) if result == "added"]
    changed = [
        (known, new)
        for new, (known, result) in zip(group, admissions, strict=True)
        if known is not None and result == "changed"
    ]
    if added:
        _add(connection, before.hashes, added, at)
    if changed:
        _change(connection, changed, at)
    barred = [before.hashes[new.address.key] for new in group if before.bars(new)]
    suppress(connection, barred, ELSEWHERE, at, weakly=True)  # the erased, too, who are known by their hash only
    return admissions


class _Before:
    """What is kept of the addresses of a group before anything of it is written."""

    def __init__(self, hashes: dict[str, str], known: dict[str, Subscriber], barred: frozenset[str]) -> None:
        self.hashes = hashes  # by address
        self.known = known  # by address
        self.barred = barred  # hashes

    @classmethod
    def of(cls, connection: Connection, hash_key: bytes, group: Sequence[NewSubscriber]) -> "_Before":
        hashes = {new.address.key: address_hash(hash_key, new.address.key) for new in group}
        known = {who.address.lower(): who for who in found(connection, _who.c.address_key.in_(list(hashes)))}
        listed = tables.suppression.c.address_hash
        barred = connection.execute(sa.select(listed).where(listed.in_(list(hashes.values())))).scalars()
        return cls(hashes, known, frozenset(barred))

    def outcome(self, new: NewSubscriber) -> Outcome:
        key = new.address.key
        return outcome(self.known.get(key), new, suppressed=self.hashes[key] in self.barred)

    def bars(self, new: NewSubscriber) -> bool:
        """Return whether the address is never to be mailed; who confirmed here since it bounced elsewhere is."""
        known = self.known.get(new.address.key)
        return new.state is _BARRED and (known is None or merged(known, new).state is _BARRED)


def _report(outcomes: Counter[Outcome]) -> ImportReport:
    return ImportReport(
        added=outcomes["added"],
        known=outcomes["known"],
        changed=outcomes["changed"],
        refused=outcomes["refused"],
    )


def _without_repeats(chunk: Sequence[NewSubscriber]) -> Iterator[Sequence[NewSubscriber]]:
    """Yield the chunk in groups in which no address comes twice: mostly one."""
    while chunk:
        group: dict[str, NewSubscriber] = {}
        repeats = [new for new in chunk if group.setdefault(new.address.key, new) is not new]
        yield list(group.values())
        chunk = repeats


def _add(connection: Connection, hashes: dict[str, str], added: Sequence[NewSubscriber], at: datetime) -> None:
    now = to_stored(at)
    last = connection.execute(sa.select(sa.func.coalesce(sa.func.max(_who.c.id), 0))).scalar_one()
    insert_many(
        connection,
        _who,
        ("address", "address_key", "address_hash", "state", "language", "created_at", "interests", "chosen_at",
         "paused_until"),
        [
            (
                new.address.address,
                new.address.key,
                hashes[new.address.key],
                str(new.state),
                new.language,
                now,
                "" if new.interests is EVERYTHING else str(new.interests),
                _stored(new.chosen_at),
                _stored(new.paused_until),
            )
            for new in added
        ],
    )  # fmt: skip
    inserted = connection.execute(sa.select(_who.c.address_key, _who.c.id).where(_who.c.id > last))  # we are alone
    ids = {row.address_key: row.id for row in inserted}
    _subscribe(connection, [(ids[new.address.key], digest) for new in added for digest in {*new.digests}])
    _remember(connection, [(ids[new.address.key], None, new.state, new) for new in added], at)


def _change(connection: Connection, changed: Sequence[tuple[Subscriber, NewSubscriber]], at: datetime) -> None:
    """Write what changed of the known; the links of who is gone are worth nothing any more."""
    after = [(before, merged(before, new), new) for before, new in changed]
    values: dict[str, Any] = {
        "state": sa.bindparam("now"),
        "language": sa.bindparam("tongue"),
        "interests": sa.bindparam("chosen"),
        "chosen_at": sa.bindparam("when_chosen"),
        "paused_until": sa.bindparam("rests"),
        "version": sa.bindparam("turned"),
    }
    rows = [
        {
            "key": who.key,
            "now": who.state,
            "tongue": who.language,
            "chosen": str(who.interests),
            "when_chosen": who.chosen_at,
            "rests": None if who.gone else who.paused_until,
            "turned": (who.version + who.gone) % VERSIONS,
        }
        for _, who, _ in after
    ]
    connection.execute(sa.update(_who).where(_who.c.id == sa.bindparam("key")).values(**values), rows)
    _subscribe(
        connection,
        [(who.key, digest) for before, who, _ in after for digest in who.digests if digest not in before.digests],
    )
    _remember(connection, [(who.key, str(before.state), who.state, new) for before, who, new in after], at)


def _subscribe(connection: Connection, rows: Sequence[tuple[int, str]]) -> None:
    if rows:
        insert_many(connection, tables.subscription, ("subscriber_id", "digest"), rows)


def _remember(
    connection: Connection, steps: Sequence[tuple[int, str | None, Consent, NewSubscriber]], at: datetime
) -> None:
    """Add to the history of each what brought them: whose, the state before, the state from then on, the row."""
    insert_many(
        connection,
        tables.consent,
        ("subscriber_id", "at", "state", "source", "evidence", "before", "ip"),
        [
            (
                key,
                to_stored(new.agreed_at or at),
                str(state),
                new.source,
                new.evidence,
                before,
                new.ip,
            )
            for key, before, state, new in steps
        ],
    )


def _stored(moment: datetime | None) -> str | None:
    return to_stored(moment) if moment else None
