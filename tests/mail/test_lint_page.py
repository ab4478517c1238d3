"""What the lint says of links, pictures, code, colours and headings, and what it says nothing of."""

from dataclasses import replace
from pathlib import Path

import pytest

from digest.config import Colors
from digest.editions.composition import Composition, Logo
from digest.mail.lint.finding import Finding
from digest.mail.lint.inbox import lint
from digest.mail.lint.site import Site, coming_with
from digest.mail.rendering import render_mail
from tests.mail.samples import CONFIG, PICTURE, composition, entry

HERE = Path(__file__).parent  # a newsroom without templates of its own
NOWHERE = Site("https://news.example", frozenset(), lambda _: False)
EVERYWHERE = replace(NOWHERE, has=lambda _: True)
CSS = (HERE.parents[1] / "templates" / "mail" / "adaptive.css").read_text("utf-8")


def linted(
    edition: Composition | None = None, note: str | None = None, site: Site = EVERYWHERE, newsroom: Path = HERE
) -> list[Finding]:
    of = edition or composition()
    return list(lint(render_mail(of, CONFIG, newsroom, note), of, "Newsroom", site))


def told(note: str, site: Site = EVERYWHERE) -> list[str]:
    """Return what is said of a note, but for dark mode, which knows nothing of colours in notes."""
    found = [one for one in linted(note=note, site=site) if one.rule != "contrast-dark"]
    assert {one.places for one in found} <= {("the note",)}
    return [f"{one.level} {one.rule}" for one in found]


def alike(alt: str) -> list[Finding]:
    return linted(composition(entries=(entry("lead", image=PICTURE.model_copy(update={"alt": alt})),)))


# Links


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://elsewhere.example/x", []),
        ("mailto:ana@news.example", []),
        ("tel:+34910000000", []),
        ("http://elsewhere.example/x", ["warning link-http"]),
        ("ftp://elsewhere.example/x", ["warning link-scheme"]),
        ("//elsewhere.example/x", ["error link-relative"]),
        ("#top", ["error link-relative"]),
        (" JavaScript:alert(1)", ["error link-scheme"]),
        ("data:text/html,x", ["error link-scheme"]),
        ("https://[", ["error link-broken"]),
        ("https:///x", ["error link-broken"]),
    ],
)
def test_a_link_in_the_note_is_looked_at_by_where_it_leads(href: str, expected: list[str]) -> None:
    assert told(f'<p><a href="{href}">The words</a></p>') == expected


def test_a_link_without_words_is_one_whose_picture_has_none_either() -> None:
    picture = '<img src="https://news.example/x.png" width="9" height="9" alt="{}">'
    link = '<p><a href="https://elsewhere.example/">{}</a></p>'
    assert told(link.format(picture.format("A harbour"))) == []
    assert "error link-empty" in told(link.format(picture.format("")))
    assert told(link.format("&nbsp;")) == ["error link-empty"]


def test_one_text_for_two_addresses_is_told_unless_it_is_the_title_of_both() -> None:
    link = '<p><a href="https://elsewhere.example/{}">{}</a></p>'
    assert told(link.format("a", "Read more") + link.format("b", "read more…")) == ["warning link-ambiguous"]
    assert told(link.format("a", "Read more") + link.format("a/", "Read more")) == []
    assert told(link.format("a", "Title of two")) == ["warning link-ambiguous"]
    twins = composition(entries=(entry("one", title="The week ahead"), entry("two", title="The week ahead")))
    assert linted(twins) == []


@pytest.mark.parametrize(
    "address",
    [
        "https://news.example",
        "https://news.example/items/there/?from=mail#x",
        "https://news.example/items/there",
        "https://news.example/items/../items/there/index.html",
        "https://NEWS.example/documents/a%20report.pdf",
        "https://news.example/subscribe",
        "https://desk.news.example/items/nothing/",
    ],
)
def test_what_stands_on_the_site_may_be_led_to_by_any_way_of_writing_it(address: str) -> None:
    files = {"index.html", "items/there/index.html", "documents/a report.pdf"}
    edition = composition()
    site = Site("https://news.example/", coming_with([edition]), files.__contains__)
    assert told(f'<p><a href="{address}">The words</a></p>', site) == []


@pytest.mark.parametrize("path", ["items/nothing/", "items/nothing", "../../etc/passwd", "documents/a%00b", "x" * 5000])
def test_what_does_not_stand_on_the_site_is_an_error(path: str) -> None:
    site = replace(NOWHERE, coming=coming_with([composition()]))
    assert told(f'<p><a href="https://news.example/{path}">The words</a></p>', site) == ["error link-dead"]


def test_a_site_in_a_folder_knows_its_own_pages_from_those_beside_it() -> None:
    site = Site("https://www.example/news", frozenset(), {"index.html", "x.html"}.__contains__)
    lacking = ["https://www.example/news/y.html", "http://www.example/news/y.html"]
    assert [site.lacks(one) for one in lacking] == [True, True]
    others = ["https://www.example/news", "https://www.example/news/x.html", "https://www.example/newsletter/"]
    assert [site.lacks(one) for one in others] == [False, False, False]


def test_what_comes_with_the_edition_is_there_already() -> None:
    edition = composition(logo=Logo(url="https://news.example/assets/l.png", path="assets/l.png", width=9, height=9))
    assert linted(edition, site=replace(NOWHERE, coming=coming_with([edition]))) == []
    assert {one.rule for one in linted(edition, site=NOWHERE)} == {"link-dead", "picture-dead"}


# Pictures


@pytest.mark.parametrize("alt", ["harbour", "Harbour-1200.jpg", "ana.jpeg", "IMG_2041", "dsc 00123"])
def test_an_alt_text_that_names_a_file_is_told_once_for_all_forms_of_the_item(alt: str) -> None:
    assert [(one.rule, one.level, one.places) for one in alike(alt)] == [("picture-alt", "warning", ("lead",))]


def test_an_empty_alt_text_is_a_warning_and_one_that_describes_is_none() -> None:
    assert [(one.rule, one.level) for one in alike(" ")] == [("picture-alt", "warning")]
    assert alike("A harbour, seen from the pier named img") == []


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        ('src="https://elsewhere.example/a.GIF" width="9" height="9"', []),
        ('src="https://elsewhere.example/a.png" width="100%" height="9"', ["error picture-size"]),
        ('src="https://elsewhere.example/a.webp" width="9" height="9"', ["error picture-format"]),
        ('src="cid:1.png" width="9" height="9"', ["error picture-https"]),
        ('src="/a.png" width="9" height="9"', ["error picture-https"]),
        ('width="9" height="9"', ["error picture-https", "error picture-format"]),
    ],
)
def test_a_picture_is_one_that_every_mail_program_shows(picture: str, expected: list[str]) -> None:
    assert told(f'<p><img {picture} alt="A boat"></p>') == expected


# Code and hidden text


@pytest.mark.parametrize(
    "style",
    [
        "width: 2.5rem", "color: var(--ink)", "border: 1px solid #ABC", "display: inline-grid", "position: absolute",
        "background: #ffffff url(https://elsewhere.example/x.png)",
        "background-image: linear-gradient(#000000, #111111)",
    ],
)  # fmt: skip
def test_css_that_mail_programs_do_not_know_is_an_error(style: str) -> None:
    assert told(f'<p style="{style}">Words</p>') == ["error code-css"]


@pytest.mark.parametrize("style", ["width: 16px", "color: #1d1c1a", "position: static", "display: block", "theorem: 1"])
def test_other_css_is_not(style: str) -> None:
    assert told(f'<p style="{style}">Words</p>') == []


@pytest.mark.parametrize("tag", ["form", "iframe", "picture", "video", "object", "svg"])
def test_elements_that_mail_programs_drop_are_errors(tag: str) -> None:
    assert "error code-element" in told(f"<div><{tag}></{tag}>Words</div>")


def test_style_sheets_elsewhere_and_backgrounds_are_errors(tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "mail"
    folder.mkdir(parents=True)
    (folder / "adaptive.css").write_text("@media (min-width: 1px) { #abc { color: #123; } } /* 3rem */", "utf-8")
    found = linted(newsroom=tmp_path)
    assert [one.message for one in found] == ["the CSS has `color: #123`"]
    sheet = '<link rel="stylesheet" href="https://elsewhere.example/x.css">'
    note = f'{sheet}<table background="x.png"><tr><td>Words</td></tr></table>'
    assert told(note) == ["error code-style-sheet", "error code-css"]


@pytest.mark.parametrize(
    "style",
    [
        "visibility: hidden", "opacity: 0", "opacity: 0.0", "max-height: 0px", "height: 0; overflow: hidden",
        "font-size: 0", "font-size: 1px", "color: #fefefe", "display: none",
    ],
)  # fmt: skip
def test_text_that_cannot_be_seen_is_an_error(style: str) -> None:
    paper = "background-color: #fefefe; "
    assert told(f'<p style="{paper}{style}">Words</p>') == ["error hidden"]
    assert told(f'<p style="{paper}{style}"></p>') == []


@pytest.mark.parametrize("style", ["opacity: 0.5", "max-height: 10px", "height: 0", "font-size: 13px"])
def test_text_that_can_be_seen_is_none(style: str) -> None:
    assert told(f'<p style="{style}">Words</p>') == []


# Colours


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("color: #767676; background: #ffffff", []),
        ("color: #777777; background: #ffffff", ["error contrast-light"]),
        ("color: #949494; background: #ffffff; font-size: 24px", []),
        ("color: #949494; background: #ffffff; font-size: 14pt; font-weight: bold", []),
        ("color: #949494; background: #ffffff; font-size: 18px; font-weight: bold", ["error contrast-light"]),
        ("color: rgb(200, 200, 200); background: white", ["error contrast-light"]),
        ("color: rgba(200, 200, 200, 0.5); background: white", []),
        ("color: nonsense; background: white", []),
    ],
)
def test_contrast_is_what_wcag_asks_for(style: str, expected: list[str]) -> None:
    assert told(f'<p style="{style}">Words</p>') == expected


def test_the_colours_that_a_newsroom_chooses_stand_in_its_mail_as_it_wrote_them() -> None:
    chosen = CONFIG.newsroom.model_copy(update={"colors": Colors(brand="#112233", ink="#000000", paper="#ffffff")})
    edition = composition()
    rendering = render_mail(edition, CONFIG.model_copy(update={"newsroom": chosen}), HERE, None)
    assert lint(rendering, edition, "Newsroom", EVERYWHERE) == ()


def dark(tmp_path: Path, old: str, new: str) -> list[Finding]:
    folder = tmp_path / "templates" / "mail"
    folder.mkdir(parents=True)
    assert old in CSS
    (folder / "adaptive.css").write_text(CSS.replace(old, new), "utf-8")
    return linted(newsroom=tmp_path)


def test_weak_colours_of_dark_mode_are_a_warning_that_names_each_item_once(tmp_path: Path) -> None:
    found = dark(tmp_path, ".top, .quiet,", ".quiet { color: #333333 !important; }\n  .top,")
    assert {(one.rule, one.level) for one in found} == {("contrast-dark", "warning")}
    [of_items] = [one for one in found if "lead" in one.places]
    assert of_items.places == ("the frame", "lead", "one", "two", "three", "four")
    assert str(of_items) == (
        '(en) the frame, lead, one and 3 more: warning: the text of <p class="quiet">, #333333 on #201f1c in dark mode,'
        " has a contrast of 1.30. It needs 4.5: choose another colour in templates/mail/adaptive.css or"
        " `newsroom.colors`."
    )


def test_a_rule_of_dark_mode_that_is_not_important_yields_to_the_inlined_style(tmp_path: Path) -> None:
    found = dark(tmp_path, "td, h1, h2, h3 { color: #edeae3 !important; }\n  a", "td, h1, h2, h3 { color: #edeae3; } a")
    assert "on #201f1c in dark mode, has a contrast of 1.0" in found[0].message


# Headings


def test_a_colour_beyond_its_channels_is_the_nearest_one_as_browsers_draw_it() -> None:
    assert told('<p style="color: rgb(300, 300, 300)">The words</p>') == ["error contrast-light"]


def test_a_rule_of_dark_mode_for_a_namespace_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "templates" / "mail").mkdir(parents=True)
    css = "@media (prefers-color-scheme: dark) { svg|a { color: #000000; } }"
    (tmp_path / "templates" / "mail" / "adaptive.css").write_text(css)
    assert linted(newsroom=tmp_path) == []


def test_headings_of_the_note_follow_one_another() -> None:
    assert told("<h2>First</h2><h3>Below</h3><h2>Second</h2>") == []
    assert told("<h4>Deep</h4>") == ["warning heading-level"]
    assert told("<h2> </h2>") == ["error heading-empty"]
    assert told("<h1>Again</h1>") == ["warning heading-level"]


# Size


def test_a_page_that_comes_near_to_its_limit_is_a_warning() -> None:
    for words, expected in ((13_000, []), (15_500, [("size", "warning")])):
        said = "long " * words
        assert [(one.rule, one.level) for one in linted(composition(note=said), f"<p>{said}</p>")] == expected


def test_a_plain_text_that_says_next_to_nothing_is_an_error() -> None:
    found = linted(composition(note="Short."), f"<p>{'long ' * 2_000}</p>")
    assert [(one.rule, one.level) for one in found] == [("text", "error")]
