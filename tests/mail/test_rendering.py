import re
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import html as lxml_html

from digest.editions.composition import Section
from digest.errors import Refused
from digest.mail.rendering import MAX_HTML_BYTES, UNSUBSCRIBE_TOKEN, render_mail, render_web_view
from tests.mail.samples import CONFIG, PICTURE, UNSUBSCRIBE_URL, composition, entry

HOSTILE = "<script>alert(1)</script> & \"q\" {{ 7 * 7 }} 'x' -->"
NOTE = '<p>A note with <a href="https://news.example/x">a link</a>.</p>'
HERE = Path(__file__).parent  # a newsroom without templates of its own


def found(page: str, path: str) -> list[Any]:
    """Return the elements that an XPath leads to."""
    return cast("list[Any]", lxml_html.fromstring(page).xpath(path))


def visible(page: str) -> str:
    return " ".join("".join(found(page, "//body//text()")).split())


def test_the_first_visible_words_say_what_is_in_it() -> None:
    page = visible(render_mail(composition(), CONFIG, HERE, NOTE).html).replace("\xa0", " ")
    assert page.startswith("In this edition: Press releases (4) · Reports (1) · Corrected (1) · Withdrawn (1)")


def test_both_parts_carry_every_entry_change_and_duty() -> None:
    edition = composition()
    rendering = render_mail(edition, CONFIG, HERE, NOTE)
    for part in (rendering.html, rendering.text):
        for one in edition.entries:
            assert one.title in part
            assert one.url in part
        assert "It said 12; it was 21." in part
        assert "Please do not use" in part
        assert "press@news.example" in part
        assert "1 Quay, 28012 Madrid" in part
        assert edition.web_view in part
        assert UNSUBSCRIBE_URL in part
        assert "because you asked for “The week”" in part.replace("\n", " ")


def test_each_address_stands_alone_on_its_line_of_the_text() -> None:
    lines = render_mail(composition(), CONFIG, HERE, NOTE).text.splitlines()
    assert max(len(line) for line in lines if "://" not in line) <= 72
    assert all(re.fullmatch(r"(\[\d+\] )?https://\S+", line) for line in lines if "://" in line)


def test_the_page_looks_right_without_its_style_sheet() -> None:
    page = render_mail(composition(), CONFIG, HERE, NOTE).html
    for cell in found(page, "//td[not(@class='gap')]"):
        assert "font-family" in cell.get("style")
    inline = " ".join(re.findall(r'style="([^"]*)"', page))
    assert not re.search(r"#[0-9a-fA-F]{3}(?![0-9a-fA-F])", inline)
    assert "rem" not in inline
    assert "var(" not in page
    assert "prefers-color-scheme: dark" in page


def test_pictures_have_their_size_their_text_and_their_credit() -> None:
    page = render_mail(composition(), CONFIG, HERE, NOTE).html
    sizes = [(one.get("width"), one.get("height"), one.get("alt")) for one in found(page, "//img")]
    assert sizes == [("536", "357", PICTURE.alt), ("128", "85", PICTURE.alt)]
    assert "Photo: A. Pérez" in visible(page)


def test_items_are_data_and_never_markup() -> None:
    edition = composition(lead=entry("lead", title=HOSTILE, summary=HOSTILE, place=HOSTILE), subject=HOSTILE)
    rendering = render_mail(edition, CONFIG, HERE, None)
    for page in (rendering.html, render_web_view(edition, CONFIG, HERE, None)):
        assert "<script" not in page
        assert visible(page).count(HOSTILE) == 3
    assert HOSTILE in rendering.text.replace("\n", " ")


def test_an_entry_in_another_language_says_so() -> None:
    titles = found(render_mail(composition(), CONFIG, HERE, NOTE).html, "//h3[@lang]")
    assert [(one.get("lang"), one.get("dir")) for one in titles] == [("ar", "auto")]


def test_an_edition_in_arabic_runs_from_right_to_left() -> None:
    page = lxml_html.fromstring(render_mail(composition(language="ar"), CONFIG, HERE, NOTE).html)
    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")


def test_a_page_is_never_larger_than_mail_programs_show() -> None:
    many = tuple(entry(f"entry-{number}", image=PICTURE, summary="A long summary. " * 30) for number in range(150))
    edition = composition(
        sections=(Section(kind="press-release", title="Press releases", entries=many),),
        more=tuple(entry(f"link-{number}") for number in range(70)),
    )
    rendering = render_mail(edition, CONFIG, HERE, NOTE)
    assert MAX_HTML_BYTES / 2 < len(rendering.html.encode()) <= MAX_HTML_BYTES
    assert "more in this edition on the web" in rendering.html
    assert "more in this edition on the web" in rendering.text
    assert "Press releases (221)" in rendering.text.replace("\xa0", " ")


def test_a_note_that_is_too_long_is_refused() -> None:
    with pytest.raises(Refused, match="note"):
        render_mail(composition(), CONFIG, HERE, f"<p>{'long ' * 20_000}</p>")


@pytest.mark.parametrize("section", ["mail", "web"])
def test_a_configuration_without_mail_or_web_is_refused(section: str) -> None:
    with pytest.raises(Refused, match=section):
        render_mail(composition(), CONFIG.model_copy(update={section: None}), HERE, None)


def test_a_text_that_holds_the_placeholder_is_refused() -> None:
    with pytest.raises(Refused, match=UNSUBSCRIBE_TOKEN):
        render_mail(composition(lead=entry("lead", title=UNSUBSCRIBE_TOKEN)), CONFIG, HERE, None)
    with pytest.raises(Refused, match=UNSUBSCRIBE_TOKEN):
        render_mail(composition(), CONFIG, HERE, f"<p>{UNSUBSCRIBE_TOKEN}</p>")


def test_the_web_view_has_the_same_content_and_nothing_of_one_recipient() -> None:
    edition = composition()
    page = render_web_view(edition, CONFIG.model_copy(update={"mail": None, "web": None}), HERE, NOTE)
    for one in edition.entries:
        assert one.title in page
    assert NOTE in page
    assert "nsubscribe" not in page
    assert "in your browser" not in page
    assert "You get this mail" not in page
    assert "<!-- cut" not in page
    assert "noindex" not in page
    assert 'href="https://news.example/"' in page


def test_an_edition_with_nothing_but_a_title_is_still_a_page() -> None:
    edition = composition(lead=None, sections=(), more=(), changes=(), note=None)
    rendering = render_mail(edition, CONFIG, HERE, None)
    assert "In this edition" not in rendering.html + rendering.text
    assert rendering.text.startswith("Newsroom\nThe week\n========\n")
    assert "The week" in render_web_view(edition, CONFIG, HERE, None)


def test_a_newsroom_may_override_one_template(tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "mail"
    folder.mkdir(parents=True)
    (folder / "digest.css").write_text("h1 { color: #010203; }", "utf-8")
    assert '<h1 style="color:#010203">The week</h1>' in render_mail(composition(), CONFIG, tmp_path, None).html
