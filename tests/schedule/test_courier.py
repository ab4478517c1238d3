from collections.abc import Callable
from datetime import datetime

import pytest

from digest.actions.ports import Office
from digest.audience.requests import Says
from digest.delivery.replies import Reply, Stage, reply
from digest.editions.edition import State
from digest.errors import OutsideFailure
from digest.schedule.courier import Load, courier, letters, mailings
from tests.acceptance.newsroom import madrid
from tests.actions.desk import Desk
from tests.schedule.waiting import eventually
from tests.store.people import owe_letter

EVERY = 0.02  # seconds


@pytest.fixture(autouse=True)
def sending(desk: Desk) -> None:
    """Come to an edition that is being sent, with nobody who does."""
    desk.settings(approval="automatic")
    desk.go()
    desk.write("strike")
    desk.post.down = True
    desk.clock.move_to(madrid("2026-11-27 09:00"))
    desk.go()
    desk.post.down = False


def never() -> bool:
    return False


def test_the_courier_delivers_what_is_due(desk: Desk) -> None:
    with courier(lambda: desk.office, mailings, never, EVERY):
        eventually(lambda: desk.edition().state is State.SENT)
    assert desk.post.digests() == [("ana@paper.example", "2026-11-27")]


def test_a_courier_that_is_halted_delivers_nothing_until_it_may_again(desk: Desk) -> None:
    looks: list[int] = []
    halted = True

    def is_halted() -> bool:
        looks.append(1)
        return halted

    with courier(lambda: desk.office, mailings, is_halted, EVERY):
        eventually(lambda: len(looks) > 3)
        assert desk.post.digests() == []
        halted = False
        eventually(lambda: desk.edition().state is State.SENT)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OutsideFailure("the disk failed", "Mend it."), "delivery failed and will be tried again: the disk failed"),
        (KeyError("weekly"), "delivery failed unexpectedly and will be tried again: KeyError('weekly')"),
    ],
)
def test_a_courier_survives_whatever_fails(desk: Desk, error: Exception, said: str) -> None:
    with courier(_failing_after_the_first(desk, error), mailings, never, EVERY):
        eventually(lambda: desk.edition().state is State.SENT)
    assert any(line.startswith(said) for line in desk.said)


def _failing_after_the_first(desk: Desk, error: Exception) -> Callable[[], Office]:
    asked: list[int] = []

    def office_now() -> Office:
        asked.append(1)
        if len(asked) in {2, 3}:
            raise error
        return desk.office

    return office_now


def test_letters_rest_when_the_server_wants_it_slower(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    offers: list[int] = []

    def overloaded(_: object) -> Reply:
        offers.append(1)
        return reply(451, b"4.7.0 slower", Stage.RCPT)

    ana = desk.store.audience.get("ana@paper.example")
    assert ana
    for _ in range(3):
        owe_letter(desk.store.letters, ana.key, Says.MANAGE, desk.clock())
    monkeypatch.setattr(desk.post, "take", overloaded)
    deliver = letters.deliver
    for _ in range(3):
        deliver(desk.office, never)
        desk.clock.move(minutes=1)
    assert len(offers) == 1
    desk.clock.move(minutes=5)
    deliver(desk.office, never)
    assert len(offers) == 2
    assert next(line for line in desk.said if line.startswith("letters rest until ")).endswith(
        "451 4.7.0 slower (at RCPT)"
    )


def test_its_heart_beats_also_while_one_mailing_takes_long(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.schedule.courier.BEAT_EVERY", 0.0)
    schedules = desk.store.schedules
    beats: list[datetime | None] = []

    def slow(_office: Office, stop: Callable[[], bool]) -> None:
        while not stop():
            if len(beats) < 3:
                desk.clock.move(seconds=1)
                beats.append(schedules.last_beat("slow"))

    with courier(lambda: desk.office, Load("slow", EVERY, slow), never, EVERY):
        eventually(lambda: len(beats) == 3)
    first, *others = [beat for beat in beats if beat]
    assert all(beat > first for beat in others)
