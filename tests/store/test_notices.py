from datetime import UTC, datetime

from sqlalchemy.engine import Engine

from digest.store.notices import Notices

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def test_a_notice_is_new_once(engine: Engine) -> None:
    notices = Notices(engine)
    assert notices.first_time("weekly/2026-11-27 missed", NOON)
    assert not notices.first_time("weekly/2026-11-27 missed", NOON)
    assert notices.first_time("weekly/2026-12-04 missed", NOON)
