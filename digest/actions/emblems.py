"""The newsroom's logo and icon as they stand: those of now, and in place of a faulty one the one last accepted.

config.yaml's files ─▶ fit? ─ yes ─▶ shown, and a copy is kept in var/accepted/emblems/
                           └─ no ──▶ the copy is shown, if there is one, and the staff are told
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import get_args

from digest.actions.newsroom import Newsroom
from digest.actions.writing import replace_file
from digest.config import Config, EmblemSort, problem_with
from digest.errors import Problem, UnfitText
from digest.images.cache import Proofs, Variants
from digest.images.emblems import Emblem, bytes_of, emblems_in
from digest.items.accepted import mirror_of
from digest.items.loading import images_cache


@dataclass(frozen=True)
class Standing:
    """The emblems that stand, and what is wrong with the files that are to be emblems now."""

    fresh: Mapping[EmblemSort, Emblem]  # as they are now
    accepted: Mapping[EmblemSort, Emblem]  # in place of faulty ones
    problems: tuple[Problem, ...]

    @property
    def emblems(self) -> dict[EmblemSort, Emblem]:
        """Return them all."""
        return {**self.fresh, **self.accepted}


def standing_emblems(newsroom: Newsroom) -> Standing:
    """Return the emblems of the newsroom; OutsideFailure when what is drawn of them cannot be kept."""
    folder = newsroom.folder
    draw = partial(Variants, images_cache(folder))
    paper = newsroom.config.newsroom.colors.palette.paper
    fresh, unfit = emblems_in(folder, newsroom.config.newsroom.emblems, draw, paper)
    accepted, _ = emblems_in(_copies(folder), {sort: sort for sort in unfit}, draw, paper)
    return Standing(fresh, accepted, _problems(folder, unfit))


def emblem_problems(folder: Path, config: Config) -> tuple[Problem, ...]:
    """Return what is wrong with the emblems of the newsroom in that folder; nothing is written."""
    paper = config.newsroom.colors.palette.paper
    _, unfit = emblems_in(folder, config.newsroom.emblems, partial(Proofs, images_cache(folder)), paper)
    return _problems(folder, unfit)


def remember_emblems(newsroom: Newsroom, fresh: Mapping[EmblemSort, Emblem]) -> None:
    """Keep copies of the files of these emblems, which were found good, and none of those that are wanted no more."""
    copies, files = _copies(newsroom.folder), newsroom.config.newsroom.emblems
    for sort, emblem in fresh.items():
        data = bytes_of(newsroom.folder / files[sort])
        good = hashlib.sha256(data).hexdigest() == emblem.sha256  # or else it changed meanwhile
        if good and bytes_of(copies / sort) != data:
            replace_file(copies / sort, data)
    for sort in get_args(EmblemSort):
        if sort not in files:
            (copies / sort).unlink(missing_ok=True)


def _copies(folder: Path) -> Path:
    return mirror_of(folder) / "emblems"


def _problems(folder: Path, unfit: Mapping[EmblemSort, UnfitText]) -> tuple[Problem, ...]:
    return tuple(problem_with(folder, ("newsroom", sort), error) for sort, error in unfit.items())
