"""The rows of recipients as they are kept; see `digest.delivery.rows` for what the sender may rely on.

Whoever recovers an edition owns it from then on: what an earlier owner, stopped and woken again, still wants to write
touches no row, and it is told to send nothing. While an owner may be alive, which its lease says, nobody else can
recover; one of the same place can at once, for a lock lets one sender at a time be there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from digest import clock
from digest.delivery.rows import MOST_DOUBTS, OPEN, Recipient, Result, RowState
from digest.editions.edition import State
from digest.errors import Busy
from digest.moments import to_stored
from digest.store import tables
from digest.store.database import CHUNK, Statement, insert, pause, writing
from digest.store.mailable import is_due, mailable, paused

LEASE: Final = 15.0  # seconds after each commit; twice that is written down
_IN_DOUBT: Final = "in doubt"
CANCELLED: Final = "cancelled"  # why the rows of a cancelled edition were skipped
_NO_CONSENT: Final = "no consent any more, or a pause"
_ZERO: Final = sa.literal_column("0", sa.Integer)
_ONE: Final = sa.literal_column("1", sa.Integer)
_row = tables.delivery


def _plain(text: str) -> sa.ColumnElement[str]:
    """Return a text of ours as it stands in SQL."""
    return sa.literal_column(f"'{text}'", sa.Text)


_to_send = _row.c.state.in_([_plain(state) for state in (RowState.DUE, RowState.DEFERRED)])  # as the index has it


@dataclass(frozen=True)
class Deliveries:
    """The rows of all editions; a method is a transaction."""

    engine: Engine
    place: str = ""  # where one sender at a time is; empty: nowhere in particular
    lease: float = LEASE  # seconds
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
            self._own(connection, edition, at)
            return connection.execute(left).rowcount

    def release(self, edition: int) -> None:
        """Let any other sender take over at once."""
        mine = tables.claim.c.edition_id == edition, tables.claim.c.owner == self._name
        with writing(self.engine) as connection:
            connection.execute(sa.update(tables.claim).where(*mine).values(until=None))

    def due(self, edition: int, at: datetime, limit: int, beyond: int = 0) -> Sequence[Recipient]:
        """Return rows due, or deferred until `at` or earlier, by subscriber, of those `beyond` that one."""
        who, waiting = tables.subscriber, _waiting(edition, at, limit, beyond).subquery()
        query = (
            sa.select(who.c.id, who.c.address, _row.c.variant, _row.c.attempts, _row.c.fence, who.c.version)
            .join_from(waiting, who, who.c.id == waiting.c.subscriber_id)
            .join(_row, sa.and_(_row.c.edition_id == edition, _row.c.subscriber_id == who.c.id))
            .order_by(who.c.id)
        )
        with self.engine.connect() as connection:
            return [Recipient(*row) for row in connection.execute(query)]

    def has_work(self, edition: int, at: datetime) -> bool:
        """Return whether a row is due, or was left in flight by a sender that died."""
        return self._any(edition, RowState.IN_FLIGHT) or bool(self.due(edition, at, 1))

    def is_open(self, edition: int) -> bool:
        """Return whether a row is not accounted for yet."""
        return self._any(edition, *OPEN)

    def commit(
        self, edition: int, results: Sequence[Result], next_up: Sequence[int], at: datetime
    ) -> frozenset[int] | None:
        """Record `results`, then put `next_up` in flight; return those of them that may be sent.

        Consent and suppression are read again here: who left meanwhile becomes `suppressed` and is not returned.
        None: the edition is not `sending`, or this sender is not its owner any more, and then writes nothing.
        """
        with writing(self.engine) as connection:
            if not self._owns(connection, edition, at):
                return None
            if results:
                _RECORD.run(connection, *(_recorded(edition, result, at) for result in results))
            return _put_in_flight(connection, edition, next_up, at) if next_up else frozenset()

    def counts(self, edition: int) -> dict[RowState, int]:
        """Return how many of the edition's rows have which state."""
        query = sa.select(_row.c.state, sa.func.count()).where(_row.c.edition_id == edition).group_by(_row.c.state)
        with self.engine.connect() as connection:
            found = {RowState(state): count for state, count in connection.execute(query)}
        return {state: found[state] for state in RowState if state in found}  # in their order, whatever the database's

    def close(self, edition: int, at: datetime) -> int:
        """Skip whoever a cancelled edition did not reach, a thousand at a time; return how many rows that changed.

        Who was in doubt once and was to be sent it again stays in doubt: they may have got it.
        """
        of_it = _row.c.edition_id == edition
        rest = sa.select(_row.c.subscriber_id).where(of_it, _to_send).limit(CHUNK).scalar_subquery()
        doubted = _row.c.fence > 0
        is_cancelled = sa.exists().where(tables.edition.c.id == edition, tables.edition.c.state == State.CANCELLED)
        changed = {
            "state": sa.case((doubted, str(RowState.IN_DOUBT)), else_=str(RowState.SKIPPED)),
            "reply": sa.case((doubted, f"{_IN_DOUBT}; {CANCELLED}"), else_=CANCELLED),
            "next_at": None,
            "at": at,
        }
        closing = sa.update(_row).where(of_it, _row.c.subscriber_id.in_(rest), _to_send, is_cancelled).values(changed)
        total = 0
        while True:
            begun = clock.monotonic()
            with writing(self.engine) as connection:
                count = connection.execute(closing).rowcount
            total += count
            if count < CHUNK:
                return total
            pause(self.engine, begun)

    def _any(self, edition: int, *states: RowState) -> bool:
        """Return whether a row is in one of these states; it is asked every few seconds while deferred rows wait."""
        query = sa.select(_row.c.subscriber_id).where(_row.c.edition_id == edition, _row.c.state.in_(states)).limit(1)
        with self.engine.connect() as connection:
            return connection.execute(query).first() is not None

    @property
    def _written(self) -> timedelta:
        """Return how long a claim lasts from when it is written: half of it is left when it is written anew."""
        return timedelta(seconds=2 * (self.lease + 1))

    @property
    def _name(self) -> str:
        return f"{self.place}/{self.owner}"

    def _own(self, connection: Connection, edition: int, at: datetime) -> None:
        """Take the edition over; raises Busy while another sender may be alive."""
        claim = tables.claim.c
        until = at + self._written
        taken = insert(connection, tables.claim).values(
            edition_id=edition, first=0, owner=self._name, until=until, fence=1
        )
        is_over = sa.or_(claim.owner == self._name, claim.until.is_(None), claim.until <= at)
        if self.place:
            is_over = sa.or_(is_over, claim.owner.startswith(f"{self.place}/", autoescape=True))
        taken = taken.on_conflict_do_update(
            index_elements=[claim.edition_id, claim.first],
            set_={"owner": self._name, "until": until, "fence": claim.fence + 1},
            where=is_over,
        )
        if connection.execute(taken.returning(claim.fence)).scalar() is None:
            raise Busy(
                "another machine is sending this edition, or was a moment ago", "Let it finish, or stop it first."
            )

    def _owns(self, connection: Connection, edition: int, at: datetime) -> bool:
        """Return whether nobody took over, and renew the lease; who comes first to an edition owns it."""
        found = _OWNER.run(connection, {"edition": edition}).first()
        if found is None:
            self._own(connection, edition, at)
            return True
        if found.owner != self._name:
            return False
        if found.until is None or found.until < to_stored(at + self._written / 2):
            renewed = {"edition": edition, "until": to_stored(at + self._written)}
            _RENEW.run(connection, renewed)
        return True


_OWNER: Final = Statement(
    sa.select(tables.claim.c.owner, tables.claim.c.until)
    .where(tables.claim.c.edition_id == sa.bindparam("edition"))
    .with_for_update(read=True)  # nobody takes over between this look and our commit
)
_RENEW: Final = Statement(
    sa.update(tables.claim)
    .where(tables.claim.c.edition_id == sa.bindparam("edition"))
    .values(until=sa.bindparam("until", type_=sa.Text))
)
_ERASED: Final = sa.exists().where(
    tables.subscriber.c.id == _row.c.subscriber_id, tables.subscriber.c.erased_at.is_not(None)
)
_RECORD: Final = Statement(
    sa.update(_row)
    .where(
        _row.c.edition_id == sa.bindparam("edition"),
        _row.c.subscriber_id == sa.bindparam("subscriber"),
        sa.or_(*(_row.c.state == _plain(state) for state in (RowState.DUE, RowState.DEFERRED, RowState.IN_FLIGHT))),
    )
    .values(
        state=sa.bindparam("result"),
        # Refused before the gate, it was an attempt too, that no commit has counted yet.
        attempts=_row.c.attempts + sa.case((_row.c.state == _plain(RowState.IN_FLIGHT), _ZERO), else_=_ONE),
        fence=_row.c.fence + sa.bindparam("doubts"),
        reply=sa.case(
            (_ERASED, sa.literal_column("''")),  # what a server says quotes addresses
            (_row.c.fence > _ZERO, sa.literal_column(f"'{_IN_DOUBT}; '") + sa.bindparam("said", type_=sa.Text)),
            else_=sa.bindparam("said", type_=sa.Text),
        ),
        next_at=sa.bindparam("again_at", type_=sa.Text),
        at=sa.bindparam("now", type_=sa.Text),
    )
)
_MAILABLE: Final = sa.exists().where(
    tables.subscriber.c.id == _row.c.subscriber_id,
    tables.edition.c.id == _row.c.edition_id,
    mailable(tables.edition.c.digest),
    ~paused(sa.bindparam("now", type_=sa.Text)),
)


@lru_cache
def _in_flight(size: int) -> Statement:
    """Return what puts so many rows in flight; their subscribers are its numbered parameters."""
    is_sent = sa.exists().where(
        tables.edition.c.id == sa.bindparam("edition"), tables.edition.c.state == _plain(State.SENDING)
    )
    changed = {"state": _plain(RowState.IN_FLIGHT), "attempts": _row.c.attempts + _ONE, "next_at": sa.null()}
    return Statement(
        sa.update(_row)
        .where(*_next_up(size), _MAILABLE, is_sent)
        .values(**changed, at=sa.bindparam("now", type_=sa.Text))
        .returning(_row.c.subscriber_id)
    )


@lru_cache
def _suppressed(size: int) -> Statement:
    """Return what suppresses those of so many rows that may not be mailed any more."""
    changed = {"state": _plain(RowState.SUPPRESSED), "reply": _plain(_NO_CONSENT), "next_at": sa.null()}
    return Statement(
        sa.update(_row).where(*_next_up(size), ~_MAILABLE).values(**changed, at=sa.bindparam("now", type_=sa.Text))
    )


def _next_up(size: int) -> tuple[sa.ColumnElement[bool], ...]:
    subscribers = [sa.bindparam(str(number), type_=sa.Integer) for number in range(size)]
    return _row.c.edition_id == sa.bindparam("edition"), _row.c.subscriber_id.in_(subscribers), _to_send


def _waiting(edition: int, at: datetime, limit: int, beyond: int) -> sa.Select[tuple[int]]:
    """Return who comes next. It asks for no column outside the index `delivery_to_send`, lest SQLite walk all rows."""
    ready = is_due(_row.c.next_at, at)
    of_it = sa.and_(_row.c.edition_id == edition, _row.c.subscriber_id > beyond)
    query = sa.select(_row.c.subscriber_id).where(of_it, _to_send, ready)
    return query.order_by(_row.c.subscriber_id).limit(limit)


def _recorded(edition: int, result: Result, at: datetime) -> dict[str, object]:
    return {
        "edition": edition,
        "subscriber": result.subscriber,
        "result": str(result.state),
        "said": result.reply,
        "doubts": int(result.reply.startswith(_IN_DOUBT)),
        "again_at": to_stored(result.next_at) if result.next_at else None,
        "now": to_stored(at),
    }


def _put_in_flight(connection: Connection, edition: int, next_up: Sequence[int], at: datetime) -> frozenset[int] | None:
    wanted = _parameters(edition, next_up, at)
    in_flight = frozenset(_in_flight(len(wanted) - 2).run(connection, wanted).scalars())
    if refused := set(next_up) - in_flight:
        state = sa.select(tables.edition.c.state).where(tables.edition.c.id == edition)
        if not in_flight and connection.execute(state).scalar() != State.SENDING:
            return None
        wanted = _parameters(edition, list(refused), at)
        _suppressed(len(wanted) - 2).run(connection, wanted)
    return in_flight


def _parameters(edition: int, subscribers: Sequence[int], at: datetime) -> dict[str, object]:
    """Return them; the subscribers are repeated up to a power of two, so that there are few statements."""
    size = 1 << (len(subscribers) - 1).bit_length()
    repeated = (*subscribers, *[subscribers[-1]] * (size - len(subscribers)))
    return {"edition": edition, "now": to_stored(at), **{str(place): key for place, key in enumerate(repeated)}}
