"""What people have been told, so that they are told once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from digest.store import tables
from digest.store.database import insert, writing


@dataclass(frozen=True)
class Notices:
    """The keys of all notices that went out."""

    engine: Engine

    def first_time(self, key: str, at: datetime) -> bool:
        """Return whether nobody asked for this notice before; of several that ask at once, one is told so."""
        with writing(self.engine) as connection:
            new = insert(connection, tables.notice).values(key=key, at=at).on_conflict_do_nothing()
            return connection.execute(new.returning(tables.notice.c.key)).scalar() is not None

    def known(self, keys: Sequence[str]) -> frozenset[str]:
        """Return which of the notices were asked for."""
        query = sa.select(tables.notice.c.key).where(tables.notice.c.key.in_(keys))
        with self.engine.connect() as connection:
            return frozenset(connection.execute(query).scalars())

    def forget(self, key: str) -> None:
        """Let the notice be asked for again, because it did not go out."""
        with writing(self.engine) as connection:
            connection.execute(sa.delete(tables.notice).where(tables.notice.c.key == key))
