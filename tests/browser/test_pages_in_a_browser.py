"""What only a browser sees: contrast, names, landmarks (by axe), and whether a page is wider than the screen."""

from pathlib import Path
from typing import Any

import pytest

from tests.chromium import complaints

PAGES = [
    "index.html",
    "page/1/index.html",
    "kinds/report/index.html",
    "topics/asylum/index.html",
    "languages/es/index.html",
    "feeds/index.html",
    "editions/index.html",
    "items/a-lamp-in-every-newsroom/index.html",
    "items/counting-the-cells/index.html",
    "items/karsova-asylum-form-returns/index.html",
    "items/ilse-marani-en-libertad/index.html",
    "items/odd/index.html",
    "branded/index.html",
    "branded/feeds/index.html",
]


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium: Any, site: Path, scheme: str, width: int) -> None:  # noqa: ANN401 - no types when it is not installed
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    found = []
    for path in PAGES:
        page.goto((site / path).as_uri())
        if report := complaints(page):
            found.append(f"{path}: {report}")
    page.close()
    assert found == []


def test_no_page_is_wider_than_a_small_phone(chromium: Any, site: Path) -> None:  # noqa: ANN401 - as above
    page = chromium.new_page(viewport={"width": 320, "height": 640})
    wide = []
    for path in PAGES:
        page.goto((site / path).as_uri())
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wide.append(path)
    page.close()
    assert wide == []


def test_a_page_prints_without_its_navigation_and_with_the_addresses_of_links(chromium: Any, site: Path) -> None:  # noqa: ANN401 - as above
    page = chromium.new_page()
    page.goto((site / "items/a-lamp-in-every-newsroom/index.html").as_uri())
    page.emulate_media(media="print")
    assert [nav.is_visible() for nav in page.query_selector_all("nav")].count(True) == 0
    address = "getComputedStyle(document.querySelector('.files a'), '::after').content"
    assert "https://www.amparo.example/lamps" in page.evaluate(address) or "attr(href)" in page.evaluate(address)
    page.close()
