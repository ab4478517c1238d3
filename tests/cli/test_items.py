"""Commands that change an item's file."""

import json
from pathlib import Path

import pytest

from digest.actions.publish import build
from digest.wiring import newsroom_at
from tests.acceptance.newsroom import everything_in, madrid, sample
from tests.cli.conftest import Run

SLUG = "counting-the-cells"


@pytest.fixture
def amparo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a copy of the sample newsroom."""
    (tmp_path / "amparo").mkdir()
    monkeypatch.chdir(tmp_path / "amparo")
    return sample(tmp_path / "amparo")


def _file(folder: Path, slug: str) -> Path:
    (path,) = (folder / "items").rglob(f"*-{slug}.yaml")
    return path


def test_an_item_is_withdrawn_with_a_notice_that_the_site_shows(amparo: Path, digest: Run) -> None:
    before = _file(amparo, SLUG).read_text("utf-8")
    ended = digest("item", "withdraw", SLUG, "--reason", "A source took it back.", "--at", "2026-11-20 10:00")
    assert ended.code == 0, ended.err
    assert _file(amparo, SLUG).read_text("utf-8").startswith(before)
    newsroom = newsroom_at(amparo)
    build(newsroom, [], madrid("2026-11-20 10:00"))
    page = (newsroom.public / "items" / SLUG / "index.html").read_text("utf-8")
    assert "A source took it back." in page
    assert digest("item", "withdraw", SLUG, "--reason", "again").code == 1


def test_an_item_is_withdrawn_without_trace(amparo: Path, digest: Run) -> None:
    assert digest("item", "withdraw", SLUG, "--reason", "harm", "--show", "nothing", "--at", "2026-11-20").code == 0
    newsroom = newsroom_at(amparo)
    build(newsroom, [], madrid("2026-11-20 10:00"))
    assert SLUG not in everything_in(newsroom.public)


def test_an_item_is_corrected_openly(amparo: Path, digest: Run) -> None:
    assert digest("item", "correct", SLUG, "--note", "There are 340.", "--at", "2026-11-20 10:00").code == 0
    newsroom = newsroom_at(amparo)
    build(newsroom, [], madrid("2026-11-20 10:00"))
    assert "There are 340." in (newsroom.public / "atom.xml").read_text("utf-8")


def test_a_renamed_item_keeps_its_old_address_and_its_translation(amparo: Path, digest: Run) -> None:
    assert digest("item", "rename", "ilse-marani-free", "ilse-marani-is-free").code == 0
    assert digest("check").code == 0
    newsroom = newsroom_at(amparo)
    build(newsroom, [], madrid("2026-11-20 10:00"))
    old = (newsroom.public / "items" / "ilse-marani-free" / "index.html").read_text("utf-8")
    assert "ilse-marani-is-free" in old
    assert "translation_of: ilse-marani-is-free" in _file(amparo, "ilse-marani-en-libertad").read_text("utf-8")


@pytest.mark.parametrize("new", ["No Slug", "after-the-river", "../x"])
def test_a_slug_that_is_none_or_taken_is_refused(amparo: Path, digest: Run, new: str) -> None:
    before = everything_in(amparo / "items")
    assert digest("item", "rename", SLUG, new).code == 1
    assert everything_in(amparo / "items") == before


@pytest.mark.usefixtures("amparo")
def test_an_item_that_is_not_there_is_said_to_be_unknown(digest: Run) -> None:
    ended = digest("item", "correct", "nothing-here", "--note", "x")
    assert (ended.code, "there is no item 'nothing-here'" in ended.err) == (1, True)


@pytest.mark.usefixtures("amparo")
def test_a_build_of_a_time_to_come_says_that_it_shows_what_is_under_embargo(digest: Run) -> None:
    assert "under embargo" in digest("build", "--at", "2999-01-01 09:00").err
    assert "under embargo" not in digest("build", "--at", "2026-11-20 09:00").err


@pytest.mark.usefixtures("amparo")
def test_the_list_says_what_the_public_sees(digest: Run) -> None:
    rows = {row["item"]: row["public"] for row in json.loads(digest("item", "list", "--json").out)}
    assert rows["quillmere-growers-blacklist"] == "gone"
    assert rows["karsova-asylum-form-returns"] == "notice"
    assert rows["tessamund-weavers-union"] == "hidden"
    assert rows[SLUG] == "public"
