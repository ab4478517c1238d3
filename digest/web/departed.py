"""What stood in public/ once: pages gone without trace, and addresses that lead to others now.

A build leaves both lists in var/: `gone.json` [path, …] and `redirects.json` {path: path}. A path may be that of a
folder or of the page in it.
"""

import json
from pathlib import Path

from digest.actions.built import GONE_FILE, MOVED_FILE
from digest.web.addresses import PAGE


class Departed:
    """Both lists, each read anew when a build has replaced it."""

    def __init__(self) -> None:
        self._read: dict[Path, tuple[tuple[int, int, int], dict[str, str]]] = {}

    def is_gone(self, var: Path, path: str) -> bool:
        """Return whether the page at `path` was withdrawn without trace, which answers 410."""
        return _key(path) in self._listed(var / GONE_FILE)

    def moved_to(self, var: Path, path: str) -> str | None:
        """Return the path that took the place of this one, if one did."""
        return self._listed(var / MOVED_FILE).get(_key(path))

    def _listed(self, file: Path) -> dict[str, str]:
        try:
            status = file.stat()
        except FileNotFoundError:
            return {}
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        known = self._read.get(file)
        if known is None or known[0] != stamp:
            listed = json.loads(file.read_bytes())
            pairs = listed.items() if isinstance(listed, dict) else ((path, "") for path in listed)
            known = self._read[file] = stamp, {_key(path): target for path, target in pairs}
        return known[1]


def _key(path: str) -> str:
    return path.removesuffix(PAGE).strip("/")
