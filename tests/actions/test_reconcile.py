import threading
from datetime import timedelta
from pathlib import Path

import pytest

from digest.actions.ports import Office
from digest.actions.reconcile import reconcile
from digest.editions.edition import State
from tests.acceptance.newsroom import madrid
from tests.actions.desk import SLOT, STAFF, Desk, desk_in, store_at
from tests.audience.events import left

AUTOMATIC = {"approval": "automatic"}
WAITS = "weekly/2026-11-27 waits for approval"


def draft_of_thursday(desk: Desk) -> None:
    """Come to the day before the slot, with one item."""
    desk.go()
    desk.write("strike")
    desk.at("2026-11-26 10:00")


def test_a_draft_is_made_a_day_before_its_slot_and_the_staff_are_told_once(desk: Desk) -> None:
    desk.go()
    desk.write("strike")
    desk.at("2026-11-26 08:59")
    assert desk.states() == {}
    for minute in ("00", "01", "02"):
        desk.at(f"2026-11-26 09:{minute}")
    assert desk.states() == {"2026-11-27": State.BUILT}
    assert desk.carried() == ["strike"]
    assert desk.told() == {WAITS: 1}


def test_the_staff_are_told_exactly_when_a_draft_goes_out(desk: Desk) -> None:
    desk.settings(send_within="24h")
    draft_of_thursday(desk)
    body = desk.post.mails[-1][1].get_body(("plain",))
    assert body
    text = str(body.get_content())
    assert (
        "weekly/2026-11-27 is composed. It goes out on Fri 2026-11-27 09:00 if it is approved by then, and if later,"
        " as soon as it is; after Sat 2026-11-28 09:00 not any more."
    ) in " ".join(text.split())


def test_a_draft_carries_what_will_be_public_at_its_slot(desk: Desk) -> None:
    desk.go()
    desk.write("embargoed", "2026-11-27 09:00")
    desk.write("later", "2026-11-27 09:01")
    desk.at("2026-11-26 10:00")
    assert desk.carried() == ["embargoed"]


def test_what_was_approved_goes_out_at_its_slot_and_no_earlier(desk: Desk) -> None:
    draft_of_thursday(desk)
    approved = desk.approve()
    desk.at("2026-11-27 08:59")
    assert desk.post.digests() == []
    desk.at("2026-11-27 09:00")
    desk.at("2026-11-27 09:01")
    assert desk.post.digests() == [("ana@paper.example", "2026-11-27")]
    sent = desk.edition()
    assert (sent.state, sent.content_sha) == (State.SENT, approved.content_sha)
    assert (desk.folder / "public" / "editions" / "weekly" / "2026-11-27" / "index.html").is_file()


def test_reconcile_says_when_something_will_be_due(desk: Desk) -> None:
    draft_of_thursday(desk)
    assert SLOT in reconcile(desk.office, desk.clock())
    desk.clock.move_to(SLOT)
    assert reconcile(desk.office, desk.clock()) == [SLOT + timedelta(hours=24, seconds=1)]


def test_what_nobody_approves_in_time_is_missed_and_the_staff_are_told(desk: Desk) -> None:
    draft_of_thursday(desk)
    desk.at("2026-11-28 09:00")
    assert desk.edition().state is State.BUILT
    desk.at("2026-11-28 09:01")
    desk.at("2026-11-28 09:02")
    assert (desk.edition().state, desk.edition().reason) == (State.MISSED, "nobody approved it in time")
    assert desk.told()["weekly/2026-11-27 was missed"] == 1
    assert desk.post.digests() == []


def test_what_is_approved_late_but_in_time_goes_out_at_once(desk: Desk) -> None:
    draft_of_thursday(desk)
    desk.at("2026-11-27 20:00")
    desk.approve()
    desk.at("2026-11-27 20:01")
    assert desk.post.digests() == [("ana@paper.example", "2026-11-27")]


def test_the_items_of_a_missed_edition_go_into_the_next(desk: Desk) -> None:
    draft_of_thursday(desk)
    desk.at("2026-11-29 10:00")
    desk.at("2026-12-03 10:00")
    assert desk.carried("2026-12-04") == ["strike"]


def test_an_automatic_edition_is_composed_at_its_slot_and_sent_without_a_person(desk: Desk) -> None:
    desk.settings(**AUTOMATIC)
    draft_of_thursday(desk)
    assert desk.edition().state is State.PLANNED
    desk.write("last-minute", "2026-11-27 08:59")
    desk.at("2026-11-27 09:00")
    assert desk.carried() == ["last-minute", "strike"]
    assert desk.edition().approved_by == "automatic"
    assert desk.post.digests() == [("ana@paper.example", "2026-11-27")]
    assert desk.told() == {"weekly/2026-11-27 is sent: 1 of 1 got it": 1}


def test_an_automatic_edition_that_is_late_carries_what_was_public_at_its_slot(desk: Desk) -> None:
    desk.settings(**AUTOMATIC)
    desk.go()
    desk.write("in-time", "2026-11-27 09:00")
    desk.write("after", "2026-11-27 09:01")
    desk.write("taken-back", withdrawn={"at": "2026-11-27 10:00", "reason": "Wrong."})
    desk.at("2026-11-27 20:00")
    assert desk.carried() == ["in-time"]
    assert desk.edition().state is State.SENT


@pytest.mark.parametrize("approval", ["required", "automatic"])
def test_after_three_weeks_of_silence_the_newest_slot_has_everything_and_the_others_are_missed(
    desk: Desk, approval: str
) -> None:
    desk.settings(approval=approval)
    desk.go()
    for day in ("24", "25"):
        desk.write(f"november-{day}", f"2026-11-{day} 10:00")
    desk.write("december", "2026-12-10 10:00")
    desk.at("2026-12-11 12:00")
    newest = State.SENT if approval == "automatic" else State.BUILT
    assert desk.states() == {"2026-11-27": State.MISSED, "2026-12-04": State.MISSED, "2026-12-11": newest}
    assert desk.carried("2026-12-11") == ["december", "november-25", "november-24"]
    told = desk.told()
    assert told["weekly/2026-11-27 was missed"] == told["weekly/2026-12-04 was missed"] == 1
    assert WAITS not in told


def test_of_several_approved_that_are_due_the_newest_is_sent(desk: Desk) -> None:
    desk.settings(send_within="4w")
    draft_of_thursday(desk)
    desk.approve()
    desk.write("next-week", "2026-12-01 10:00")
    # The sender was away over the slot.
    desk.clock.move_to(madrid("2026-12-03 10:00"))
    desk.store.editions.plan(
        "weekly", madrid("2026-12-04 09:00").date(), madrid("2026-12-04 09:00"), state=State.PLANNED, reason=None
    )
    desk.compose("2026-12-04")
    desk.approve("2026-12-04")
    desk.at("2026-12-04 09:00")
    assert desk.states() == {"2026-11-27": State.MISSED, "2026-12-04": State.SENT}
    assert desk.edition("2026-11-27").reason == "weekly/2026-12-04 took its place"
    assert desk.carried("2026-12-04") == ["next-week", "strike"]
    assert desk.post.digests() == [("ana@paper.example", "2026-12-04")]


def test_nothing_to_send_is_skipped_at_the_slot_and_not_before(desk: Desk) -> None:
    desk.go()
    desk.at("2026-11-26 10:00")
    assert desk.states() == {"2026-11-27": State.PLANNED}
    desk.at("2026-11-27 09:00")
    assert (desk.edition().state, desk.edition().reason) == (State.SKIPPED, "nothing to send")
    assert desk.told() == {}


def test_what_is_published_after_the_draft_was_due_is_taken_all_the_same(desk: Desk) -> None:
    desk.go()
    desk.at("2026-11-26 10:00")
    desk.write("late-night", "2026-11-26 23:00")
    desk.at("2026-11-26 23:00")
    assert desk.carried() == ["late-night"]


def test_when_empty_send_sends_an_edition_without_items(desk: Desk) -> None:
    desk.settings(when_empty="send", **AUTOMATIC)
    desk.go()
    desk.at("2026-11-27 09:00")
    assert desk.post.digests() == [("ana@paper.example", "2026-11-27")]


def test_with_nobody_to_send_to_an_edition_is_sent_at_once_with_a_note(desk: Desk) -> None:
    desk.settings(**AUTOMATIC)
    subscriber = desk.store.audience.get("ana@paper.example")
    assert subscriber
    desk.store.audience.leave(subscriber.key, left("one-click", "left", desk.clock()))
    draft_of_thursday(desk)
    desk.at("2026-11-27 09:00")
    assert (desk.edition().state, desk.edition().reason) == (State.SENT, "nobody to send to")


def test_a_slot_that_config_skips_is_kept_as_skipped_with_its_reason(desk: Desk) -> None:
    desk.settings(**{"except": ["2026-11-27"]})
    draft_of_thursday(desk)
    desk.at("2026-11-27 09:00")
    assert (desk.edition().state, desk.edition().reason) == (State.SKIPPED, "an exception in config.yaml")
    desk.at("2026-12-03 10:00")
    assert desk.carried("2026-12-04") == ["strike"]


def test_a_moved_slot_goes_out_on_its_new_day_under_its_old_name(desk: Desk) -> None:
    desk.settings(**AUTOMATIC, **{"except": {"2026-11-27": "2026-11-25"}})
    desk.go()
    desk.write("strike", "2026-11-24 10:00")
    desk.at("2026-11-25 09:00")
    assert desk.post.digests() == [("ana@paper.example", "2026-11-27")]
    desk.at("2026-11-27 09:00")
    assert desk.states() == {"2026-11-27": State.SENT}


@pytest.mark.parametrize("approved", [False, True])
def test_an_edition_that_waits_follows_an_exception_written_since(desk: Desk, approved: bool) -> None:  # noqa: FBT001
    draft_of_thursday(desk)
    if approved:
        desk.approve()
    desk.settings(**{"except": {"2026-11-27": "2026-11-28"}})
    desk.at("2026-11-27 09:00")
    assert (desk.edition().state, desk.edition().slot_at) == (
        State.APPROVED if approved else State.BUILT,
        madrid("2026-11-28 09:00"),
    )
    desk.settings(**{"except": ["2026-11-27"]})
    desk.go()
    assert desk.edition().state is State.SKIPPED
    desk.at("2026-11-28 09:00")
    assert desk.post.digests() == []


def test_a_changed_schedule_creates_no_slots_in_the_past(desk: Desk) -> None:
    draft_of_thursday(desk)
    desk.settings(schedule={"every": "day", "at": "09:00"})
    desk.at("2026-11-26 10:01")
    assert desk.states() == {"2026-11-27": State.BUILT}
    desk.settings(schedule={"every": "week", "on": "wednesday", "at": "09:00"})
    desk.at("2026-11-26 10:02")
    assert desk.states() == {"2026-11-27": State.BUILT}


def test_a_changed_schedule_drops_what_was_only_planned(desk: Desk) -> None:
    desk.settings(**AUTOMATIC)
    draft_of_thursday(desk)
    desk.settings(**AUTOMATIC, schedule={"every": "week", "on": "wednesday", "at": "09:00"})
    desk.at("2026-11-27 09:00")
    assert (desk.edition().state, desk.edition().reason) == (State.SKIPPED, "config.yaml has no such slot any more")


def test_a_clock_set_back_creates_nothing_and_the_staff_are_told(desk: Desk) -> None:
    draft_of_thursday(desk)
    for day in ("19", "12"):
        desk.at(f"2026-11-{day} 12:00")
    assert desk.states() == {"2026-11-27": State.BUILT}
    assert desk.told() == {WAITS: 1, "the clock was set back": 1}


def test_an_item_that_lands_after_approval_goes_into_the_next_edition(desk: Desk) -> None:
    draft_of_thursday(desk)
    desk.approve()
    desk.write("landed", "2026-11-26 12:00")
    desk.at("2026-11-27 09:00")
    assert desk.carried() == ["strike"]
    desk.at("2026-12-03 10:00")
    assert desk.carried("2026-12-04") == ["landed"]


def test_an_item_that_changed_after_approval_is_reported_and_not_adopted(desk: Desk) -> None:
    draft_of_thursday(desk)
    approved = desk.approve()
    desk.go()
    desk.write("strike", title="Another title")
    desk.at("2026-11-27 08:50")
    desk.at("2026-11-27 08:51")
    assert desk.told() == {WAITS: 1, "strike was changed": 1}
    assert desk.edition() == approved
    desk.at("2026-11-27 09:00")
    (mail,) = [mail for _, mail in desk.post.mails if mail["List-Id"]]
    assert mail["Subject"] == "The week: Title of strike"


@pytest.mark.parametrize(
    ("fields", "delete"),
    [
        ({"withdrawn": {"at": "2026-11-27 08:50", "reason": "Wrong."}}, False),
        ({"withdrawn": {"at": "2026-11-27 08:50", "reason": "Wrong.", "show": "nothing"}}, False),
        ({"published": "2026-11-27 09:01"}, False),
        ({}, True),
    ],
    ids=["withdrawn", "withdrawn without trace", "embargoed again", "deleted"],
)
def test_an_item_that_is_not_public_at_the_slot_holds_the_edition(
    desk: Desk,
    fields: dict[str, object],
    delete: bool,  # noqa: FBT001
) -> None:
    draft_of_thursday(desk)
    desk.approve()
    desk.write("strike", **fields)  # type: ignore[arg-type]
    if delete:
        (desk.folder / "items" / "strike.yaml").unlink()
    for _ in range(2):
        desk.at("2026-11-27 09:00")
    assert (desk.edition().state, desk.edition().reason) == (State.HELD, "not public: strike")
    assert desk.told()["weekly/2026-11-27 is held"] == 1
    assert desk.post.digests() == []
    assert not (desk.folder / "public" / "editions" / "weekly").exists()


def test_a_faulty_file_of_a_public_item_holds_nothing(desk: Desk) -> None:
    draft_of_thursday(desk)
    desk.approve()
    desk.at("2026-11-26 11:00")
    with (desk.folder / "items" / "fresh.yaml").open("w") as file:
        file.write("nonsense")
    desk.at("2026-11-27 09:00")
    assert desk.edition().state is State.SENT


def test_what_another_edition_has_carried_since_holds_the_edition(desk: Desk) -> None:
    draft_of_thursday(desk)
    special = desk.compose_now()
    assert special.id == "weekly/2026-11-26"
    desk.approve()
    desk.approve("2026-11-26")
    desk.go()
    assert desk.post.digests() == [("ana@paper.example", "2026-11-26")]
    desk.at("2026-11-27 09:00")
    assert desk.edition().reason == "mailed before: strike (in weekly/2026-11-26)"
    assert len(desk.post.digests()) == 1


def test_a_held_edition_is_composed_and_approved_again_and_goes_out(desk: Desk) -> None:
    draft_of_thursday(desk)
    desk.write("fine")
    desk.compose()
    desk.approve()
    desk.write("strike", withdrawn={"at": "2026-11-27 08:50", "reason": "Wrong."})
    desk.at("2026-11-27 09:00")
    desk.compose()
    desk.approve()
    desk.at("2026-11-27 09:30")
    assert desk.carried() == ["fine"]
    assert desk.edition().state is State.SENT


def test_a_missed_edition_that_is_composed_again_is_due_at_once(desk: Desk) -> None:
    draft_of_thursday(desk)
    desk.at("2026-11-29 10:00")
    assert desk.edition().state is State.MISSED
    desk.compose()
    desk.at("2026-11-29 10:01")
    assert desk.edition().state is State.BUILT
    desk.approve()
    desk.at("2026-11-29 10:02")
    assert desk.edition().state is State.SENT


def test_a_correction_is_named_once_in_the_edition_after(desk: Desk) -> None:
    correction = {"at": "2026-11-26 18:00", "note": "Forty-one, not forty."}
    desk.settings(**AUTOMATIC)
    draft_of_thursday(desk)
    desk.at("2026-11-27 09:00")
    # It bears a time before the mailing, but readers were mailed what was wrong.
    desk.write("strike", corrections=[correction])
    desk.at("2026-12-04 09:00")
    desk.at("2026-12-11 09:00")
    assert desk.states() == {"2026-11-27": State.SENT, "2026-12-04": State.SENT, "2026-12-11": State.SKIPPED}
    body = desk.post.last_digest().get_body(("plain",))
    assert body
    assert "Forty-one, not forty." in body.get_content()


def test_corrections_that_an_item_had_when_it_was_mailed_are_not_named_later(desk: Desk) -> None:
    note = {"at": "2026-11-25 18:00", "note": "Forty-one, not forty."}
    desk.settings(**AUTOMATIC)
    desk.go()
    desk.write("strike", corrections=[note, note | {"note": "And in Vigo."}])
    desk.at("2026-11-27 09:00")
    assert desk.edition().state is State.SENT
    desk.at("2026-12-04 09:00")
    assert desk.edition("2026-12-04").reason == "nothing to send"


def test_an_edition_that_names_what_is_gone_by_now_is_held(desk: Desk) -> None:
    desk.settings(**AUTOMATIC)
    draft_of_thursday(desk)
    desk.at("2026-11-27 09:00")
    desk.settings()
    desk.write("strike", corrections=[{"at": "2026-11-28 18:00", "note": "Forty-one."}])
    desk.at("2026-12-03 10:00")
    desk.approve("2026-12-04")
    desk.write("strike", withdrawn={"at": "2026-12-03 12:00", "reason": "Wrong.", "show": "nothing"})
    desk.at("2026-12-04 09:00")
    assert desk.edition("2026-12-04").reason == "not public: strike"


def test_an_imported_archive_is_not_mailed_and_the_first_edition_looks_back_one_period(desk: Desk) -> None:
    desk.write("archive", "2019-05-01 10:00")
    desk.write("before", "2026-11-20 08:59")
    desk.write("within", "2026-11-20 09:01")
    desk.at("2026-11-26 10:00")
    assert desk.carried() == ["within"]


def test_a_first_slot_without_items_moves_the_start_nowhere(desk: Desk) -> None:
    desk.go()
    for day in ("2026-11-27", "2026-12-04"):
        desk.at(f"{day} 09:00")
    desk.write("found-in-a-drawer", "2026-11-24 10:00")
    desk.at("2026-12-10 10:00")
    assert desk.carried("2026-12-11") == ["found-in-a-drawer"]


def test_one_edition_that_fails_is_told_and_keeps_no_other_waiting(desk: Desk) -> None:
    other = {"title": "Other", "schedule": {"every": "week", "on": "friday", "at": "09:00"}}
    desk.configure(digests={"weekly": other, "broken": other})
    desk.go()
    desk.write("strike")
    desk.at("2026-11-26 10:00")
    broken = desk.store.editions.get("broken", SLOT.date(), 1)
    assert broken
    shaken = desk.folder / "var" / "editions" / "broken" / "2026-11-27" / str(broken.content_sha) / "en.html"
    shaken.write_text("something else")
    desk.store.editions.move(broken, State.APPROVED)
    desk.approve()
    for _ in range(2):
        desk.at("2026-11-27 09:00")
    assert desk.edition().state is State.SENT
    assert desk.told()["broken/2026-11-27 needs you"] == 1


def test_an_edition_of_a_digest_that_config_has_no_more_rests(desk: Desk) -> None:
    draft_of_thursday(desk)
    desk.approve()
    desk.configure(digests={})
    desk.at("2026-11-27 09:00")
    assert desk.edition().state is State.APPROVED


def _at_once(*offices: Office) -> None:
    together = threading.Barrier(len(offices))

    def run(office: Office) -> None:
        together.wait()
        reconcile(office, office.clock())

    threads = [threading.Thread(target=run, args=(office,)) for office in offices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_schedulers_at_once_plan_compose_and_begin_once(desk: Desk, tmp_path: Path) -> None:
    """They share nothing but the database: not even the folder."""
    desk.settings(**AUTOMATIC)
    desk.go()
    with desk_in(tmp_path / "second") as second, store_at(desk.folder) as second.store:
        second.settings(**AUTOMATIC)
        for each in (desk, second):
            each.write("strike")
        for local in ("2026-11-26 10:00", "2026-11-27 09:00"):
            for each in (desk, second):
                each.clock.move_to(madrid(local))
            _at_once(desk.office, second.office)
        assert desk.states() == {"2026-11-27": State.SENDING}
        assert not any("needs you" in told for each in (desk, second) for told in each.post.notices())
    desk.go()
    assert desk.post.digests() == [("ana@paper.example", "2026-11-27")]


def test_staff_who_cannot_be_reached_are_told_later_and_nothing_waits_for_it(desk: Desk) -> None:
    desk.post.down = True
    draft_of_thursday(desk)
    desk.go()
    assert desk.edition().state is State.BUILT
    assert desk.told() == {}
    desk.post.down = False
    desk.go()
    desk.go()
    assert desk.told() == {WAITS: 1}


def test_one_address_that_is_refused_brings_the_others_no_second_notice(desk: Desk) -> None:
    desk.configure(alerts={"email": ["wrong@news.example"]})
    desk.post.refused = {"wrong@news.example"}
    draft_of_thursday(desk)
    for _ in range(3):
        desk.go()
    assert desk.told() == {WAITS: 1}
    desk.post.refused = set()
    desk.go()
    assert [address for address, _ in desk.post.mails] == [STAFF, "wrong@news.example"]


def test_a_mail_server_that_is_down_is_tried_once_a_round_for_each_address(desk: Desk) -> None:
    desk.post.down = True
    other = {"title": "Other", "schedule": {"every": "week", "on": "friday", "at": "09:00"}}
    desk.configure(digests={"weekly": other, "second": other, "third": other})
    draft_of_thursday(desk)
    assert desk.post.connections == 1
