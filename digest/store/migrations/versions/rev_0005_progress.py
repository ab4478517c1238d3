"""How far each mailing has come."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table."""
    counts = ("total", "sent", "refused", "suppressed", "skipped", "left", "deferrals", "in_doubt")
    op.create_table(
        "progress",
        sa.Column("edition_id", sa.Integer, sa.ForeignKey("edition.id"), primary_key=True, autoincrement=False),
        sa.Column("at", sa.Text, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in counts),
        sa.Column("rate", sa.Float, nullable=False),
    )
