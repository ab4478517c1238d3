"""Several builds at once, while items change under them."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from random import Random  # noqa: TID251 - seeded

from digest.items.loading import load_items
from tests.actions.test_incremental_builds import here
from tests.faults.newsroom import ChangingNewsroom, assert_tidy, build, ended, start

CHANGED = re.compile(r"[^\n]* (changed while it was read|cannot be read)[^\n]*\n")  # the one excuse for a failure


def test_builders_that_race_leave_whole_files_and_never_fail_but_for_a_file_that_changed(
    tmp_path: Path, rounds: Callable[[int, int], int]
) -> None:
    chance = Random(7)
    newsroom = ChangingNewsroom(tmp_path / "newsroom", chance)
    build(newsroom.folder)
    for number in range(rounds(1, 15)):
        options = [["--full"], [], []][: 3 - number % 2]
        builders = [start(newsroom.folder, *each) for each in options]
        version = 0
        while any(builder.poll() is None for builder in builders):
            version += 1
            for slug in newsroom.some(3):
                newsroom.edit(slug, version)
            _assert_no_page_mixes(newsroom)
            time.sleep(0.1)
        newsroom.change()
        for code, errors in map(ended, builders):
            assert (code, errors) == (0, "") or (code in {1, 3} and CHANGED.fullmatch(errors)), errors
        build(newsroom.folder)
        assert_tidy(newsroom, newsroom.wanted())


def _assert_no_page_mixes(newsroom: ChangingNewsroom) -> None:
    for page in (newsroom.public / "items").glob("*/index.html"):
        try:
            text = page.read_text()
        except FileNotFoundError:
            continue
        assert text.rstrip().endswith("</html>")
        said = set(re.findall(r"(?:Title|Body) (\d+)", text))
        assert len(said) <= 1, (page, said)


def test_a_check_while_a_build_runs_finds_what_there_is_to_find(tmp_path: Path) -> None:
    newsroom = ChangingNewsroom(tmp_path / "newsroom", Random(8))
    process = start(newsroom.folder)
    while process.poll() is None:
        assert load_items(newsroom.folder, here(newsroom.folder).config).errors == ()
    assert ended(process) == (0, "")
