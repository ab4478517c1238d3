"""What became of an edition, as it is told."""

import pytest

from digest.actions import halt, report, send
from digest.actions.reconcile import reconcile
from digest.editions.edition import State
from tests.acceptance.newsroom import madrid
from tests.actions.conftest import MANY
from tests.actions.desk import STAFF, Desk
from tests.actions.test_send import start


@pytest.fixture(autouse=True)
def nothing_said(desk: Desk, at_the_slot: None) -> None:  # noqa: ARG001 - what it does is needed
    """Forget what was mailed and said on the way there."""
    desk.post.mails.clear()
    desk.said.clear()


def told(desk: Desk) -> list[str]:
    """Return what the staff were mailed of ends."""
    bodies = [mail.get_body(("plain",)) for _, mail in desk.post.mails if not mail["List-Id"]]
    return [body.get_content().replace("\r\n", "\n") for body in bodies if body]


def test_at_its_end_the_staff_are_mailed_the_sums_once_and_who_needs_somebody_by_name(desk: Desk) -> None:
    desk.post.refused = {MANY[0], MANY[1]}
    send.deliver(desk.office, start(desk), lambda: False)
    assert desk.edition().state is State.SENT
    assert desk.post.notices() == ["weekly/2026-11-27 is sent: 8 of 10 got it"]
    [text] = told(desk)
    assert "10 recipients:\n8 sent\n2 bounced\n" in text
    assert f"bounced: {MANY[0]} (1 attempt): 550 5.7.1" in text
    desk.at("2026-11-27 09:05")
    assert len(told(desk)) == 1


def test_the_log_names_no_subscriber(desk: Desk) -> None:
    desk.post.refused = {MANY[0]}
    send.deliver(desk.office, start(desk), lambda: False)
    assert desk.said == ["weekly/2026-11-27 is sent: 9 of 10 got it; 9 sent, 1 bounced"]


def test_when_many_need_somebody_twenty_are_named_and_the_others_counted(desk: Desk) -> None:
    more = [f"more{number}@paper.example" for number in range(15)]
    desk.subscribe(*more)
    desk.post.refused = {*MANY, *more}
    send.deliver(desk.office, start(desk), lambda: False)
    [text] = told(desk)
    assert text.count("bounced: ") == 20
    assert "… and 4 more" in text


def test_whoever_could_not_be_told_is_told_by_a_later_round(desk: Desk) -> None:
    desk.post.refused = {STAFF}
    send.deliver(desk.office, start(desk), lambda: False)
    assert told(desk) == []
    desk.post.refused = set()
    reconcile(desk.office, desk.clock())
    reconcile(desk.office, desk.clock())
    assert len(told(desk)) == 1


def test_a_cancelled_mailing_is_told_by_the_next_round(desk: Desk) -> None:
    halt.cancel(desk.office, start(desk), "wrong")
    reconcile(desk.office, desk.clock())
    [text] = told(desk)
    assert "is cancelled (wrong); 10 recipients:\n10 skipped (10 cancelled)" in text


def test_an_edition_that_ended_days_ago_is_told_to_nobody_new(desk: Desk) -> None:
    send.deliver(desk.office, start(desk), lambda: False)
    desk.store.notices.forget(f"report weekly/2026-11-27 sent {STAFF}")
    desk.clock.move_to(madrid("2026-11-30 09:00"))
    assert list(report.of_ended(desk.office, [desk.edition()])) == []
