"""What the caches of a build are believed for: another program, template or configuration makes them worthless."""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import digest
from digest.actions.newsroom import Newsroom
from digest.template_files import template_files

_THIS_START = Path("/proc/sys/kernel/random/boot_id")  # Linux's; elsewhere caches outlive a power loss


def stamp(newsroom: Newsroom) -> str:
    """Return what changes with the program, its libraries, the templates, config.yaml and each start of the machine."""
    made = hashlib.sha256()
    for part in _parts(newsroom):
        made.update(hashlib.sha256(part).digest())
    return made.hexdigest()


def _parts(newsroom: Newsroom) -> Iterator[bytes]:
    yield program()
    yield str(newsroom.folder).encode("utf-8", "surrogateescape")
    # With secrets as asterisks, and with the keys of each group in their order, which is that of sections.
    yield json.dumps(newsroom.config.model_dump(mode="json")).encode()
    yield from _contents(template_files(newsroom.folder))
    with suppress(OSError):
        yield _THIS_START.read_bytes()


@cache  # once a process: what it does, it does by the modules that it has loaded, whatever is installed meanwhile
def program() -> bytes:
    """Return what changes with the program and its libraries."""
    made = hashlib.sha256(sys.version.encode())
    for part in _contents(sorted(Path(digest.__file__).parent.rglob("*.py"))):
        made.update(hashlib.sha256(part).digest())
    for place in sorted(set(sys.path)):
        # Libraries lie in folders that are named after their versions, such as Jinja2-3.1.6.dist-info.
        made.update("\n".join(sorted(path.name for path in Path(place).glob("*.dist-info"))).encode())
    return made.digest()


def _contents(files: Iterable[Path]) -> Iterator[bytes]:
    for path in files:
        yield str(path).encode("utf-8", "surrogateescape")
        with suppress(OSError):  # gone meanwhile; or whoever needs it says what is wrong with it
            yield path.read_bytes()
