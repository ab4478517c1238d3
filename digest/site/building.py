"""What changed since the last build, made and put in place; all the rest is left alone.

plan ─▶ targets ─ as noted in the ledger, files untouched ─────────────▶ stand
            └──── changed, new, or a file is not as it was ─▶ made ─▶ staged ─▶ replaced ─▶ others removed ─▶ noted
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from digest.crew import Crew
from digest.site import paths
from digest.site.ledger import KEPT, Ledger, Placed
from digest.site.making import Maker
from digest.site.publish import remove, remove_others, replace, staging_folder
from digest.site.published import Published
from digest.site.staging import Staged
from digest.site.targets import Target
from digest.site.tree import Plan

_BATCH = 400  # targets made by a process at a time, about: so many share their items
_ASSETS_STAY = timedelta(days=30)  # pages kept in caches name the style sheet of their time


def bring_up_to_date(  # noqa: PLR0913 - what a build has to do with
    plan: Plan, maker: Maker, ledger: Ledger, public: Path, *, keep: Collection[str], at: datetime, crew: Crew
) -> Published:
    """Make public/ hold what is planned, and of all else only the paths in `keep` and the style sheets of late.

    Raises OutsideFailure when the disk fails, Refused when a path leads out of `public`.
    """
    before = _Before.read(ledger)
    nothing_else = before.whole or not _has_files(public)
    targets = {target.name: target for target in plan.targets}
    standing = {name for name in before.intact if name in targets and before.keys[name] == targets[name].key}
    outdated = sorted((one for name, one in targets.items() if name not in standing), key=lambda one: one.near)
    made: dict[str, list[Placed]] = {}
    changed = frozenset[str]()
    if outdated:
        with staging_folder(public):
            staged = list(crew.work(maker, outdated, _BATCH))
            ledger.begin()
            changed = replace((file for files in staged for file in files), public)
        made = _placed(outdated, staged)
    wanted, left = before.parted(standing)
    wanted.update(file.path for files in made.values() for file in files)
    kept = _kept(keep, wanted, public, ledger, at)
    removed = remove(sorted(left - wanted - kept), public) if nothing_else else remove_others(public, wanted | kept)
    dropped = before.keys.keys() - targets.keys() - {KEPT}
    if made or dropped or not before.whole or kept != before.kept:
        made[KEPT] = [Placed(path, 0, 0) for path in kept]
        noted = {name: (targets[name].key if name else "", files) for name, files in made.items()}
        ledger.finish(noted, dropped | (made.keys() & before.keys.keys()))
    return Published(len(changed), len(wanted) - len(changed), removed, changed)


def next_removal(ledger: Ledger) -> datetime | None:
    """Return when a file that only stays will have stayed for long enough."""
    since = ledger.longest_departed()
    return since + _ASSETS_STAY if since else None


@dataclass(frozen=True)
class _Before:
    """What the last build left behind."""

    keys: Mapping[str, str]  # of targets by name
    paths: Sequence[tuple[str, str]]  # in public/, each behind the name of its target
    intact: Collection[str]  # names of the targets whose files are as they were
    whole: bool  # nothing else stands in public/

    @classmethod
    def read(cls, ledger: Ledger) -> Self:
        keys = ledger.keys()
        return cls(keys, list(ledger.paths()), keys.keys() - ledger.broken(), ledger.is_whole())

    @property
    def kept(self) -> set[str]:
        """Return the paths of what only stayed."""
        return {path for name, path in self.paths if name == KEPT}

    def parted(self, standing: Collection[str]) -> tuple[set[str], set[str]]:
        """Return the paths of the targets that stand, and those of all others."""
        wanted, others = set[str](), set[str]()
        for name, path in self.paths:
            (wanted if name in standing else others).add(path)
        return wanted, others


def _has_files(public: Path) -> bool:
    """Return whether anything stands in public/ but what is the host's."""
    return public.is_dir() and any(not path.name.startswith(".") for path in public.iterdir())


def _placed(made: Sequence[Target], staged: Sequence[Sequence[Staged]]) -> dict[str, list[Placed]]:
    """Return the files of targets that were made; of a file that several share, the last one stands."""
    placed = {file.placed.path: file.placed for files in staged for file in files}
    return {
        target.name: [placed[file.placed.path] for file in files] for target, files in zip(made, staged, strict=True)
    }


def _kept(keep: Collection[str], wanted: Collection[str], public: Path, ledger: Ledger, at: datetime) -> set[str]:
    """Return the files that stay although no target wants them."""
    departed = [path for path in _assets(public) if path not in wanted]
    since = ledger.left_since(departed, at)
    return {path for path in keep if path not in wanted} | {
        path for path, moment in since.items() if at - moment < _ASSETS_STAY
    }


def _assets(public: Path) -> list[str]:
    folder = public / paths.ASSETS
    return [f"{paths.ASSETS}/{file.name}" for file in folder.iterdir()] if folder.is_dir() else []
