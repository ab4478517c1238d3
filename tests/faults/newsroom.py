"""A newsroom whose items change at random, real `digest build` processes, and what a site that is whole looks like."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random  # noqa: TID251 - seeded
from urllib.parse import unquote

import pytest

from digest import clock
from tests.actions.test_incremental_builds import PLAIN, made_at_once, moment, tree, without_old_looks
from tests.items.samples import NOW, image_of, item_text, make_newsroom, write_picture

ITEMS = 420  # three batches to read and some to make, so that processes take part
HIDDEN = ("zanzibarquartz", "unmarred-lake")  # a draft's slug, and that of an item withdrawn before it was public
Site = dict[str, bytes]
# of a page or a file in a feed's links and texts; addresses of categories lead nowhere
_ADDRESS = re.compile(r"""(?:href|src|url|link)\\?"?[=:>] ?\\?"?https://news\.example\.org/([^\s"<>&\\]*)""")


class ChangingNewsroom:
    """A newsroom in a folder, and what its items say."""

    def __init__(self, folder: Path, chance: Random) -> None:
        self.folder = make_newsroom(folder, PLAIN)
        self.public = self.folder / "public"
        self._chance = chance
        self._texts: dict[str, dict[str, str | None]] = {}
        self._looks = 0
        for _ in range(ITEMS):
            self._add()
        withdrawn = f"{{at: {moment(-9)}, reason: Wrong, show: nothing}}"
        self._write(HIDDEN[0], published=None, title=f"Title of {HIDDEN[0]}")
        self._write(HIDDEN[1], published=moment(-1), withdrawn=withdrawn)

    def _write(self, slug: str, **fields: str | None) -> None:
        """Write an item as editors do, whole."""
        self._texts[slug] = {**self._texts.get(slug, {}), **fields}
        file = self.folder / f"items/{slug}.yaml"
        new = file.with_suffix(".new")
        new.write_text(item_text(slug, **self._texts[slug]))
        new.replace(file)

    def _add(self) -> None:
        slug, hours = f"item-{len(self._texts)}", -self._chance.randrange(1, 400)
        self._write(slug, published=moment(hours), topics=self._chance.choice(["[asylum]", "[prisons]", "[]"]))
        if len(self._texts) % 20 == 0:
            self._give_picture(slug)

    def _give_picture(self, slug: str) -> None:
        name = f"{slug}-{self._chance.randrange(3)}.png"
        colour = (self._chance.randrange(256), 60, 90)
        write_picture(self.folder / "items" / name, f"#{colour[0]:02x}{colour[1]:02x}{colour[2]:02x}", (90, 60))
        self._write(slug, image=image_of(name))

    def some(self, count: int) -> list[str]:
        """Return slugs of items that may be changed."""
        return self._chance.sample(sorted(self._texts.keys() - HIDDEN), count)

    def edit(self, slug: str, version: int) -> None:
        """Say the same version in title, summary and body."""
        self._write(slug, title=f"Title {version}", summary=f"Summary {version}", body=f"Body {version}")

    def change(self) -> None:
        """Edit, add, withdraw in both ways, put under embargo and delete some items."""
        for slug in self.some(6):
            self.edit(slug, self._chance.randrange(1_000_000))
        for slug in self.some(2):
            self._give_picture(slug)
        for slug, show in zip(self.some(4), ("nothing", "nothing", "notice", "notice"), strict=True):
            self._write(slug, withdrawn=f"{{at: {moment(0)}, reason: Wrong, show: {show}}}")
        for slug in self.some(2):
            self._write(slug, published=moment(5), withdrawn=None)
        for slug in self.some(3):
            (self.folder / f"items/{slug}.yaml").unlink()
            del self._texts[slug]
        for _ in range(6):
            self._add()
        if self._chance.random() < 0.3:  # every page names the style sheet
            self._looks += 1
            sheet = self.folder / "templates/site/site.css"
            sheet.parent.mkdir(parents=True, exist_ok=True)
            sheet.write_text(f"body {{ margin: {self._looks}px }}\n")
        if self._chance.random() < 0.3:
            shutil.rmtree(self.folder / "var/cache", ignore_errors=True)

    def wanted(self) -> Site:
        """Return the site as it should be, made in one go in another folder."""
        other = self.folder.with_name("wanted")
        shutil.rmtree(other, ignore_errors=True)
        shutil.copytree(self.folder, other, ignore=shutil.ignore_patterns("public", "var"))
        return made_at_once(other, NOW)

    def site(self) -> Site:
        """Return what visitors can get, names with a dot aside."""
        return {path: one for path, one in tree(self.folder).items() if not path.startswith(".")}


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    """Start a build in a group of processes of its own."""
    command = [str(Path(sys.executable).with_name("digest")), "build", "--newsroom", str(folder)]
    command += ["--at", f"{NOW:%Y-%m-%d %H:%M}Z", *options]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, text=True, stdout=pipe, stderr=pipe, start_new_session=True)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the build; return its exit code and what it said of trouble."""
    _, errors = process.communicate(timeout=120)
    return process.returncode, errors


def build(folder: Path) -> float:
    """Build without trouble; return how long that took, in seconds."""
    began = clock.monotonic()
    code, errors = ended(start(folder))
    assert code == 0, errors
    return clock.monotonic() - began


def send_at(process: subprocess.Popen[str], number: signal.Signals, seconds: float, *, everybody: bool) -> None:
    """Send the signal after that time, to all processes of the build or to the first one only."""
    time.sleep(seconds)
    if process.poll() is None:
        (os.killpg if everybody else os.kill)(process.pid, number)


def wait_until_it_hears(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Wait until the build would hear that signal: while Python starts, it does not yet."""
    deadline = clock.monotonic() + 30
    while not _caught(process.pid) >> (number - 1) & 1:
        assert clock.monotonic() < deadline
        time.sleep(0.002)


def _caught(process: int) -> int:
    """Return the signals that it handles, as bits."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(line.split()[1], 16) for line in lines if line.startswith("SigCgt")), 0)


def wait_until_alone(group: int) -> None:
    """Wait until no process of a build's group is left."""
    deadline = clock.monotonic() + 10
    while _alive(group):
        assert clock.monotonic() < deadline, "a helping process outlives its build"
        time.sleep(0.01)


def _alive(group: int) -> bool:
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = file.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_group) == group and state != "Z":
            return True
    return False


def moments(rounds: int, chance: Random) -> Iterator[float]:
    """Yield so many parts of a build's duration, spread over all of it, in any order."""
    parts = [(number + chance.random()) / rounds for number in range(rounds)]
    chance.shuffle(parts)
    yield from parts


def assert_whole(newsroom: ChangingNewsroom, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> None:
    """Each file is the old or the new one, what is in both is there, and what is named by index and feeds is, too."""
    site = newsroom.site()
    foreign = [path for path, one in site.items() if one not in (old.get(path), new.get(path))]
    assert not foreign, foreign
    assert old.keys() & new.keys() <= site.keys()
    lacking = _named(site) - site.keys()
    assert not lacking, lacking
    _assert_nothing_hidden(newsroom.public, site)


def _assert_nothing_hidden(public: Path, site: Mapping[str, bytes]) -> None:
    names = "\n".join(str(path) for path in public.rglob("*") if ".new" not in path.parts)
    for slug in HIDDEN:
        assert slug not in names
        assert not [path for path, one in site.items() if slug.encode() in one]


def _named(site: Mapping[str, bytes]) -> set[str]:
    """Return the paths that the front page and the feeds name."""
    named = set(re.findall(r'(?:href|src)="\./([^"#]*)"', site["index.html"].decode()))
    for feed in ("atom.xml", "feed.json", "rss.xml"):
        named |= set(_ADDRESS.findall(site[feed].decode()))
    return {unquote(one) + ("index.html" if one.endswith("/") or not one else "") for one in named}


def assert_tidy(newsroom: ChangingNewsroom, wanted: Site) -> None:
    """Everything is as wanted, and nothing else stands there but style sheets of late."""
    site = newsroom.site()
    assert without_old_looks(site, wanted) == wanted
    assert not [path for path in newsroom.public.iterdir() if path.name.startswith(".")]
    assert not [path for path in newsroom.public.rglob("*") if path.is_dir() and not any(path.iterdir())]


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Mount on the folder; skip the test where that is not allowed."""
    ran = subprocess.run(["/bin/mount", *options, str(folder)], capture_output=True, text=True, check=False)
    if ran.returncode:
        pytest.skip(f"mounting is not allowed here: {ran.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["/bin/umount", str(folder)], check=True)
