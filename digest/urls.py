"""Where everything stands: paths in public/ and addresses on the web, each named once."""

from functools import lru_cache
from urllib.parse import quote

from digest.config import Newsroom, Web

FEED = "atom.xml"


def absolute(newsroom: Newsroom, path: str) -> str:
    """Return the address of a file of public/; a page is addressed by its folder.

    The path is percent-encoded, because a document's name is the newsroom's own (RFC 3986 section 2.1).
    """
    return _below(newsroom.url, path)


@lru_cache(maxsize=4096)  # an item's address stands in its page, its entry, its export and its lists
def _below(address: str, path: str) -> str:
    return f"{address.rstrip('/')}/{quote(path.removesuffix('index.html'))}"


def item_path(slug: str) -> str:
    """Return the file of an item's page."""
    return f"items/{slug}/index.html"


def edition_path(digest: str, name: str, language: str | None = None) -> str:
    """Return the file of an edition's web view; `name` is its date, with `.2` for a second one of a day.

    `language` is None for the newsroom's own.
    """
    below = f"{language}/" if language else ""
    return f"editions/{digest}/{name}/{below}index.html"


def preferences(web: Web, token: str) -> str:
    """Return the address where somebody chooses what they get."""
    return f"{web.url.rstrip('/')}/preferences/{token}"


def unsubscribe(web: Web, token: str) -> str:
    """Return the address that leaves a digest (RFC 8058)."""
    return f"{web.url.rstrip('/')}/unsubscribe/{token}"


def subscribe(web: Web) -> str:
    """Return the address of the form."""
    return f"{web.url.rstrip('/')}/subscribe"


def confirm(web: Web, token: str) -> str:
    """Return the address where the owner of an address says yes."""
    return f"{web.url.rstrip('/')}/confirm/{token}"


def manage(web: Web, token: str) -> str:
    """Return the address of somebody's own data."""
    return f"{web.url.rstrip('/')}/my-data/{token}"


def move(web: Web, token: str) -> str:
    """Return the address where the owner of a new address says yes."""
    return f"{web.url.rstrip('/')}/move/{token}"
