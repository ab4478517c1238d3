from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from digest.editions.composition import Change, Composition, Rendition, compose
from digest.editions.edition import Decisions
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
    assert slugs(composition) == ["release", "other", "report"]
    assert [section.title for section in composition.sections] == ["Press releases", "Reports"]


def test_a_featured_item_leads_and_stands_first_in_its_section() -> None:
    first, second = (
        on(f"2026-11-{day}", f"featured-{day}", kind="report", featured=CUTOFF + timedelta(days=1)) for day in (23, 22)
    )
    assert slugs(composed(*ALL, first, second)) == ["featured-23", "release", "other", "featured-22", "report"]


def test_what_is_not_featured_any_more_at_the_cut_off_does_not_lead() -> None:
    assert slugs(composed(*ALL, on("2026-11-21", "past", kind="report", featured=CUTOFF)))[-1] == "past"


def test_the_limit_of_items_in_full_leaves_out_none_of_them() -> None:
    composition = composed(*ALL, of=config(limit=2))
    assert composition.limit == 2
    assert slugs(composition) == ["release", "other", "report"]
    assert [section.kind for section in composition.sections] == ["press-release", "report"]


def test_a_kind_without_items_has_no_section() -> None:
    assert [section.kind for section in composed(REPORT).sections] == ["report"]


def test_the_editors_choose_what_leads() -> None:
    assert slugs(composed(*ALL, lead="report")) == ["report", "release", "other"]


def test_the_editors_order_comes_before_every_other_and_its_first_leads() -> None:
    assert slugs(composed(*ALL, order=["report", "other"])) == ["report", "other", "release"]
    assert slugs(composed(*ALL, order=["other", "release"], lead="report")) == ["report", "other", "release"]


def test_the_editors_write_subject_and_note() -> None:
    composition = composed(*ALL, subject="All  is\nwell", note="Dear *all*")
    assert (composition.subject, composition.note) == ("All is well", "Dear *all*")


def test_a_lead_that_is_not_told_in_this_language_leaves_the_order_as_it_is() -> None:
    assert slugs(composed(*ALL, lead="nobody")) == ["release", "other", "report"]


def test_the_subject_is_filled_with_names() -> None:
    every = config(subject="{newsroom}, {title}, {date}: {lead} and {count} in all")
    assert composed(*ALL, of=every).subject == ("Example Newsroom, The week, 2026-11-27: Title of release and 3 in all")


def test_the_date_in_the_subject_is_that_of_the_digests_own_zone() -> None:
    schedule = {"every": "week", "on": "friday", "at": "21:00", "timezone": "Pacific/Honolulu"}
    assert composed(RELEASE, of=config(subject="{date}", schedule=schedule)).subject == "2026-11-26"


def test_braces_in_a_title_stay_as_they_are() -> None:
    title = "{secret} and {0.__class__}"
    assert composed(on("2026-11-25", "braces", title=title)).subject == f"The week: {title}"
    assert composed(RELEASE, of=config(title="The {week}")).subject == "The {week}: Title of release"
    assert composed(RELEASE, subject="{lead} of {}").subject == "{lead} of {}"


def test_the_subject_names_what_leads_for_a_reader_and_how_much_they_get() -> None:
    composition = composed(*ALL, of=config(subject="{lead} ({count})"))
    chosen = [entry for entry in composition.entries if entry.kind == "report"]
    assert composition.subject == "Title of release (3)"
    assert composition.subject_of(chosen) == "Title of report (1)"


def test_an_edition_speaks_its_language_and_leaves_the_items_own_words_alone() -> None:
    titles = {"en": "The week", "es": "La semana"}
    spanish = composed(on("2026-11-25", "release", topics=["asylum"]), of=config(title=titles), language="es-MX")
    (entry,) = spanish.entries
    assert (spanish.language, spanish.title, spanish.subject) == ("es-MX", "La semana", "La semana: Title of release")
    assert (entry.language, entry.kind_label, entry.topics, entry.topic_labels) == (
        "en",
        "Nota de prensa",
        ("asylum",),
        ("Asilo",),
    )


def test_the_web_view_in_the_newsrooms_own_language_has_the_plain_address_and_others_theirs_below() -> None:
    own, spanish = composed(RELEASE), composed(RELEASE, language="es")
    assert own.web_view_path == "editions/weekly/2026-11-27/index.html"
    assert spanish.web_view_path == "editions/weekly/2026-11-27/es/index.html"
    assert spanish.web_view == "https://news.example.org/press/editions/weekly/2026-11-27/es/"


def test_an_edition_with_nothing_but_changes_is_not_empty() -> None:
    change = Change(
        id="urn:uuid:1",
        slug="",
        kind="report",
        topics=(),
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
    first, second = composed(*items).entries
    assert first.image
    assert first.image == second.image
    large, small = first.image.large, first.image.small
    sizes = {one.public_path: (one.width, one.height) for one in asset.variants}
    assert (large.path, large.width, first.image.credit) == (asset.public_path.replace("1600", "1200"), 1200, None)
    assert large.url == f"https://news.example.org/press/{large.path}"
    assert (small.path, small.width) == (asset.public_path.replace("1600", "600"), 600)
    assert [(one.width, one.height) for one in (large, small)] == [sizes[large.path], sizes[small.path]]
    assert first.pictures == (large.path, small.path)
    assert composed(RELEASE).entries[0].pictures == ()


def test_an_edition_leads_to_the_pages_and_pictures_of_its_items_to_its_web_view_and_to_the_logo(
    tmp_path: Path,
) -> None:
    image = {"file": "lead.jpg", "alt": "A boat"}
    boat = on("2026-11-25", "boat", image=image, assets={"lead.jpg": picture(tmp_path)})
    edition = composed(boat, RELEASE)
    pages = [f"items/{entry.slug}/index.html" for entry in edition.entries]
    assert edition.leads_to == (*pages, *edition.entries[0].pictures, edition.web_view_path)
    logo = Rendition(url="https://news.example.org/press/logo.png", path="logo.png", width=60, height=20)
    assert edition.model_copy(update={"logo": logo}).leads_to == (*edition.leads_to, "logo.png")


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
    order=some_slugs,
    lead=st.none() | st.sampled_from([item.slug for item in POOL]),
)
def test_an_edition_has_every_item_once_under_a_heading_and_survives_json(
    chosen: list[Item], limit: int, order: list[str], lead: str | None
) -> None:
    there = {item.slug for item in chosen}
    decisions = Decisions(
        order=tuple(slug for slug in order if slug in there),
        lead=lead if lead in there else None,
    )
    composition = compose(
        config(limit=limit),
        chosen,
        language="en",
        digest_name="weekly",
        name="2026-11-27",
        changes=(),
        cutoff=CUTOFF,
        decisions=decisions,
    )
    assert Counter(slugs(composition)) == Counter(there)
    assert {section.kind for section in composition.sections} == {entry.kind for entry in composition.entries}
    if decisions.lead or decisions.order:
        assert slugs(composition)[0] == (decisions.lead or decisions.order[0])
    assert Composition.model_validate_json(composition.model_dump_json()) == composition
