"""What the caches of a build are believed for: another program, template or configuration makes them worthless."""

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import digest
from digest.actions.newsroom import Newsroom
from digest.templating import shipped_templates

_THIS_START = Path("/proc/sys/kernel/random/boot_id")  # Linux's; elsewhere caches outlive a power loss


def stamp(newsroom: Newsroom) -> str:
    """Return what changes with the program, its libraries, the templates, config.yaml and each start of the machine."""
    made = hashlib.sha256()
    for part in _parts(newsroom):
        made.update(hashlib.sha256(part).digest())
    return made.hexdigest()


def _parts(newsroom: Newsroom) -> Iterator[bytes]:
    yield str(newsroom.folder).encode("utf-8", "surrogateescape")
    # With secrets as asterisks, and with the keys of each group in their order, which is that of sections.
    yield json.dumps(newsroom.config.model_dump(mode="json")).encode()
    yield from _files(Path(digest.__file__).parent, "*.py")
    yield from _files(shipped_templates(), "*")
    yield from _files(newsroom.folder / "templates", "*")
    yield sys.version.encode()
    for place in sorted(set(sys.path)):
        # Libraries lie in folders that are named after their versions, such as Jinja2-3.1.6.dist-info.
        yield "\n".join(sorted(path.name for path in Path(place).glob("*.dist-info"))).encode()
    with suppress(OSError):
        yield _THIS_START.read_bytes()


def _files(folder: Path, pattern: str) -> Iterator[bytes]:
    for path in sorted(folder.rglob(pattern)):
        if path.is_file():
            yield path.relative_to(folder).as_posix().encode("utf-8", "surrogateescape")
            with suppress(FileNotFoundError):  # an editor's own file, gone meanwhile
                yield path.read_bytes()
