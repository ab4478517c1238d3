from pathlib import Path

import pytest

from digest.actions.newsroom import Newsroom
from digest.actions.publish import build
from digest.errors import OutsideFailure
from tests.items.samples import CONFIG, NOW, config_of, make_newsroom, write_item

COMMAND = "echo ran >> runs.txt && cp public/index.html mirror.html"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = make_newsroom(tmp_path / "newsroom", f"{CONFIG}after_build: {COMMAND}\n")
    write_item(folder, "first")
    return folder


def published(folder: Path) -> None:
    build(Newsroom(folder, config_of(folder)), [], NOW)


def runs(folder: Path) -> int:
    file = folder / "runs.txt"
    return len(file.read_text().splitlines()) if file.exists() else 0


def test_it_runs_in_the_newsrooms_folder_once_the_site_is_in_place(folder: Path) -> None:
    published(folder)
    assert (folder / "mirror.html").read_bytes() == (folder / "public/index.html").read_bytes()


def test_it_does_not_run_again_while_the_site_stays_the_same(folder: Path) -> None:
    published(folder)
    published(folder)
    assert runs(folder) == 1
    write_item(folder, "second")
    published(folder)
    assert runs(folder) == 2


def test_it_runs_for_a_file_that_is_only_removed(folder: Path) -> None:
    second = write_item(folder, "second")
    published(folder)
    second.unlink()
    published(folder)
    assert runs(folder) == 2


def test_what_failed_is_named_and_tried_again_although_nothing_changed(folder: Path) -> None:
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace(COMMAND, "echo ran >> runs.txt; echo no route to host >&2; exit 7"))
    for _ in range(2):
        with pytest.raises(OutsideFailure, match=r"after_build ended with status 7: no route to host\. public/ is up"):
            published(folder)
    assert runs(folder) == 2
    assert (folder / "public/index.html").exists()


def test_another_command_runs_at_once(folder: Path) -> None:
    published(folder)
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace(COMMAND, "touch other.txt"))
    published(folder)
    assert (folder / "other.txt").exists()


def test_a_command_that_hangs_is_ended(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.actions.after_build._TIME_LIMIT", 0.2)
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace(COMMAND, "sleep 60"))
    with pytest.raises(OutsideFailure, match="takes longer than"):
        published(folder)
