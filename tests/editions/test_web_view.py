from datetime import timedelta
from pathlib import Path

import pytest

from digest.editions.composition import Change, Composition
from digest.editions.web_view import shown_now
from digest.items.item import Item
from tests.editions.samples import CUTOFF, composed, on
from tests.site.samples import picture

LATER = CUTOFF + timedelta(days=3)
BACK = {"at": CUTOFF + timedelta(days=1), "reason": "The source took it back."}
NOTHING = BACK | {"show": "nothing"}
OTHER = on("2026-11-24", "other")


@pytest.fixture
def taken_back(tmp_path: Path) -> Item:
    """Return an item with a picture, as it was mailed."""
    image = {"file": "lead.jpg", "alt": "Zalt", "credit": "Zcredit"}
    asset = picture(tmp_path, "zpicture.jpg")
    return on(
        "2026-11-25",
        "zslug",
        title="Ztitle",
        summary="Zsummary",
        image=image,
        assets={"lead.jpg": asset},
        place="Zplace",
    )


def mailed(item: Item) -> Composition:
    return composed(item, OTHER, subject="About Ztitle", note="Read about *Ztitle*")


def seen(composition: Composition, *items: Item) -> Composition:
    return shown_now(composition, {item.uri: item for item in items}, LATER)


def changed(item: Item, **fields: object) -> Item:
    return Item.model_validate(item.model_dump() | fields)


def test_an_edition_of_which_nothing_was_taken_back_stays_as_it_was_mailed(taken_back: Item) -> None:
    edited = changed(taken_back, title="Another title", corrections=[{"at": LATER, "note": "A figure."}])
    assert seen(mailed(taken_back), edited, OTHER) == mailed(taken_back)


def test_an_item_that_is_not_there_any_more_is_not_brought_back_by_that(taken_back: Item) -> None:
    now = seen(mailed(taken_back), OTHER)
    assert taken_back.title not in now.model_dump_json()
    assert [entry.id for entry in now.entries] == [OTHER.uri]


def test_a_withdrawal_to_come_changes_nothing(taken_back: Item) -> None:
    later = changed(taken_back, withdrawn=BACK | {"at": LATER + timedelta(hours=1)})
    assert seen(mailed(taken_back), later, OTHER) == mailed(taken_back)


def test_a_withdrawn_item_keeps_its_headline_and_says_why_it_is_gone(taken_back: Item) -> None:
    now = seen(mailed(taken_back), changed(taken_back, withdrawn=BACK), OTHER)
    lead = now.entries[0]
    assert (lead.title, lead.summary, lead.withdrawn) == ("Ztitle", "The source took it back.", True)
    assert lead.image is None
    assert not now.entries[1].withdrawn
    assert (now.subject, now.note) == ("The week", None)


@pytest.mark.parametrize(
    "fields",
    [{"withdrawn": NOTHING}, {"published": None}, {"published": LATER + timedelta(hours=1)}],
    ids=["gone", "a draft again", "embargoed again"],
)
def test_of_an_item_that_is_gone_or_hidden_no_word_remains(taken_back: Item, fields: dict[str, object]) -> None:
    for limit in (40, 0):
        before = mailed(taken_back)
        before = before.model_copy(update={"limit": limit})
        now = seen(before, changed(taken_back, **fields), OTHER)
        text = now.model_dump_json().lower()
        for word in ("zslug", "ztitle", "zsummary", "zpicture", "zalt", "zcredit", "zplace"):
            assert word not in text
        assert [entry.slug for entry in now.entries] == ["other"]


def test_a_section_without_entries_is_not_shown(taken_back: Item) -> None:
    report = on("2026-11-26", "report", kind="report")
    now = seen(composed(taken_back, report), taken_back, changed(report, withdrawn=NOTHING))
    assert [section.kind for section in now.sections] == ["press-release"]


def test_a_change_of_an_item_that_is_gone_by_now_names_it_no_more(taken_back: Item) -> None:
    change = Change(
        id=taken_back.uri,
        slug="zslug",
        kind="press-release",
        topics=(),
        what="corrected",
        at=CUTOFF,
        title="Ztitle",
        note="Znote",
        url="https://news.example.org/items/zslug/",
        edition="weekly/2026-11-20",
    )
    before = composed(OTHER, subject="Ztitle corrected").model_copy(update={"changes": (change,)})
    assert seen(before, changed(taken_back, withdrawn=BACK), OTHER) == before
    now = seen(before, changed(taken_back, withdrawn=NOTHING), OTHER)
    assert (now.changes[0].what, now.changes[0].title) == ("corrected", None)
    assert not any(word in now.model_dump_json().lower() for word in ("zslug", "ztitle", "znote"))
