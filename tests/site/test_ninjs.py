import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from digest.items.item import Item
from tests.site.samples import CONFIG, NOW, full_item, hours, item
from tests.site.syndicated import syndicated

SCHEMA = Path(__file__).parents[2] / "../shared/schemas/ninjs-3.1.schema.json"


def export(made: Item) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(syndicated(CONFIG, [made], NOW)[f"exports/ninjs/{made.slug}.json"])
    return found


def test_it_fits_the_schema(tmp_path: Path) -> None:
    if not SCHEMA.exists():
        pytest.skip(f"{SCHEMA} is not on this machine")
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    withdrawn = full_item(tmp_path, withdrawn={"at": hours(-1), "reason": "Wrong."})
    for made in (full_item(tmp_path), item(), item(contact={"name": "Nobody to reach"}), withdrawn):
        validator.validate(export(made))


def test_it_has_the_words_the_pictures_and_the_documents(tmp_path: Path) -> None:
    made = export(full_item(tmp_path))
    widest = full_item(tmp_path).assets["lead.jpg"]
    assert made["uri"] == full_item(tmp_path).uri
    assert made["pubStatus"] == "usable"
    assert made["headlines"] == [{"value": "Title of full"}]
    assert made["located"] == "Sant Orrell"
    assert made["by"] == "One, Two"
    assert made["subjects"][0]["uri"] == "https://news.example.org/press/topics/asylum/"
    assert made["bodies"][0]["value"].startswith("<figure>")
    assert [(each["name"], each["rel"]) for each in made["associations"]] == [
        ("A <b>harbour</b>", "main"),
        ("Again", "further"),
        ("Briefing", "document"),
    ]
    assert made["associations"][0]["renditions"][0] == {
        "name": "full",
        "href": f"https://news.example.org/press/{widest.public_path}",
        "contentType": "image/jpeg",
        "width": 1600,
        "height": 1067,
        "sizeInBytes": widest.size,
    }


def test_a_withdrawn_item_is_canceled_and_only_its_notice_is_left(tmp_path: Path) -> None:
    made = export(full_item(tmp_path, withdrawn={"at": hours(-1), "reason": "The source was wrong."}))
    assert made["pubStatus"] == "canceled"
    assert made["bodies"] == [{"contentType": "text/html", "value": "<p>The source was wrong.</p>"}]
    assert not {"associations", "descriptions", "located"} & made.keys()
