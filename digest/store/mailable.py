"""Who may be mailed, and when: asked when an edition's recipients are fixed, and again before each single message."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.audience.subscriber import Consent
from digest.delivery.retries import LONGEST
from digest.store.tables import subscriber, subscription, suppression


def mailable(digest: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Return the condition on a row of `subscriber`: confirmed, subscribed to `digest`, and not suppressed."""
    subscribed = sa.exists().where(subscription.c.subscriber_id == subscriber.c.id, subscription.c.digest == digest)
    suppressed = sa.exists().where(suppression.c.address_hash == subscriber.c.address_hash)
    return sa.and_(subscriber.c.state == sa.literal_column(f"'{Consent.CONFIRMED}'"), subscribed, ~suppressed)


def paused(at: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition on a row of `subscriber`: they want nothing at that moment."""
    until = subscriber.c.paused_until
    return sa.and_(until.is_not(None), until > at)


def is_due(next_at: sa.ColumnElement[datetime | None], at: datetime) -> sa.ColumnElement[bool]:
    """Return whether a row is tried now, as `digest.delivery.retries.is_due` has it."""
    return sa.or_(next_at.is_(None), next_at <= at, next_at > at + LONGEST)
