"""How far each mailing has come, as its sender last wrote it down: for whoever must not count its rows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from digest.actions.how_far import HowFar
from digest.editions.edition import State, id_of
from digest.store import tables
from digest.store.database import insert, writing

_row = tables.progress
_NAMES = [field.name for field in fields(HowFar)]


@dataclass(frozen=True)
class ProgressBoard:
    """The progress of all mailings."""

    engine: Engine

    def note(self, edition: int, far: HowFar, at: datetime) -> None:
        """Write down where a mailing is at that moment."""
        values = {**asdict(far), "at": at}
        with writing(self.engine) as connection:
            new = insert(connection, _row).values(edition_id=edition, **values)
            connection.execute(new.on_conflict_do_update(index_elements=[_row.c.edition_id], set_=values))

    def latest(self, count: int) -> Mapping[str, HowFar]:
        """Return the mailings that moved last, the latest first, by the ids of their editions; none is cancelled.

        Who is not being sent goes at no rate.
        """
        edition = tables.edition.c
        query = (
            sa.select(edition.digest, edition.slot_date, edition.seq, edition.state, *(_row.c[name] for name in _NAMES))
            .join(tables.edition, edition.id == _row.c.edition_id)
            .where(edition.state != State.CANCELLED)
            .order_by(_row.c.at.desc(), _row.c.edition_id.desc())
            .limit(count)
        )
        with self.engine.connect() as connection:
            return {id_of(*row[:3]): _as_it_is(State(row[3]), HowFar(*row[4:])) for row in connection.execute(query)}


def _as_it_is(state: State, far: HowFar) -> HowFar:
    return far if state is State.SENDING else replace(far, rate=0.0)
