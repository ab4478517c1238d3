"""Text files compressed beforehand, so that a server can send them small at once."""

import gzip
from pathlib import PurePosixPath

from digest.site.targets import Content

LEAST = 1_000  # bytes; less is not worth a second file
_TEXTS = {".css", ".html", ".json", ".opml", ".svg", ".txt", ".xml"}
_POLLED = {"atom.xml", "feed.json", "rss.xml"}  # sent so often that the best compression pays
_BEST, _GOOD = 11, 5  # brotli's quality; the best takes thirty times as long
_GZIP_LEVEL = 6


def compressed(path: str, content: Content) -> dict[str, Content]:
    """Return the compressed variants of a text file by their paths; none of anything else."""
    if not isinstance(content, bytes) or len(content) < LEAST or PurePosixPath(path).suffix not in _TEXTS:
        return {}
    import brotli  # noqa: PLC0415 - only builds that compress load it

    quality = _BEST if PurePosixPath(path).name in _POLLED else _GOOD
    return {
        f"{path}.br": brotli.compress(content, mode=brotli.MODE_TEXT, quality=quality),
        f"{path}.gz": gzip.compress(content, _GZIP_LEVEL, mtime=0),
    }
