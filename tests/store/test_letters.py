"""Letters as rows: due in their order, through the gate, in doubt, deferred, given up, forgotten."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from digest.addresses import parse_address
from digest.audience.requests import Says
from digest.audience.subscriber import Consent
from digest.delivery.rows import MOST_DOUBTS, Result, RowState
from digest.store import tables
from digest.store.letters import Letters
from digest.store.subscribers import Subscribers
from tests.audience.events import agreed, left
from tests.store.people import owe_letter

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Join = Callable[..., int]


@pytest.fixture
def letters(engine: Engine) -> Letters:
    return Letters(engine, b"h" * 32)


def numbers(letters: Letters, at: datetime = NOON) -> list[int]:
    return [row.subscriber for row in letters.due(0, at, 100)]


def owe(letters: Letters, who: int, says: Says = Says.CONFIRM, address: str | None = None) -> int:
    owe_letter(letters, who, says, NOON, address)
    return numbers(letters)[-1]


def row_of(letters: Letters, number: int) -> tuple[RowState, str, int]:
    row = tables.letter.c
    with letters.engine.connect() as connection:
        found = connection.execute(sa.select(row.state, row.reply, row.attempts).where(row.id == number)).one()
    return RowState(found.state), found.reply, found.attempts


def offered(letters: Letters, number: int, at: datetime = NOON) -> bool:
    return number in letters.commit(0, (), (number,), at)


def noted(letters: Letters, result: Result) -> None:
    letters.commit(0, (result,), (), NOON)


def test_letters_are_due_in_the_order_in_which_they_were_owed_each_since_its_own_time(
    letters: Letters, join: Join
) -> None:
    ana, ben = join("ana"), join("ben")
    owe_letter(letters, ben, Says.WELCOME, NOON)
    owe_letter(letters, ana, Says.MOVE, NOON + MINUTE, "new@paper.example")
    due = letters.due(0, NOON, 100)
    assert [(row.address, row.variant, row.since, row.attempts) for row in due] == [
        ("ben@paper.example", "welcome", NOON, 0),
        ("new@paper.example", "move", NOON + MINUTE, 0),
    ]
    assert len(letters.due(0, NOON, 1)) == 1


def test_a_letter_passes_the_gate_once_and_is_sent(letters: Letters, join: Join) -> None:
    number = owe(letters, join("ana"))
    assert offered(letters, number)
    assert not offered(letters, number)
    assert numbers(letters) == []
    noted(letters, Result(number, RowState.SENT, "250 kept"))
    assert row_of(letters, number) == (RowState.SENT, "250 kept", 1)
    noted(letters, Result(number, RowState.FAILED, "late news of a sender that was stopped"))
    assert row_of(letters, number)[0] is RowState.SENT
    assert not letters.has_work(NOON)


def test_a_deferred_letter_is_due_again_at_its_time(letters: Letters, join: Join) -> None:
    number = owe(letters, join("ana"))
    assert offered(letters, number)
    noted(letters, Result(number, RowState.DEFERRED, "451 later", NOON + MINUTE))
    assert numbers(letters) == []
    assert not letters.has_work(NOON)
    assert numbers(letters, NOON + MINUTE) == [number]
    assert letters.due(0, NOON + MINUTE, 1)[0].attempts == 1


@pytest.mark.parametrize(
    ("says", "passes"),
    [(says, [] if says in {Says.WELCOME, Says.KNOWN, Says.MOVE} else [says]) for says in Says],
)
def test_who_left_meanwhile_is_not_welcomed_but_may_come_back(
    letters: Letters, subscribers: Subscribers, join: Join, says: Says, passes: list[Says]
) -> None:
    ana = join("ana")
    number = owe(letters, ana, says)
    subscribers.leave(ana, left())
    assert offered(letters, number) is bool(passes)
    if not passes:
        assert row_of(letters, number) == (RowState.SUPPRESSED, "left meanwhile", 0)


def test_a_letter_to_somebody_suppressed_meanwhile_is_not_sent(
    letters: Letters, subscribers: Subscribers, join: Join
) -> None:
    number = owe(letters, join("ana"))
    subscribers.suppress("ana@paper.example", "5.1.1", "bounce", NOON)
    assert not offered(letters, number)
    assert row_of(letters, number) == (RowState.SUPPRESSED, "suppressed meanwhile", 0)


def test_a_letter_to_another_address_asks_the_suppression_list_about_that_one(
    letters: Letters, subscribers: Subscribers, join: Join
) -> None:
    number = owe(letters, join("ana"), Says.MOVE, "New@paper.example")
    subscribers.suppress("new@paper.example", "a complaint", "feedback", NOON)
    assert not offered(letters, number)
    assert row_of(letters, number)[0] is RowState.SUPPRESSED


def test_who_was_erased_and_asks_again_gets_their_letter(
    letters: Letters, subscribers: Subscribers, join: Join, engine: Engine
) -> None:
    subscribers.erase(join("ana"), NOON)
    with engine.begin() as connection:
        hashed = connection.execute(sa.select(tables.suppression.c.address_hash)).scalar_one()
    again = join("ben", state=Consent.ASKED)
    with engine.begin() as connection:
        connection.execute(
            sa.update(tables.subscriber).where(tables.subscriber.c.id == again).values(address_hash=hashed)
        )
    assert offered(letters, owe(letters, again))


def test_a_letter_to_somebody_erased_meanwhile_is_gone(letters: Letters, subscribers: Subscribers, join: Join) -> None:
    ana = join("ana")
    waits, flies = owe(letters, ana), owe(letters, ana)
    assert offered(letters, flies)
    subscribers.erase(ana, NOON)
    assert not offered(letters, waits)
    assert letters.owed(waits) is None
    noted(letters, Result(flies, RowState.BOUNCED, "550 <ana@paper.example> unknown"))
    assert not letters.has_work(NOON)


def test_a_letter_that_a_killed_sender_left_in_flight_is_work_and_is_named_for_good(
    letters: Letters, join: Join
) -> None:
    number = owe(letters, join("ana"))
    assert offered(letters, number)
    assert letters.has_work(NOON)
    assert letters.recover(0, "resend", NOON) == 1
    assert letters.recover(0, "resend", NOON) == 0
    assert offered(letters, number)
    noted(letters, Result(number, RowState.SENT, "250 kept"))
    assert row_of(letters, number) == (RowState.SENT, "in doubt; 250 kept", 2)


def test_a_letter_that_kills_its_senders_is_held(letters: Letters, join: Join) -> None:
    number = owe(letters, join("ana"))
    for _ in range(MOST_DOUBTS):
        assert offered(letters, number)
        letters.recover(0, "resend", NOON)
    assert row_of(letters, number)[0] is RowState.IN_DOUBT
    assert not letters.has_work(NOON)


def test_what_was_lost_after_the_dot_counts_as_a_doubt(letters: Letters, join: Join) -> None:
    number = owe(letters, join("ana"))
    for doubts in range(1, 3):
        assert offered(letters, number)
        noted(letters, Result(number, RowState.DUE, "in doubt: the connection was lost"))
        assert letters.due(0, NOON, 1)[0].doubts == doubts


def test_letters_are_forgotten_some_time_after_their_fate_was_known(letters: Letters, join: Join) -> None:
    ana = join("ana")
    sent, waits = owe(letters, ana, Says.MOVE, "new@paper.example"), owe(letters, ana)
    assert offered(letters, sent)
    noted(letters, Result(sent, RowState.SENT, "250 kept"))
    letters.forget(NOON)
    assert letters.owed(sent)
    letters.forget(NOON + DAY)
    assert letters.owed(sent) is None
    assert numbers(letters) == [waits]


def test_who_comes_back_is_welcomed_again(letters: Letters, subscribers: Subscribers, join: Join) -> None:
    ana = join("ana")
    subscribers.leave(ana, left(), Says.LEFT)
    assert subscribers.confirm(ana, agreed())
    assert [letters.due(0, NOON, 9)[place].variant for place in (0, 1)] == ["left", "welcome"]
    assert [(letter.says, letter.state) for letter in subscribers.letters_to(ana)[:2]] == [
        (Says.LEFT, RowState.DUE),
        (Says.WELCOME, RowState.DUE),
    ]


def test_an_address_is_looked_up_as_it_is_compared(letters: Letters, subscribers: Subscribers, join: Join) -> None:
    ana = join("ana", address=parse_address("Ana@Paper.example"))
    number = owe(letters, ana)
    subscribers.suppress("ana@paper.example", "5.1.1", "bounce", NOON)
    subscribers.release("ana@paper.example", left("staff", "by mistake"))
    assert offered(letters, number)


def test_a_letter_to_an_address_that_only_to_does_not_name_is_skipped(letters: Letters, join: Join) -> None:
    named, other = owe(letters, join("ana")), owe(letters, join("ben"))
    moves = owe(letters, join("cho"), Says.MOVE, "New@paper.example")
    held = letters.only_to(["Ana@paper.example", "new@paper.example"])
    assert held.commit(0, (), (named, other, moves), NOON) == {named, moves}
    assert row_of(letters, other) == (RowState.SKIPPED, "mail.only_to does not name them", 0)
    assert numbers(letters) == []
