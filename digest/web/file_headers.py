"""What is said of a file of public/ by its path: what it is, how long it may be kept, what it may load."""

import posixpath

from digest import urls
from digest.config import Config
from digest.site import feeds

PAGES_MAY_BE_KEPT = "public, max-age=60, must-revalidate"
_HASHED_MAY_BE_KEPT = "public, max-age=31536000, immutable"  # a year
_FILES = ("images/", "documents/")
_HASHED = (*_FILES, "assets/")  # their addresses hold the digest of their bytes
_WEB_VIEW_DEPTH = 3  # editions/<digest>/<date>/…; editions/index.html is a page like others
_STYLED_INLINE = "style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
# A web view is the mail as it went out: its styles stand inline, its pictures have absolute addresses.
_WEB_VIEW_POLICY = f"default-src 'none'; img-src 'self' https:; {_STYLED_INLINE}"
# Looked at by itself, a picture is styled inline by the browser, and a drawing by its own text.
_FILE_POLICY = f"default-src 'none'; {_STYLED_INLINE}"
_ATOM = "application/atom+xml; charset=utf-8"
_BY_NAME = {
    "atom.xml": _ATOM,
    "rss.xml": "application/rss+xml; charset=utf-8",
    "feed.json": "application/feed+json",
    "feeds.opml": "text/x-opml; charset=utf-8",
}
_BY_ENDING = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
    ".zip": "application/zip",
}
_UNKNOWN = "application/octet-stream"
_SHOWN_BY_BROWSERS = {
    "application/pdf",
    "audio/mpeg",
    "image/avif",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/plain; charset=utf-8",
    "video/mp4",
}


def media_type(path: str) -> str:
    """Return the media type of the file at `path`; never a guess of this machine's own lists."""
    folder, name = posixpath.split(path)
    ending = posixpath.splitext(name)[1].lower()
    if ending == ".xml" and posixpath.basename(folder) == "archive":
        return _ATOM
    return _BY_NAME.get(name) or _BY_ENDING.get(ending, _UNKNOWN)


def is_text(path: str) -> bool:
    """Return whether the file can have compressed variants beside it."""
    kind = media_type(path).partition(";")[0]
    return kind.startswith("text/") or kind.endswith(("xml", "json"))


def describing(path: str) -> dict[str, str]:
    """Return the headers that go with the file's bytes.

    A document that a browser would not show safely by itself is saved, so that none runs as a page of ours.
    """
    kind = media_type(path)
    saved = path.startswith("documents/") and kind not in _SHOWN_BY_BROWSERS
    return {"Content-Type": kind, **({"Content-Disposition": "attachment"} if saved else {})}


def lasting(path: str, config: Config) -> dict[str, str]:
    """Return the headers that go with the file and with the word that it did not change."""
    headers = {"Cache-Control": _cache_control(path, config.feeds.max_age)}
    if _is_web_view(path) or path.startswith(_FILES):
        headers["Content-Security-Policy"] = _WEB_VIEW_POLICY if _is_web_view(path) else _FILE_POLICY
    if config.feeds.websub and feeds.is_polled(path):
        headers["Link"] = discovery(config.feeds.websub, urls.absolute(config.newsroom, path))
    return headers


def discovery(hubs: tuple[str, ...], feed: str) -> str:
    """Return the Link header of a feed with hubs: each of them, and exactly one self (WebSub section 4)."""
    return ", ".join([*(f'<{hub}>; rel="hub"' for hub in hubs), f'<{feed}>; rel="self"'])


def _cache_control(path: str, max_age: int) -> str:
    if path.startswith(_HASHED):
        return _HASHED_MAY_BE_KEPT
    return PAGES_MAY_BE_KEPT if path.endswith(".html") else f"public, max-age={max_age}"


def _is_web_view(path: str) -> bool:
    return path.startswith("editions/") and path.count("/") >= _WEB_VIEW_DEPTH
