"""The first tables: editions, audience, delivery, schedule."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create them."""
    _editions()
    _audience()
    _delivery()
    _schedule()


def _editions() -> None:
    op.create_table(
        "edition",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("slot_date", sa.Date, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, server_default="regular"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("slot_at", sa.Text, nullable=False),
        sa.Column("decisions", sa.Text, nullable=False, server_default="{}"),
        sa.Column("content_sha", sa.Text),
        sa.Column("approved_by", sa.Text),
        sa.Column("approved_at", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("dated", sa.Text),
        sa.UniqueConstraint("digest", "slot_date", "seq", name="one_edition_a_slot"),
        sa.CheckConstraint(
            "state IN ('planned', 'built', 'approved', 'preparing', 'sending', 'paused', 'sent',"
            " 'skipped', 'missed', 'held', 'cancelled')",
            name="known_state",
        ),
        sa.CheckConstraint(
            "content_sha IS NOT NULL OR state NOT IN ('approved', 'preparing', 'sending', 'paused', 'sent')",
            name="approval_is_of_a_content",
        ),
        sa.CheckConstraint(
            "dated IS NOT NULL OR state NOT IN ('preparing', 'sending', 'paused', 'sent')", name="mailed_is_dated"
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "edition_item",
        sa.Column("edition_id", sa.Integer, sa.ForeignKey("edition.id"), primary_key=True, autoincrement=False),
        sa.Column("item_id", sa.Text, primary_key=True),
        sa.Column("change", sa.Text, primary_key=True, server_default=""),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.CheckConstraint(
            "change = '' OR change LIKE 'corrected 2%Z' OR change LIKE 'withdrawn 2%Z'", name="known_change"
        ),
    )


def _audience() -> None:
    states = "state IN ('asked', 'confirmed', 'left', 'suppressed')"
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("address_key", sa.Text, nullable=False, unique=True),
        sa.Column("address_hash", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.CheckConstraint(states, name="known_state"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("subscriber_id", sa.Integer, sa.ForeignKey("subscriber.id"), nullable=False, index=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.CheckConstraint(states, name="known_state"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "subscription",
        sa.Column("subscriber_id", sa.Integer, sa.ForeignKey("subscriber.id"), primary_key=True, autoincrement=False),
        sa.Column("digest", sa.Text, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "suppression",
        sa.Column("address_hash", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("edition_id", sa.Integer, sa.ForeignKey("edition.id"), primary_key=True, autoincrement=False),
        sa.Column("subscriber_id", sa.Integer, sa.ForeignKey("subscriber.id"), primary_key=True, autoincrement=False),
        sa.Column("variant", sa.Text, nullable=False, server_default=""),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_at", sa.Text),
        sa.Column("reply", sa.Text, nullable=False, server_default=""),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False, server_default="0"),
        sa.CheckConstraint(
            "state IN ('due', 'in flight', 'sent', 'deferred', 'bounced', 'failed', 'suppressed', 'skipped',"
            " 'in doubt')",
            name="known_state",
        ),
        sa.CheckConstraint("next_at IS NOT NULL OR state <> 'deferred'", name="deferred_until"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "delivery_to_send",
        "delivery",
        ["edition_id", "subscriber_id", "state", "next_at"],
        sqlite_where=sa.text("state IN ('due', 'deferred')"),
        postgresql_where=sa.text("state IN ('due', 'deferred')"),
    )
    op.create_table(
        "claim",
        sa.Column("edition_id", sa.Integer, sa.ForeignKey("edition.id"), primary_key=True, autoincrement=False),
        sa.Column("first", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("until", sa.Text),
        sa.Column("fence", sa.Integer, nullable=False),
    )


def _schedule() -> None:
    op.create_table(
        "digest_schedule",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("start", sa.Text),
        sa.Column("seen_until", sa.Text),
    )
    for name, key in (("heartbeat", "name"), ("notice", "key")):
        op.create_table(name, sa.Column(key, sa.Text, primary_key=True), sa.Column("at", sa.Text, nullable=False))
