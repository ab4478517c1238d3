from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from digest.delivery import outcomes
from digest.delivery.outcomes import Health, after_loss, after_reply, not_built
from digest.delivery.replies import Lost, Stage, reply
from digest.delivery.rows import Recipient, RowState
from digest.errors import Refused, UnfitText
from tests.delivery.doubles import START, minutes

READER = Recipient(1, "reader@example.org", "en", 0)
LATER = START + minutes(30)


@pytest.mark.parametrize(
    ("stage", "code", "text", "state", "health"),
    [
        (Stage.DOT, 250, b"2.0.0 queued", RowState.SENT, Health.WELL),
        (Stage.DOT, 250, b"", RowState.SENT, Health.WELL),
        (Stage.RCPT, 450, b"4.2.0 greylisted", RowState.DEFERRED, Health.WELL),
        (Stage.RCPT, 452, b"4.2.2 mailbox full", RowState.DEFERRED, Health.WELL),
        (Stage.RCPT, 550, b"5.1.1 no such user", RowState.BOUNCED, Health.WELL),
        (Stage.RCPT, 553, b"", RowState.BOUNCED, Health.WELL),
        (Stage.MAIL, 451, b"4.3.0 try later", RowState.DEFERRED, Health.AILING),
        (Stage.MAIL, 553, b"5.1.8 sender refused", RowState.FAILED, Health.AILING),
        (Stage.DATA, 554, b"5.5.1 no", RowState.FAILED, Health.AILING),
        (Stage.DOT, 452, b"4.3.1 disk full", RowState.DEFERRED, Health.AILING),
        (Stage.DOT, 554, b"5.7.1 spam", RowState.FAILED, Health.REFUSES),
        (Stage.MAIL, 421, b"closing", RowState.DEFERRED, Health.OVERLOADED),
        (Stage.RCPT, 421, b"4.3.2 closing", RowState.DEFERRED, Health.OVERLOADED),
        (Stage.DOT, 421, b"", RowState.DEFERRED, Health.OVERLOADED),
        (Stage.RCPT, 451, b"4.7.1 too many", RowState.DEFERRED, Health.OVERLOADED),
        (Stage.DOT, 450, b"4.7.28 rate", RowState.DEFERRED, Health.OVERLOADED),
        (Stage.RCPT, 550, b"5.7.1 policy", RowState.BOUNCED, Health.WELL),
    ],
)
def test_a_reply_has_one_consequence(stage: Stage, code: int, text: bytes, state: RowState, health: Health) -> None:
    outcome = after_reply(READER, reply(code, text, stage), LATER, START)
    assert (outcome.result.state, outcome.health) == (state, health)
    assert not outcome.in_doubt
    assert outcome.result.reply.startswith(str(code))
    assert (outcome.result.next_at == LATER + minutes(5)) is (state is RowState.DEFERRED)


def test_a_deferral_after_two_days_is_a_failure_that_says_so() -> None:
    tried = replace(READER, attempts=20)
    outcome = after_reply(tried, reply(450, b"4.2.0 later", Stage.RCPT), START + timedelta(hours=48), START)
    assert outcome.result.state is RowState.FAILED
    assert outcome.result.reply == "given up after 48 h: 450 4.2.0 later (at RCPT)"


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA])
@pytest.mark.parametrize("policy", ["resend", "hold"])
def test_a_loss_before_the_final_dot_is_tried_again_soon(stage: Stage, policy: Literal["resend", "hold"]) -> None:
    outcome = after_loss(READER, Lost("relay.example:25", stage, "reset"), LATER, START, policy)
    assert outcome.result.state is RowState.DEFERRED
    assert outcome.result.next_at == LATER + minutes(1)
    assert not outcome.in_doubt


@pytest.mark.parametrize(
    ("policy", "doubts", "state"),
    [
        ("resend", 0, RowState.DUE),
        ("resend", 1, RowState.DUE),
        ("resend", 2, RowState.IN_DOUBT),
        ("hold", 0, RowState.IN_DOUBT),
        ("hold", 2, RowState.IN_DOUBT),
    ],
)
def test_a_loss_after_the_final_dot_is_in_doubt_and_the_third_one_is_held(
    policy: Literal["resend", "hold"], doubts: int, state: RowState
) -> None:
    reader = Recipient(1, "reader@example.org", "en", attempts=7, doubts=doubts)
    outcome = after_loss(reader, Lost("relay.example:25", Stage.DOT, "timed out"), LATER, START, policy)
    assert outcome.result.state is state
    assert outcome.in_doubt
    assert outcome.result.reply == "in doubt: relay.example:25 was lost at the final dot (timed out)"


def test_a_message_that_cannot_be_built_fails_with_the_reason() -> None:
    bug = not_built(READER, KeyError("lead"))
    assert bug.result.state is RowState.FAILED
    assert bug.result.reply == "the message could not be built: KeyError: 'lead'"
    assert bug.health is Health.AILING
    state = not_built(READER, Refused("the edition is gone", "Restore it."))
    assert state.result.reply == "the message could not be built: the edition is gone. Restore it."


def test_an_unfit_address_says_nothing_about_the_server() -> None:
    assert not_built(READER, UnfitText("'ä@x' is not plain ASCII", "Mend it.")).health is Health.WELL


def test_what_a_row_keeps_is_never_too_long_for_it() -> None:
    for outcome in (
        not_built(READER, ValueError("x" * 5000)),
        after_reply(READER, reply(450, b"y" * 5000, Stage.RCPT), START + timedelta(days=9), START),
        after_loss(READER, Lost("h" * 5000, Stage.DOT, "z"), LATER, START, "hold"),
    ):
        assert len(outcome.result.reply) <= outcomes.LONGEST_REPLY
