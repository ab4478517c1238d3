"""The pages to look at: the sample newsroom's, and what it has no example of."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from digest.config import load_config
from digest.items.item import Item
from digest.items.loading import load_items
from digest.site.targets import as_it_is
from digest.site.tree import build_tree
from digest.site.web_views import WebView
from tests.chromium import CHROMIUM, launched
from tests.images.signs import emblems

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
MAIL = b"<!doctype html><html lang='en'><title>Mail</title><p>As it was mailed</p></html>"
EDITION = WebView(
    "Amparo weekly: 340 cameras", "en", date(2026, 11, 20), as_it_is("editions/weekly/2026-11-20/index.html", MAIL)
)
WIDE = "| Prison | " + " | ".join(f"Cells in {year}" for year in range(2010, 2027)) + " |\n"
TABLE = WIDE + "|---" * 18 + "|\n" + "| Sant Orrell | " + " | ".join("4,290" for _ in range(17)) + " |\n"


def _more(items: tuple[Item, ...]) -> list[Item]:
    """Return enough items for several pages, among them one from the right, with a wide table and long words."""
    copies = [
        item.model_copy(update={"slug": f"{item.slug}-again", "id": f"tag:again.example,2026:{item.slug}"})
        for item in items
    ]
    address = "https://www.amparo.example/" + "and-on-" * 30
    odd = {
        "slug": "odd",
        "id": "tag:odd.example,2026:odd",
        "language": "ar",
        "title": "Unabbreviated" * 6,
        "body": f"{TABLE}\n\nSee {address} and `{'x' * 200}`.\n\n    {'y' * 200}\n",
    }
    return [*copies, items[0].model_copy(update=odd)]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the site into a folder and return that."""
    folder = tmp_path_factory.mktemp("site")
    config = load_config(ROOT)
    items = load_items(ROOT, config).items
    tree = build_tree(config, [*items, *_more(items)], AT, ROOT, [EDITION])
    signs = emblems(tmp_path_factory.mktemp("signs"))
    branded = build_tree(config, items[:2], AT, ROOT, [], signs)
    for path, content in [*tree.items(), *((f"branded/{path}", content) for path, content in branded.items())]:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.path.read_bytes())
    return folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Run Chromium; tests that ask for it are skipped where something is not installed."""
    if not CHROMIUM.is_file():
        pytest.skip(f"Chromium is not at {CHROMIUM}")
    for needed in ("playwright.sync_api", "axe_playwright_python.sync_playwright"):
        pytest.importorskip(needed, reason=f"{needed} is not installed")
    with launched() as browser:
        yield browser
