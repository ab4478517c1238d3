"""Preview the newsroom while it is written: built anew when a file changes, into a folder of the preview's own.

files ─▶ changed, and at rest? ─▶ items, drafts and embargoed ones too ─▶ the site in var/preview/ ─▶ Shown
                                      └─▶ faulty: the site stays as it was, and Shown tells why
"""

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Condition

from digest import clock
from digest.actions.built import opened_caches
from digest.actions.emblems import standing_emblems
from digest.actions.newsroom import Newsroom
from digest.actions.rebuild import Standing, brought_up_to_date, builders
from digest.clock import Clock
from digest.config import FILE, Config, load_config
from digest.crew import Crew
from digest.errors import DigestError, InvalidInput, printable
from digest.items.accepted import accepted_ids, mirror_of
from digest.items.catalogue import kept_items
from digest.items.item import Item
from digest.items.loading import FOLDER, newest_first
from digest.items.preview import Foreseen, foreseen
from digest.moments import to_stored
from digest.site.published import Published

_AT_REST = 0.1  # seconds without a change: editors write a file in several steps


@dataclass(frozen=True)
class PreviewedNewsroom(Newsroom):
    """A newsroom whose site stands in a folder of the preview's own, and never in public/."""

    place: Path

    @property
    def public(self) -> Path:
        """Return where the previewed site is written."""
        return self.place / "public"

    @property
    def var(self) -> Path:
        """Return where the lists stand that go with it."""
        return self.place


@dataclass(frozen=True)
class Trouble:
    """Why the newsroom of now cannot be shown."""

    place: str  # items/x.yaml:12:3, or empty
    words: str  # what is wrong, and the remedy

    def __str__(self) -> str:
        """Return it on one line."""
        return f"{self.place}: {self.words}" if self.place else self.words


@dataclass(frozen=True)
class Shown:
    """What a preview shows: the newsroom as it was last without a fault, and what is wrong with it now."""

    key: str  # another one whenever anything else is shown, also by another process
    newsroom: PreviewedNewsroom | None = None  # None as long as none was without a fault
    unreleased: tuple[Item, ...] = ()  # in it, and hidden from the public now; newest first, drafts last
    items: tuple[Item, ...] = ()  # all, as they are
    troubles: tuple[Trouble, ...] = ()


class Preview:
    """The preview of a newsroom: one thread looks for changes, others wait for what is shown."""

    def __init__(self, folder: Path, port: int, at: datetime | None, now: Clock, say: Callable[[str], None]) -> None:
        self.folder = folder  # absolute
        self.at = at  # the moment to show, or None for now
        self._address = f"http://127.0.0.1:{port}"
        self._place = folder / "var" / "preview" / str(port)  # two previews of a newsroom do not meet
        self.now = now
        self._say = say
        self._run, self._states = to_stored(now()), 0
        self._shown = Shown("")
        self._another = Condition()
        self._seen = set[_Trace]()
        self._emblems = frozenset[Path]()  # files that config.yaml names
        self._next_change: datetime | None = None  # when the public sees something else by itself

    @property
    def shown(self) -> Shown:
        """Return what is shown now."""
        return self._shown

    def wait(self, key: str, seconds: float) -> Shown:
        """Return what is shown as soon as it has not that key, and after `seconds` in any case."""
        with self._another:
            self._another.wait_for(lambda: self._shown.key != key, seconds)
        return self._shown

    def look(self) -> None:
        """Build anew if the newsroom has changed since the last look; whatever fails is shown and said."""
        seen = _traces(self.folder, self._emblems)
        if seen == self._seen and not (self._next_change and self._next_change <= self.now()):
            return
        clock.sleep(_AT_REST)
        while seen != (later := _traces(self.folder, self._emblems)):
            seen = later
            clock.sleep(_AT_REST)
        self._seen = seen
        self._next_change = None
        self._show(self._built())

    def _built(self) -> Shown:
        try:
            newsroom = PreviewedNewsroom(self.folder, self._config(), self._place)
            items, found, published = _publish(newsroom, self.now(), self.at)
        except DigestError as error:
            return replace(self._shown, troubles=_troubles(error))
        except Exception as error:  # noqa: BLE001 - a newsroom's own template can raise anything
            return replace(self._shown, troubles=(Trouble("", printable(f"{type(error).__name__}: {error}")),))
        self._next_change = found.next_change
        self._say(f"built: {published.written} files written, {published.removed} removed")
        return Shown("", newsroom, found.unreleased, items)

    def _config(self) -> Config:
        """Return the configuration with the preview's own address, so that no link leads out of it."""
        config = load_config(self.folder)
        self._emblems = frozenset(self.folder / name for name in config.newsroom.emblems.values())
        self._seen |= {_trace(path) for path in self._emblems}
        here = config.newsroom.model_copy(update={"url": self._address})
        return config.model_copy(update={"newsroom": here, "precompress": False})

    def _show(self, shown: Shown) -> None:
        if shown.troubles != self._shown.troubles:
            for trouble in shown.troubles:
                self._say(str(trouble))
        self._states += 1
        with self._another:
            self._shown = replace(shown, key=f"{self._run}-{self._states}")
            self._another.notify_all()


def _publish(
    newsroom: PreviewedNewsroom, now: datetime, at: datetime | None
) -> tuple[tuple[Item, ...], Foreseen, Published]:
    """Write the site with all that a preview shows; InvalidInput names every error, and then nothing was touched."""
    with opened_caches(newsroom) as caches, builders() as crew:
        known = accepted_ids(mirror_of(newsroom.folder))
        catalogued = caches.catalogue.refreshed(newsroom.folder, newsroom.config, crew, known)
        looks = standing_emblems(newsroom)
        if errors := (*looks.problems, *catalogued.errors):
            raise InvalidInput(errors)
        with kept_items(caches.catalogue.file) as item:
            items = newest_first([item(brief.slug) for brief in catalogued.briefs])
        found = foreseen(items, now, at)
        standing = Standing(found.at, found.items, found.items, looks.emblems)
        # Alone, since all items would travel to each process of a crew.
        return items, found, brought_up_to_date(newsroom, caches, standing, Crew(1))


def _troubles(error: DigestError) -> tuple[Trouble, ...]:
    if isinstance(error, InvalidInput):
        return tuple(
            Trouble(printable(problem.place), printable(f"{problem.message}. {problem.remedy}"))
            for problem in error.problems
        )
    return (Trouble("", printable(str(error))),)


_Trace = tuple[str, int, int, int]  # of a file: its path, inode, size in bytes, nanoseconds since 1970


def _traces(newsroom: Path, emblems: Collection[Path]) -> set[_Trace]:
    """Return what changes with any file that the newsroom is made of, cheap enough to look several times a second."""
    found = [newsroom / FILE, *emblems]
    for folder in (newsroom / FOLDER, newsroom / "templates"):
        for here, below, names in os.walk(folder):
            below[:] = [name for name in below if not name.startswith(".")]
            found += [Path(here, name) for name in names if not name.startswith(".")]
    return {_trace(path) for path in found}


def _trace(path: Path) -> _Trace:
    try:
        status = path.stat()
    except OSError:
        return str(path), 0, 0, 0  # it went meanwhile; or the loader says what is wrong with it
    return str(path), status.st_ino, status.st_size, status.st_mtime_ns
