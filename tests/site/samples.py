"""A newsroom, items and files for the tests of the site."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from digest.config import Config
from digest.images.variants import Variant, address
from digest.items.item import Asset, Item, image_asset
from digest.site.tree import build_tree

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CONFIG = Config.model_validate(
    {
        "newsroom": {
            "id": "6d0f3a5e-8a53-4a0c-9f5b-3c1f2b7e9d10",
            "title": "Example Newsroom",
            "organization": "Example Organisation",
            "tagline": "News for tests",
            "url": "https://news.example.org/press",
            "timezone": "Europe/Madrid",
            "contact": {"name": "Press desk", "email": "press@example.org", "phone": "+34 910 000 000"},
            "rights": "Free to quote",
        },
        "kinds": {
            "press-release": {
                "label": {"en": "Press release", "es": "Nota de prensa"},
                "plural": "Press releases",
                "boilerplate": "**About us.** We test.",
            },
            "report": {"label": "Report", "plural": "Reports"},
        },
        "topics": {"asylum": {"label": {"en": "Asylum", "es": "Asilo"}}, "prisons": {"label": "Prisons"}},
    }
)


def hours(count: float) -> datetime:
    """Return the moment that many hours after NOW; before it when negative."""
    return NOW + timedelta(hours=count)


def item(slug: str = "first", **fields: object) -> Item:
    """Return a press release, public since yesterday unless `fields` say otherwise."""
    usual: dict[str, object] = {
        "id": f"00000000-0000-4000-8000-{hashlib.sha256(slug.encode()).hexdigest()[:12]}",
        "kind": "press-release",
        "title": f"Title of {slug}",
        "published": hours(-24),
        "summary": f"Summary of {slug}.",
        "body": f"Body of {slug}.",
        "slug": slug,
        "source": f"items/{slug}.yaml",
        "language": "en",
        "version": "0" * 64,
        "assets": {},
    }
    return Item.model_validate(usual | fields)


def pages_of(items: Sequence[Item], newsroom: Path = Path("/nonexistent"), config: Config = CONFIG) -> dict[str, bytes]:
    """Return all that is made, not copied, by its path in public/, as the public sees it NOW."""
    tree = build_tree(config, items, NOW, newsroom, [])
    return {path: content for path, content in tree.items() if isinstance(content, bytes)}


def picture(folder: Path, name: str = "lead.jpg", content: bytes = b"pixels") -> Asset:
    """Return a picture with variants of up to 1600 × 1067 pixels, whose bytes need not be an image."""
    (folder / name).write_bytes(content)
    begin = address(folder / name, _sha256(content))
    wanted = [("webp", 480, 320), ("webp", 1600, 1067), ("jpg", 600, 400), ("jpg", 1200, 800), ("jpg", 1600, 1067)]
    variants = [_variant(folder, f"{begin}-{width}.{ending}", width, height) for ending, width, height in wanted]
    return image_asset(folder / name, _sha256(content), tuple(variants))


def pdf(folder: Path, name: str = "briefing.pdf", content: bytes = b"%PDF") -> Asset:
    """Return a document."""
    (folder / name).write_bytes(content)
    return Asset(folder / name, _sha256(content), len(content), "application/pdf")


def _variant(folder: Path, public_path: str, width: int, height: int) -> Variant:
    content = public_path.encode()
    path = folder / public_path.replace("/", "-")
    path.write_bytes(content)
    media_type = "image/webp" if public_path.endswith(".webp") else "image/jpeg"
    return Variant(public_path, path, _sha256(content), len(content), media_type, width, height)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def full_item(folder: Path, **fields: object) -> Item:
    """Return an item that has everything, with its files in `folder`."""
    has: dict[str, Any] = {
        "slug": "full",
        "image": {"file": "lead.jpg", "alt": "A <b>harbour</b>", "caption": "At dawn.", "credit": "Ana & Co"},
        "images": [{"file": "lead.jpg", "alt": "Again", "credit": "Ana & Co"}],
        "documents": [{"file": "a #1.pdf", "title": "Briefing"}],
        "links": [{"url": "https://elsewhere.example/a?b=1&c=2", "title": "Elsewhere"}],
        "topics": ["asylum"],
        "authors": ["One", "Two"],
        "place": "Sant Orrell",
        "body": "See [the page](../other/) and [here](#note) and [root](/x).",
        "corrections": [{"at": hours(-3), "note": "It was <214>."}],
        "assets": {"lead.jpg": picture(folder), "a #1.pdf": pdf(folder, "a #1.pdf")},
    }
    return item(**(has | fields))


def eventful(folder: Path) -> list[Item]:
    """Return enough items for two archives, with whatever can become of an item."""
    notice = {"at": hours(-2), "reason": "The source was wrong."}
    return [
        *(item(f"n{number}", published=hours(number - 900), topics=["prisons"]) for number in range(210)),
        full_item(folder),
        item("same", title="The very same", summary="The very same"),
        item("early", published=hours(-5), updated=hours(-9)),
        item("links", body='<a href="../a/">a</a> [b](b "c") ![x](x.jpg) [z](//other.example/)'),
        item("spanish", language="es", translation_of="n3"),
        item("taken", withdrawn=notice, documents=[{"file": "a.pdf", "title": "A"}], assets={"a.pdf": pdf(folder)}),
        item(
            "rich",
            body="## A\n\n<p>open <b>bold\n\n| a |\n|-|\n| <i>1 |\n\n<p style='x' onclick='y'>z</div>\n\n- &lt;\n",
        ),
        item(
            "signs",
            title="<b>“Ñ” & 😀</b>",
            summary="a < b & c > d",
            authors=["Ana & <Co>", "Ñ"],
            topics=["asylum"] * 2,
        ),
        item("imported", id="https://old.example/?id=7&x=ü", links=[{"url": "https://e.example/ü?q=ß", "title": "Ü"}]),
        item("far", language="zh-Hant-TW", title="標題"),
        item("ancient", published=hours(-899.5), withdrawn=notice | {"show": "nothing"}),
    ]
