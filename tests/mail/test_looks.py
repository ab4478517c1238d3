"""A mail's page as it is looked at: dark or light whatever the browser is, without pictures, with nobody's token."""

import re
from pathlib import Path

import pytest

from digest.audience.interests import EVERYTHING
from digest.mail.looks import EXAMPLE, LOOKS, Look, addresses_of_pictures, page_seen, text_seen
from digest.mail.rendering import PREFERENCES_TOKEN, UNSUBSCRIBE_TOKEN, Copy, copy_for, render_mail
from tests.mail.samples import CONFIG, PICTURE, composition

DAY, NIGHT, BARE = Look("day", 700), Look("night", 700, dark=True), Look("bare", 700, pictures=False)
DATA = {PICTURE.large.url: "data:image/jpeg;base64,AAAA"}


@pytest.fixture(scope="module")
def copy() -> Copy:
    edition = composition()
    return copy_for(render_mail(edition, CONFIG, Path(), None), edition, EVERYTHING)


def test_the_mails_own_dark_colours_hold_in_the_dark_look_and_in_no_other(copy: Copy) -> None:
    assert "@media (prefers-color-scheme: dark) {" in copy.html
    assert "@media (min-width: 0) {" in page_seen(copy.html, NIGHT, {})
    assert "@media (max-width: 0) {" in page_seen(copy.html, DAY, {})
    for look in LOOKS:
        assert "prefers-color-scheme" not in page_seen(copy.html, look, {})


def test_colours_for_light_hold_by_day_only() -> None:
    style = "<style>@media screen and (prefers-color-scheme:light) { p { color: red } }</style>"
    assert page_seen(style, DAY, {}) == style.replace("(prefers-color-scheme:light)", "(min-width: 0)")
    assert page_seen(style, NIGHT, {}) == style.replace("(prefers-color-scheme:light)", "(max-width: 0)")


def test_a_copy_knows_one_colour_scheme_so_that_the_browsers_own_colours_fit(copy: Copy) -> None:
    for look, scheme in ((DAY, "light"), (NIGHT, "dark")):
        page = page_seen(copy.html, look, {})
        assert "light dark" not in page
        assert f'<meta name="color-scheme" content="{scheme}">' in page


def test_words_of_an_item_about_colour_schemes_stay_as_they_are() -> None:
    words = "<p>(prefers-color-scheme: dark) and color-scheme: light dark</p>"
    assert page_seen(words, NIGHT, {}) == words


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_links_with_a_token_lead_nowhere_and_name_an_example(copy: Copy, look: Look) -> None:
    seen = page_seen(copy.html, look, {})
    assert UNSUBSCRIBE_TOKEN not in seen
    assert PREFERENCES_TOKEN not in seen
    links = re.findall("<a[^>]* aria-disabled[^>]*>", seen)
    assert [re.findall(r' title="([^"]*)"', link) for link in links] == [
        [f"https://desk.news.example/{page}/{EXAMPLE}"] for page in ("preferences", "unsubscribe")
    ]
    assert not any("href=" in link for link in links)


def test_all_other_links_are_those_of_the_mail_and_open_beside(copy: Copy) -> None:
    def links(page: str) -> list[str]:
        return re.findall(r'<a[^>]* href="([^"]*)"', page)

    seen = page_seen(copy.html, DAY, {})
    assert links(seen) == [link for link in links(copy.html) if "_TOKEN_" not in link]
    assert '<base target="_blank">' in seen


def test_plain_text_names_an_example_in_place_of_tokens(copy: Copy) -> None:
    seen = text_seen(copy.text)
    assert seen.count(EXAMPLE) == 2
    assert "_TOKEN_" not in seen


def test_only_pictures_that_are_given_are_shown_and_none_when_they_are_off(copy: Copy) -> None:
    assert addresses_of_pictures(copy.html) == [PICTURE.large.url, PICTURE.small.url]
    shown = page_seen(copy.html, DAY, DATA)
    assert addresses_of_pictures(shown) == list(DATA.values())
    assert addresses_of_pictures(page_seen(copy.html, BARE, DATA)) == []
    assert shown.count(f'alt="{PICTURE.alt}"') == copy.html.count(f'alt="{PICTURE.alt}"') == 2
