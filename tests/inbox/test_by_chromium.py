"""Mails as a browser's engine shows them: to axe, on small screens, without styles, without pictures."""

import re
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from digest.config import Colors
from tests.chromium import CHROMIUM, complaints, launched
from tests.inbox.conftest import Need
from tests.inbox.letters import Letter
from tests.inbox.seen import Reader, shown

WIDE, SMALL, SMALLEST = 700, 375, 320  # pixels
DARK_PHONE = Reader(SMALL, dark=True)
BARE = Reader(SMALL, styles=False)
# The words that a reader could not see: of no size, transparent, hidden, too small, or outside the window.
UNSEEN = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), unseen = [];
  while (walker.nextNode()) {
    const text = walker.currentNode, element = text.parentElement;
    if (!text.data.trim() || element.closest("style, script, title")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const style = getComputedStyle(element), boxes = [...range.getClientRects()];
    const inside = boxes.some((box) => box.width > 0 && box.height > 0)
      && boxes.every((box) => box.left >= 0 && box.right <= innerWidth + 0.5);
    if (!inside || style.visibility !== "visible" || style.opacity !== "1" || parseFloat(style.fontSize) < 13)
      unseen.push(text.data.trim());
  }
  return unseen;
}"""
# The pictures whose alternative text has no colour or size of its own, or whose place is wider than the window.
UNSTYLED = """() => [...document.images].filter((image) => {
  const box = image.getBoundingClientRect();
  return !image.alt || !image.style.color || !image.style.fontSize || box.right > innerWidth || box.width < 60;
}).map((image) => image.outerHTML)"""

# A mail is read within a program's own page, which has the landmarks.
OTHERS_DUTY = {"rules": {rule: {"enabled": False} for rule in ("landmark-one-main", "region")}}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM.is_file() or not find_spec("playwright"):
        yield None
        return
    with launched() as started:
        yield started


@pytest.fixture(autouse=True)
def installed(need: Need, browser: Any) -> None:  # noqa: ANN401 - no types when it is not installed
    need(browser, f"Chromium is not at {CHROMIUM}: make ci-tools")


@pytest.mark.parametrize("reader", [Reader(WIDE), DARK_PHONE, BARE], ids=str)
def test_axe_finds_nothing(
    browser: Any,  # noqa: ANN401 - as above
    newsroom: str,
    letters: list[Letter],
    public: Callable[[str], Path],
    reader: Reader,
) -> None:
    found = {}
    for letter in letters:
        with shown(browser, letter.html, reader, public(newsroom)) as page:
            found[letter.name] = complaints(page, OTHERS_DUTY)

    assert {name: report for name, report in found.items() if report} == {}


@pytest.mark.parametrize("pictures", [True, False], ids=["pictures", "no pictures"])
@pytest.mark.parametrize("styles", [True, False], ids=["styles", "no styles"])
def test_all_words_are_seen_without_scrolling_sideways(  # noqa: PLR0913, PLR0917 - each a way to look
    browser: Any,  # noqa: ANN401 - as above
    newsroom: str,
    letters: list[Letter],
    public: Callable[[str], Path],
    styles: bool,  # noqa: FBT001 - a parameter of the test
    pictures: bool,  # noqa: FBT001 - as above
) -> None:
    for letter in letters:
        with shown(browser, letter.html, Reader(WIDE, styles=styles, pictures=pictures), public(newsroom)) as page:
            for width in (WIDE, SMALL, SMALLEST):
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, letter.name
                assert page.evaluate(UNSEEN) == [], (letter.name, width)
                assert page.evaluate(UNSTYLED) == [], (letter.name, width)


def test_pictures_are_there_when_they_are_shown(
    browser: Any,  # noqa: ANN401 - as above
    newsroom: str,
    letters: list[Letter],
    public: Callable[[str], Path],
) -> None:
    broken = "[...document.images].filter((image) => !image.naturalWidth).map((image) => image.src)"
    for letter in letters:
        with shown(browser, letter.html, Reader(WIDE), public(newsroom)) as page:
            assert page.evaluate(broken) == [], letter.name


def test_what_is_hidden_faint_or_wide_is_found(browser: Any, every_letter: list[Letter], tmp_path: Path) -> None:  # noqa: ANN401 - as above
    html = every_letter[0].html
    hidden = re.sub(r"<h1 style=\"", '<h1 style="visibility:hidden; ', html, count=1)
    quiet = f"color:{Colors().palette.quiet}"
    assert quiet in html
    faint = html.replace(quiet, "color:#b5b0a5")
    wide = html.replace("</h1>", f"{'x' * 200}</h1>", 1).replace("word-break:break-word", "word-break:normal")
    with shown(browser, hidden, BARE, tmp_path) as page:
        assert page.evaluate(UNSEEN) != []
    with shown(browser, faint, BARE, tmp_path) as page:
        assert "color-contrast" in complaints(page, OTHERS_DUTY)
    with shown(browser, wide, BARE, tmp_path) as page:
        assert page.evaluate("document.documentElement.scrollWidth") > SMALL
