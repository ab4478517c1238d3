from datetime import timedelta

from digest.config import Include
from digest.editions.composition import Mailed
from digest.editions.window import changes_since, included, new_items
from digest.items.item import Item
from tests.editions.samples import CUTOFF, START, at, config, mailed, on

EVERYTHING = Include()
CORRECTION = {"at": at("2026-11-24 10:00"), "note": "Forty-one, not forty."}


def carried(*items: Item, include: Include = EVERYTHING, before: tuple[Mailed, ...] = ()) -> list[str]:
    found = new_items(items, include, START, CUTOFF, {one.id: one for one in before})
    return [item.slug for item in found]


def test_an_edition_carries_what_became_public_after_the_start_the_newest_first() -> None:
    assert carried(on("2026-11-23", "monday"), on("2026-11-25", "wednesday")) == ["wednesday", "monday"]


def test_what_is_public_at_the_very_cut_off_is_in_and_a_second_later_is_not() -> None:
    in_time, late = on("2026-11-27", "in-time"), on("2026-11-27", "late")
    in_time = in_time.model_copy(update={"published": CUTOFF})
    late = late.model_copy(update={"published": CUTOFF + timedelta(seconds=1)})
    assert carried(in_time, late) == ["in-time"]


def test_an_imported_archive_is_not_mailed() -> None:
    archive = [on("2019-05-01", "old"), on("2026-11-19", "older-than-the-digest")]
    assert carried(*archive) == []


def test_skipped_weeks_lose_nothing() -> None:
    items = [on(f"2026-11-{day}", f"on-{day}") for day in (21, 24, 26)]
    far = CUTOFF + timedelta(weeks=3)
    assert len(new_items(items, EVERYTHING, START, far, {})) == 3


def test_what_an_edition_carried_never_appears_again() -> None:
    item = on("2026-11-23", "monday")
    assert carried(item, before=(mailed(item),)) == []


def test_drafts_and_what_was_taken_back_before_it_was_mailed_stay_out() -> None:
    taken_back = {"at": at("2026-11-25 12:00"), "reason": "Wrong."}
    hidden = [
        on("2026-11-23", "notice", withdrawn=taken_back),
        on("2026-11-23", "nothing", withdrawn=taken_back | {"show": "nothing"}),
        on("2026-11-23", "before", withdrawn=taken_back | {"at": at("2026-11-22 12:00")}),
        on("2026-11-23", "draft").model_copy(update={"published": None}),
    ]
    assert carried(*hidden) == []


def test_what_will_be_withdrawn_after_the_cut_off_is_carried() -> None:
    later = {"at": CUTOFF + timedelta(hours=1), "reason": "Wrong."}
    assert carried(on("2026-11-23", "still-there", withdrawn=later)) == ["still-there"]


def test_a_digest_takes_the_kinds_topics_and_languages_that_it_includes() -> None:
    items = [
        on("2026-11-21", "report", kind="report"),
        on("2026-11-22", "asylum", topics=["asylum", "prisons"]),
        on("2026-11-23", "spanish", language="es"),
    ]
    assert carried(*items) == ["spanish", "asylum", "report"]
    assert carried(*items, include=Include(kinds=("report",))) == ["report"]
    assert carried(*items, include=Include(topics=("asylum",))) == ["asylum"]
    assert carried(*items, include=Include(languages=("es", "fr"))) == ["spanish"]
    assert carried(*items, include=Include(kinds=("report",), languages=("es",))) == []


def test_what_a_digest_takes_is_asked_of_one_item_too() -> None:
    report = on("2026-11-21", "report", kind="report", topics=["asylum"])
    assert included(report, EVERYTHING)
    assert included(report, Include(kinds=("report",), topics=("prisons", "asylum")))
    assert not included(report, Include(topics=("prisons",)))


def test_a_correction_of_a_mailed_item_is_named() -> None:
    item = on("2026-11-18", "counted", corrections=[CORRECTION], topics=["asylum"])
    (change,) = changes_since([item], config(), CUTOFF, {item.uri: mailed(item)})
    assert (change.what, change.title, change.note) == ("corrected", "Title of counted", "Forty-one, not forty.")
    assert (change.kind, change.topics) == ("press-release", ("asylum",))
    assert (change.url, change.edition) == ("https://news.example.org/press/items/counted/", "weekly/2026-11-20")


def test_a_change_is_named_once() -> None:
    item = on("2026-11-18", "counted", corrections=[CORRECTION])
    before = mailed(item, "corrected 2026-11-24T10:00:00Z")
    assert changes_since([item], config(), CUTOFF, {item.uri: before}) == ()


def test_a_correction_that_bears_an_earlier_time_than_the_mail_is_named_all_the_same() -> None:
    early = on("2026-11-18", "counted", corrections=[CORRECTION | {"at": at("2026-11-19 08:00")}])
    assert len(changes_since([early], config(), CUTOFF, {early.uri: mailed(early)})) == 1


def test_a_correction_of_an_item_that_nobody_was_mailed_is_not_named() -> None:
    assert changes_since([on("2026-11-18", "counted", corrections=[CORRECTION])], config(), CUTOFF, {}) == ()


def test_a_correction_to_come_waits() -> None:
    item = on("2026-11-18", "counted", corrections=[CORRECTION | {"at": CUTOFF + timedelta(minutes=1)}])
    assert changes_since([item], config(), CUTOFF, {item.uri: mailed(item)}) == ()


def test_a_withdrawal_is_named_with_its_reason_instead_of_its_corrections() -> None:
    gone = {"at": at("2026-11-25 12:00"), "reason": "The source took it back."}
    item = on("2026-11-18", "counted", corrections=[CORRECTION], withdrawn=gone)
    (change,) = changes_since([item], config(), CUTOFF, {item.uri: mailed(item)})
    assert (change.what, change.title, change.note) == ("withdrawn", "Title of counted", "The source took it back.")


def test_a_withdrawal_is_named_once_even_when_its_time_is_mended() -> None:
    gone = {"at": at("2026-11-25 12:00"), "reason": "The source took it back."}
    item = on("2026-11-18", "counted", withdrawn=gone)
    before = mailed(item, "withdrawn 2026-11-24T10:00:00Z")
    assert changes_since([item], config(), CUTOFF, {item.uri: before}) == ()


def test_a_withdrawal_without_trace_is_named_without_a_word_of_the_item() -> None:
    gone = {"at": at("2026-11-25 12:00"), "reason": "Zreason", "show": "nothing"}
    item = on("2026-11-18", "zslug", title="Ztitle", summary="Zsummary", withdrawn=gone)
    (change,) = changes_since([item], config(), CUTOFF, {item.uri: mailed(item)})
    assert (change.what, change.kind) == ("withdrawn", "press-release")
    assert not any(word in change.model_dump_json().lower() for word in ("zslug", "ztitle", "zsummary", "zreason"))


def test_changes_come_in_the_order_in_which_they_were_made() -> None:
    first = on("2026-11-18", "second-in-the-folder", corrections=[CORRECTION])
    later = on("2026-11-18", "a", corrections=[CORRECTION | {"at": at("2026-11-26 10:00")}])
    before = {first.uri: mailed(first), later.uri: mailed(later)}
    named = changes_since([later, first], config(), CUTOFF, before)
    assert [change.slug for change in named] == ["second-in-the-folder", "a"]
