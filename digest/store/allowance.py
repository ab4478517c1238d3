"""How many messages each mail server was given on each day, whichever process gave them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from digest.store import tables
from digest.store.database import insert, writing

_day = tables.relay_day


@dataclass(frozen=True)
class Allowances:
    """The days of all servers; see `digest.delivery.throttle.Allowance`."""

    engine: Engine

    def take(self, server: str, most: int, wanted: int, at: datetime) -> int:
        """Return how many of `wanted` messages may still be given on that day (UTC), of `most`; they count as given."""
        with writing(self.engine) as connection:
            begun = insert(connection, _day).values(server=server, day=at.date(), given=0)
            connection.execute(begun.on_conflict_do_nothing())
            given: int = connection.execute(
                sa.select(_day.c.given).where(*_of(server, at)).with_for_update()
            ).scalar_one()
            granted = max(0, min(wanted, most - given))
            connection.execute(sa.update(_day).where(*_of(server, at)).values(given=given + granted))
            return granted

    def give_back(self, server: str, number: int, at: datetime) -> None:
        """Count so many messages less on that day."""
        with writing(self.engine) as connection:
            connection.execute(sa.update(_day).where(*_of(server, at)).values(given=_day.c.given - number))


def _of(server: str, at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return _day.c.server == server, _day.c.day == at.date()
