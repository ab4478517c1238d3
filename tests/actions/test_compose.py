from pathlib import Path
from typing import Any

import pytest

from digest.actions import compose
from digest.editions.edition import Decisions, State
from digest.errors import OutsideFailure, Refused
from tests.acceptance.newsroom import madrid
from tests.actions.desk import STAFF, Desk


@pytest.fixture(autouse=True)
def two_items(desk: Desk) -> None:
    desk.write("strike", "2026-11-24 10:00")
    desk.write("victory", "2026-11-25 10:00")


def drafted(desk: Desk) -> None:
    desk.go()
    desk.at("2026-11-26 10:00")


def frozen_folders(desk: Desk) -> list[Path]:
    return sorted((desk.folder / "var" / "editions").glob("*/*/*"))


def test_composing_by_hand_makes_a_special_edition_of_today(desk: Desk) -> None:
    desk.clock.move_to(madrid("2026-11-25 12:00"))
    first, second = desk.compose_now(), desk.compose_now()
    assert (first.id, second.id) == ("weekly/2026-11-25", "weekly/2026-11-25.2")
    assert (first.state, first.kind, first.slot_at) == (State.BUILT, "special", desk.clock())
    assert desk.carried("2026-11-25.2") == ["victory", "strike"]


def test_a_slot_of_today_that_is_still_to_come_keeps_its_name(desk: Desk) -> None:
    desk.clock.move_to(madrid("2026-11-27 08:00"))
    assert desk.compose_now().id == "weekly/2026-11-27.2"
    assert desk.edition().slot_at == madrid("2026-11-27 09:00")


def test_a_slot_named_after_today_keeps_its_name_also_when_it_was_moved_far_away(desk: Desk) -> None:
    desk.settings(**{"except": {"2026-11-27": "2026-12-08"}})
    desk.clock.move_to(madrid("2026-11-27 12:00"))
    assert desk.compose_now().id == "weekly/2026-11-27.2"
    assert desk.edition().slot_at == madrid("2026-12-08 09:00")


def test_today_is_that_of_the_digests_own_zone(desk: Desk) -> None:
    desk.settings(schedule={"every": "week", "on": "friday", "at": "09:00", "timezone": "Pacific/Auckland"})
    desk.clock.move_to(madrid("2026-11-25 20:00"))
    assert desk.compose_now().id == "weekly/2026-11-26"


def test_an_edition_of_a_manual_digest_waits_for_a_person_also_when_it_is_automatic(desk: Desk) -> None:
    desk.settings(schedule="manual", approval="automatic")
    desk.clock.move_to(madrid("2026-11-25 12:00"))
    desk.compose_now()
    desk.go()
    assert desk.states() == {"2026-11-25": State.BUILT}
    assert desk.told() == {"weekly/2026-11-25 waits for approval": 1}
    desk.approve("2026-11-25")
    desk.go()
    assert desk.states() == {"2026-11-25": State.SENT}


def test_a_manual_digest_loses_nothing_however_long_the_next_edition_is_in_coming(desk: Desk) -> None:
    desk.settings(schedule="manual")
    desk.clock.move_to(madrid("2026-11-25 12:00"))
    desk.compose_now()
    desk.approve("2026-11-25")
    desk.go()
    desk.write("soon-after", "2026-11-26 10:00")
    desk.clock.move_to(madrid("2026-12-20 12:00"))
    desk.compose_now()
    assert desk.carried("2026-12-20") == ["soon-after"]


def test_an_edition_that_would_be_empty_is_not_made(desk: Desk) -> None:
    with pytest.raises(Refused, match=r"an edition of weekly would be empty. Publish an item"):
        desk.compose_now()
    assert desk.states() == {}
    desk.settings(when_empty="send")
    assert desk.compose_now().state is State.BUILT


def test_the_files_that_are_held_are_named_where_an_edition_would_be_empty(desk: Desk) -> None:
    desk.write("faulty", kind="novel")
    with pytest.raises(Refused, match=r"Held for what is wrong with them: items/faulty\.yaml\. Run `digest check`"):
        desk.compose_now()


def test_a_further_edition_knows_which_one_of_the_day_is_still_to_go_out(desk: Desk) -> None:
    desk.clock.move_to(madrid("2026-11-27 08:00"))
    further = desk.compose_now()
    planned = compose.due_besides(desk.store, further)
    assert planned
    assert (planned.id, compose.due_besides(desk.store, planned)) == ("weekly/2026-11-27", None)
    desk.store.editions.move(planned, State.CANCELLED)
    assert compose.due_besides(desk.store, further) is None


def test_what_config_lacks_is_named(desk: Desk) -> None:
    with pytest.raises(Refused, match=r"no digest 'daily'. It has: weekly"):
        compose.compose_now(desk.newsroom, desk.store, "daily", desk.clock())
    with pytest.raises(Refused, match="there is no edition weekly/2026-11-20"):
        desk.edition("2026-11-20")
    drafted(desk)
    desk.configure(mail=None)
    with pytest.raises(Refused, match="no section `mail`"):
        desk.compose()


def test_an_edition_that_was_never_composed_cannot_be_approved(desk: Desk) -> None:
    desk.settings(approval="automatic")
    drafted(desk)
    with pytest.raises(Refused, match=r"has not been composed. Run `digest edition compose weekly/2026-11-27`"):
        desk.approve()


def test_an_approval_names_who_and_when_and_is_given_once(desk: Desk) -> None:
    drafted(desk)
    approved = desk.approve()
    assert (approved.approved_by, approved.approved_at) == (STAFF, desk.clock())
    with pytest.raises(Refused, match="is approved already by"):
        desk.approve()


def test_content_that_was_replaced_since_it_was_read_cannot_be_approved(desk: Desk) -> None:
    drafted(desk)
    read = desk.edition()
    desk.edit(subject="Another subject")
    with pytest.raises(Refused, match="was changed meanwhile"):
        compose.approve_edition(desk.newsroom, desk.store, read, STAFF, desk.clock())


def test_content_that_was_tampered_with_cannot_be_approved(desk: Desk) -> None:
    drafted(desk)
    (folder,) = frozen_folders(desk)
    (folder / "en.txt").write_text("Buy now!")
    with pytest.raises(OutsideFailure, match="was changed"):
        desk.approve()


@pytest.mark.parametrize("again", ["compose", "edit"])
def test_composing_again_voids_the_approval_and_takes_in_what_is_new(desk: Desk, again: str) -> None:
    drafted(desk)
    approved = desk.approve()
    desk.write("landed", "2026-11-26 12:00")
    built = desk.compose() if again == "compose" else desk.edit(lead="landed")
    assert (built.state, built.approved_by) == (State.BUILT, None)
    assert built.content_sha != approved.content_sha
    assert desk.carried()[0] == "landed"
    desk.at("2026-11-27 09:00")
    assert desk.post.digests() == []


def test_decisions_are_kept_and_hold_when_it_is_composed_again(desk: Desk) -> None:
    drafted(desk)
    desk.edit(subject="All quiet", note="Dear *colleagues*", lead="strike")
    desk.write("landed", "2026-11-26 12:00")
    desk.compose()
    assert desk.carried() == ["strike", "landed", "victory"]
    frozen = compose.frozen_content(desk.newsroom, desk.edition())
    assert frozen.composition.subject == "All quiet"
    assert frozen.manifest.note_html
    assert "<em>colleagues</em>" in frozen.manifest.note_html


@pytest.mark.parametrize("decisions", [{"lead": "nobody"}, {"order": ["nobody"]}, {"without": ["nobody"]}])
def test_a_decision_that_does_not_fit_is_refused_and_nothing_is_kept(desk: Desk, decisions: dict[str, Any]) -> None:
    drafted(desk)
    approved = desk.approve()
    with pytest.raises(Refused, match=r"has no item .*nobody"):
        desk.edit(**decisions)
    assert desk.edition() == approved


def test_what_was_left_out_and_is_gone_since_does_not_forbid_other_decisions(desk: Desk) -> None:
    drafted(desk)
    desk.edit(without=["strike"])
    (desk.folder / "items" / "strike.yaml").unlink()
    edited = desk.edit(without=["strike"], subject="Victory")
    assert edited.decisions == Decisions(without=("strike",), subject="Victory")
    assert desk.carried() == ["victory"]


def test_leaving_everything_out_is_refused(desk: Desk) -> None:
    drafted(desk)
    with pytest.raises(Refused, match="would be empty"):
        desk.edit(without=["strike", "victory"])


def test_what_was_left_out_of_one_edition_comes_in_the_next(desk: Desk) -> None:
    drafted(desk)
    desk.edit(without=["strike"])
    desk.approve()
    desk.at("2026-11-27 09:00")
    desk.at("2026-12-03 10:00")
    assert desk.carried("2026-12-04") == ["strike"]


def test_an_edition_that_was_sent_can_be_neither_edited_nor_composed(desk: Desk) -> None:
    drafted(desk)
    desk.approve()
    desk.at("2026-11-27 09:00")
    kept = frozen_folders(desk)
    with pytest.raises(Refused, match=r"has been sent already. Make a further edition"):
        desk.compose()
    with pytest.raises(Refused, match=r"has been sent already. Make a further edition"):
        desk.edit(subject="Late")
    assert frozen_folders(desk) == kept


def test_composing_what_is_the_same_gives_the_same_content(desk: Desk) -> None:
    drafted(desk)
    first = desk.edition()
    desk.clock.move(hours=1)
    assert desk.compose().content_sha == first.content_sha


def test_a_skipped_edition_that_a_person_composes_is_due_now_and_stays(desk: Desk) -> None:
    desk.settings(approval="automatic", **{"except": ["2026-11-27"]})
    drafted(desk)
    assert desk.edition().state is State.SKIPPED
    desk.compose()
    desk.go()
    assert (desk.edition().state, desk.edition().slot_at) == (State.BUILT, desk.clock())
    desk.approve()
    desk.go()
    assert desk.edition().state is State.SENT


def test_a_late_composition_is_cut_off_now(desk: Desk) -> None:
    drafted(desk)
    desk.write("after-the-slot", "2026-11-27 10:00")
    desk.at("2026-11-27 11:00")
    assert desk.compose().slot_at == desk.clock()
    assert desk.carried() == ["after-the-slot", "victory", "strike"]


@pytest.mark.parametrize("subject", ["Un paro del 100\u00a0%", "«\u202fHuelga\u202f»", "Nurses 👩\u200d⚕️ on strike"])
def test_a_subject_may_hold_the_spaces_and_joiners_of_its_writing(desk: Desk, subject: str) -> None:
    drafted(desk)
    desk.edit(subject=subject)
    assert compose.frozen_content(desk.newsroom, desk.edition()).composition.subject == subject


@pytest.mark.parametrize("subject", ["a\x00b", "a\x1b[31mb", "a\udcffb"])
def test_a_subject_that_no_header_may_hold_is_refused_and_nothing_changes(desk: Desk, subject: str) -> None:
    drafted(desk)
    before = desk.edition()
    decisions = Decisions().model_copy(update={"subject": subject})  # as the command line gives it
    with pytest.raises(Refused, match=r"the subject cannot be sent: .* holds the character U\+"):
        compose.edit_edition(desk.newsroom, desk.store, before, decisions, desk.clock())
    assert desk.edition() == before
