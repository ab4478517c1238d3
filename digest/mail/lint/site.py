"""The newsroom's own site, as far as a mail can lead into it."""

import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from digest import urls
from digest.editions.composition import Composition

_FACES = frozenset({"confirm", "preferences", "subscribe", "unsubscribe"})  # what `serve` answers without a file


@dataclass(frozen=True)
class Site:
    """What stands at the newsroom's address."""

    url: str  # of the newsroom
    coming: frozenset[str]  # paths in public/ that stand there once the edition is sent
    has: Callable[[str], bool]  # whether a path stands in public/ now, or leads on from there

    def lacks(self, address: str) -> bool:
        """Return whether an address is of this site, and nothing stands there."""
        path = self._path(address)
        if path is None or path.partition("/")[0] in _FACES:
            return False
        return not any(one in self.coming or self.has(one) for one in _files(path))

    def owns(self, address: str) -> bool:
        """Return whether an address is of this site."""
        return self._path(address) is not None

    def _path(self, address: str) -> str | None:
        """Return the path below the newsroom's address, or None when it is somebody else's."""
        own, other = split(self.url), split(address)
        if own is None or other is None or other.scheme not in {"http", "https"} or _host(own) != _host(other):
            return None
        root = f"{own.path.rstrip('/')}/"
        path = root if f"{other.path}/" == root else other.path
        return unquote(path.removeprefix(root)) if path.startswith(root) else None


def _files(path: str) -> Iterator[str]:
    """Yield which files may answer for a path."""
    plain = posixpath.normpath(f"/{path}").lstrip("/")
    if plain and not path.endswith("/"):
        yield plain
    yield f"{plain}/index.html".lstrip("/")


def _host(address: SplitResult) -> str:
    return address.netloc.lower().removesuffix(":443")


def split(address: str) -> SplitResult | None:
    """Return the parts of an address; None when it is none at all."""
    try:
        return urlsplit(address.strip())
    except ValueError:
        return None


def coming_with(compositions: Iterable[Composition]) -> frozenset[str]:
    """Return what stands in public/ once an edition is sent: `begin` holds one for which that is not so."""
    paths = {"index.html", urls.FEED}
    for composition in compositions:
        paths |= {*composition.leads_to}
        paths |= {urls.item_path(change.slug) for change in composition.changes if change.slug}
    return frozenset(paths)
