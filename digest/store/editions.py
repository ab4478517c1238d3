"""Editions as they are kept: planned once for each slot, and moved only from the state in which they were seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Unpack

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from digest.addresses import parse_address
from digest.delivery.rows import RowState
from digest.editions.composition import Mailed
from digest.editions.edition import Changes, Decisions, Edition, Overtaken, State, check_step
from digest.moments import to_stored
from digest.store import tables
from digest.store.database import CHUNK, insert, writing
from digest.store.mailable import mailable, paused

# item's id, slug, version, and for an item that is only named: what became of it ("corrected", "withdrawn"), and when
ItemRow = tuple[str, str, str, str | None, datetime | None]

_OPEN: Final = (
    State.PLANNED,
    State.BUILT,
    State.APPROVED,
    State.PREPARING,
    State.SENDING,
    State.PAUSED,
    State.HELD,
)
# As the index `delivery_to_send` has it.
_TO_SEND: Final[list[sa.ColumnElement[str]]] = [
    sa.literal_column(f"'{state}'", sa.Text) for state in (RowState.DUE, RowState.DEFERRED)
]
_table = tables.edition


@dataclass(frozen=True)
class Editions:
    """Every edition that was ever planned; a method is a transaction."""

    engine: Engine

    def get(self, digest: str, slot_date: date, seq: int) -> Edition | None:
        """Return the edition of that name."""
        named = (_table.c.digest == digest, _table.c.slot_date == slot_date, _table.c.seq == seq)
        return next(iter(self._found(sa.select(_table).where(*named))), None)

    def by_key(self, key: int) -> Edition | None:
        """Return the edition that tokens call `key`."""
        return next(iter(self._found(sa.select(_table).where(_table.c.id == key))), None)

    def recent(self, limit: int = 50, digest: str | None = None) -> list[Edition]:
        """Return at most `limit` editions, of one digest or all: the newest slot first, then the highest number."""
        newest = (_table.c.slot_at.desc(), _table.c.slot_date.desc(), _table.c.seq.desc(), _table.c.id.desc())
        query = sa.select(_table).order_by(*newest).limit(limit)
        return self._found(query.where(_table.c.digest == digest) if digest else query)

    def open_editions(self) -> list[Edition]:
        """Return the editions with which something is still to happen, the oldest slot first."""
        return self._found(sa.select(_table).where(_table.c.state.in_(_OPEN)).order_by(_table.c.slot_at, _table.c.id))

    def unclosed(self) -> list[Edition]:
        """Return the editions that were cancelled while they had rows to send, and have some still."""
        row = tables.delivery.c
        to_send = sa.exists().where(row.edition_id == _table.c.id, row.state.in_(_TO_SEND))
        return self._found(sa.select(_table).where(_table.c.state == State.CANCELLED, to_send).order_by(_table.c.id))

    def mailed(self) -> list[Edition]:
        """Return the editions of all digests whose content is fixed for ever, the oldest slot first."""
        return self._found(sa.select(_table).where(_table.c.dated.is_not(None)).order_by(_table.c.slot_at, _table.c.id))

    def mailed_items(self, digest: str) -> list[Mailed]:
        """Return each item that an edition of the digest carried, as the newest of them carried it."""
        item = tables.edition_item
        query = (
            sa.select(_table, item.c.item_id, item.c.version, item.c.change)
            .join(item, item.c.edition_id == _table.c.id)
            .where(_table.c.digest == digest, _table.c.dated.is_not(None))
            .order_by(_table.c.slot_at, _table.c.id)
        )
        with self.engine.connect() as connection:
            return _mailed(connection.execute(query).all())

    def plan(
        self, digest: str, slot_date: date, slot_at: datetime, state: State = State.PLANNED, reason: str | None = None
    ) -> bool:
        """Plan the edition of a slot; return whether it is new. Of many that plan it, one is told so."""
        with writing(self.engine) as connection:
            new = insert(connection, _table).values(
                digest=digest, slot_date=slot_date, seq=1, slot_at=slot_at, state=state, reason=reason
            )
            return connection.execute(new.on_conflict_do_nothing().returning(_table.c.id)).scalar() is not None

    def add(self, digest: str, slot_date: date, slot_at: datetime) -> Edition:
        """Plan a special edition of a day: the next number that is free."""
        same_day = sa.select(sa.func.coalesce(sa.func.max(_table.c.seq), 0) + 1).where(
            _table.c.digest == digest, _table.c.slot_date == slot_date
        )
        with writing(self.engine) as connection:
            statement = (
                insert(connection, _table)
                .values(
                    digest=digest,
                    slot_date=slot_date,
                    seq=same_day.scalar_subquery(),
                    slot_at=slot_at,
                    state=State.PLANNED,
                    kind="special",
                )
                .on_conflict_do_nothing()
                .returning(_table)
            )
            while (row := connection.execute(statement).one_or_none()) is None:
                pass  # somebody else took the number a moment ago
            return edition_of(row)

    def move(self, edition: Edition, to: State, **changes: Unpack[Changes]) -> Edition:
        """Take the edition one step on, with what changes by it; a step back to `built` voids its approval.

        Raises Refused when that is no step from here, or the edition is not any more as it was seen.
        """
        with writing(self.engine) as connection:
            return _moved(connection, edition, to, changes)

    def reschedule(self, edition: Edition, slot_at: datetime) -> Edition:
        """Give an edition to come another moment; its approval stays. Raises Overtaken when it changed meanwhile."""
        with writing(self.engine) as connection:
            return _updated(connection, edition, {"slot_at": slot_at})

    def prepare(
        self,
        edition: Edition,
        items: Sequence[ItemRow],
        only_to: Sequence[str],
        leaves_nothing: Callable[[str], bool],
        at: datetime,
    ) -> dict[str, int]:
        """Fix what an approved edition carries and who gets it, and begin sending; all of it, or after a crash none.

        Each confirmed subscriber of the digest has a row from now on, which is due; where `only_to` names addresses,
        those of others are skipped, as are those whose variant `leaves_nothing`. An edition that was left `preparing`
        is taken up. Return how many rows have which state; raises Refused as `move` does.
        """
        with writing(self.engine) as connection:
            if edition.state is not State.PREPARING:
                edition = _moved(connection, edition, State.PREPARING, {"dated": at})
            if items:
                connection.execute(sa.insert(tables.edition_item), [_item_row(edition, item) for item in items])
            connection.execute(_recipients(edition, [parse_address(address).key for address in only_to], at))
            _skip_empty(connection, edition, leaves_nothing)
            _moved(connection, edition, State.SENDING, {})
            return _row_counts(connection, edition)

    def _found(self, query: sa.Select[Any]) -> list[Edition]:
        with self.engine.connect() as connection:
            return [edition_of(row) for row in connection.execute(query)]


def _moved(connection: Connection, edition: Edition, to: State, changes: Changes) -> Edition:
    check_step(edition, to)
    if edition.state is State.SENDING:
        # A gate's commit holds it shared: what that put in flight stands in the table, and the next one sees our step.
        claim = tables.claim.c.edition_id == edition.key
        connection.execute(sa.select(tables.claim.c.first).where(claim).with_for_update())
    voided: Changes = {"approved_by": None, "approved_at": None} if to is State.BUILT else {}
    return _updated(connection, edition, {**voided, **changes, "state": to})


def _updated(connection: Connection, edition: Edition, values: dict[str, Any]) -> Edition:
    """Change the edition's row if it is still as seen; raises Refused otherwise."""
    if "decisions" in values:
        values = {**values, "decisions": values["decisions"].model_dump_json(exclude_defaults=True)}
    as_seen = _table.c.id == edition.key
    now = connection.execute(sa.select(_table).where(as_seen).with_for_update()).one_or_none()
    if now is None or _gist(edition_of(now)) != _gist(edition):
        raise Overtaken(f"{edition.id} was changed meanwhile", "Look at it again with `digest edition show`.")
    return edition_of(connection.execute(sa.update(_table).where(as_seen).values(**values).returning(_table)).one())


def _gist(edition: Edition) -> tuple[State, str | None, Decisions]:
    """Return what a person or program that acts on an edition relies on."""
    return edition.state, edition.content_sha, edition.decisions


def edition_of(row: sa.Row[Any]) -> Edition:
    """Return the edition of a row that has all columns of its table."""
    return Edition(
        key=row.id,
        digest=row.digest,
        slot_date=row.slot_date,
        seq=row.seq,
        state=State(row.state),
        slot_at=row.slot_at,
        decisions=Decisions.model_validate_json(row.decisions),
        content_sha=row.content_sha,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        reason=row.reason,
        dated=row.dated,
        kind=row.kind,
    )


def _mailed(rows: Sequence[sa.Row[Any]]) -> list[Mailed]:
    """Return one value an item from the rows of all editions, the oldest edition first."""
    carried: dict[str, Mailed] = {}
    named: dict[str, tuple[str, ...]] = {}
    for row in rows:
        if row.change:
            named[row.item_id] = (*named.get(row.item_id, ()), row.change)
        else:
            carried[row.item_id] = Mailed(
                id=row.item_id, version=row.version, edition=edition_of(row).id, at=row.slot_at
            )
    return [item.model_copy(update={"changes_named": named.get(key, ())}) for key, item in carried.items()]


def _item_row(edition: Edition, item: ItemRow) -> dict[str, object]:
    key, slug, version, change, change_at = item
    named = f"{change} {to_stored(change_at)}" if change and change_at else ""
    return {"edition_id": edition.key, "item_id": key, "slug": slug, "version": version, "change": named}


def _recipients(edition: Edition, only_to: Sequence[str], at: datetime) -> sa.Insert:
    """Return the one statement that makes a row for each who may be mailed; 0.5 s for a million on SQLite."""
    who = tables.subscriber
    chosen = who.c.address_key.in_(only_to) if only_to else sa.true()
    rests = paused(sa.literal(at, tables.Moment))
    wanted = sa.and_(chosen, ~rests)
    rows = sa.select(
        sa.literal(edition.key),
        who.c.id,
        sa.case((wanted, str(RowState.DUE)), else_=str(RowState.SKIPPED)),
        sa.case((wanted, ""), (rests, "a pause"), else_="mail.only_to"),
        sa.literal(at, tables.Moment),
        who.c.language + sa.case((who.c.interests == "", ""), else_=" " + who.c.interests),
    ).where(mailable(sa.literal(edition.digest)))
    columns = ["edition_id", "subscriber_id", "state", "reply", "at", "variant"]
    return sa.insert(tables.delivery).from_select(columns, rows)


def _skip_empty(connection: Connection, edition: Edition, leaves_nothing: Callable[[str], bool]) -> None:
    """Skip the rows of readers who want nothing of what the edition carries."""
    row = tables.delivery.c
    due = sa.and_(row.edition_id == edition.key, row.state == RowState.DUE)
    variants = connection.execute(sa.select(row.variant).where(due).distinct()).scalars().all()
    empty = [variant for variant in variants if leaves_nothing(variant)]
    for start in range(0, len(empty), CHUNK):
        skipped = sa.update(tables.delivery).where(due, row.variant.in_(empty[start : start + CHUNK]))
        connection.execute(skipped.values(state=RowState.SKIPPED, reply="nothing chosen in it"))


def _row_counts(connection: Connection, edition: Edition) -> dict[str, int]:
    state = tables.delivery.c.state
    query = sa.select(state, sa.func.count()).where(tables.delivery.c.edition_id == edition.key).group_by(state)
    return {str(name): count for name, count in connection.execute(query)}
