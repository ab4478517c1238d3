from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from digest.site.entries import entry
from digest.site.feed import BEFORE_ALL_ENTRIES
from digest.yamlfile import FORBIDDEN_CHARACTER
from tests.site.samples import CONFIG, NOW, full_item, hours, item
from tests.site.syndicated import syndicated

FIT_FOR_A_FILE = st.characters(codec="utf-8").filter(lambda one: not FORBIDDEN_CHARACTER.match(one))


def test_an_entry_says_whatever_a_feed_can_say(tmp_path: Path) -> None:
    made = entry(full_item(tmp_path), NOW, CONFIG)
    assert (made.title, made.summary) == ("Title of full", "Summary of full.")
    assert made.authors == ("One", "Two")
    assert [(each.term, each.label) for each in made.categories] == [
        ("press-release", "Press release"),
        ("asylum", "Asylum"),
    ]
    assert [(file.title, file.media_type, file.size) for file in made.enclosures] == [
        ("Briefing", "application/pdf", 4)
    ]
    assert made.picture
    assert made.picture.address in made.html


def test_a_summary_that_repeats_the_title_is_left_out() -> None:
    assert entry(item(title="The same", summary="The same"), NOW, CONFIG).summary is None


def test_an_item_changed_before_it_was_published_is_updated_when_published() -> None:
    made = entry(item(published=hours(-2), updated=hours(-5)), NOW, CONFIG)
    assert made.published == made.updated == hours(-2)
    assert made.updated > BEFORE_ALL_ENTRIES


def test_of_a_withdrawn_item_only_the_notice_is_left(tmp_path: Path) -> None:
    made = entry(full_item(tmp_path, withdrawn={"at": hours(-1), "reason": "The <source> was wrong."}), NOW, CONFIG)
    assert made.withdrawn
    assert made.title == "Withdrawn: Title of full"
    assert made.html == "<p>The &lt;source&gt; was wrong.</p>"
    assert (made.summary, made.picture, made.enclosures, made.related) == (None, None, (), ())


@pytest.mark.parametrize("reference", ["&#1;", "&#11;", "&#xFFFE;", "&#xD800;", "&#0;", "<b title='&#2;'>x</b>"])
def test_a_character_reference_that_xml_cannot_hold_stops_no_feed(reference: str) -> None:
    made = item(body=f"Before {reference} after.")
    for path, content in syndicated(CONFIG, [made, item("second")], NOW).items():
        if path.endswith("xml"):
            etree.fromstring(content)
            assert b"second" in content or path.startswith(("kinds/report", "topics")), path


@given(body=st.text(FIT_FOR_A_FILE, max_size=200))
def test_whatever_a_body_holds_every_document_is_written(body: str) -> None:
    made = item(body=body.encode("utf-8", "ignore").decode())
    for path, content in syndicated(CONFIG, [made], NOW).items():
        if path.endswith("xml"):
            etree.fromstring(content)
