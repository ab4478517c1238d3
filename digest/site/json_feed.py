"""feed.json: the main feed as JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

from collections.abc import Mapping, Sequence

from digest import urls
from digest.config import Config
from digest.site import feeds
from digest.site.documents import Document
from digest.site.entries import Entry
from digest.site.feeds import Imprint
from digest.site.json_text import compact, present

VERSION = "https://jsonfeed.org/version/1.1"
MEDIA_TYPE = "application/feed+json"


def json_feed(document: Document, entries: Sequence[Entry], config: Config, imprint: Imprint) -> bytes:
    """Return the bytes of feed.json; `entries` are those of the document's items, in their order."""
    newsroom = config.newsroom
    made = {
        "version": VERSION,
        "title": document.feed.title,
        "home_page_url": urls.absolute(newsroom, document.feed.home),
        "feed_url": urls.absolute(newsroom, feeds.JSON),
        "description": newsroom.tagline or newsroom.description,
        "icon": imprint.large_icon or imprint.icon,
        "favicon": imprint.icon,
        "language": document.feed.language,
        "authors": [{"name": newsroom.organization, "url": newsroom.url}],
        "hubs": [{"type": "WebSub", "url": hub} for hub in imprint.hubs],
    }
    items = [_item(entry) for entry in entries]
    return compact(present(made) | {"items": items})


def _item(entry: Entry) -> Mapping[str, object]:
    return present(
        {
            "id": entry.id,
            "url": entry.address,
            "title": entry.title,
            "summary": entry.summary,
            "content_html": entry.html,
            "image": entry.picture.address if entry.picture else None,
            "date_published": entry.published.isoformat(),
            "date_modified": entry.updated.isoformat(),
            "authors": [{"name": name} for name in entry.authors],
            "language": entry.language,
            "tags": [category.label for category in entry.categories],
            "attachments": [
                {"url": file.address, "title": file.title, "mime_type": file.media_type, "size_in_bytes": file.size}
                for file in entry.enclosures
            ],
        }
    )
