"""The rows of recipients as they are kept; see `digest.delivery.rows` for what the sender may rely on.

Whoever recovers an edition owns it from then on: what an earlier owner, stopped and woken again, still wants to write
touches no row, and it is told to send nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from digest import clock
from digest.delivery.rows import MOST_DOUBTS, Receipt, Recipient, Result, RowState
from digest.editions.edition import State
from digest.store import tables
from digest.store.database import insert, writing
from digest.store.mailable import mailable, paused

_IN_DOUBT: Final = "in doubt"
_row = tables.delivery
_to_send = _row.c.state.in_(
    [sa.literal(str(state), literal_execute=True) for state in (RowState.DUE, RowState.DEFERRED)]
)  # in these very words, or SQLite does not use the index


@dataclass(frozen=True)
class Deliveries:
    """The rows of all editions; a method is a transaction."""

    engine: Engine
    owner: str = field(default_factory=clock.new_uuid)  # this sender, among all that ever were

    def recover(self, edition: int, policy: Literal["resend", "hold"], at: datetime) -> int:
        """Own the edition, and turn rows that a dead sender left in flight into in doubt, or, by `resend`, due again.

        Who was in doubt `MOST_DOUBTS` times stays so either way. Return how many rows it was.
        """
        fence = _row.c.fence + 1
        again = sa.case((fence < MOST_DOUBTS, str(RowState.DUE)), else_=str(RowState.IN_DOUBT))
        left = (
            sa.update(_row)
            .where(_row.c.edition_id == edition, _row.c.state == RowState.IN_FLIGHT)
            .values(state=again if policy == "resend" else RowState.IN_DOUBT, reply=_IN_DOUBT, fence=fence, at=at)
        )
        with writing(self.engine) as connection:
            self._own(connection, edition)
            return connection.execute(left).rowcount

    def due(self, edition: int, at: datetime, limit: int) -> Sequence[Recipient]:
        """Return rows that are due, or deferred until `at` or earlier, oldest subscriber first."""
        who, waiting = tables.subscriber, _waiting(edition, at, limit).subquery()
        query = (
            sa.select(who.c.id, who.c.address, _row.c.variant, _row.c.attempts, _row.c.fence, who.c.version)
            .join_from(waiting, who, who.c.id == waiting.c.subscriber_id)
            .join(_row, sa.and_(_row.c.edition_id == edition, _row.c.subscriber_id == who.c.id))
            .order_by(who.c.id)
        )
        with self.engine.connect() as connection:
            return [Recipient(*row) for row in connection.execute(query)]

    def commit(self, edition: int, results: Sequence[Result], next_up: Sequence[int], at: datetime) -> frozenset[int]:
        """Record `results`, then put `next_up` in flight; return those of them that may be sent.

        Consent and suppression are read again here: who left meanwhile becomes `suppressed` and is not returned.
        Nobody is returned unless the edition is `sending`, and this sender its owner.
        """
        with writing(self.engine) as connection:
            if not self._owns(connection, edition):
                return frozenset()
            if results:
                connection.execute(_RECORD, [_recorded(edition, result, at) for result in results])
            return _put_in_flight(connection, edition, next_up, at) if next_up else frozenset()

    def counts(self, edition: int) -> dict[RowState, int]:
        """Return how many of the edition's rows have which state."""
        query = sa.select(_row.c.state, sa.func.count()).where(_row.c.edition_id == edition).group_by(_row.c.state)
        with self.engine.connect() as connection:
            return {RowState(state): count for state, count in connection.execute(query)}

    def rows(self, edition: int) -> Iterator[Receipt]:
        """Yield what is known of each recipient, oldest subscriber first."""
        who = tables.subscriber
        query = (
            sa.select(who.c.address, _row.c.state, _row.c.reply, _row.c.attempts, _row.c.at)
            .join(who, who.c.id == _row.c.subscriber_id)
            .where(_row.c.edition_id == edition)
            .order_by(_row.c.subscriber_id)
        )
        piecewise = self.engine.connect().execution_options(yield_per=1000)
        with piecewise as connection, connection.execute(query) as found:
            for address, state, reply, attempts, at in found:
                yield Receipt(address, RowState(state), reply, attempts, at)

    def next_due_at(self, edition: int) -> datetime | None:
        """Return when the first deferral ends, or None where nothing is deferred."""
        query = sa.select(sa.func.min(_row.c.next_at)).where(_row.c.edition_id == edition, _to_send)
        with self.engine.connect() as connection:
            return connection.execute(query).scalar()

    def _own(self, connection: Connection, edition: int) -> None:
        taken = insert(connection, tables.claim).values(edition_id=edition, first=0, owner=self.owner, fence=1)
        connection.execute(
            taken.on_conflict_do_update(
                index_elements=[tables.claim.c.edition_id, tables.claim.c.first],
                set_={"owner": self.owner, "fence": tables.claim.c.fence + 1},
            )
        )

    def _owns(self, connection: Connection, edition: int) -> bool:
        """Return whether nobody took over; who comes first to an edition without owner owns it."""
        owner = connection.execute(_OWNER, {"edition": edition}).scalar()
        if owner is None:
            self._own(connection, edition)
        return owner in {None, self.owner}


_OWNER: Final = (
    sa.select(tables.claim.c.owner)
    .where(tables.claim.c.edition_id == sa.bindparam("edition"))
    .with_for_update(read=True)  # nobody takes over between this look and our commit
)
_ERASED: Final = sa.exists().where(
    tables.subscriber.c.id == _row.c.subscriber_id, tables.subscriber.c.erased_at.is_not(None)
)
_RECORD: Final = (
    sa.update(_row)
    .where(
        _row.c.edition_id == sa.bindparam("edition"),
        _row.c.subscriber_id == sa.bindparam("subscriber"),
        sa.or_(*(_row.c.state == state for state in (RowState.DUE, RowState.DEFERRED, RowState.IN_FLIGHT))),
    )
    .values(
        state=sa.bindparam("result"),
        # Refused before the gate, it was an attempt too, that no commit has counted yet.
        attempts=_row.c.attempts + sa.case((_row.c.state == RowState.IN_FLIGHT, 0), else_=1),
        fence=_row.c.fence + sa.bindparam("doubts"),
        reply=sa.case(
            (_ERASED, ""),  # what a server says quotes addresses
            else_=sa.case((_row.c.fence > 0, f"{_IN_DOUBT}; "), else_="") + sa.bindparam("said", type_=sa.Text),
        ),
        next_at=sa.bindparam("again_at"),
        at=sa.bindparam("now"),
    )
)
_MAILABLE: Final = sa.exists().where(
    tables.subscriber.c.id == _row.c.subscriber_id,
    tables.edition.c.id == _row.c.edition_id,
    mailable(tables.edition.c.digest),
    ~paused(sa.bindparam("now", type_=tables.Moment)),
)
_NEXT_UP: Final = (
    _row.c.edition_id == sa.bindparam("edition"),
    _row.c.subscriber_id.in_(sa.bindparam("subscribers", expanding=True)),
    _to_send,
)
_IN_FLIGHT: Final = (
    sa.update(_row)
    .where(
        *_NEXT_UP,
        _MAILABLE,
        sa.exists().where(tables.edition.c.id == sa.bindparam("edition"), tables.edition.c.state == State.SENDING),
    )
    .values(state=RowState.IN_FLIGHT, attempts=_row.c.attempts + 1, next_at=None, at=sa.bindparam("now"))
    .returning(_row.c.subscriber_id)
)
_SUPPRESS: Final = (
    sa.update(_row)
    .where(*_NEXT_UP, ~_MAILABLE)
    .values(state=RowState.SUPPRESSED, reply="no consent any more, or a pause", next_at=None, at=sa.bindparam("now"))
)


def _waiting(edition: int, at: datetime, limit: int) -> sa.Select[tuple[int]]:
    """Return who comes next. It asks for no column outside the index `delivery_to_send`, lest SQLite walk all rows."""
    ready = sa.or_(_row.c.next_at.is_(None), _row.c.next_at <= at)
    query = sa.select(_row.c.subscriber_id).where(_row.c.edition_id == edition, _to_send, ready)
    return query.order_by(_row.c.subscriber_id).limit(limit)


def _recorded(edition: int, result: Result, at: datetime) -> dict[str, object]:
    return {
        "edition": edition,
        "subscriber": result.subscriber,
        "result": result.state,
        "said": result.reply,
        "doubts": int(result.reply.startswith(_IN_DOUBT)),
        "again_at": result.next_at,
        "now": at,
    }


def _put_in_flight(connection: Connection, edition: int, next_up: Sequence[int], at: datetime) -> frozenset[int]:
    wanted = {"edition": edition, "subscribers": list(next_up), "now": at}
    in_flight = frozenset(connection.execute(_IN_FLIGHT, wanted).scalars())
    if refused := set(next_up) - in_flight:
        connection.execute(_SUPPRESS, {**wanted, "subscribers": list(refused)})
    return in_flight
