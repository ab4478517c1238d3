"""What was made of originals, kept under var/: made once, found again without opening an image.

original ─▶ facts kept? ─ yes ──────────────────────────────────────────▶ variants
                └─ no ─▶ measure ─▶ plan ─▶ make ─▶ keep, facts last ─────▲
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from digest.crew import Crew
from digest.errors import OutsideFailure, UnfitText
from digest.images.sizes import Size, plan
from digest.images.variants import Variant, address

SETTINGS = 1  # raised when sizes, encoders' settings or the way to them change: all is made anew
_FACTS = "facts.json"


class Variants:
    """The variants of originals, in a folder that can be deleted at any time.

    cache/<SHA-256 of the original>/<version of Pillow and settings>/<width>.<form>, and facts.json, which is put in
    place last. Builders at the same time write the same bytes, each file whole.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def of(self, original: Path, sha256: str) -> tuple[Variant, ...]:
        """Return the variants of the original with that SHA-256 (hex), made now if they are not kept.

        Raises UnfitText when it cannot be published, OSError when it cannot be read, OutsideFailure when it changed
        meanwhile or the cache cannot be written.
        """
        folder, begin = _folder(self._cache, sha256), address(original, sha256)
        kept = _kept(folder, begin)
        if kept is None:
            _keep(folder, original, sha256)
            kept = _kept(folder, begin)
        if kept is None:
            raise OutsideFailure(f"{folder} was emptied while it was filled", "Build again.")
        return kept

    def prepare(self, originals: Iterable[tuple[Path, str]], processes: int) -> None:
        """Make what is not kept of originals with their SHA-256 (hex), in so many processes at once.

        What cannot be made is left for `of` to tell. Raises OutsideFailure when a process is ended from outside.
        """
        missing = {sha256: path for path, sha256 in originals if _kept(_folder(self._cache, sha256), "") is None}
        if len(missing) <= processes:
            return  # starting them takes longer
        jobs = [(_folder(self._cache, sha256), path, sha256) for sha256, path in missing.items()]
        with Crew(processes) as crew:
            list(crew.work(_attempt, jobs, batch=1))


class Proofs:
    """Originals that are only looked at: what is kept of them in that folder is believed, nothing is written there."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def of(self, original: Path, sha256: str) -> tuple[Variant, ...]:
        """Return the variants kept of the original with that SHA-256 (hex); where there are none, decode it.

        Raises UnfitText when it cannot be published, OSError when it cannot be read.
        """
        kept = _kept(_folder(self._cache, sha256), address(original, sha256))
        if kept is None:
            _decode(original)
        return kept or ()

    def prepare(self, originals: Iterable[tuple[Path, str]], processes: int) -> None:
        """Do nothing: there is nothing to be made."""


def _folder(cache: Path, sha256: str) -> Path:
    import PIL  # the package alone, for its version: no reader is loaded

    return cache / sha256 / f"pillow-{PIL.__version__}-{SETTINGS}"


def _decode(original: Path) -> None:
    from digest.images.original import measured, upright  # noqa: PLC0415 - as in `_keep`

    smallest = plan(*measured(original))[0]
    upright(original, smallest.width, smallest.height)


def _attempt(jobs: Sequence[tuple[Path, Path, str]]) -> list[None]:
    """Make what can be made of originals: each where its files are kept, the original, and its SHA-256 (hex)."""
    for folder, original, sha256 in jobs:
        with suppress(UnfitText, OutsideFailure, OSError):
            _keep(folder, original, sha256)
    return [None] * len(jobs)


def _keep(folder: Path, original: Path, sha256: str) -> None:
    from digest.images.making import make  # noqa: PLC0415 - loads Pillow's readers, which warm builds do without
    from digest.images.original import measured  # noqa: PLC0415

    facts = []
    for size, data in make(original, plan(*measured(original))):
        facts.append(_fact(size, data))
        _place(folder / facts[-1]["name"], data)
    with original.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise OutsideFailure(f"{original} changed while it was read", "Build again.")
    _place(folder / _FACTS, json.dumps(facts).encode())


def _fact(size: Size, data: bytes) -> dict[str, Any]:
    return {
        "name": f"{size.width}{size.form.ending}",
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "media_type": size.form.media_type,
        "width": size.width,
        "height": size.height,
    }


def _kept(folder: Path, begin: str) -> tuple[Variant, ...] | None:
    """Return what the facts say, public paths beginning with `begin`; None when they or a file are not whole."""
    try:
        facts = json.loads((folder / _FACTS).read_bytes())
        variants = tuple(_variant(fact, folder, begin) for fact in facts)
        whole = all(variant.path.stat().st_size == variant.size for variant in variants)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return variants if whole else None


def _variant(fact: Mapping[str, Any], folder: Path, begin: str) -> Variant:
    return Variant(
        public_path=f"{begin}-{fact['name']}",
        path=folder / fact["name"],
        sha256=fact["sha256"],
        size=fact["size"],
        media_type=fact["media_type"],
        width=fact["width"],
        height=fact["height"],
    )


def _place(target: Path, data: bytes) -> None:
    """Write the file whole and synced: a later build trusts its size."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(target)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        remedy = "Mend its rights or make room on the disk."
        raise OutsideFailure(f"{target} cannot be written: {error.strerror}", remedy) from error
