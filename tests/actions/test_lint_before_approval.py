"""What has an error in its mail is not approved, by nobody."""

import pytest

from digest.actions.compose import approve_edition
from digest.actions.lint import FaultyMail
from digest.editions.edition import State
from tests.actions.desk import Desk

DEAD = "See [the report](https://news.example/items/nothing/)."
SHOUT = "PRISONS ARE FULL AGAIN"


@pytest.fixture(autouse=True)
def composed(desk: Desk) -> None:
    desk.settings(approval="required")
    desk.go()
    desk.write("strike")
    desk.at("2026-11-26 09:30")


def test_an_edition_whose_mail_leads_nowhere_is_not_approved_and_each_error_is_named(desk: Desk) -> None:
    desk.edit(note=DEAD)
    with pytest.raises(FaultyMail, match=r"\(en\) the note: error: the link 'https://news.example/items/nothing/'"):
        desk.approve()
    assert desk.edition().state is State.BUILT
    desk.edit(note="See the report.")
    assert desk.approve().state is State.APPROVED


def test_a_warning_is_told_and_stops_nothing(desk: Desk) -> None:
    edition = desk.edit(subject=SHOUT)
    told: list[str] = []
    approved = approve_edition(desk.newsroom, desk.store, edition, "ana", desk.clock(), told.append)
    assert approved.state is State.APPROVED
    assert "the subject" in told[0]
    assert told[0].startswith("weekly/2026-11-27 (en)")


def test_an_edition_that_approves_itself_is_held_for_an_error_and_the_staff_are_told(desk: Desk) -> None:
    desk.edit(note=DEAD)
    desk.settings(approval="automatic")
    desk.at("2026-11-27 09:00")
    assert desk.edition().state is State.HELD
    assert "1 error in its mail" in str(desk.edition().reason)
    assert desk.post.digests() == []
    assert any("held" in subject for subject in desk.told())
