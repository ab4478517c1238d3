"""Disks that are full or read-only: one line names the file, the last good site stays, and the next build is right."""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random  # noqa: TID251 - seeded

import pytest

from tests.faults.newsroom import ChangingNewsroom, Site, assert_tidy, assert_whole, build, ended, mounted, start

FAILED = re.compile(r"(?P<place>[^\n]*?) (cannot be|could not be) [^\n]+\n")


@pytest.fixture
def newsroom(tmp_path: Path) -> ChangingNewsroom:
    return ChangingNewsroom(tmp_path / "newsroom", Random(5))


def small_disk(folder: Path) -> tuple[str, ...]:
    folder.mkdir(parents=True)
    return "-t", "tmpfs", "-o", "size=24m", "tmpfs"


@contextmanager
def filled(folder: Path, room: int) -> Iterator[None]:
    """Leave so many bytes of room on the folder's disk."""
    ballast = folder / ".ballast"
    with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):  # noqa: PT012 - until it is full
        while True:
            file.write(b"\0" * 4096)
    with ballast.open("r+b") as file:
        file.truncate(ballast.stat().st_size - room)
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["/bin/mount", "-o", "remount,bind,ro", folder], check=True)
        yield


def assert_fails(newsroom: ChangingNewsroom, place: Path, site: Site) -> None:
    code, errors = ended(start(newsroom.folder))
    said = FAILED.fullmatch(errors)
    assert code == 3, errors
    assert said, errors
    assert said["place"].startswith(str(place))
    if newsroom.site() != site:  # all was in place already, and could not be noted in the cache
        assert place != newsroom.public
        assert_whole(newsroom, site, newsroom.wanted())


@pytest.mark.parametrize("place", ["public", "var/cache"])
def test_a_full_disk_leaves_the_last_good_site(
    newsroom: ChangingNewsroom, place: str, rounds: Callable[[int, int], int]
) -> None:
    folder = newsroom.folder / place
    with mounted(folder, *small_disk(folder)):
        build(newsroom.folder)
        for room in [40_000, 0, 4_000, 100_000, 400_000][: rounds(1, 5)]:  # bytes
            before = newsroom.site()
            newsroom.change()
            for slug in newsroom.some(30):
                newsroom.edit(slug, room)
            with filled(folder, room):
                assert_fails(newsroom, folder, before)
            build(newsroom.folder)
            assert_tidy(newsroom, newsroom.wanted())


@pytest.mark.parametrize("place", ["public", "var/cache"])
def test_a_folder_that_cannot_be_written_is_named(newsroom: ChangingNewsroom, place: str) -> None:
    build(newsroom.folder)
    before = newsroom.site()
    newsroom.change()
    folder = newsroom.folder / place
    folder.mkdir(parents=True, exist_ok=True)
    with read_only(folder):
        assert_fails(newsroom, folder, before)
    build(newsroom.folder)
    assert_tidy(newsroom, newsroom.wanted())
