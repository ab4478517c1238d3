from datetime import date, timedelta
from typing import Any

import pytest

from digest.editions.due import approves_itself, compose_at, own_slot, why_missed, why_skipped
from digest.editions.edition import Edition, State
from tests.editions.samples import CUTOFF, MADRID, digest, edition

HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
FOR_LONG = {"send_within": "4w"}


def next_week(**fields: Any) -> Edition:  # noqa: ANN401 - any field of it
    return edition(key=2, slot_date=date(2026, 12, 4), slot_at=CUTOFF + WEEK, **fields)


def test_a_draft_is_made_ahead_for_approval_and_at_its_slot_when_nobody_approves_it() -> None:
    assert compose_at(edition(), digest(compose="6h")) == CUTOFF - 6 * HOUR
    assert compose_at(edition(), digest(approval="automatic")) == CUTOFF


def test_what_a_person_asked_for_a_person_approves() -> None:
    automatic = digest(approval="automatic")
    assert approves_itself(edition(), automatic)
    assert not approves_itself(edition(kind="special"), automatic)
    assert not approves_itself(edition(), digest())


def test_an_edition_has_its_slot_where_config_has_it_today() -> None:
    moved = digest(**{"except": {"2026-11-27": "2026-11-25"}})
    slot = own_slot(edition(state=State.APPROVED), moved, MADRID)
    assert slot
    assert slot.at == CUTOFF - timedelta(days=2)
    assert own_slot(edition(kind="special"), moved, MADRID) is None
    assert own_slot(edition(), digest(schedule="manual"), MADRID) is None


def test_an_edition_is_in_time_until_send_within_is_over() -> None:
    latest = CUTOFF + 24 * HOUR
    built = edition(state=State.BUILT)
    assert why_missed(built, digest(), [built], latest) is None
    assert why_missed(built, digest(), [built], latest + HOUR) == "nobody approved it in time"
    approved = edition(state=State.APPROVED)
    assert why_missed(approved, digest(), [approved], latest + HOUR) == "it was not sent in time"


@pytest.mark.parametrize("state", [State.PLANNED, State.BUILT, State.APPROVED, State.HELD, State.SENDING, State.SENT])
def test_of_several_that_are_due_the_newest_takes_the_place_of_the_others(state: State) -> None:
    older, newer = edition(state=State.APPROVED), next_week(state=state)
    both, at = [newer, older], CUTOFF + WEEK
    assert why_missed(older, digest(**FOR_LONG), both, at) == "weekly/2026-12-04 took its place"
    assert why_missed(newer, digest(**FOR_LONG), both, at) is None
    assert why_missed(older, digest(**FOR_LONG), both, at - HOUR) is None


@pytest.mark.parametrize("state", [State.SKIPPED, State.MISSED, State.CANCELLED])
def test_what_was_dropped_takes_nobodys_place(state: State) -> None:
    others = [next_week(state=state)]
    assert why_missed(edition(), digest(**FOR_LONG), others, CUTOFF + WEEK) is None


def test_what_a_person_composed_takes_no_place_and_loses_none() -> None:
    special = edition(key=3, seq=2, slot_at=CUTOFF + HOUR, kind="special")
    for one, other in ((edition(), special), (special, next_week())):
        assert why_missed(one, digest(**FOR_LONG), [other], CUTOFF + WEEK) is None


def test_of_two_slots_at_one_moment_the_later_day_is_sent() -> None:
    later = edition(key=2, slot_date=date(2026, 12, 4))
    assert why_missed(edition(), digest(), [later], CUTOFF) == "weekly/2026-12-04 took its place"
    assert why_missed(later, digest(), [edition()], CUTOFF) is None


def test_an_exception_skips_an_edition_however_far_it_is() -> None:
    skipping = digest(**{"except": ["2026-11-27"]})
    for state in (State.PLANNED, State.BUILT, State.APPROVED):
        assert why_skipped(edition(state=state), skipping, MADRID) == "an exception in config.yaml"
    assert why_skipped(edition(kind="special"), skipping, MADRID) is None


def test_a_changed_schedule_drops_what_was_only_planned() -> None:
    thursdays = digest(schedule={"every": "week", "on": "thursday", "at": "09:00"})
    assert why_skipped(edition(), thursdays, MADRID) == "config.yaml has no such slot any more"
    assert why_skipped(edition(state=State.BUILT), thursdays, MADRID) is None
    assert why_skipped(edition(), digest(), MADRID) is None
