import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html

from digest.items.markdown import body_html, first_paragraph, plain, unfit_parts

BASE = "https://news.example.org/items/x/"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# Top\n\n## Below", "<h2>Top</h2>\n<h2>Below</h2>"),
        ("**a** _b_ `c` ~~d~~", "<p><strong>a</strong> <em>b</em> <code>c</code> <del>d</del></p>"),
        ("[x](/topics/asylum/)", '<p><a href="https://news.example.org/topics/asylum/">x</a></p>'),
        ("[x](../y/)", '<p><a href="https://news.example.org/items/y/">x</a></p>'),
        ("<press@example.org>", '<p><a href="mailto:press@example.org">press@example.org</a></p>'),
        ("a <sup>2</sup> <span lang='es'>b</span>", '<p>a <sup>2</sup> <span lang="es">b</span></p>'),
        ("<p onclick='x()' style='y'>a</p>", "<p>a</p>"),
        ("<script>x()</script>\n\na", "<p>a</p>"),
        ("<a href='javascript:x()'>a</a>", "<p><a>a</a></p>"),
        ("<a href='java&#10;script:x()'>a</a>", "<p><a>a</a></p>"),
        ("a <img src=x onerror=y()>", "<p>a </p>"),
        ("{{ title }} {% x %}", "<p>{{ title }} {% x %}</p>"),
    ],
)
def test_markdown_becomes_safe_html_with_absolute_addresses(text: str, shown: str) -> None:
    assert body_html(text, BASE).strip() == shown


@pytest.mark.parametrize(
    "written",
    [
        "[x](y) [z](https://www.example.org/)",
        '<a href="y">x</a>',
        "<a HREF='y'>x</a>",
        "<a href=y>x</a>",
        '<a href = "y">x</a>',
        '<a lang="en" href\t=\t"y">x</a>',
        '<a title="href=&quot;https://www.example.org/" href="y">x</a>',
    ],
)
def test_a_relative_address_becomes_absolute_however_it_is_written(written: str) -> None:
    assert 'href="https://news.example.org/items/x/y"' in body_html(written, BASE)


def test_tables_are_known() -> None:
    assert "<th>a</th>" in body_html("| a | b |\n|---|---|\n| 1 | 2 |", BASE)


@given(st.text() | st.text(alphabet="<>a =\"'/:()[]javscript&#;onimg\n`!"))
def test_no_text_gives_active_html(text: str) -> None:
    shown = body_html(text, BASE)
    for element in html.fragment_fromstring(shown, create_parent=True).iter():
        assert element.tag not in {"script", "style", "img", "iframe", "form", "object", "svg"}
        assert not any(name.startswith("on") or name in {"style", "src"} for name in element.attrib)
        assert not str(element.get("href", "")).lower().startswith(("javascript", "data", "vbscript"))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("", ""),
        ("# Heading\n\nThe **first**\nparagraph, [linked](x).\n\nThe second.", "The first paragraph, linked."),
        ("- a list\n\nText", "Text"),
        ("a &amp; b <b>c</b> `d`", "a & b c d"),
    ],
)
def test_the_first_paragraph_stands_in_for_the_summary(text: str, first: str) -> None:
    assert first_paragraph(text) == first


def test_plain_text_keeps_paragraphs_and_lists_apart() -> None:
    assert (
        plain("# A\n\nb _c_\nd\n\n- e\n- f\n\n| g | h |\n|---|---|\n| i | j |")
        == "A\n\nb c d\n\n- e\n- f\n\ng  h\n\ni  j"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("![x](y.jpg)", "the body shows the image 'y.jpg'"),
        ("[x](javascript:alert%281%29)", "the body links to 'javascript:alert%281%29'"),
        ("[x]\n\n[x]: data:text/html,y", "the body links to 'data:text/html,y'"),
        ("[x](java&#10;script:y)", "the body links to 'java\\nscript:y'"),
        ("[x](https://[)", "the body links to 'https://['"),
        ("a <IMG src=x>", "the body's HTML has <IMG>, which is not published"),
        ("<iframe src='https://x'></iframe>", "the body's HTML has <iframe>, which is not published"),
        ("<script>\nx()\n</script>", "the body's HTML has <script>, which is not published"),
    ],
)
def test_what_a_body_may_not_hold_is_named(text: str, problem: str) -> None:
    assert [message for message, _ in unfit_parts(text)] == [problem]


@pytest.mark.parametrize(
    "text",
    ["[x](https://x.org)", "[x](/y/)", "[x](mailto:a@b.org)", "<a@b.org>", "[x](tel:+34910)", "`![x](y)`", "<b>x</b>",
     "<!-- <script> -->", "<div>x</div>"],
)  # fmt: skip
def test_what_a_body_may_hold(text: str) -> None:
    assert list(unfit_parts(text)) == []


_PIECES = [
    *"[]()!<>a|&\\:#/\"'`*_~=+\r\t\u00a0“",
    *(" ", "    ", "\n", "\n\n", "\\\n", "  \n", "![", "](", "[^1]", "[x] ", "- ", "1. ", "7) ", "> ", "```", "~~~"),
    *("---", "===", "|-|", "&#1;", "&#106;", "&nbsp;", "<img>", "<b>", "[a]: ", "www.e.example", "a@e.example"),
    *("http:", "https://", "javascript:", "mailto:", "tel:", "data:", "//", "https://e.example/"),
    *("[x](https://red-cross.example/a_b.c~d/)", "[x](http://xn--a.example)", "[x](https://1.2.3.4.5)"),
    *("[x](https://e.example:99999/)", "[x](https://e.example 'y')", "[x](https://e.example/?a=1&b=2)"),
]


@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join) | st.text())
@example("<b>")
@example("&nbsp; &#1;")
@example("|a|\n|:-|\n")
@example("![x](https://e.example/)")
@example("```[")
@example("~~~[")
@example("\0")
@example("    \\  \ra\r\na")
@example("\u00a0")
@example("[x](http://xn--a.example)")
@example("[x](https://1.2.3.4.5)")
def test_the_allow_list_would_change_nothing_in_a_plain_body_and_nothing_in_it_is_unfit(text: str) -> None:
    quick = body_html.__wrapped__(text, BASE), list(unfit_parts(text))
    with pytest.MonkeyPatch.context() as thorough:
        thorough.setattr("digest.items.markdown._STRANGE", ("",))  # as every text holds it, none is plain
        assert (body_html.__wrapped__(text, BASE), list(unfit_parts(text))) == quick


@pytest.mark.parametrize("code", ["&#1;", "&#xFFFE;"])
def test_a_character_that_a_code_stands_for_and_nobody_can_publish_is_left_out(code: str) -> None:
    assert first_paragraph(f"One{code}two") == "Onetwo"
    assert body_html(f"One{code}two", BASE) == "<p>Onetwo</p>\n"
