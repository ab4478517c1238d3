"""What follows from a reply, a loss or a failure: the row's result, and what it says about the server.

| answer              | at MAIL, DATA or the dot | at RCPT  |
| ------------------- | ------------------------ | -------- |
| 2xx                 | sent (the dot)           |          |
| 4xx                 | deferred                 | deferred |
| 5xx                 | failed                   | bounced  |
| lost before the dot | deferred, soon           | the same |
| lost after it       | in doubt: due again, but no third time, or held |  |
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Literal

from digest.delivery import retries
from digest.delivery.replies import Lost, Reply, Stage
from digest.delivery.rows import MOST_DOUBTS, Recipient, Result, RowState
from digest.errors import DigestError, UnfitText

Policy = Literal["resend", "hold"]
LONGEST_REPLY = 500  # characters that a row keeps


class Health(Enum):
    """What an outcome says about the way the mail takes, apart from its recipient."""

    WELL = auto()
    AILING = auto()  # it was not the recipient's doing: after several in a row the server is left alone
    OVERLOADED = auto()  # the server wants it slower, and is left alone at once
    REFUSES = auto()  # the server does not take this message, as maybe no other of the edition


@dataclass(frozen=True)
class Outcome:
    """The end of one attempt."""

    result: Result
    health: Health
    in_doubt: bool = False  # nobody knows whether it went out


def after_reply(recipient: Recipient, reply: Reply, at: datetime, started: datetime) -> Outcome:
    """Return what a refusal, or the answer to the final dot, means."""
    health = _health(reply)
    if reply.accepts:
        return Outcome(_result(recipient, RowState.SENT, str(reply)), health)
    if reply.defers:
        return Outcome(_again(recipient, str(reply), at, started, retries.FIRST), health)
    state = RowState.BOUNCED if reply.stage is Stage.RCPT else RowState.FAILED
    return Outcome(_result(recipient, state, str(reply)), health)


def after_loss(recipient: Recipient, lost: Lost, at: datetime, started: datetime, policy: Policy) -> Outcome:
    """Return what a lost connection means: before the final dot nothing was sent, after it nobody knows."""
    if lost.stage is not Stage.DOT:
        return Outcome(_again(recipient, lost.message, at, started, retries.SOON), Health.AILING)
    again = policy == "resend" and recipient.doubts + 1 < MOST_DOUBTS
    state = RowState.DUE if again else RowState.IN_DOUBT
    return Outcome(_result(recipient, state, f"in doubt: {lost.message}"), Health.AILING, in_doubt=True)


def not_built(recipient: Recipient, error: Exception) -> Outcome:
    """Return what it means that there is no message for a recipient."""
    about_recipient = isinstance(error, UnfitText)
    reason = str(error) if isinstance(error, DigestError | UnfitText) else f"{type(error).__name__}: {error}"
    result = _result(recipient, RowState.FAILED, f"the message could not be built: {reason}")
    return Outcome(result, Health.WELL if about_recipient else Health.AILING)


def _health(reply: Reply) -> Health:
    # RFC 3463 section 3.8: x.7.x is policy, and 4.7.x is how providers throttle.
    if reply.hangs_up or (reply.enhanced or "").startswith("4.7."):
        return Health.OVERLOADED
    if reply.refuses and reply.stage is Stage.DOT:
        return Health.REFUSES
    return Health.WELL if reply.accepts or reply.stage is Stage.RCPT else Health.AILING


def _again(recipient: Recipient, reason: str, at: datetime, started: datetime, first: timedelta) -> Result:
    moment = retries.next_try(recipient.attempts, at, started, first)
    if moment is None:
        return _result(
            recipient, RowState.FAILED, f"given up after {retries.GIVE_UP // timedelta(hours=1)} h: {reason}"
        )
    return _result(recipient, RowState.DEFERRED, reason, moment)


def _result(recipient: Recipient, state: RowState, reply: str, next_at: datetime | None = None) -> Result:
    return Result(recipient.subscriber, state, reply[:LONGEST_REPLY], next_at)
