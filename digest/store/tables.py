"""The tables. What must never happen is forbidden here, by constraints, whatever the code above does.

A change here needs a new migration; a test compares the two.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from digest.audience.requests import Purpose, Says
from digest.audience.subscriber import Consent
from digest.delivery.rows import RowState
from digest.editions.edition import State
from digest.moments import from_stored, to_stored

REVISION: Final = "0005"  # of the newest migration; opening a database compares it without loading Alembic
METADATA: Final = sa.MetaData()


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC to the second, as text that sorts by time: `2026-11-18T08:30:00Z`."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - inherited
        """Return the text to store; a time without a zone has no place here."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return to_stored(value.astimezone(UTC))

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - inherited
        """Return the moment that was stored."""
        return None if value is None else from_stored(value)


def _one_of(column: str, states: type[StrEnum]) -> sa.CheckConstraint:
    words = ", ".join(f"'{state}'" for state in states)
    return sa.CheckConstraint(f"{column} IN ({words})", name=f"known_{column}")


ERASED_IS_EMPTY: Final = "erased_at IS NULL OR (address = '' AND address_hash = '' AND state = 'suppressed')"
# As digest.audience.subscriber.after has it: the steps that no program may take, whatever it thinks.
STEPS_OF_CONSENT: Final = (
    "before IS NULL OR (NOT (state = 'asked' AND before <> 'asked')"
    " AND NOT (before = 'suppressed' AND state IN ('asked', 'confirmed')))"
)

edition = sa.Table(
    "edition",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("slot_date", sa.Date, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, server_default="regular"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("slot_at", Moment, nullable=False),
    sa.Column("decisions", sa.Text, nullable=False, server_default="{}"),  # JSON
    sa.Column("content_sha", sa.Text),
    sa.Column("approved_by", sa.Text),
    sa.Column("approved_at", Moment),
    sa.Column("reason", sa.Text),
    sa.Column("dated", Moment),
    sa.UniqueConstraint("digest", "slot_date", "seq", name="one_edition_a_slot"),
    _one_of("state", State),
    sa.CheckConstraint(
        "content_sha IS NOT NULL OR state NOT IN ('approved', 'preparing', 'sending', 'paused', 'sent')",
        name="approval_is_of_a_content",
    ),
    sa.CheckConstraint(
        "dated IS NOT NULL OR state NOT IN ('preparing', 'sending', 'paused', 'sent')", name="mailed_is_dated"
    ),
    sqlite_autoincrement=True,  # an id that was used again would point old tokens at another edition
)

edition_item = sa.Table(
    "edition_item",
    METADATA,
    sa.Column("edition_id", sa.ForeignKey("edition.id"), primary_key=True, autoincrement=False),
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("change", sa.Text, primary_key=True, server_default=""),  # '': carried; else what was named, and when
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.CheckConstraint(
        "change = '' OR change LIKE 'corrected 2%Z' OR change LIKE 'withdrawn 2%Z'", name="known_change"
    ),
)

subscriber = sa.Table(
    "subscriber",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("address_key", sa.Text, nullable=False, unique=True),
    sa.Column("address_hash", sa.Text, nullable=False),  # keyed; what the suppression list knows the address by
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("interests", sa.Text, nullable=False, server_default=""),  # as digest.audience.interests writes them
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),  # of tokens
    sa.Column("chosen_at", Moment),  # when they last chose themselves
    sa.Column("paused_until", Moment),
    # Once erased nothing is left that leads to a person.
    sa.Column("erased_at", Moment, sa.CheckConstraint(ERASED_IS_EMPTY, name="erased_is_empty")),
    _one_of("state", Consent),
    sqlite_autoincrement=True,  # an id that was used again would let old tokens act for somebody else
)

consent = sa.Table(
    "consent",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("subscriber_id", sa.ForeignKey("subscriber.id"), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("before", sa.Text, sa.CheckConstraint(STEPS_OF_CONSENT, name="known_step")),  # the state; null: unknown
    sa.Column("ip", sa.Text),  # only as long as `privacy.consent_ip` says
    _one_of("state", Consent),
    sqlite_autoincrement=True,
)
# Whose IP address is to be forgotten: small however long the history grows.
sa.Index(
    "consent_with_ip", consent.c.at, sqlite_where=consent.c.ip.is_not(None), postgresql_where=consent.c.ip.is_not(None)
)

subscription = sa.Table(
    "subscription",
    METADATA,
    sa.Column("subscriber_id", sa.ForeignKey("subscriber.id"), primary_key=True, autoincrement=False),
    sa.Column("digest", sa.Text, primary_key=True),
    sqlite_with_rowid=False,
)

suppression = sa.Table(
    "suppression",
    METADATA,
    sa.Column("address_hash", sa.Text, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

request = sa.Table(  # what was asked for on the web, and counts against the limits
    "request",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("address_hash", sa.Text, nullable=False),  # keyed, as the next two
    sa.Column("network_hash", sa.Text, nullable=False),
    sa.Column("domain_hash", sa.Text, nullable=False),
    sa.Column("asked", sa.Text),  # JSON, of one that waits; null once it was answered
    _one_of("purpose", Purpose),
    sa.Index("request_of_address", "address_hash", "purpose", "at"),
    sa.Index("request_of_network", "network_hash", "at"),
    sa.Index("request_of_domain", "domain_hash", "at"),
    sa.Index("request_at", "at"),
    sqlite_autoincrement=True,
)
sa.Index(
    "request_waiting",
    request.c.id,
    sqlite_where=request.c.asked.is_not(None),
    postgresql_where=request.c.asked.is_not(None),
)

letter = sa.Table(  # a mail to one subscriber about their subscription
    "letter",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("subscriber_id", sa.ForeignKey("subscriber.id"), nullable=False, index=True),
    sa.Column("says", sa.Text, nullable=False),
    sa.Column("address", sa.Text),  # where it goes; null: to the subscriber's own
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="due"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", Moment),  # of a deferral
    sa.Column("reply", sa.Text, nullable=False, server_default=""),
    sa.Column("at", Moment, nullable=False),  # when the state last changed
    sa.Column("fence", sa.Integer, nullable=False, server_default="0"),  # how often in doubt
    _one_of("says", Says),
    _one_of("state", RowState),
    sa.CheckConstraint("next_at IS NOT NULL OR state <> 'deferred'", name="deferred_until"),
    sqlite_autoincrement=True,
)
sa.Index(
    "letter_to_send",
    letter.c.id,
    sqlite_where=sa.text("state IN ('due', 'in flight', 'deferred')"),
    postgresql_where=sa.text("state IN ('due', 'in flight', 'deferred')"),
)

delivery = sa.Table(
    "delivery",
    METADATA,
    sa.Column("edition_id", sa.ForeignKey("edition.id"), primary_key=True, autoincrement=False),
    sa.Column("subscriber_id", sa.ForeignKey("subscriber.id"), primary_key=True, autoincrement=False),
    sa.Column("variant", sa.Text, nullable=False, server_default=""),  # as digest.audience.interests writes it
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", Moment),  # of a deferral
    sa.Column("reply", sa.Text, nullable=False, server_default=""),
    sa.Column("at", Moment, nullable=False),  # when the state last changed
    sa.Column("fence", sa.Integer, nullable=False, server_default="0"),  # how often taken over in flight
    _one_of("state", RowState),
    sa.CheckConstraint("next_at IS NOT NULL OR state <> 'deferred'", name="deferred_until"),
    sqlite_with_rowid=False,
)
# What is still to be sent, in the order of sending: small however many have been sent.
sa.Index(
    "delivery_to_send",
    delivery.c.edition_id,
    delivery.c.subscriber_id,
    delivery.c.state,
    delivery.c.next_at,
    sqlite_where=sa.text("state IN ('due', 'deferred')"),
    postgresql_where=sa.text("state IN ('due', 'deferred')"),
)

claim = sa.Table(
    "claim",
    METADATA,
    sa.Column("edition_id", sa.ForeignKey("edition.id"), primary_key=True, autoincrement=False),
    sa.Column("first", sa.Integer, primary_key=True, autoincrement=False),  # subscriber
    sa.Column("last", sa.Integer),  # subscriber; null: to the end
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("until", Moment),  # null: until somebody takes over
    sa.Column("fence", sa.Integer, nullable=False),  # how many owners there have been
)

digest_schedule = sa.Table(
    "digest_schedule",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("start", Moment),  # items published before it are in no edition
    sa.Column("seen_until", Moment),  # slots up to here have been dealt with
)

heartbeat = sa.Table(
    "heartbeat",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("at", Moment, nullable=False),
)

relay_day = sa.Table(  # how many messages a mail server was given, where it takes so many a day only
    "relay_day",
    METADATA,
    sa.Column("server", sa.Text, primary_key=True),  # host:port
    sa.Column("day", sa.Date, primary_key=True),  # UTC
    sa.Column("given", sa.Integer, sa.CheckConstraint("given >= 0", name="given_is_a_number"), nullable=False),
)

progress = sa.Table(  # of a mailing, as its sender last wrote it down; counts are rows
    "progress",
    METADATA,
    sa.Column("edition_id", sa.ForeignKey("edition.id"), primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("sent", sa.Integer, nullable=False),
    sa.Column("refused", sa.Integer, nullable=False),
    sa.Column("suppressed", sa.Integer, nullable=False),
    sa.Column("skipped", sa.Integer, nullable=False),
    sa.Column("left", sa.Integer, nullable=False),
    sa.Column("deferrals", sa.Integer, nullable=False),  # attempts of the last run
    sa.Column("in_doubt", sa.Integer, nullable=False),  # attempts of the last run
    sa.Column("rate", sa.Float, nullable=False),  # rows a second
)

notice = sa.Table(
    "notice",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("at", Moment, nullable=False),
)
