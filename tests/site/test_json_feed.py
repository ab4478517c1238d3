import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from digest.items.item import Item
from digest.site.feeds import Imprint
from tests.site.samples import CONFIG, NOW, full_item, hours, item
from tests.site.syndicated import IMPRINT, syndicated

SCHEMA = Path(__file__).parents[2] / "../shared/schemas/jsonfeed-1.1.schema.json"


def read(*items: Item, imprint: Imprint = IMPRINT) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(syndicated(CONFIG, items, NOW, imprint)["feed.json"])
    return found


def test_it_fits_the_schema(tmp_path: Path) -> None:
    if not SCHEMA.exists():
        pytest.skip(f"{SCHEMA} is not on this machine")
    validator = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))
    withdrawn = item("taken", withdrawn={"at": hours(-1), "reason": "Wrong."})
    for made in (read(full_item(tmp_path), withdrawn, item()), read(), read(item(), imprint=Imprint())):
        validator.validate(made)


def test_it_names_itself_the_site_and_the_hubs() -> None:
    made = read()
    assert made["version"] == "https://jsonfeed.org/version/1.1"
    assert made["feed_url"] == "https://news.example.org/press/feed.json"
    assert made["home_page_url"] == "https://news.example.org/press/"
    assert made["hubs"] == [{"type": "WebSub", "url": "https://hub.example.org/"}]
    assert made["authors"] == [{"name": "Example Organisation", "url": "https://news.example.org/press"}]
    assert made["language"] == "en"
    assert "hubs" not in read(imprint=Imprint())


def test_an_item_has_all_its_fields(tmp_path: Path) -> None:
    item_made = full_item(tmp_path)
    [made] = read(item_made)["items"]
    assert made.pop("content_html").startswith("<figure><img src=")
    root = "https://news.example.org/press"
    assert made == {
        "id": item_made.uri,
        "url": f"{root}/items/full/",
        "title": "Title of full",
        "summary": "Summary of full.",
        "image": f"{root}/images/{item_made.assets['lead.jpg'].sha256[:16]}/lead-1200.jpg",
        "date_published": "2026-11-19T12:00:00+00:00",
        "date_modified": "2026-11-20T09:00:00+00:00",
        "authors": [{"name": "One"}, {"name": "Two"}],
        "language": "en",
        "tags": ["Press release", "Asylum"],
        "attachments": [
            {
                "url": f"{root}/documents/{item_made.assets['a #1.pdf'].sha256[:16]}/a%20%231.pdf",
                "title": "Briefing",
                "mime_type": "application/pdf",
                "size_in_bytes": 4,
            }
        ],
    }
