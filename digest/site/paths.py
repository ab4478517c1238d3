"""Where the site's own files stand in public/, and how its pages name one another."""

import hashlib
from urllib.parse import urlsplit

from digest.config import Newsroom

INDEX = "index.html"
NOT_FOUND = "404.html"
EDITIONS = "editions/index.html"


def stylesheet(css: bytes) -> str:
    """Return the style sheet's file; the digest in it lets the address change with the bytes."""
    return f"assets/site-{hashlib.sha256(css).hexdigest()[:16]}.css"


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
