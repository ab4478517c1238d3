from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest.items.item import Item, Visibility, is_featured, last_changed, visibility
from digest.items.loading import load_items
from digest.items.preview import foreseen
from tests.items.samples import NOW, config_of, make_newsroom, write_item

DAY = timedelta(days=1)
EMBARGO = "2026-11-21 13:00"  # in Madrid: a day after NOW
CORRECTED = "[{at: 2026-11-19 09:00, note: Early}, {at: 2026-11-22 09:00, note: Late}]"


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    return make_newsroom(tmp_path / "newsroom")


def shown(newsroom: Path, at: datetime | None = None) -> dict[str, Item]:
    """Return by slug what a preview shows."""
    found = foreseen(load_items(newsroom, config_of(newsroom)).items, NOW, at)
    return {item.slug: item for item in found.items if visibility(item, found.at) is Visibility.PUBLIC}


def unreleased(newsroom: Path, at: datetime | None = None) -> list[str]:
    return [item.slug for item in foreseen(load_items(newsroom, config_of(newsroom)).items, NOW, at).unreleased]


def test_a_draft_is_shown_as_if_published_now(newsroom: Path) -> None:
    write_item(newsroom, "draft", published=None)
    assert shown(newsroom)["draft"].published == NOW
    assert unreleased(newsroom) == ["draft"]


def test_a_draft_is_shown_as_if_published_at_the_time_asked_for(newsroom: Path) -> None:
    write_item(newsroom, "draft", published=None)
    assert shown(newsroom, NOW + DAY)["draft"].published == NOW + DAY
    assert shown(newsroom, NOW - DAY)["draft"].published == NOW - DAY


def test_an_embargoed_item_is_shown_with_its_own_date(newsroom: Path) -> None:
    write_item(newsroom, "public")
    write_item(newsroom, "embargoed", published=EMBARGO)
    assert shown(newsroom)["embargoed"].published == NOW + DAY
    assert unreleased(newsroom) == ["embargoed"]


def test_at_a_time_asked_for_what_is_still_under_embargo_then_stays_hidden(newsroom: Path) -> None:
    write_item(newsroom, "embargoed", published=EMBARGO)
    assert shown(newsroom, NOW + DAY - timedelta(seconds=1)) == {}
    assert unreleased(newsroom, NOW + DAY - timedelta(seconds=1)) == []
    assert list(shown(newsroom, NOW + DAY)) == unreleased(newsroom, NOW + DAY) == ["embargoed"]


def test_what_was_public_already_is_not_marked_at_any_time(newsroom: Path) -> None:
    write_item(newsroom)
    for at in (None, NOW - DAY, NOW + DAY):
        assert list(shown(newsroom, at)) == ["first"]
        assert unreleased(newsroom, at) == []


def test_what_was_not_out_yet_at_a_time_gone_by_is_not_shown(newsroom: Path) -> None:
    write_item(newsroom)
    assert shown(newsroom, NOW - 5 * DAY) == {}


def test_showing_an_embargoed_item_early_brings_nothing_of_the_others_forward(newsroom: Path) -> None:
    write_item(newsroom, "embargoed", published="2026-12-24")
    write_item(
        newsroom,
        "other",
        updated="2026-11-23 09:00",
        corrections=CORRECTED,
        withdrawn="{at: 2026-11-24 09:00, reason: An error}",
        featured="2026-11-21",
    )
    other = shown(newsroom)["other"]
    latest = max(item.published for item in shown(newsroom).values() if item.published)
    assert [each.note for each in other.corrections] == ["Early"]
    assert last_changed(other, latest) == other.corrections[0].at
    assert is_featured(other, latest)


def test_what_leads_no_more_does_not_lead_in_the_preview(newsroom: Path) -> None:
    write_item(newsroom, featured="2026-11-19")
    assert not is_featured(shown(newsroom)["first"], NOW)


def test_at_a_time_asked_for_planned_changes_are_seen(newsroom: Path) -> None:
    write_item(newsroom, corrections=CORRECTED, withdrawn="{at: 2026-11-24 09:00, reason: An error}")
    assert [each.note for each in shown(newsroom, NOW + 3 * DAY)["first"].corrections] == ["Early", "Late"]
    assert shown(newsroom, NOW + 5 * DAY) == {}


@pytest.mark.parametrize("published", [None, EMBARGO])
def test_what_was_withdrawn_before_it_was_public_is_not_shown(newsroom: Path, published: str | None) -> None:
    write_item(newsroom, published=published, withdrawn="{at: 2026-11-19 09:00, reason: An error}")
    assert shown(newsroom) == {}
    assert unreleased(newsroom) == []


def test_the_next_change_is_the_first_moment_at_which_the_public_sees_something_else(newsroom: Path) -> None:
    write_item(newsroom, "later", published="2026-12-24")
    write_item(newsroom, "soon", published=EMBARGO)
    write_item(newsroom, "draft", published=None)
    items = load_items(newsroom, config_of(newsroom)).items
    assert foreseen(items, NOW, None).next_change == NOW + DAY
    assert foreseen([], NOW, None).next_change is None
