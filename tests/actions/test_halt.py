"""Stopping an edition midway, and letting it go on."""

import threading
from collections.abc import Callable

import pytest

from digest.actions import halt, send
from digest.actions.reconcile import deliver_due
from digest.delivery.lock import sender_lock
from digest.delivery.rows import Result, RowState
from digest.editions.edition import Edition, Overtaken, State
from digest.errors import Refused
from tests.actions.conftest import MANY
from tests.actions.desk import Desk
from tests.actions.test_send import BACK, after, start
from tests.store.rows import rows_of

pytestmark = pytest.mark.usefixtures("at_the_slot")


def midway(desk: Desk, do: Callable[[Edition], object]) -> Edition:
    """Send four of ten mails and then do something to the edition; return it as it is then."""
    begun = start(desk)
    send.deliver(desk.office, begun, after(4, desk, lambda: do(begun)))
    return desk.edition()


def paused(desk: Desk) -> Edition:
    return midway(desk, lambda edition: halt.pause(desk.office, edition, "a doubt"))


def test_a_paused_edition_is_sent_by_nobody_until_it_is_resumed_and_then_to_the_others_only(desk: Desk) -> None:
    edition = paused(desk)
    assert (edition.state, edition.reason) == (State.PAUSED, "a doubt")
    assert len(desk.post.digests()) == 4
    desk.go()  # the scheduler
    assert len(desk.post.digests()) == 4
    resumed = send.resume(desk.office, edition)
    assert (resumed.state, resumed.reason) == (State.SENDING, None)
    desk.go()
    assert len(desk.post.digests()) == 10
    assert len(dict(desk.post.digests())) == 10
    assert desk.edition().state is State.SENT


def test_what_is_not_being_sent_cannot_be_paused_and_what_was_not_stopped_not_resumed(desk: Desk) -> None:
    with pytest.raises(Refused, match=r"is approved: it is not being sent. If it is not to go out, cancel it"):
        halt.pause(desk.office, desk.edition(), "")
    with pytest.raises(Refused, match=r"is approved: it was not stopped midway"):
        send.resume(desk.office, desk.edition())
    edition = paused(desk)
    with pytest.raises(Refused, match=r"is paused already. Go on with `digest edition resume weekly/2026"):
        halt.pause(desk.office, edition, "")
    with pytest.raises(Refused, match=r"is being sent. There is nothing to resume"):
        send.resume(desk.office, send.resume(desk.office, edition))
    desk.go()
    with pytest.raises(Refused, match=r"has been sent already. Nothing is left to pause"):
        halt.pause(desk.office, desk.edition(), "")
    with pytest.raises(Refused, match=r"is sent: it was not stopped midway"):
        send.resume(desk.office, desk.edition())


def test_a_paused_edition_whose_item_was_taken_back_meanwhile_is_not_resumed(desk: Desk) -> None:
    edition = paused(desk)
    desk.write("strike", withdrawn=BACK)
    with pytest.raises(Refused, match=r"is held: not public: strike"):
        send.resume(desk.office, edition)
    assert desk.edition().state is State.PAUSED


def test_an_item_taken_back_when_the_edition_was_paused_already_only_ends_the_sender(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send, "CHECK_EVERY", 0.0)

    def stop_twice(edition: Edition) -> None:
        halt.pause(desk.office, edition, "a doubt")
        desk.write("strike", withdrawn=BACK)

    assert midway(desk, stop_twice).state is State.PAUSED


def test_when_a_mailing_is_cancelled_who_was_not_reached_is_skipped_with_the_reason(desk: Desk) -> None:
    edition = midway(desk, lambda one: halt.cancel(desk.office, one, "wrong"))
    assert (edition.state, edition.reason) == (State.CANCELLED, "wrong")
    assert halt.close(desk.office, edition) == 0
    rows = list(rows_of(desk.store.deliveries, edition.key))
    assert {(row.state.value, row.reply == "cancelled") for row in rows} == {("sent", False), ("skipped", True)}
    assert send.rows_by_state(desk.office, edition) == {"sent": 4, "skipped": 6}
    desk.go()
    assert len(desk.post.digests()) == 4


def test_what_was_left_when_who_cancelled_was_killed_is_closed_by_the_next_delivery(desk: Desk) -> None:
    edition = midway(desk, lambda one: desk.store.editions.move(one, State.PAUSED))
    desk.store.editions.move(edition, State.CANCELLED)
    assert [one.id for one in desk.store.editions.unclosed()] == [edition.id]
    deliver_due(desk.office, lambda: False)
    assert desk.store.editions.unclosed() == []
    assert send.rows_by_state(desk.office, edition) == {"sent": 4, "skipped": 6}


def test_who_was_deferred_before_is_skipped_too(desk: Desk) -> None:
    desk.post.greylisted = {MANY[0]}
    send.deliver(desk.office, start(desk), lambda: False)
    cancelled = halt.cancel(desk.office, desk.edition(), "enough")
    assert send.rows_by_state(desk.office, cancelled) == {"sent": 9, "skipped": 1}


def test_what_a_dead_sender_left_in_flight_is_in_doubt_when_the_edition_is_cancelled(desk: Desk) -> None:
    edition = start(desk)
    deliveries = desk.store.deliveries
    first = deliveries.due(edition.key, desk.clock(), 1)[0].subscriber
    deliveries.recover(edition.key, "hold", desk.clock())
    deliveries.commit(edition.key, [], [first], desk.clock())
    cancelled = halt.cancel(desk.office, edition, "enough")
    assert send.rows_by_state(desk.office, cancelled) == {"in flight": 1, "skipped": 9}
    assert halt.close(desk.office, cancelled) == 0
    assert send.rows_by_state(desk.office, cancelled) == {"in doubt": 1, "skipped": 9}


def test_what_a_living_sender_waits_for_is_left_to_it_and_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halt, "PATIENCE", 0.3)
    edition = start(desk)
    deliveries = desk.store.deliveries
    first = deliveries.due(edition.key, desk.clock(), 1)[0].subscriber
    deliveries.commit(edition.key, [], [first], desk.clock())

    def answer() -> None:
        deliveries.commit(edition.key, [Result(first, RowState.SENT, "250 kept")], [], desk.clock())

    with sender_lock(desk.office.newsroom.var / "sender.lock"):
        cancelled = halt.cancel(desk.office, edition, "enough")
        assert halt.close(desk.office, cancelled) == 1
        threading.Timer(0.1, answer).start()
        assert halt.in_flight(desk.office, cancelled) == 0
    assert send.rows_by_state(desk.office, cancelled) == {"sent": 1, "skipped": 9}


def test_of_two_that_stop_an_edition_one_is_told_that_it_was_changed(desk: Desk) -> None:
    edition = start(desk)
    halt.cancel(desk.office, edition, "enough")
    with pytest.raises(Overtaken):
        halt.pause(desk.office, edition, "a doubt")


def test_a_row_that_is_skipped_stays_so_whatever_comes_late(desk: Desk) -> None:
    edition = start(desk)
    last = desk.store.deliveries.due(edition.key, desk.clock(), 10)[-1].subscriber
    halt.cancel(desk.office, edition, "enough")
    assert desk.store.deliveries.commit(edition.key, [], [last], desk.clock()) is None
    assert desk.store.deliveries.counts(edition.key)[RowState.SKIPPED] == 10
