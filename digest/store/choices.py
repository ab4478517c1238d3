"""What subscribers chose, counted: for the staff, who take kinds and topics out of config.yaml."""

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from digest.audience.subscriber import Consent
from digest.store.tables import subscriber


def counted_choices(engine: Engine) -> dict[str, int]:
    """Return how many confirmed subscribers made each choice, as digest.audience.interests writes it down."""
    query = (
        sa.select(subscriber.c.interests, sa.func.count().label("subscribers"))
        .where(subscriber.c.state == Consent.CONFIRMED, subscriber.c.interests != "")
        .group_by(subscriber.c.interests)
    )
    with engine.connect() as connection:
        return {row.interests: row.subscribers for row in connection.execute(query)}
