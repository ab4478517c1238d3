"""A small desk in values: what is carried in each language, week by week."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from digest.config import Include
from digest.editions.composition import Mailed
from digest.editions.edition import Decisions
from digest.editions.languages import Versions, check_decisions, decided_for, mailed_stories, told_in
from digest.editions.window import new_items
from digest.errors import Refused
from digest.items.item import Item
from digest.items.translations import translations
from tests.editions.samples import CUTOFF, START, mailed, on

NOTHING = Decisions()
STRIKE = on("2026-11-24", "strike")
HUELGA = on("2026-11-25", "huelga", language="es", translation_of="strike")
GREVE = on("2026-11-26", "greve", language="fr", translation_of="strike")
OTHER = on("2026-11-23", "other")
STORY = (OTHER, STRIKE, HUELGA, GREVE)


def day_of(item: Item) -> datetime:
    assert item.published
    return item.published


def versions_of(items: Sequence[Item]) -> Versions:
    return translations(items, CUTOFF)


def told(
    language: str, *items: Item, decisions: Decisions = NOTHING, before: tuple[Mailed, ...] = (), default: str = "en"
) -> list[str]:
    known = {one.id: one for one in before}
    fresh, told_before = mailed_stories(items, new_items(items, Include(), START, CUTOFF, known), known)
    return [item.slug for item in told_in(language, default, fresh, versions_of(items), decisions, told_before)]


@pytest.mark.parametrize(
    ("language", "slug"),
    [("en", "strike"), ("es", "huelga"), ("fr", "greve"), ("es-MX", "huelga"), ("de", "strike")],
)
def test_a_reader_gets_a_story_once_in_their_language_or_else_the_newsrooms(language: str, slug: str) -> None:
    assert sorted(told(language, *STORY)) == sorted(["other", slug])


def test_a_reader_of_neither_gets_the_newsrooms_language_also_where_that_is_a_translation() -> None:
    assert told("de", STRIKE, HUELGA, default="es") == ["huelga"]


def test_a_story_in_neither_language_is_told_in_that_of_the_original() -> None:
    aufruf = on("2026-11-22", "aufruf", language="de")
    appel = on("2026-11-24", "appel", language="fr", translation_of="aufruf")
    assert told("es", aufruf, appel) == told("en", aufruf, appel) == ["aufruf"]
    assert told("fr", aufruf, appel) == ["appel"]


def test_translations_of_one_original_are_one_story_also_while_that_is_hidden() -> None:
    hidden = STRIKE.model_copy(update={"published": None})
    assert told("es", hidden, HUELGA, GREVE) == ["huelga"]
    assert told("fr", hidden, HUELGA, GREVE) == ["greve"]
    assert len(told("en", hidden, HUELGA, GREVE)) == 1


def test_a_story_that_is_told_in_one_language_reaches_everybody() -> None:
    assert told("es", OTHER) == told("en", OTHER) == ["other"]


def test_a_translation_that_comes_a_week_later_reaches_only_readers_of_its_language() -> None:
    before = (mailed(STRIKE), mailed(OTHER))
    for language, slugs in {"en": [], "es": ["huelga"], "fr": []}.items():
        assert told(language, OTHER, STRIKE, HUELGA, before=before) == slugs


@pytest.mark.parametrize("slug", ["strike", "huelga", "greve"])
def test_leaving_out_one_version_leaves_out_the_story_in_every_language(slug: str) -> None:
    for language in ("en", "es", "fr", "de"):
        assert told(language, *STORY, decisions=Decisions(without=(slug,))) == ["other"]


@pytest.mark.parametrize("slug", ["strike", "huelga", "greve"])
def test_what_is_decided_about_one_version_holds_for_the_one_that_is_told(slug: str) -> None:
    versions = versions_of(STORY)
    decisions = Decisions(lead=slug, order=("other", slug), subject="The strike", note="Dear all")
    for language, told_as in {"en": "strike", "es": "huelga", "de": "strike"}.items():
        tellings = told_in(language, "en", STORY, versions, decisions)
        decided = decided_for(tellings, versions, decisions)
        assert (decided.lead, decided.order) == (told_as, ("other", told_as))
        assert (decided.subject, decided.note) == ("The strike", "Dear all")


def test_a_decision_about_a_story_that_a_language_does_not_get_means_nothing_in_it() -> None:
    versions = versions_of(STORY)
    decided = decided_for([OTHER], versions, Decisions(lead="huelga", order=("huelga", "other"), without=("greve",)))
    assert decided == Decisions(order=("other",))


def test_every_version_of_what_the_edition_carries_can_be_decided_about() -> None:
    for slug in ("strike", "huelga", "greve", "other"):
        check_decisions(STORY, versions_of(STORY), Decisions(lead=slug, order=(slug,)))


@pytest.mark.parametrize("decisions", [Decisions(lead="nobody"), Decisions(order=("strike", "nobody"))])
def test_a_decision_about_an_item_that_is_not_there_names_those_that_are(decisions: Decisions) -> None:
    with pytest.raises(Refused, match=r"no item 'nobody'\. It has: greve, huelga, other, strike"):
        check_decisions(STORY, versions_of(STORY), decisions)


def test_what_is_left_out_can_lead_in_no_language() -> None:
    for slug in ("strike", "huelga"):
        with pytest.raises(Refused, match=rf"no item '{slug}'\. It has: other\."):
            check_decisions(STORY, versions_of(STORY), Decisions(lead=slug, without=("greve",)))
    with pytest.raises(Refused, match=r"It has: none\."):
        check_decisions([], {}, Decisions(lead="strike"))


def test_a_translation_of_a_story_that_was_mailed_and_taken_back_is_not_sent_to_everybody() -> None:
    taken_back = STRIKE.model_copy(update={"published": None})
    before = (mailed(STRIKE, at=day_of(HUELGA) - timedelta(hours=1)),)
    assert told("en", taken_back, HUELGA, before=before) == []
    assert told("fr", taken_back, HUELGA, before=before) == []
    assert told("es", taken_back, HUELGA, before=before) == ["huelga"]


def test_a_language_that_is_added_does_not_bring_the_old_translations_of_what_was_mailed() -> None:
    before = (mailed(STRIKE, at=day_of(HUELGA) + timedelta(hours=1)),)
    assert told("es", STRIKE, HUELGA, before=before) == []


def test_a_reader_of_a_third_language_does_not_get_a_story_again_in_the_newsrooms() -> None:
    strike = on("2026-11-25", "strike", translation_of="huelga")
    huelga = on("2026-11-24", "huelga", language="es")
    before = (mailed(huelga, at=day_of(strike) - timedelta(hours=1)),)
    assert told("fr", huelga, strike, before=before) == []
    assert told("en", huelga, strike, before=before) == ["strike"]
