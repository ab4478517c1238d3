"""What is asked about subscribers and changes nothing."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from digest.actions.ports import LetterTo
from digest.audience.export import Kept
from digest.audience.interests import Interests
from digest.audience.requests import Says
from digest.audience.standing import Barred, Group
from digest.audience.subscriber import Consent, ConsentEvent, Subscriber
from digest.delivery.rows import MailTo, RowState
from digest.store import tables
from digest.store.database import CHUNK
from digest.store.editions import edition_of
from digest.store.subscriber_rows import found

_who = tables.subscriber


def history(connection: Connection, key: int) -> list[ConsentEvent]:
    """Return each change of the subscriber's consent, the oldest first."""
    event = tables.consent
    rows = connection.execute(sa.select(event).where(event.c.subscriber_id == key).order_by(event.c.id))
    return [_event(row) for row in rows]


def mails_to(connection: Connection, key: int) -> list[MailTo]:
    """Return each edition that has a row for the subscriber, with the versions of the items that it carried."""
    row, of, item = tables.delivery.c, tables.edition.c, tables.edition_item.c
    query = (
        sa.select(tables.edition, row.state.label("outcome"), row.reply, row.at, row.attempts, row.variant)
        .join(tables.delivery, sa.and_(row.edition_id == of.id, row.subscriber_id == key))
        .order_by(of.slot_at, of.id)
    )
    mails = connection.execute(query).all()
    carried = sa.select(item.edition_id, item.slug, item.version, item.change)
    carried = carried.where(item.edition_id.in_([mail.id for mail in mails])).order_by(item.edition_id, item.slug)
    items: dict[int, list[tuple[str, str, str]]] = {}
    for one in connection.execute(carried):
        items.setdefault(one.edition_id, []).append((one.slug, one.version, one.change))
    return [
        MailTo(
            edition=edition_of(mail).id,
            state=RowState(mail.outcome),
            reply=mail.reply,
            at=mail.at,
            attempts=mail.attempts,
            variant=mail.variant,
            items=tuple(items.get(mail.id, ())),
        )
        for mail in mails
    ]


def letters_to(connection: Connection, key: int) -> list[LetterTo]:
    """Return each letter that is or was owed to the subscriber, the oldest first."""
    row = tables.letter.c
    where = sa.func.coalesce(row.address, _who.c.address).label("address")
    query = sa.select(row.says, where, row.state, row.reply, row.at).join(_who).where(row.subscriber_id == key)
    return [
        LetterTo(Says(one.says), one.address, RowState(one.state), one.reply, one.at)
        for one in connection.execute(query.order_by(row.id))
    ]


def barred(connection: Connection, address_hash: str) -> Barred | None:
    """Return why and since when an address is on the suppression list."""
    row = tables.suppression.c
    one = connection.execute(sa.select(row.reason, row.at).where(row.address_hash == address_hash)).one_or_none()
    return Barred(one.reason, one.at) if one else None


def groups(connection: Connection) -> list[Group]:
    """Return how many subscribers are alike in state, language and interests; who was erased is not counted."""
    alike = (_who.c.state, _who.c.language, _who.c.interests)
    query = sa.select(*alike, sa.func.count()).where(_who.c.erased_at.is_(None)).group_by(*alike).order_by(*alike)
    return [
        Group(Consent(state), language, Interests.of(interests), count)
        for state, language, interests, count in connection.execute(query)
    ]


def of_digests(connection: Connection) -> list[tuple[str, Consent, int]]:
    """Return how many subscribers each digest has in each state."""
    of = tables.subscription.c
    query = (
        sa.select(of.digest, _who.c.state, sa.func.count())
        .join(_who, _who.c.id == of.subscriber_id)
        .group_by(of.digest, _who.c.state)
        .order_by(of.digest, _who.c.state)
    )
    return [(digest, Consent(state), count) for digest, state, count in connection.execute(query)]


def everybody(engine: Engine) -> Iterator[Kept]:
    """Yield everybody who was not erased, by key, a thousand at a time."""
    last = 0
    while True:
        with engine.connect() as connection:
            page = sa.select(_who.c.id).where(_who.c.id > last, _who.c.erased_at.is_(None)).order_by(_who.c.id)
            keys = connection.execute(page.limit(CHUNK)).scalars().all()
            people = found(connection, _who.c.id.in_(keys)) if keys else []
            steps = _steps(connection, people)
        if not people:
            return
        yield from (Kept(who, steps[who.key]) for who in people)
        last = people[-1].key


def _steps(connection: Connection, people: list[Subscriber]) -> dict[int, ConsentEvent]:
    """Return the step that led each to where they stand: the last one into that state, or the last that says so."""
    states = {who.key: who.state for who in people}
    event = tables.consent
    query = sa.select(event).where(event.c.subscriber_id.in_(list(states))).order_by(event.c.subscriber_id, event.c.id)
    steps: dict[int, ConsentEvent] = {}
    for key, rows in groupby(connection.execute(query), key=lambda row: row.subscriber_id):
        every = list(rows)
        there = [row for row in every if row.state == states[key]]
        led = [row for row in there if row.before != row.state]
        steps[key] = _event((led or there or every)[-1])
    return steps


def _event(row: sa.Row[Any]) -> ConsentEvent:
    return ConsentEvent(row.at, row.source, row.evidence, row.ip, state=Consent(row.state))
