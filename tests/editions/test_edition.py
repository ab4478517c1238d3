from datetime import date

import pytest

from digest.editions.edition import STEPS, State, check_step, parse_id
from digest.errors import Refused
from tests.editions.samples import CUTOFF, edition


@pytest.mark.parametrize(("seq", "name"), [(1, "2026-11-27"), (2, "2026-11-27.2"), (12, "2026-11-27.12")])
def test_a_further_edition_of_a_day_is_named_by_its_number(seq: int, name: str) -> None:
    assert edition(seq=seq).id == f"weekly/{name}"
    assert parse_id(f"weekly/{name}") == ("weekly", date(2026, 11, 27), seq)


@pytest.mark.parametrize(
    "text", ["weekly", "weekly/", "weekly/2026-11-31", "weekly/2026-11-27.1", "weekly/2026-11-27.0", "/2026-11-27"]
)
def test_what_is_no_edition_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Refused, match=r"is not an edition's id. Write it like weekly/2026-11-27"):
        parse_id(text)


@pytest.mark.parametrize("state", [State.SENT, State.CANCELLED])
def test_what_is_over_takes_no_step(state: State) -> None:
    for to in State:
        with pytest.raises(Refused, match="Make a further edition with `digest edition compose weekly`"):
            check_step(edition(state=state), to)


def test_an_approved_edition_cannot_be_approved_again() -> None:
    with pytest.raises(Refused, match=r"is approved already. Send it with `digest edition send weekly/2026-11-27`"):
        check_step(edition(state=State.APPROVED), State.APPROVED)


def test_what_is_held_before_its_mailing_is_composed_again_and_not_sent() -> None:
    check_step(edition(state=State.HELD), State.BUILT)
    with pytest.raises(Refused, match="is held and cannot become sending"):
        check_step(edition(state=State.HELD), State.SENDING)


def test_what_is_held_midway_is_sent_on_and_not_composed_again() -> None:
    check_step(edition(state=State.HELD, dated=CUTOFF), State.SENDING)
    with pytest.raises(Refused, match="is held, and its mailing has begun"):
        check_step(edition(state=State.HELD, dated=CUTOFF), State.BUILT)


def test_every_state_has_its_steps() -> None:
    assert set(STEPS) == set(State)
