"""Where the site's own files stand in public/, and how its pages name one another."""

import hashlib
from urllib.parse import urlsplit

from digest.config import Newsroom

INDEX = "index.html"
NOT_FOUND = "404.html"
EDITIONS = "editions/index.html"
ASSETS = "assets"  # folder of files whose names hold the digest of their bytes


def stylesheet(css: bytes) -> str:
    """Return the style sheet's file; the digest in it lets the address change with the bytes."""
    return _hashed("site", hashlib.sha256(css).hexdigest(), "css")


def icon(svg: bytes) -> str:
    """Return the file of the sign that browsers show beside a page's title, where the newsroom has no icon."""
    return _hashed("icon", hashlib.sha256(svg).hexdigest(), "svg")


def emblem(name: str, sha256: str) -> str:
    """Return the file of a drawing of the newsroom's logo or icon; `sha256` (hex) is of its bytes."""
    return _hashed(name, sha256, "png")


def _hashed(name: str, sha256: str, ending: str) -> str:
    return f"{ASSETS}/{name}-{sha256[:16]}.{ending}"


def numbered(home: str, number: int) -> str:
    """Return the file of an older page of the list whose first page is at `home`."""
    return f"{folder(home)}page/{number}/index.html"


def kind(key: str) -> str:
    """Return the file of the page of a kind."""
    return f"kinds/{key}/index.html"


def topic(key: str) -> str:
    """Return the file of the page of a topic."""
    return f"topics/{key}/index.html"


def folder(path: str) -> str:
    """Return what addresses the page at `path` from the root: its folder."""
    return path.removesuffix("index.html")


def way_to_root(newsroom: Newsroom, path: str) -> str:
    """Return what leads from the page at `path` to the root, so that the site also works where it is previewed.

    404.html is served in place of any page, so its way is the absolute path.
    """
    if path == NOT_FOUND:
        return f"{urlsplit(newsroom.url).path.rstrip('/')}/"
    return "../" * path.count("/") or "./"
