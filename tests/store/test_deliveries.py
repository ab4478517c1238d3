from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from digest.delivery.rows import Recipient, Result, Rows, RowState
from digest.editions.edition import Edition, State
from digest.errors import Busy
from digest.store import tables
from digest.store.deliveries import LEASE, Deliveries, _waiting
from digest.store.editions import Editions
from digest.store.subscribers import Subscribers
from tests.audience.events import left
from tests.store.rows import rows_of

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
Join = Callable[..., int]
Sending = Callable[..., Edition]


def _states(deliveries: Deliveries, edition: Edition) -> list[str]:
    return [row.state for row in rows_of(deliveries, edition.key)]


def _replies(deliveries: Deliveries, edition: Edition) -> list[str]:
    return [row.reply for row in rows_of(deliveries, edition.key)]


def test_the_rows_are_what_the_sender_asks_for(deliveries: Deliveries) -> None:
    rows: Rows = deliveries
    assert rows


def test_rows_come_due_oldest_subscriber_first_and_no_more_than_asked_for(
    deliveries: Deliveries, join: Join, sending: Sending
) -> None:
    ana, ben, _ = join("ana"), join("ben", language="es"), join("cho")
    edition = sending()
    assert deliveries.due(edition.key, NOON, 2) == [
        Recipient(ana, "ana@paper.example", "en", 0),
        Recipient(ben, "ben@paper.example", "es", 0),
    ]


def test_what_is_next_is_in_flight_before_it_may_be_sent_and_then_has_its_result(
    deliveries: Deliveries, join: Join, sending: Sending
) -> None:
    ana, ben = join("ana"), join("ben")
    edition = sending()
    assert deliveries.commit(edition.key, [], [ana], NOON) == frozenset({ana})
    assert _states(deliveries, edition) == ["in flight", "due"]
    assert deliveries.commit(edition.key, [Result(ana, RowState.SENT, "250 ok")], [ben], NOON) == frozenset({ben})
    first = next(rows_of(deliveries, edition.key))
    assert (first.address, first.state, first.reply, first.attempts, first.at) == (
        "ana@paper.example",
        RowState.SENT,
        "250 ok",
        1,
        NOON,
    )
    assert deliveries.counts(edition.key) == {RowState.SENT: 1, RowState.IN_FLIGHT: 1}


def test_a_row_in_flight_is_not_put_in_flight_again(deliveries: Deliveries, join: Join, sending: Sending) -> None:
    ana = join("ana")
    edition = sending()
    deliveries.commit(edition.key, [], [ana], NOON)
    assert deliveries.due(edition.key, NOON, 10) == []
    assert deliveries.commit(edition.key, [], [ana], NOON) == frozenset()


def test_a_recipient_refused_before_the_gate_has_a_result_too(
    deliveries: Deliveries, join: Join, sending: Sending
) -> None:
    ana = join("ana")
    edition = sending()
    deliveries.commit(edition.key, [Result(ana, RowState.BOUNCED, "550 no such user")], [], NOON)
    assert _states(deliveries, edition) == ["bounced"]


def test_a_result_does_not_change_what_is_accounted_for(deliveries: Deliveries, join: Join, sending: Sending) -> None:
    ana = join("ana")
    edition = sending()
    deliveries.commit(edition.key, [], [ana], NOON)
    deliveries.commit(edition.key, [Result(ana, RowState.SENT, "250 ok")], [], NOON)
    deliveries.commit(edition.key, [Result(ana, RowState.FAILED, "late")], [], NOON)
    assert _replies(deliveries, edition) == ["250 ok"]


def test_a_deferred_row_comes_due_at_its_time(deliveries: Deliveries, join: Join, sending: Sending) -> None:
    ana = join("ana")
    edition = sending()
    deliveries.commit(edition.key, [], [ana], NOON)
    deliveries.commit(edition.key, [Result(ana, RowState.DEFERRED, "451 later", NOON + HOUR)], [], NOON)
    assert deliveries.due(edition.key, NOON + HOUR - timedelta(seconds=1), 10) == []
    (again,) = deliveries.due(edition.key, NOON + HOUR, 10)
    assert again.attempts == 1
    assert deliveries.commit(edition.key, [], [ana], NOON + HOUR) == frozenset({ana})
    assert deliveries.due(edition.key, NOON + 2 * HOUR, 10) == []


def test_who_left_meanwhile_is_suppressed_and_not_returned(
    deliveries: Deliveries, subscribers: Subscribers, join: Join, sending: Sending
) -> None:
    ana, ben = join("ana"), join("ben")
    edition = sending()
    subscribers.leave(ana, left("one-click", "unsubscribed", NOON))
    assert deliveries.commit(edition.key, [], [ana, ben], NOON) == frozenset({ben})
    assert _states(deliveries, edition) == ["suppressed", "in flight"]
    assert _replies(deliveries, edition)[0] == "no consent any more, or a pause"


def test_who_was_suppressed_meanwhile_is_not_returned(
    deliveries: Deliveries, suppress: Callable[[int], None], join: Join, sending: Sending
) -> None:
    ana = join("ana")
    edition = sending()
    suppress(ana)
    assert deliveries.commit(edition.key, [], [ana], NOON) == frozenset()
    assert _states(deliveries, edition) == ["suppressed"]


def test_nobody_is_returned_while_the_edition_is_paused(
    deliveries: Deliveries, editions: Editions, join: Join, sending: Sending
) -> None:
    ana, ben = join("ana"), join("ben")
    edition = sending()
    deliveries.commit(edition.key, [], [ana], NOON)
    paused = editions.move(edition, State.PAUSED)
    assert deliveries.commit(edition.key, [Result(ana, RowState.SENT, "250 ok")], [ben], NOON) is None
    assert _states(deliveries, edition) == ["sent", "due"]
    editions.move(paused, State.SENDING)
    assert deliveries.commit(edition.key, [], [ben], NOON) == frozenset({ben})


def test_editions_do_not_touch_each_others_rows(deliveries: Deliveries, join: Join, sending: Sending) -> None:
    ana = join("ana")
    one, other = sending(), sending()
    deliveries.commit(one.key, [], [ana], NOON)
    deliveries.commit(one.key, [Result(ana, RowState.SENT, "250 ok")], [], NOON)
    deliveries.recover(other.key, "hold", NOON)
    assert (_states(deliveries, one), _states(deliveries, other)) == (["sent"], ["due"])


def test_after_a_crash_rows_in_flight_are_held_in_doubt(deliveries: Deliveries, join: Join, sending: Sending) -> None:
    ana, _ = join("ana"), join("ben")
    edition = sending()
    deliveries.commit(edition.key, [], [ana], NOON)
    assert deliveries.recover(edition.key, "hold", NOON) == 1
    assert _states(deliveries, edition) == ["in doubt", "due"]
    assert deliveries.recover(edition.key, "hold", NOON) == 0


def test_after_a_crash_rows_in_flight_are_sent_again_and_the_report_names_them(
    deliveries: Deliveries, join: Join, sending: Sending
) -> None:
    ana = join("ana")
    edition = sending()
    deliveries.commit(edition.key, [], [ana], NOON)
    assert deliveries.recover(edition.key, "resend", NOON) == 1
    assert (_states(deliveries, edition), _replies(deliveries, edition)) == (["due"], ["in doubt"])
    deliveries.commit(edition.key, [], [ana], NOON)
    deliveries.commit(edition.key, [Result(ana, RowState.SENT, "250 ok")], [], NOON)
    assert _replies(deliveries, edition) == ["in doubt; 250 ok"]


def test_the_third_crash_on_one_recipient_holds_that_recipient(
    deliveries: Deliveries, join: Join, sending: Sending
) -> None:
    ana = join("ana")
    edition = sending()
    states = []
    for _ in range(3):
        deliveries.commit(edition.key, [], [ana], NOON)
        deliveries.recover(edition.key, "resend", NOON)
        states += _states(deliveries, edition)
    assert states == ["due", "due", "in doubt"]


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_a_sender_that_was_taken_over_writes_nothing_and_may_send_nothing(
    engine: Engine, join: Join, sending: Sending
) -> None:
    ana, ben = join("ana"), join("ben")
    edition = sending()
    zombie, successor = Deliveries(engine), Deliveries(engine)
    zombie.recover(edition.key, "hold", NOON)
    zombie.commit(edition.key, [], [ana], NOON)
    successor.recover(edition.key, "hold", later(2 * LEASE + 2))
    assert zombie.commit(edition.key, [Result(ana, RowState.SENT, "250 ok")], [ben], later(2 * LEASE + 2)) is None
    assert _states(successor, edition) == ["in doubt", "due"]
    assert successor.commit(edition.key, [], [ben], later(2 * LEASE + 2)) == frozenset({ben})


def test_nobody_takes_over_while_the_lease_lasts_and_each_commit_renews_it(
    engine: Engine, join: Join, sending: Sending
) -> None:
    ana = join("ana")
    edition = sending()
    owner, other = Deliveries(engine, "here"), Deliveries(engine, "there")
    owner.recover(edition.key, "resend", NOON)
    for passed in (1.2, 2.4, 3.6):
        assert owner.commit(edition.key, [], [], later(passed * LEASE)) == frozenset()
    owner.commit(edition.key, [], [ana], later(4.8 * LEASE))
    with pytest.raises(Busy, match="another machine"):
        other.recover(edition.key, "resend", later(5.8 * LEASE))
    assert _states(owner, edition) == ["in flight"]
    assert other.recover(edition.key, "resend", later(7 * LEASE)) == 1


def test_who_comes_to_the_same_place_takes_over_at_once_for_a_lock_says_that_the_other_is_dead(
    engine: Engine, sending: Sending
) -> None:
    edition = sending()
    Deliveries(engine, "a%").recover(edition.key, "resend", NOON)
    with pytest.raises(Busy):
        Deliveries(engine, "ab").recover(edition.key, "resend", NOON)
    Deliveries(engine, "a%").recover(edition.key, "resend", NOON)


def test_what_was_released_can_be_taken_over_at_once(engine: Engine, sending: Sending) -> None:
    edition = sending()
    owner, other = Deliveries(engine, "here"), Deliveries(engine, "there")
    owner.recover(edition.key, "resend", NOON)
    other.release(edition.key)
    with pytest.raises(Busy):
        other.recover(edition.key, "resend", NOON)
    owner.release(edition.key)
    other.recover(edition.key, "resend", NOON)


def test_a_deferral_that_lies_far_ahead_because_the_clock_was_set_back_is_tried_now(
    deliveries: Deliveries, join: Join, sending: Sending
) -> None:
    ana = join("ana")
    edition = sending()
    deliveries.commit(edition.key, [Result(ana, RowState.DEFERRED, "450 later", NOON + HOUR)], (), NOON)
    assert not deliveries.due(edition.key, NOON, 9)
    assert [row.subscriber for row in deliveries.due(edition.key, NOON - timedelta(days=400), 9)] == [ana]


def test_who_comes_first_to_an_edition_owns_it(engine: Engine, join: Join, sending: Sending) -> None:
    ana, ben = join("ana"), join("ben")
    edition = sending()
    assert Deliveries(engine).commit(edition.key, [], [ana], NOON) == frozenset({ana})
    assert Deliveries(engine).commit(edition.key, [], [ben], NOON) is None


def test_what_is_due_is_found_without_walking_over_what_was_sent(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by what it knows of the data")
    query = str(_waiting(1, NOON, 10, 0).compile(engine, compile_kwargs={"literal_binds": True}))
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()
    assert [step.detail for step in plan] == [
        "SEARCH delivery USING COVERING INDEX delivery_to_send (edition_id=? AND subscriber_id>?)"
    ]


def test_a_whole_edition_is_sent_in_groups_with_each_recipient_once(
    deliveries: Deliveries, subscribers: Subscribers, newcomer: Callable[..., Any], sending: Sending
) -> None:
    subscribers.import_rows((newcomer(f"reader{number}") for number in range(100)), NOON)
    edition = sending()
    sent: list[frozenset[int]] = []
    while waiting := deliveries.due(edition.key, NOON, 7):
        results = [Result(key, RowState.SENT, "250 ok") for key in (sent[-1] if sent else ())]
        sent.append(deliveries.commit(edition.key, results, [one.subscriber for one in waiting], NOON) or frozenset())
    assert len(set(chain.from_iterable(sent))) == sum(len(group) for group in sent) == 100
    assert deliveries.counts(edition.key) == {RowState.SENT: 98, RowState.IN_FLIGHT: 2}


def test_a_row_needs_its_edition_and_its_subscriber(engine: Engine) -> None:
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(sa.insert(tables.delivery).values(edition_id=1, subscriber_id=1, state="due", at=NOON))
