"""Old addresses of items, which lead to where they are today."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from urllib.parse import unquote

from digest import urls
from digest.items.item import Outline
from digest.site import paths, shown

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PLAIN = re.compile(r"[^\x00-\x1f\x7f\\?#:]+")  # of one name between slashes
_LONGEST_NAME = 200  # bytes; file systems take 255, and the build's temporary names are longer
_PAGE_ENDING = (".html", ".htm")
# First names of paths that the program itself writes or answers; another one there would shadow them or be shadowed.
_OURS = frozenset(
    {
        *("404.html", "archive", "assets", "atom.xml", "documents", "editions", "exports", "feed.json", "feeds"),
        *("feeds.opml", "images", "index.html", "kinds", "languages", "news-sitemap.xml", "page", "robots.txt"),
        *("rss.xml", "sitemap.xml", "sitemaps", "topics"),
        *("confirm", "desk", "healthz", "hooks", "metrics", "preferences", "subscribe", "unsubscribe"),
    }
)


def redirects(items: Sequence[Outline], at: datetime) -> dict[str, str]:
    """Return by the path in public/ of each old address the path of the page that took its place.

    Only what the public may see at the moment `at` has old addresses. Ignored are those that cannot stand in public/
    or would take another page's place; of two items with the same one, the older has it.
    """
    moved = [item for item in items if item.aliases]
    if not moved:
        return {}
    taken = {urls.item_path(item.slug) for item in items}
    found: dict[str, str] = {}
    for item in reversed(shown.shown(moved, at)):
        for path in _old_paths(item):
            if path not in taken:
                found.setdefault(path, urls.item_path(item.slug))
    return _without_nested(found, taken)


def _old_paths(item: Outline) -> Iterator[str]:
    for alias in item.aliases:
        path = urls.item_path(alias) if _SLUG.fullmatch(alias) else _path(alias)
        if path:
            yield path


def _path(alias: str) -> str | None:
    """Return the path in public/ that answers the address `alias`, such as `/campaigns/lamps/`, if one can."""
    names = [unquote(name) for name in alias.removeprefix("/").removesuffix("/").split("/")]
    if not all(_fits(name) for name in names) or _uncompressed(names[0]) in _OURS:
        return None
    if names[-1].endswith(_PAGE_ENDING):
        return "/".join(names)
    return "/".join([*names, paths.INDEX])


def _fits(name: str) -> bool:
    plain = _PLAIN.fullmatch(name) is not None and "/" not in name and not name.startswith(".")
    return plain and len(name.encode()) <= _LONGEST_NAME


def _without_nested(found: dict[str, str], taken: AbstractSet[str]) -> dict[str, str]:
    """Return those that stand below no other's file: `/a.html/b/` cannot stand beside `/a.html`."""
    files = taken | found.keys()
    return {path: target for path, target in found.items() if files.isdisjoint(_above(path))}


def _above(path: str) -> Iterator[str]:
    names = path.split("/")
    return (_uncompressed("/".join(names[:count])) for count in range(1, len(names)))


def _uncompressed(path: str) -> str:
    """Return the file beside which one of that path would be its compressed variant."""
    return path.removesuffix(".gz").removesuffix(".br")
