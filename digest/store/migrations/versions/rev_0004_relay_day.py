"""How many messages each mail server was given on each day."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "relay_day",
        sa.Column("server", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("given", sa.Integer, sa.CheckConstraint("given >= 0", name="given_is_a_number"), nullable=False),
    )
