"""Consent step by step, choices of one's own, what is asked for on the web, and the letters that answer it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns and tables; whoever is on the list has chosen nothing themselves yet."""
    _subscribers()
    _requests()
    _letters()


def _subscribers() -> None:
    erased = "erased_at IS NULL OR (address = '' AND address_hash = '' AND state = 'suppressed')"
    step = (
        "before IS NULL OR (NOT (state = 'asked' AND before <> 'asked')"
        " AND NOT (before = 'suppressed' AND state IN ('asked', 'confirmed')))"
    )
    op.add_column("subscriber", sa.Column("version", sa.Integer, nullable=False, server_default="0"))
    op.add_column("subscriber", sa.Column("chosen_at", sa.Text))
    op.add_column("subscriber", sa.Column("paused_until", sa.Text))
    op.add_column("subscriber", sa.Column("erased_at", sa.Text, sa.CheckConstraint(erased, name="erased_is_empty")))
    op.add_column("consent", sa.Column("before", sa.Text, sa.CheckConstraint(step, name="known_step")))
    op.add_column("consent", sa.Column("ip", sa.Text))
    with_ip = sa.text("ip IS NOT NULL")
    op.create_index("consent_with_ip", "consent", ["at"], sqlite_where=with_ip, postgresql_where=with_ip)


def _requests() -> None:
    op.create_table(
        "request",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("address_hash", sa.Text, nullable=False),
        sa.Column("network_hash", sa.Text, nullable=False),
        sa.Column("domain_hash", sa.Text, nullable=False),
        sa.Column("asked", sa.Text),
        sa.CheckConstraint("purpose IN ('subscribe', 'manage', 'move')", name="known_purpose"),
        sqlite_autoincrement=True,
    )
    op.create_index("request_of_address", "request", ["address_hash", "purpose", "at"])
    op.create_index("request_of_network", "request", ["network_hash", "at"])
    op.create_index("request_of_domain", "request", ["domain_hash", "at"])
    op.create_index("request_at", "request", ["at"])
    waits = sa.text("asked IS NOT NULL")
    op.create_index("request_waiting", "request", ["id"], sqlite_where=waits, postgresql_where=waits)


def _letters() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("subscriber_id", sa.Integer, sa.ForeignKey("subscriber.id"), nullable=False, index=True),
        sa.Column("says", sa.Text, nullable=False),
        sa.Column("address", sa.Text),
        sa.Column("made_at", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="due"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_at", sa.Text),
        sa.Column("reply", sa.Text, nullable=False, server_default=""),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False, server_default="0"),
        sa.CheckConstraint(
            "says IN ('confirm', 'known', 'welcome', 'left', 'manage', 'move', 'moved')", name="known_says"
        ),
        sa.CheckConstraint(
            "state IN ('due', 'in flight', 'sent', 'deferred', 'bounced', 'failed', 'suppressed', 'skipped',"
            " 'in doubt')",
            name="known_state",
        ),
        sa.CheckConstraint("next_at IS NOT NULL OR state <> 'deferred'", name="deferred_until"),
        sqlite_autoincrement=True,
    )
    to_send = sa.text("state IN ('due', 'in flight', 'deferred')")
    op.create_index("letter_to_send", "letter", ["id"], sqlite_where=to_send, postgresql_where=to_send)
