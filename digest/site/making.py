"""Targets made: the work of one process, or of several at once."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path

from digest import templating
from digest.clock import new_uuid
from digest.config import Config
from digest.items.catalogue import kept_items
from digest.items.item import Item
from digest.site.compressing import compressed
from digest.site.staging import Staged, Staging
from digest.site.targets import Content, Target
from digest.site.views import Frame
from digest.site.workshop import Workshop


@dataclass(frozen=True, eq=False)
class Materials:
    """What targets are made of; a process that was given the same ones before works on with what it has."""

    config: Config
    at: datetime
    newsroom: Path  # the folder whose templates/ come first
    public: Path
    frame: Frame
    catalogue: Path  # where items are kept
    others: Mapping[str, Item]  # by slug, items that stand as they were last accepted
    build: str = field(default_factory=new_uuid)  # no other build has it; two materials are the same when it is

    def __eq__(self, other: object) -> bool:
        """Return whether they are of the same build."""
        return isinstance(other, Materials) and self.build == other.build

    def __hash__(self) -> int:
        """Return the build's."""
        return hash(self.build)


class Maker:
    """Makes targets and stages their files; it can travel to another process, where it opens a workshop of its own."""

    def __init__(self, materials: Materials) -> None:
        """Begin with nothing opened."""
        self._materials = materials
        self._opened = ExitStack()

    def __reduce__(self) -> tuple[Callable[[Materials], "Maker"], tuple[Materials]]:
        """Travel as materials, so that a process uses one workshop for all that it is given of a build."""
        return _maker, (self._materials,)

    def __call__(self, targets: Sequence[Target]) -> list[list[Staged]]:
        """Return the files of each target."""
        return [
            [self._staging.stage(path, content) for path, content in self._files(target).items()] for target in targets
        ]

    def close(self) -> None:
        """Close what was opened."""
        self._opened.close()

    def _files(self, target: Target) -> dict[str, Content]:
        files = dict(target.recipe(self._workshop))
        if self._materials.config.precompress:
            for path, content in list(files.items()):
                files |= compressed(path, content)
        return files

    @cached_property
    def _staging(self) -> Staging:
        return Staging(self._materials.public)

    @cached_property
    def _workshop(self) -> Workshop:
        of = self._materials
        kept = self._opened.enter_context(kept_items(of.catalogue))

        def item(slug: str) -> Item:
            return of.others.get(slug) or kept(slug)

        compiled = of.catalogue.parent / "templates"
        templates = templating.environment(of.newsroom, of.config, escape=True, compiled=compiled)
        return Workshop(of.config, of.at, of.frame, templates, item)


@lru_cache(maxsize=1)
def _maker(materials: Materials) -> Maker:
    return Maker(materials)
