"""From the folder `items/` to items: every file read, every problem of every file found at once.

items/**/*.yaml ─▶ strict YAML ─▶ fields ─▶ the files they name ─▶ checks ─▶ items
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from digest import yamlfile
from digest.config import Config
from digest.errors import OutsideFailure, Problem, UnfitText, as_unfit
from digest.images.cache import Variants
from digest.items import checks, markdown
from digest.items.checks import MAX_SLUG, Reading
from digest.items.files import Pictures, collect_assets
from digest.items.item import Item, ItemFields, item_with, version_of
from digest.validation import validated
from digest.yamlfile import Document

FOLDER = "items"
_DATE_PREFIX = re.compile(r"\d{4}-\d{2}-\d{2}-")
_ENDING = ".yaml"
_BLOCK = 1 << 16  # bytes; most items fit into one
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Loaded:
    """What the newsroom's items are, and what is wrong with its files."""

    items: tuple[Item, ...]  # those without an error, newest first; drafts last
    readings: tuple[Reading, ...]  # of all files, in the order of their paths
    problems: tuple[Problem, ...]  # errors and warnings of all files, sorted

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return the problems that keep an item from being published."""
        return tuple(problem for problem in self.problems if problem.level == "error")


def load_items(
    newsroom: Path,
    config: Config,
    accepted: Mapping[str, str] | None = None,
    pictures: Pictures | None = None,
) -> Loaded:
    """Return all items of the newsroom in that folder with all problems.

    `accepted` gives by source the ids of what was published before: of two files that clash, these are the older ones.
    Without `pictures`, what is published of images is made under var/; where they are only looked at, items lack them.
    Raises OutsideFailure when a folder cannot be read or var/ not be written.
    """
    readings = read_items(newsroom, config, pictures or Variants(images_cache(newsroom)))
    checks.check_together(readings, lambda source: modified(newsroom / source), accepted or {})
    problems = sorted([*unread(newsroom), *(problem for reading in readings for problem in reading.problems)])
    items = [complete(reading, config) for reading in readings if not reading.faulty]
    return Loaded(newest_first(items), tuple(readings), tuple(problems))


def images_cache(newsroom: Path) -> Path:
    """Return the folder of what was made of the newsroom's images, which can be deleted at any time."""
    return newsroom / "var" / "cache" / "images"


def read_items(newsroom: Path, config: Config, pictures: Pictures) -> list[Reading]:
    """Return a reading of each item's file, checked by itself, in the order of their paths."""
    return read_files(newsroom, sources(newsroom), config, pictures, os.cpu_count() or 1)


def read_files(
    newsroom: Path, wanted: Sequence[str], config: Config, pictures: Pictures, processes: int
) -> list[Reading]:
    """Return a reading of each of these files, checked by itself; images are prepared in so many processes."""
    readings = [_read(newsroom, source, config) for source in wanted]
    collect_assets(readings, newsroom / FOLDER, pictures, processes)
    return readings


def sources(newsroom: Path) -> list[str]:
    """Return the items' files, relative to the newsroom's folder, in the order of their paths."""
    found = []
    for folder, _, names in _walk(newsroom / FOLDER):
        here = folder.relative_to(newsroom).as_posix()
        found += [f"{here}/{name}" for name in names if name.endswith(_ENDING)]
    return sorted(found)


def slug_of(source: str) -> str:
    """Return the slug that an item's file gives it: its name without a leading date."""
    # A path takes five times as long, for each of very many.
    return _DATE_PREFIX.sub("", source.rpartition("/")[2].removesuffix(_ENDING), count=1)


def unread(newsroom: Path) -> Iterator[Problem]:
    """Yield what looks like items but is not read."""
    for folder, links, names in _walk(newsroom / FOLDER):
        here = folder.relative_to(newsroom).as_posix()
        for name in links:
            yield Problem(f"{here}/{name}", 0, 0, "error", "the folder is a link", "Put the folder itself here.")
        for name in names:
            if name.lower().endswith((".yml", _ENDING)) and not name.endswith(_ENDING):
                ending = Path(name).suffix
                yield Problem(f"{here}/{name}", 0, 0, "error", f"the file ends in {ending}", "Rename it to .yaml.")


def _walk(folder: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Yield each folder with the links to folders and the files in it, the hidden ones left aside."""

    def refuse(error: OSError) -> None:
        raise OutsideFailure(f"{error.filename} cannot be read: {error.strerror}", "Mend its rights.") from error

    if not folder.is_dir():
        return
    for here, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if Path(here, name).is_symlink()]
        yield Path(here), links, [name for name in names if not name.startswith(".")]


def newest_first(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the items by the moment they become public, the latest first, drafts last."""
    dated = [item for item in items if item.published]
    drafts = [item for item in items if not item.published]
    dated.sort(key=lambda item: item.slug)
    dated.sort(key=lambda item: item.published, reverse=True)  # type: ignore[arg-type, return-value]  # no drafts here
    return (*dated, *sorted(drafts, key=lambda item: item.slug))


def modified(path: Path) -> float:
    """Return when the file was last changed, in seconds since 1970; 0 when it is not there."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _read(newsroom: Path, source: str, config: Config) -> Reading:
    try:
        data = _bytes(f"{newsroom}/{source}", newsroom)
    except UnfitText as unfit:
        problem = Problem(source, 0, 0, "error", unfit.message, unfit.remedy)
        return Reading(source, slug_of(source), b"", Document({}, {}, ()), None, {}, [problem])
    return reading_of(data, source, config)


def reading_of(data: bytes, source: str, config: Config) -> Reading:
    """Return what the bytes of an item's file say, checked by itself; the files that it names are still to be found."""
    slug = slug_of(source)
    document = yamlfile.parse(data, source)
    fields, problems = validated(ItemFields, document, source, {"zone": config.newsroom.timezone})
    reading = Reading(source, slug, data, document, fields, {}, problems)
    if not SLUG.fullmatch(slug) or len(slug) > MAX_SLUG:
        remedy = f"Name the file by a-z, 0-9 and single hyphens, at most {MAX_SLUG} characters, with a date before it."
        name = PurePosixPath(source).name
        problems.append(Problem(source, 0, 0, "error", f"the name {name!r} gives no slug", remedy))
    checks.check_item(reading, config)
    return reading


def _bytes(path: str, newsroom: Path) -> bytes:
    """Return the file's bytes; UnfitText when it is no plain file of the newsroom of a bearable size."""
    with as_unfit("the file"):
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            if not Path(path).resolve().is_relative_to((newsroom / FOLDER).resolve()):
                raise UnfitText("the link leads out of items/", "Put the file itself here.")
            status = Path(path).stat() if Path(path).is_file() else status
        if not stat.S_ISREG(status.st_mode):
            raise UnfitText("this is not a file", "Remove it.")
        if status.st_size > yamlfile.MAX_BYTES:
            raise UnfitText(*yamlfile.too_large(status.st_size))
        return read_whole(path)


def read_whole(path: str) -> bytes:
    """Return the file's bytes; Python's own files make twice as many calls, for each of very many. Raises OSError."""
    opened = os.open(path, os.O_RDONLY)
    try:
        return b"".join(iter(partial(os.read, opened, _BLOCK), b""))
    finally:
        os.close(opened)


def complete(reading: Reading, config: Config) -> Item:
    """Return the item with what its file leaves to the newsroom."""
    fields = reading.fields
    if fields is None:
        raise ValueError(f"{reading.source} is faulty")
    derived: Mapping[str, object] = {
        "slug": reading.slug,
        "source": reading.source,
        "language": fields.language or config.newsroom.language,
        "summary": fields.summary or markdown.first_paragraph(fields.body or ""),
        "version": version_of(fields, reading.slug, reading.assets),
        "assets": reading.assets,
    }
    return item_with({**vars(fields), **derived})
