from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editions.composition import Change, Composition, compose
from digest.editions.edition import Decisions
from digest.errors import Refused
from digest.items.item import Item
from tests.editions.samples import CUTOFF, composed, config, on
from tests.site.samples import picture

RELEASE, OTHER = on("2026-11-25", "release"), on("2026-11-24", "other")
REPORT = on("2026-11-26", "report", kind="report")
ALL = (REPORT, RELEASE, OTHER)


def slugs(composition: Composition) -> list[str]:
    return [entry.slug for entry in composition.entries]


def test_sections_follow_the_order_of_kinds_and_in_each_the_newest_comes_first() -> None:
    composition = composed(*ALL)
    assert composition.lead
    assert composition.lead.slug == "release"
    assert [(section.title, [entry.slug for entry in section.entries]) for section in composition.sections] == [
        ("Press releases", ["other"]),
        ("Reports", ["report"]),
    ]


def test_a_featured_item_leads_and_stands_first_in_its_section() -> None:
    first, second = (
        on(f"2026-11-{day}", f"featured-{day}", kind="report", featured=CUTOFF + timedelta(days=1)) for day in (23, 22)
    )
    composition = composed(*ALL, first, second)
    assert composition.lead
    assert composition.lead.slug == "featured-23"
    assert [entry.slug for entry in composition.sections[1].entries] == ["featured-22", "report"]


def test_what_is_not_featured_any_more_at_the_cut_off_does_not_lead() -> None:
    assert slugs(composed(*ALL, on("2026-11-21", "past", kind="report", featured=CUTOFF)))[-1] == "past"


def test_beyond_the_limit_items_are_only_named() -> None:
    composition = composed(*ALL, of=config(limit=2))
    assert slugs(composition)[:2] == ["release", "other"]
    assert [entry.slug for entry in composition.more] == ["report"]
    none = composed(*ALL, of=config(limit=0))
    assert none.lead is None
    assert not none.sections
    assert slugs(none) == ["release", "other", "report"]


def test_the_editors_choose_what_leads() -> None:
    assert slugs(composed(*ALL, lead="report")) == ["report", "release", "other"]


def test_the_editors_order_comes_before_every_other_and_its_first_leads() -> None:
    assert slugs(composed(*ALL, order=["report", "other"])) == ["report", "other", "release"]
    assert slugs(composed(*ALL, order=["other", "release"], lead="report")) == ["report", "other", "release"]


def test_the_editors_leave_items_out() -> None:
    assert slugs(composed(*ALL, without=["release", "long-gone"])) == ["other", "report"]


def test_the_editors_write_subject_and_note() -> None:
    composition = composed(*ALL, subject="All  is\nwell", note="Dear *all*")
    assert (composition.subject, composition.note) == ("All is well", "Dear *all*")


@pytest.mark.parametrize("decisions", [{"lead": "nobody"}, {"order": ["release", "nobody"]}])
def test_a_decision_about_an_item_that_is_not_there_names_those_that_are(decisions: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=r"no item 'nobody'. It has: other, release, report"):
        composed(*ALL, **decisions)


def test_what_is_left_out_cannot_lead() -> None:
    with pytest.raises(Refused, match=r"no item 'release'. It has: other, report"):
        composed(*ALL, lead="release", without=["release"])


def test_the_subject_is_filled_with_names() -> None:
    every = config(subject="{newsroom}, {title}, {date}: {lead} and {count} in all")
    assert composed(*ALL, of=every).subject == ("Example Newsroom, The week, 2026-11-27: Title of release and 3 in all")


def test_the_date_in_the_subject_is_that_of_the_digests_own_zone() -> None:
    schedule = {"every": "week", "on": "friday", "at": "21:00", "timezone": "Pacific/Honolulu"}
    assert composed(RELEASE, of=config(subject="{date}", schedule=schedule)).subject == "2026-11-26"


def test_braces_in_a_title_stay_as_they_are() -> None:
    title = "{secret} and {0.__class__}"
    assert composed(on("2026-11-25", "braces", title=title)).subject == f"The week: {title}"


def test_an_edition_with_nothing_but_changes_is_not_empty() -> None:
    change = Change(
        id="urn:uuid:1",
        slug="",
        what="withdrawn",
        at=CUTOFF,
        title=None,
        note=None,
        url=None,
        edition="weekly/2026-11-20",
    )
    only_changes = composed().model_copy(update={"changes": (change,)})
    assert composed().empty
    assert not only_changes.empty
    assert composed().subject == "The week: The week"


def test_an_entry_has_the_picture_that_the_site_publishes(tmp_path: Path) -> None:
    asset = picture(tmp_path)
    image = {"file": "lead.jpg", "alt": "A boat", "caption": "A boat. Photo: Ana", "credit": "Photo: Ana"}
    items = [on("2026-11-25", slug, image=image, assets={"lead.jpg": asset}) for slug in ("boat", "ship")]
    first, second = (entry.image for entry in composed(*items).entries)
    assert first
    assert second
    sizes = {one.public_path: (one.width, one.height) for one in asset.variants}
    assert (first.path, first.width, first.credit) == (asset.public_path.replace("1600", "1200"), 1200, None)
    assert first.url == f"https://news.example.org/press/{first.path}"
    assert (second.path, second.width) == (asset.public_path.replace("1600", "600"), 600)
    assert {(one.width, one.height) for one in (first, second)} == {sizes[first.path], sizes[second.path]}


def test_an_entry_knows_the_corrections_that_were_made_by_the_cut_off() -> None:
    corrections = [{"at": CUTOFF + timedelta(hours=hours), "note": "A figure."} for hours in (-1, 0, 1)]
    (entry,) = composed(on("2026-11-25", "counted", corrections=corrections)).entries
    assert entry.corrections == (CUTOFF - timedelta(hours=1), CUTOFF)


POOL = [
    on(f"2026-11-{20 + number}", f"item-{number}", kind="report" if number % 3 else "press-release")
    for number in range(1, 8)
]
some_slugs = st.lists(st.sampled_from([item.slug for item in POOL]), unique=True)


@given(
    chosen=st.lists(st.sampled_from(POOL), unique_by=lambda item: item.slug),
    limit=st.integers(0, 8),
    without=some_slugs,
    order=some_slugs,
    lead=st.none() | st.sampled_from([item.slug for item in POOL]),
)
def test_an_edition_is_a_partition_of_its_items_and_survives_json(
    chosen: list[Item], limit: int, without: list[str], order: list[str], lead: str | None
) -> None:
    there = {item.slug for item in chosen} - set(without)
    decisions = Decisions(
        without=tuple(without),
        order=tuple(slug for slug in order if slug in there),
        lead=lead if lead in there else None,
    )
    composition = compose(
        config(limit=limit),
        chosen,
        digest_name="weekly",
        name="2026-11-27",
        changes=(),
        cutoff=CUTOFF,
        decisions=decisions,
    )
    assert Counter(slugs(composition)) == Counter(there)
    assert len(composition.entries) - len(composition.more) == min(limit, len(there))
    assert all(entry.kind == section.kind for section in composition.sections for entry in section.entries)
    if decisions.lead or decisions.order:
        assert slugs(composition)[0] == (decisions.lead or decisions.order[0])
    assert Composition.model_validate_json(composition.model_dump_json()) == composition
