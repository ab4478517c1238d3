"""One row for each recipient of an edition, and what the sender asks of whoever keeps them.

due → in flight → sent | deferred | bounced | failed | suppressed | skipped | in doubt
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol


class RowState(StrEnum):
    """What became of one recipient of one edition."""

    DUE = "due"
    IN_FLIGHT = "in flight"  # committed before the final dot; after a crash these, and no others, are in doubt
    SENT = "sent"  # the server took it
    DEFERRED = "deferred"  # the server said later; `next_at` says when
    BOUNCED = "bounced"  # the server refused this recipient for good
    FAILED = "failed"  # given up: too many deferrals, or the message was refused
    SUPPRESSED = "suppressed"  # no consent any more, or on the suppression list
    SKIPPED = "skipped"  # nothing chosen in it, or `mail.only_to` names others
    IN_DOUBT = "in doubt"  # a crash left unknown whether it went out


MOST_DOUBTS = 3  # a recipient in doubt so often is held, whatever the policy: something about it kills senders
OPEN = frozenset({RowState.DUE, RowState.IN_FLIGHT, RowState.DEFERRED, RowState.IN_DOUBT})  # not accounted for yet


@dataclass(frozen=True)
class Recipient:
    """One row that is due."""

    subscriber: int
    address: str
    variant: str  # what they get, as digest.audience.interests writes it down
    attempts: int  # before this one
    doubts: int = 0  # how often it was left unknown before whether a message went out
    version: int = 0  # of the subscriber's tokens
    since: datetime | None = None  # UTC; from when on it waits, where that is not when the edition began


@dataclass(frozen=True)
class Result:
    """What became of one attempt."""

    subscriber: int
    state: RowState
    reply: str  # what the server said, or why nothing was sent; at most 500 characters
    next_at: datetime | None = None  # UTC, of a deferral


class Rows(Protocol):
    """Where the rows are kept: every method is one transaction."""

    @property
    def lease(self) -> float:
        """Return for how many seconds after each commit no other sender takes over."""

    def recover(self, edition: int, policy: Literal["resend", "hold"], at: datetime) -> int:
        """Turn rows that a dead sender left in flight into in doubt, or, by `resend`, due again; return how many.

        A row that is due again this way keeps `in doubt` in its reply, so that a report names it. Raises Busy while
        another sender may be alive.
        """

    def release(self, edition: int) -> None:
        """Let any other sender take over at once."""

    def due(self, edition: int, at: datetime, limit: int, beyond: int = 0) -> Sequence[Recipient]:
        """Return rows due, or deferred until `at` or earlier, by subscriber, of those `beyond` that one."""

    def commit(
        self, edition: int, results: Sequence[Result], next_up: Sequence[int], at: datetime
    ) -> frozenset[int] | None:
        """Record `results`, then put `next_up` in flight; return those of them that may be sent.

        Consent and suppression are read again here: who left meanwhile becomes `suppressed` and is not returned.
        None: nobody may be sent anything now, because the edition is not `sending`, or another sender took it over,
        who alone writes from then on. Without results or rows it renews the lease.
        """


@dataclass(frozen=True)
class MailTo:
    """An edition's mail to one subscriber, as it is looked up later."""

    edition: str  # id
    state: RowState
    reply: str  # the server's last
    at: datetime  # UTC, when the state last changed
    attempts: int
    variant: str  # as digest.audience.interests writes it
    items: tuple[
        tuple[str, str, str], ...
    ]  # slug, version, what became of it; of the edition, before the variant's choice
