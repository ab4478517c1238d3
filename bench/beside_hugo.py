"""Print how Digest builds a newsroom beside Hugo: whole processes, their runs in turn, the median of each.

    make bench-hugo                                                          10,000 items
    .venv/bin/python bench/beside_hugo.py --exports                          Hugo writes as many files
    .venv/bin/python bench/beside_hugo.py --items 10000 100000 --no-hugo     how Digest grows

Hugo is given the same items and the layouts of bench/hugo/: the same pages, lists and feeds, with as many bytes. Digest
writes nearly twice as many files, since it adds an export of each item, archives of all of them and further formats of
the main feed; and it checks every item, and cleans the HTML of bodies that could hold anything unfit (none here could).
With `--exports` Hugo exports each item, too, and only the archives and formats are missing. Hugo has no build of what
changed only: it makes all anew.

Memory is the most that all processes of a program hold at once, looked at in a run apart (bench/processes.py).
These are figures to watch, not tests: machines differ. What is wanted stands beside them.
"""

import argparse
import os
import re
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from bench.newsrooms import NEWEST, Story, hugo_site_of, newsroom_of, story, write_item, write_page
from bench.processes import peak, timed
from digest.clock import new_uuid
from digest.config import FILE

ITEMS = 10_000
PAIRS = 3
_WRITTEN = re.compile(r"([0-9]+) files written")


@dataclass(frozen=True)
class Program:
    """One that makes a site, and what it makes it of."""

    name: str
    command: tuple[str, ...]
    folder: Path  # of the newsroom or site
    makes: tuple[str, ...]  # in `folder`; a cold build begins without them
    write: Callable[[Path, Story], None]  # an item into `folder`


@dataclass(frozen=True)
class Figures:
    """What a program took for a task."""

    seconds: float  # the median
    memory: float  # MB, the peak
    written: int | None  # files, the most of all runs; None when the program does not say


Prepare = Callable[[Program, int], object]  # lays a task out for the program's run of that number, from 1
Row = Mapping[str, Figures]  # by the program's name


def _cold(program: Program, run: int) -> None:
    """Move aside what was made; ext4 is slow to make new files for minutes after very many were removed."""
    aside = program.folder.with_name(f"{program.folder.name}-before-{run}-{new_uuid()}")
    aside.mkdir()
    for name in program.makes:
        if (program.folder / name).exists():
            (program.folder / name).rename(aside / name)


def _edited(program: Program, run: int) -> None:
    program.write(program.folder, story(NEWEST, run))


def _unchanged(_program: Program, _run: int) -> None:
    """Leave all as it is."""


def _new(program: Program, run: int) -> None:
    program.write(program.folder, story(NEWEST + run))


TASKS: Mapping[str, tuple[Prepare, str]] = {  # in this order, each with what is wanted
    "cold": (_cold, "time at most 1, memory at most 0.5"),
    "one edited": (_edited, "time at most 0.1"),
    "unchanged": (_unchanged, "less than 0.5 s"),
    "one new": (_new, "as many files at any size"),
}


def digest_at(folder: Path) -> Program:
    """Return Digest with its newsroom in `folder`."""
    command = (str(Path(sys.executable).with_name("digest")), "build", "--newsroom", str(folder))
    return Program("Digest", command, folder, ("public", "var"), write_item)


def hugo_at(folder: Path, *, exports: bool) -> Program:
    """Return Hugo with its site in `folder`: its binary, without the Python that the package puts before it."""
    binary = str(metadata.distribution("hugo").locate_file("hugo/binaries/hugo"))
    config = "hugo.yaml,exports.yaml" if exports else "hugo.yaml"
    command = (binary, "--quiet", "--source", str(folder), "--config", config)
    return Program("Hugo", command, folder, ("public", "resources"), write_page)


def measured(programs: Sequence[Program], prepare: Prepare, pairs: int) -> Row:
    """Return what each program takes for a task, their runs in turn, so that a busy moment hits them alike."""
    turns = [[_run(program, prepare, number) for program in programs] for number in range(1, pairs + 1)]
    row = {}
    for program, runs in zip(programs, zip(*turns, strict=True), strict=True):
        prepare(program, pairs + 1)
        written = [_WRITTEN.search(said) for _, said in runs]
        row[program.name] = Figures(
            seconds=statistics.median(seconds for seconds, _ in runs),
            memory=peak(program.command),
            written=max((int(found[1]) for found in written if found), default=None),
        )
    return row


def _run(program: Program, prepare: Prepare, number: int) -> tuple[float, str]:
    prepare(program, number)
    return timed(program.command)


def main() -> None:
    """Print a table for each number of items, and how the figures grow from the first to the last."""
    given = _options()
    tables = [_table(items, given) for items in given.items]
    if len(tables) > 1:
        print(f"Digest from {given.items[0]:,} to {given.items[-1]:,} items, ×{given.items[-1] / given.items[0]:.1f}")
        for name in TASKS:
            few, many = tables[0][name]["Digest"], tables[-1][name]["Digest"]
            print(f"{name:<14}time ×{many.seconds / few.seconds:.1f}, memory ×{many.memory / few.memory:.1f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure Digest beside Hugo.")
    parser.add_argument("--items", type=int, nargs="+", default=[ITEMS], help="how many; for several, several tables")
    parser.add_argument("--pairs", type=int, default=PAIRS, help="timed runs of each program for each task")
    whether = argparse.BooleanOptionalAction
    parser.add_argument("--hugo", action=whether, help=f"run Hugo, too; by default up to {ITEMS:,} items")
    parser.add_argument("--exports", action="store_true", help="let Hugo export each item, as Digest does")
    return parser.parse_args()


def _table(items: int, given: argparse.Namespace) -> Mapping[str, Row]:
    """Print a line for each task as soon as it is measured, and return all by the tasks' names."""
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as place:
        digest = digest_at(newsroom_of(_made(place, "newsroom"), items))
        beside = (
            [hugo_at(hugo_site_of(_made(place, "site"), items), exports=given.exports)]
            if _with_hugo(given, items)
            else []
        )
        _say_precompress(digest.folder, "false")
        print(f"{items:,} items, {os.cpu_count()} cores, Python {sys.version.split()[0]}, median of {given.pairs}")
        print(f"{'':<14}{'Digest':>12}{'Hugo':>11}{'ratio':>8}{'Digest':>12}{'Hugo':>11}{'ratio':>8}{'written':>10}")
        rows = {}
        for name, (prepare, wanted) in TASKS.items():
            rows[name] = measured([digest, *beside], prepare, given.pairs)
            print(_line(name, rows[name], wanted), flush=True)
        for program in [digest, *beside]:
            print(f"{program.name}’s site: {_size(program.folder / 'public')}")
        _say_precompress(digest.folder, "true")
        apart = measured([digest], _cold, given.pairs)
        print(_line("precompressed", apart, "cold, with a compressed file beside each"))
        print()
    return rows


def _made(place: str, name: str) -> Path:
    folder = Path(place, name)
    folder.mkdir()
    return folder


def _with_hugo(given: argparse.Namespace, items: int) -> bool:
    return items <= ITEMS if given.hugo is None else bool(given.hugo)


def _say_precompress(newsroom: Path, said: str) -> None:
    """Set the key in config.yaml."""
    text = re.sub(r"^precompress:.*\n", "", (newsroom / FILE).read_text("utf-8"), flags=re.MULTILINE)
    (newsroom / FILE).write_text(f"{text.rstrip()}\nprecompress: {said}\n", "utf-8")


def _line(name: str, row: Row, wanted: str) -> str:
    seconds = _compared([each.seconds for each in row.values()], "{:,.2f} s")
    memory = _compared([each.memory for each in row.values()], "{:,.0f} MB")
    return f"{name:<14}{seconds}{memory}{row['Digest'].written or 0:>10,}   {wanted}"


def _compared(figures: Sequence[float], form: str) -> str:
    """Return ours, and where there is theirs to compare it with, that and our part of it."""
    ours, *theirs = figures
    others = "".join(f"{form.format(each):>11}{ours / each:>8.2f}" for each in theirs)
    return f"{form.format(ours):>12}{others:<19}"


def _size(folder: Path) -> str:
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return f"{len(sizes):,} files, {sum(sizes) / 1_000_000:,.1f} MB"


if __name__ == "__main__":
    main()
