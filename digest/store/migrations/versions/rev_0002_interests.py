"""What a subscriber wants of a digest; rows of editions under way get the variant that they had without saying so."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column and fill in the variants."""
    op.add_column("subscriber", sa.Column("interests", sa.Text, nullable=False, server_default=""))
    op.execute(
        "UPDATE delivery SET variant = (SELECT language FROM subscriber WHERE subscriber.id = delivery.subscriber_id)"
        " WHERE variant = ''"
    )
