from digest.actions.rehearse import Rehearsal, rehearse
from tests.acceptance.newsroom import madrid
from tests.actions.desk import Desk


def rows(desk: Desk, limit: int = 4) -> list[Rehearsal]:
    return rehearse(desk.newsroom, desk.store, desk.clock(), limit)


def test_the_coming_slots_are_shown_with_local_time_utc_readers_and_items(desk: Desk) -> None:
    desk.write("strike", "2026-11-24 10:00")
    desk.subscribe("ben@paper.example")
    first, second, *_ = rows(desk)
    assert first == Rehearsal("weekly/2026-11-27", "Fri 2026-11-27 09:00 CET", "2026-11-27T08:00:00Z", 2, 1, "")
    assert (second.edition, second.items) == ("weekly/2026-12-04", None)


def test_exceptions_are_shown_with_their_reason(desk: Desk) -> None:
    desk.settings(**{"except": {"2026-11-27": "skip", "2026-12-11": "2026-12-09"}})
    skipped, following, moved, _ = rows(desk)
    assert (skipped.note, skipped.items) == ("skipped by `except`", None)
    assert following.items == 0
    assert (moved.edition, moved.local) == ("weekly/2026-12-11", "Wed 2026-12-09 09:00 CET")
    assert moved.note == "moved from 2026-12-11 by `except`"


def test_what_is_unusual_about_the_clocks_is_noted(desk: Desk) -> None:
    schedule = {"every": "day", "at": "02:30"}
    desk.settings(schedule=schedule)
    desk.clock.move_to(madrid("2027-03-27 12:00"))
    first, second = rows(desk, 2)
    assert (first.local, first.note) == (
        "Sun 2027-03-28 03:30 CEST",
        "02:30 does not exist that day: the clocks go forward",
    )
    assert second.note == ""
    desk.clock.move_to(madrid("2027-10-30 12:00"))
    assert [row.note for row in rows(desk, 2)] == ["that hour comes twice: the first is meant", ""]
    desk.settings(schedule=schedule | {"at": "09:00"})
    assert [row.note for row in rows(desk, 2)] == ["the clocks change that day", ""]


def test_how_far_an_edition_is_and_what_it_carries_is_that_of_the_edition(desk: Desk) -> None:
    desk.go()
    desk.write("strike")
    desk.at("2026-11-26 10:00")
    desk.approve()
    desk.write("landed", "2026-11-26 11:00")
    first, *_ = rows(desk)
    assert (first.items, first.note) == (1, "approved")


def test_the_slots_of_all_digests_come_in_the_order_of_time(desk: Desk) -> None:
    daily = {"title": "Daily", "schedule": {"every": "day", "at": "10:00"}}
    weekly = {"title": "Weekly", "schedule": {"every": "week", "on": "friday", "at": "09:00"}}
    manual = {"title": "Manual", "schedule": "manual"}
    desk.configure(digests={"weekly": weekly, "daily": daily, "manual": manual})
    desk.clock.move_to(madrid("2026-11-26 12:00"))
    shown = [(row.edition, row.recipients) for row in rows(desk, 3)]
    assert shown == [("weekly/2026-11-27", 1), ("daily/2026-11-27", 0), ("daily/2026-11-28", 0)]


def test_a_rehearsal_leaves_nothing_behind(desk: Desk) -> None:
    rows(desk)
    assert desk.states() == {}
    assert desk.store.schedules.started("weekly") is None
