import re
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import html as lxml_html

from digest.audience.interests import Interests
from digest.config import Config
from digest.editions.composition import Composition, Logo
from digest.errors import Refused
from digest.images.emblems import Ground
from digest.mail.rendering import (
    MAX_HTML_BYTES,
    PREFERENCES_TOKEN,
    UNSUBSCRIBE_TOKEN,
    Copy,
    copy_for,
    render_mail,
    render_web_view,
)
from tests.mail.samples import CONFIG, PICTURE, UNSUBSCRIBE_URL, composition, entry

HOSTILE = "<script>alert(1)</script> & \"q\" {{ 7 * 7 }} 'x' -->"
NOTE = '<p>A note with <a href="https://news.example/x">a link</a>.</p>'
HERE = Path(__file__).parent  # a newsroom without templates of its own


def mailed(
    edition: Composition,
    config: Config = CONFIG,
    newsroom: Path = HERE,
    note: str | None = NOTE,
    interests: Interests = Interests(),  # noqa: B008 - frozen
) -> Copy:
    """Return what a reader with these interests gets."""
    return copy_for(render_mail(edition, config, newsroom, note), edition, interests)


def found(page: str, path: str) -> list[Any]:
    """Return the elements that an XPath leads to."""
    return cast("list[Any]", lxml_html.fromstring(page).xpath(path))


def visible(page: str) -> str:
    return " ".join("".join(found(page, "//body//text()")).split())


def test_the_first_visible_words_say_what_is_in_it() -> None:
    page = visible(mailed(composition()).html).replace("\xa0", " ")
    assert page.startswith(
        "In this edition: 5 items · Press releases (4) · Reports (1) · Corrections (1) · Withdrawals (1)"
    )


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_a_logo_that_is_seen_on_one_ground_only_stands_on_it_by_day_and_by_night(ground: Ground) -> None:
    logo = Logo(url="https://news.example/l.png", path="l.png", width=320, height=56, ground=ground)
    html = mailed(composition(logo=logo)).html
    [shown] = found(html, "//img[contains(@class, 'logo')]")
    by_night = html.partition("prefers-color-scheme: dark")[2]
    rules = by_night.partition(".on-light ")[2] if ground == "light" else shown.get("style")
    assert f"on-{ground}" in shown.get("class")
    assert f".on-{ground} " in by_night
    assert "background-color:" in rules


def test_both_parts_carry_every_entry_change_and_duty() -> None:
    edition = composition()
    rendering = mailed(edition)
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
        assert f"https://desk.news.example/preferences/{PREFERENCES_TOKEN}" in part
        assert "because you asked for “The week”" in part.replace("\n", " ")


def test_each_address_stands_alone_on_its_line_of_the_text() -> None:
    lines = mailed(composition()).text.splitlines()
    assert max(len(line) for line in lines if "://" not in line) <= 72
    assert all(re.fullmatch(r"(\[\d+\] )?https://\S+", line) for line in lines if "://" in line)


def test_the_page_looks_right_without_its_style_sheet() -> None:
    page = mailed(composition()).html
    for cell in found(page, "//td[not(@class='gap')]"):
        assert "font-family" in cell.get("style")
    inline = " ".join(re.findall(r'style="([^"]*)"', page))
    assert not re.search(r"#[0-9a-fA-F]{3}(?![0-9a-fA-F])", inline)
    assert "rem" not in inline
    assert "var(" not in page
    assert "prefers-color-scheme: dark" in page


def test_pictures_have_their_size_their_text_and_their_credit() -> None:
    page = mailed(composition()).html
    sizes = [(one.get("width"), one.get("height"), one.get("alt")) for one in found(page, "//img")]
    assert sizes == [("536", "357", PICTURE.alt), ("128", "85", PICTURE.alt)]
    assert "Photo: A. Pérez" in visible(page)


def test_items_are_data_and_never_markup() -> None:
    hostile = entry("lead", title=HOSTILE, summary=HOSTILE, place=HOSTILE)
    edition = composition(entries=(hostile,), title=HOSTILE)
    copy = mailed(edition, note=None)
    for page in (copy.html, render_web_view(edition, CONFIG, HERE, None)):
        assert "<script" not in page
        assert visible(page).count(HOSTILE) >= 5
    assert HOSTILE in copy.text.replace("\n", " ")


def test_an_entry_in_another_language_says_so() -> None:
    titles = found(mailed(composition()).html, "//h3[@lang]")
    assert [(one.get("lang"), one.get("dir")) for one in titles] == [("ar", "rtl")]


def test_an_edition_in_arabic_runs_from_right_to_left() -> None:
    page = lxml_html.fromstring(mailed(composition(language="ar")).html)
    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    assert "border-right" in found(mailed(composition(language="ar")).html, "//table[@class='notice']//td/@style")[0]


def test_an_edition_in_spanish_has_its_own_words_in_spanish() -> None:
    copy = mailed(composition(language="es", title="La semana"))
    assert visible(copy.html).replace("\xa0", " ").startswith("En esta edición: 5 noticias · Press releases (4)")
    assert "porque pidió «La semana»" in copy.text.replace("\n", " ")
    assert "25 de noviembre de 2026" in visible(copy.html)


def test_a_newsroom_may_add_a_language_and_word_one_differently(tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "messages"
    folder.mkdir(parents=True)
    (folder / "fr.po").write_text('msgid "In this edition:"\nmsgstr "Au sommaire :"\n', "utf-8")
    (folder / "es.po").write_text('msgid "In this edition:"\nmsgstr "Sumario:"\n', "utf-8")
    french = visible(mailed(composition(language="fr-CA"), newsroom=tmp_path).html)
    spanish = visible(mailed(composition(language="es"), newsroom=tmp_path).html)
    assert french.startswith("Au sommaire : 5 items")
    assert spanish.startswith("Sumario: 5 noticias")


@pytest.mark.parametrize("mistake", ["nonsense\n", 'msgid "All news of %(title)s"\nmsgstr "Noticias de %(titulo)s"\n'])
def test_a_catalogue_with_a_mistake_is_refused_by_name(tmp_path: Path, mistake: str) -> None:
    folder = tmp_path / "templates" / "messages"
    folder.mkdir(parents=True)
    (folder / "es.po").write_text(mistake, "utf-8")
    with pytest.raises(Refused, match=r"es\.po"):
        mailed(composition(language="es"), newsroom=tmp_path)


def test_a_page_is_never_larger_than_mail_programs_show() -> None:
    many = tuple(entry(f"entry-{number}", image=PICTURE, summary="A long summary. " * 30) for number in range(221))
    edition = composition(entries=many, limit=150)
    copy = mailed(edition)
    assert MAX_HTML_BYTES * 0.95 < len(copy.html.encode()) <= MAX_HTML_BYTES
    assert "more items in this edition on the web" in copy.html
    assert "more items in this edition on the web" in copy.text
    assert "- Press releases: 221\n" in copy.text
    assert copy.html.endswith("</html>\n")


def test_a_reader_gets_what_they_chose_and_nothing_else() -> None:
    copy = mailed(composition(), interests=Interests(kinds=frozenset({"report"})))
    assert visible(copy.html).replace("\xa0", " ").startswith("In this edition: 1 item · Reports (1) · Withdrawals (1)")
    for part in (copy.html, copy.text):
        assert "حرية الصحافة" in part
        assert "Title of lead" not in part
        assert "It said 12" not in part


def test_a_note_that_is_too_long_is_refused() -> None:
    with pytest.raises(Refused, match="note"):
        render_mail(composition(), CONFIG, HERE, f"<p>{'long ' * 20_000}</p>")


def test_corrections_that_are_too_many_are_named_where_there_is_no_room_for_them() -> None:
    edition = composition()
    many = tuple(edition.changes[0].model_copy(update={"note": "long " * 20_000}) for _ in range(200))
    with pytest.raises(Refused, match=r"Shorten the notes of its corrections, or the editors' note\."):
        render_mail(edition.model_copy(update={"changes": many}), CONFIG, HERE, None)


@pytest.mark.parametrize("section", ["mail", "web"])
def test_a_configuration_without_mail_or_web_is_refused(section: str) -> None:
    with pytest.raises(Refused, match=section):
        render_mail(composition(), CONFIG.model_copy(update={section: None}), HERE, None)


def test_a_text_that_holds_the_placeholder_is_refused() -> None:
    with pytest.raises(Refused, match=UNSUBSCRIBE_TOKEN):
        render_mail(composition(entries=(entry("lead", title=UNSUBSCRIBE_TOKEN),)), CONFIG, HERE, None)
    with pytest.raises(Refused, match=UNSUBSCRIBE_TOKEN):
        render_mail(composition(), CONFIG, HERE, f"<p>{UNSUBSCRIBE_TOKEN}</p>")
    with pytest.raises(Refused, match="form feed"):
        render_mail(composition(note="\ffoot\n"), CONFIG, HERE, None)


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
    edition = composition(entries=(), sections=(), changes=(), note=None)
    copy = mailed(edition, note=None)
    assert copy.text.startswith("In this edition:\nno new items\n\nNewsroom\nThe week\n========\n")
    assert "The week" in render_web_view(edition, CONFIG, HERE, None)


@pytest.mark.parametrize("part", ["html", "txt"])
def test_a_template_that_leaves_out_a_piece_is_refused_by_its_name(tmp_path: Path, part: str) -> None:
    (tmp_path / "templates" / "mail").mkdir(parents=True)
    (tmp_path / "templates" / "mail" / f"digest.{part}.j2").write_text("<p>Hello</p>\n")
    with pytest.raises(Refused, match=rf"what templates/mail/digest\.{part}\.j2 makes has no piece 'total 0'"):
        mailed(composition(), newsroom=tmp_path)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        (b"<p>\n{{ 1 / 0 }}</p>", r"templates/mail/digest\.html\.j2:2: ZeroDivisionError: division by zero\."),
        (b"{{ 'a' + 1 }}", r"templates/mail/digest\.html\.j2:1: TypeError: "),
        (b"<p>\xff</p>", r"templates/mail/digest\.html\.j2: UnicodeDecodeError: "),
    ],
)
def test_whatever_a_template_raises_is_told_as_its_mistake(tmp_path: Path, template: bytes, words: str) -> None:
    (tmp_path / "templates" / "mail").mkdir(parents=True)
    (tmp_path / "templates" / "mail" / "digest.html.j2").write_bytes(template)
    with pytest.raises(Refused, match=f"^{words}.*Correct your template"):
        mailed(composition(), newsroom=tmp_path)


def test_a_newsroom_may_override_one_template(tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "mail"
    folder.mkdir(parents=True)
    (folder / "digest.css").write_text("h1 { color: #010203; }", "utf-8")
    assert '<h1 style="color:#010203">The week</h1>' in mailed(composition(), newsroom=tmp_path).html


def test_a_caption_without_an_end_mark_is_ended_before_the_credit() -> None:
    picture = PICTURE.model_copy(update={"caption": "The harbour, day of the strike", "credit": "Ana Ruiz"})
    alone = picture.model_copy(update={"credit": None})
    edition = composition(entries=(entry("lead", image=picture), entry("one", image=alone)))
    assert [one.text for one in found(mailed(edition).html, "//p[@class='credit']")] == [
        "The harbour, day of the strike. Ana Ruiz",
        "The harbour, day of the strike",
    ]


def test_a_long_note_of_a_correction_is_shortened_and_whole_on_the_items_page_only() -> None:
    long = composition().changes[0].model_copy(update={"note": "It said twelve. " * 6000})
    mail = mailed(composition(changes=(long,)))
    for part in (visible(mail.html), mail.text):
        assert 550 < part.count("It said") * len("It said twelve. ") <= 600
        assert part.count("…") == 1
    assert "items/old/" in mail.text
