"""exports/ninjs/<slug>.json: an item for newsrooms' own systems, as IPTC ninjs 3.1 (iptc.org/std/ninjs)."""

from collections.abc import Mapping

from digest import urls
from digest.config import Config
from digest.items.item import Item, Picture
from digest.site import views
from digest.site.entries import Entry
from digest.site.json_text import compact, present

_SCHEMA = "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#"


def path(slug: str) -> str:
    """Return where the item's export stands in public/."""
    return f"exports/ninjs/{slug}.json"


def ninjs(item: Item, entry: Entry, config: Config) -> bytes:
    """Return the bytes of an item's export; `entry` says what the public may see of it.

    Of a withdrawn item only the notice is left, as `canceled`.
    """
    made = _about(item, entry, config) | ({} if entry.withdrawn else _associated(item, entry, config))
    return compact(present(made))


def _about(item: Item, entry: Entry, config: Config) -> dict[str, object]:
    newsroom = config.newsroom
    kind, *topics = entry.categories
    return {
        "uri": entry.id,
        "standard": {"name": "ninjs", "version": "3.1", "schema": _SCHEMA},
        "type": "text",
        "representationType": "full",
        "pubStatus": "canceled" if entry.withdrawn else "usable",
        "firstCreated": entry.published.isoformat(),
        "versionCreated": entry.updated.isoformat(),
        "language": entry.language,
        "slugline": item.slug,
        "headlines": [{"value": entry.title}],
        "descriptions": [{"contentType": "text/plain", "value": entry.summary}] if entry.summary else None,
        "bodies": [{"contentType": "text/html", "value": entry.html}],
        "by": ", ".join(entry.authors),
        "located": None if entry.withdrawn else item.place,
        "genres": [{"name": kind.label, "literal": kind.term}],
        "subjects": [
            {"name": topic.label, "literal": topic.term, "uri": f"{topic.scheme}{topic.term}/"} for topic in topics
        ],
        "copyrightHolder": newsroom.organization,
        "copyrightNotice": newsroom.rights,
        "infoSources": [_source(item, config)],
        "renditions": [{"name": "web", "href": entry.address, "contentType": "text/html"}],
    }


def _source(item: Item, config: Config) -> Mapping[str, object]:
    contact = item.contact or config.newsroom.contact
    reached = {"email": contact.email, "phone": contact.phone}
    return {
        "name": config.newsroom.organization,
        "role": "publisher",
        "uri": config.newsroom.url,
        "contactInfo": [
            {"type": by, "role": "press", "name": contact.name, "value": value}
            for by, value in reached.items()
            if value
        ],
    }


def _associated(item: Item, entry: Entry, config: Config) -> dict[str, object]:
    pictures = [
        _picture(picture, item, config, "main" if index == 0 and item.image else "further")
        for index, picture in enumerate(item.pictures)
    ]
    documents = [
        {
            "name": file.title,
            "rel": "document",
            "uri": file.address,
            "renditions": [
                {"name": "file", "href": file.address, "contentType": file.media_type, "sizeInBytes": file.size}
            ],
        }
        for file in entry.enclosures
    ]
    return {"associations": [*pictures, *documents]}


def _picture(picture: Picture, item: Item, config: Config, rel: str) -> Mapping[str, object]:
    asset = item.assets[picture.file]
    figure = views.figure(picture, asset)
    address = urls.absolute(config.newsroom, asset.public_path)
    described = {"alt": figure.alt, "caption": figure.caption}
    rendition = {
        "name": "full",
        "href": address,
        "contentType": asset.media_type,
        "width": asset.width,
        "height": asset.height,
        "sizeInBytes": asset.size,
    }
    return present(
        {
            "name": figure.alt or asset.path.name,
            "rel": rel,
            "uri": address,
            "type": "picture",
            "descriptions": [{"role": role, "value": text} for role, text in described.items() if text],
            "by": figure.credit,
            "copyrightNotice": figure.rights,
            "renditions": [present(rendition)],
        }
    )
