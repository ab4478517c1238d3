"""Each check of a mail sees what it is for, in the item that it is of, and nothing in a sound one."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.editions.composition import Composition
from digest.mail.lint.finding import Finding, across_languages
from digest.mail.lint.inbox import lint
from digest.mail.lint.site import Site
from digest.mail.rendering import Rendering, render_mail
from tests.mail.samples import CONFIG, PICTURE, composition, entry

HERE = Path(__file__).parent  # a newsroom without templates of its own
EDITION = composition()
RENDERING = render_mail(EDITION, CONFIG, HERE, "<p>A note.</p>")
SITE = Site("https://news.example", frozenset(), lambda _: True)


def findings(
    rendering: Rendering = RENDERING, edition: Composition = EDITION, sender: str = "Newsroom", site: Site = SITE
) -> list[Finding]:
    return list(lint(rendering, edition, sender, site))


def rules(found: list[Finding]) -> set[tuple[str, str]]:
    return {(one.rule, one.level) for one in found}


def changed(old: str, new: str, count: int = -1) -> Rendering:
    assert old in RENDERING.html
    return replace(RENDERING, html=RENDERING.html.replace(old, new, count))


def of_subject(subject: str) -> list[Finding]:
    edition = composition(subject_form=subject.replace("{", "{{").replace("}", "}}"))
    return findings(render_mail(edition, CONFIG, HERE, None), edition)


def test_a_sound_mail_has_no_findings() -> None:
    assert findings() == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (f'alt="{PICTURE.alt}"', "", "picture-alt"),
        ('width="536" height="357"', "", "picture-size"),
        ("https://news.example/images/", "http://news.example/images/", "picture-https"),
        ("harbour-600.jpg", "harbour-600.webp", "picture-format"),
        (">Title of two</a>", "></a>", "link-empty"),
        ('href="https://news.example/items/two/"', 'href="/items/two/"', "link-relative"),
        ('href="https://news.example/items/two/"', 'href="javascript:alert(1)"', "link-scheme"),
        ("A note.", "A note.<script>x()</script>", "code-element"),
        ("A note.", '<span style="display:none">A note.</span>', "hidden"),
        ("A note.", '<span style="font-size:1px">A note.</span>', "hidden"),
        ("A note.", '<span style="color:#eeeeee">A note.</span>', "contrast-light"),
        ("A note.", '<span style="display:flex">A note.</span>', "code-css"),
        ("A note.", '<span style="margin:1rem">A note.</span>', "code-css"),
    ],
)  # fmt: skip
def test_a_fault_of_the_page_is_an_error_with_a_remedy(old: str, new: str, rule: str) -> None:
    found = findings(changed(old, new))
    assert any(one.rule.startswith(rule.partition("-light")[0]) and one.level == "error" for one in found), found
    assert all(one.message and one.remedy.endswith(".") for one in found)


def test_a_finding_names_the_item_it_comes_from_once() -> None:
    found = findings(changed('href="https://news.example/items/two/"', 'href="/items/two/"'))
    assert [str(one) for one in found] == [
        "(en) two: error: the link '/items/two/' is relative. Write it whole, from https:// on."
    ]


def test_a_link_that_the_site_does_not_have_is_an_error() -> None:
    gone = replace(SITE, has=lambda path: not path.startswith("items/two"))
    assert [(one.rule, one.places) for one in findings(site=gone)] == [("link-dead", ("two",))]
    to_come = replace(gone, coming=frozenset({"items/two/index.html"}))
    assert findings(site=to_come) == []


@pytest.mark.parametrize(
    ("subject", "rule"),
    [
        (" ", ("subject-empty", "error")),
        ("🔥🔥", ("subject-wordless", "error")),
        ("PRISONS ARE FULL AGAIN", ("subject-capitals", "warning")),
        ("Now!! Today!", ("subject-marks", "warning")),
        ("A long subject that goes on and on " * 3, ("subject-length", "warning")),
        ("A long subject that goes on and on " * 8, ("subject-length", "error")),
    ],
)
def test_a_subject_that_harms_is_told(subject: str, rule: tuple[str, str]) -> None:
    assert rule in rules(of_subject(subject))


def test_a_mail_without_a_text_or_a_senders_name_is_an_error() -> None:
    assert ("text", "error") in rules(findings(replace(RENDERING, text=_only_cuts(RENDERING.text))))
    assert ("sender", "error") in rules(findings(sender=" "))


def _only_cuts(text: str) -> str:
    return "".join(f"{line}\n" for line in text.split("\n") if line.startswith("\f"))


def test_what_a_full_mail_leaves_to_the_web_is_a_warning() -> None:
    many = composition(entries=tuple(entry(f"entry-{number}", image=PICTURE) for number in range(90)), limit=90)
    found = findings(render_mail(many, CONFIG, HERE, None), many)
    assert rules(found) == {("size", "warning")}
    assert "as links" in found[0].message


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60)


@given(TEXTS, TEXTS, TEXTS)
@settings(max_examples=25, deadline=None)
def test_whatever_items_say_the_lint_answers(title: str, summary: str, alt: str) -> None:
    edition = composition(
        entries=(entry("lead", title=title, summary=summary, image=PICTURE.model_copy(update={"alt": alt})),)
    )
    assert all("\n" not in str(one) for one in findings(render_mail(edition, CONFIG, HERE, None), edition))


def test_what_is_the_same_in_several_languages_is_told_once_for_all_of_them() -> None:
    english = Finding("en", ("two",), "warning", "link-http", "the link 'x' is not encrypted", "Write https://.")
    spanish = replace(english, language="es")
    graver = replace(english, level="error", language="es")
    assert [str(one) for one in across_languages([english, graver, spanish])] == [
        "(es) two: error: the link 'x' is not encrypted. Write https://.",
        "(en, es) two: warning: the link 'x' is not encrypted. Write https://.",
    ]


def test_a_link_of_the_readers_own_is_told_without_its_placeholder_and_with_the_key_to_correct() -> None:
    found = findings(changed("https://desk.news.example/", "http://desk.news.example/"))
    assert {one.message for one in found} == {
        "the link 'http://desk.news.example/preferences/…' is not encrypted",
        "the link 'http://desk.news.example/subscribe' is not encrypted",
        "the link 'http://desk.news.example/unsubscribe/…' is not encrypted",
    }
    assert all("`web.url`" in one.remedy for one in found if "…" in one.message)


def test_a_link_into_our_own_site_is_told_with_the_key_to_correct() -> None:
    found = findings(changed('href="https://news.example/items/two/"', 'href="http://news.example/items/two/"'))
    assert ["`newsroom.url`" in one.remedy for one in found if one.rule == "link-http"] == [True]
