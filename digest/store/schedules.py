"""Up to when each digest's slots have been dealt with, and signs of life of what runs beside."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from digest.store import tables
from digest.store.database import insert, writing

_of = tables.digest_schedule
_beat = tables.heartbeat


@dataclass(frozen=True)
class Schedules:
    """What the clock's work has to remember; a method is a transaction."""

    engine: Engine

    def start_of(self, digest: str, default: datetime) -> datetime:
        """Return from when on items are for this digest; `default` is kept the first time that anybody asks."""
        return self._kept(_of.c.start, digest, default)

    def started(self, digest: str) -> datetime | None:
        """Return from when on items are for this digest, or None as long as nothing has begun it."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(_of.c.start).where(_of.c.digest == digest)).scalar()

    def seen_until(self, digest: str, default: datetime) -> datetime:
        """Return up to when the digest's slots have been dealt with; `default` is kept the first time."""
        return self._kept(_of.c.seen_until, digest, default)

    def mark_seen(self, digest: str, until: datetime) -> None:
        """Remember that the slots up to `until` have been dealt with; never goes back."""
        with writing(self.engine) as connection:
            first = insert(connection, _of).values(digest=digest, seen_until=until)
            connection.execute(
                first.on_conflict_do_update(
                    index_elements=[_of.c.digest],
                    set_={"seen_until": until},
                    where=sa.func.coalesce(_of.c.seen_until, "") < first.excluded.seen_until,
                )
            )

    def beat(self, name: str, at: datetime) -> None:
        """Remember that `name` was alive at `at`."""
        with writing(self.engine) as connection:
            first = insert(connection, _beat).values(name=name, at=at)
            connection.execute(first.on_conflict_do_update(index_elements=[_beat.c.name], set_={"at": at}))

    def last_beat(self, name: str) -> datetime | None:
        """Return when `name` was last alive."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(_beat.c.at).where(_beat.c.name == name)).scalar()

    def _kept(self, column: sa.Column[datetime], digest: str, default: datetime) -> datetime:
        with writing(self.engine) as connection:
            first = insert(connection, _of).values({"digest": digest, column.name: default})
            kept = first.on_conflict_do_update(
                index_elements=[_of.c.digest],
                set_={column.name: sa.func.coalesce(column, first.excluded[column.name])},
            )
            return connection.execute(kept.returning(column)).scalar_one()
