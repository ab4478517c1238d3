from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.engine import Engine

from digest.actions.how_far import HowFar
from digest.editions.edition import Edition
from digest.store.progress import ProgressBoard
from tests.store.conftest import NOON

FAR = HowFar(total=9, sent=3, refused=1, suppressed=1, skipped=1, left=3, deferrals=2, in_doubt=1, rate=12.5)


def test_the_last_note_of_each_mailing_is_kept_and_the_latest_come_first(
    engine: Engine, sending: Callable[..., Edition]
) -> None:
    first, second = sending(), sending(digest="alerts")
    board = ProgressBoard(engine)
    board.note(first.key, HowFar(9, 0, 0, 0, 0, 9, 0, 0, 0.0), NOON)
    board.note(second.key, FAR, NOON + timedelta(seconds=1))
    assert list(board.latest(9)) == [second.id, first.id]
    board.note(first.key, FAR, NOON + timedelta(seconds=2))
    assert board.latest(1) == {first.id: FAR}
