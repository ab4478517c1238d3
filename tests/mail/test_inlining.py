import pytest

from digest.errors import Refused
from digest.mail.inlining import inlined

PAGE = """<!DOCTYPE html>
<html><head><style>p { color: #123457; }</style>
<style data-premailer="ignore">@media (prefers-color-scheme: dark) { p { color: #edeae3 !important; } }</style>
</head><body><!--[if mso]><table><tr><td><![endif]--><!-- cut: foot -->
<p>“é” &amp; 😀</p><a href="https://a.example/?b=1&amp;c=2">x</a></body></html>
"""


def test_styles_stand_at_each_element_and_the_rest_stays() -> None:
    page = inlined(PAGE)
    assert page.startswith("<!DOCTYPE html>")
    assert '<p style="color:#123457">“é” &amp; 😀</p>' in page
    assert "@media (prefers-color-scheme: dark) { p { color: #edeae3 !important; } }" in page
    assert "<!--[if mso]><table><tr><td><![endif]--><!-- cut: foot -->\n" in page
    assert 'href="https://a.example/?b=1&amp;c=2"' in page


def test_a_colour_keeps_its_six_digits() -> None:
    rule = "p { color: #112233; background: #ffffff; border-top: 1px solid #000000; }"
    page = inlined(f"<html><head><style>{rule}</style></head><body><p>x</p></body></html>")
    for colour in ("#112233", "#ffffff", "#000000"):
        assert colour in page


@pytest.mark.parametrize("rule", ["@import url(https://a.example/x.css);", "@IMPORT 'x.css';", "@\\69mport 'x.css';"])
def test_css_that_would_be_fetched_is_refused(rule: str) -> None:
    with pytest.raises(Refused, match="@import"):
        inlined(f"<html><head><style>{rule} p {{ color: red; }}</style></head><body><p>x</p></body></html>")


def test_the_words_of_an_item_may_speak_of_an_import() -> None:
    assert "@import" in inlined("<html><head><style>p { color: red; }</style></head><body><p>@import</p></body></html>")


@pytest.mark.parametrize("mark", ["<!-- cut: foot -->", "&lt;!-- cut: foot --&gt;"])
def test_what_looks_like_a_cut_in_an_attribute_is_a_text_as_any_other(mark: str) -> None:
    page = inlined(f"<html><head></head><body><!-- cut: foot -->\n<img alt='{mark}' title=\"a'{mark}\"></body></html>")
    assert page.count("<!-- cut: foot -->") == 1
    assert page.count("&lt;!-- cut: foot --") == 2


def test_a_page_without_anything_is_refused() -> None:
    with pytest.raises(Refused, match="the page of the mail is empty"):
        inlined(" \n")
