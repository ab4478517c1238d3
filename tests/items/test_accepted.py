import os
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest.crew import Crew
from digest.errors import OutsideFailure
from digest.items.accepted import accepted_ids, accepted_items, mirror_of, remember, standing_items
from digest.items.catalogue import Catalogue, kept_items
from digest.items.item import Item, Visibility, visibility
from tests.items.samples import NOW, config_of, id_of, image_of, make_newsroom, write_item, write_picture

SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
EMBARGO = "2026-11-20 13:30"  # in Madrid: half an hour after NOW
FAULTY = "title: 'open quote\n"


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    return make_newsroom(tmp_path / "newsroom")


def publish(newsroom: Path, at: datetime = NOW) -> dict[str, Item]:
    """Return by slug what the public sees after a round of publishing, as a scheduler does one."""
    mirror, config = mirror_of(newsroom), config_of(newsroom)
    cache = newsroom.parent / "items.db"
    with closing(Catalogue(cache, "test")) as catalogue, Crew(1) as crew, kept_items(cache) as item:
        found = catalogue.refreshed(newsroom, config, crew, accepted_ids(mirror))
        others = accepted_items(mirror, found.faulty, newsroom, config)
        seen = [one for one in found.briefs if visibility(one, at) is not Visibility.HIDDEN]
        remember(mirror, newsroom, seen, found.faulty)
        public = [item(one.slug) for one in seen]
    return {item.slug: item for item in [*public, *others] if visibility(item, at) is not Visibility.HIDDEN}


def titles(newsroom: Path, at: datetime = NOW) -> dict[str, str]:
    return {slug: item.title for slug, item in publish(newsroom, at).items()}


def make_old(file: Path) -> None:
    os.utime(file, (0, 0))


def held(newsroom: Path) -> list[str]:
    return [problem.path for problem in standing_items(newsroom, config_of(newsroom)).held]


def test_a_public_item_whose_file_becomes_faulty_stays_as_last_accepted(newsroom: Path) -> None:
    file = write_item(newsroom, "a", title="As published")
    write_item(newsroom, "b", title="Before")
    publish(newsroom)
    file.write_text(FAULTY)
    write_item(newsroom, "b", title="After")

    assert titles(newsroom) == {"a": "As published", "b": "After"}
    assert titles(newsroom, LATER) == {"a": "As published", "b": "After"}
    assert held(newsroom) == ["items/a.yaml"]


def test_a_mended_file_is_taken_up_again(newsroom: Path) -> None:
    write_item(newsroom, "a")
    publish(newsroom)
    write_item(newsroom, "a", kind="novel")
    publish(newsroom)
    write_item(newsroom, "a", title="Mended")

    assert titles(newsroom) == {"a": "Mended"}
    assert held(newsroom) == []


@pytest.mark.parametrize("damage", ["remove", "overwrite"])
def test_an_item_stays_with_its_picture_when_that_is_broken_or_gone(newsroom: Path, damage: str) -> None:
    picture = write_picture(newsroom / "items/pictures/a.png")
    sent = picture.read_bytes()
    write_item(newsroom, "2026/a", image=image_of("pictures/a.png"))
    publish(newsroom)
    if damage == "remove":
        picture.unlink()
    else:
        picture.write_bytes(b"broken")

    for at in (NOW, LATER):
        asset = publish(newsroom, at)["a"].assets["pictures/a.png"]
        assert asset.path.read_bytes() == sent
        assert asset.path == mirror_of(newsroom) / "items/pictures/a.png"
        assert all(one.path.is_relative_to(newsroom / "var/cache/images") for one in asset.variants)
        assert not (mirror_of(newsroom) / "var").exists()


def test_a_changed_picture_is_remembered(newsroom: Path) -> None:
    picture = write_picture(newsroom / "items/a.png")
    write_item(newsroom, "a", image=image_of("a.png"))
    publish(newsroom)
    write_picture(picture, "blue", (61, 40))
    publish(newsroom)
    picture.unlink()

    assert publish(newsroom)["a"].assets["a.png"].width == 61


def test_an_embargoed_item_whose_file_becomes_faulty_is_not_published_when_its_embargo_ends(newsroom: Path) -> None:
    write_item(newsroom, "a", published=EMBARGO)
    assert titles(newsroom) == {}
    write_item(newsroom, "a", published=EMBARGO, kind="novel")

    assert titles(newsroom, SOON) == {}
    assert titles(newsroom, LATER) == {}


def test_an_embargoed_item_is_published_when_its_embargo_ends(newsroom: Path) -> None:
    write_item(newsroom, "a", published=EMBARGO)

    assert titles(newsroom, NOW) == {}
    assert titles(newsroom, SOON) == {"a": "Title of a"}


def test_an_item_put_under_embargo_again_is_forgotten(newsroom: Path) -> None:
    write_item(newsroom, "a")
    publish(newsroom)
    write_item(newsroom, "a", published=EMBARGO)
    publish(newsroom)
    write_item(newsroom, "a", published=EMBARGO, kind="novel")

    assert titles(newsroom, SOON) == {}


def test_a_deleted_file_takes_its_item_away(newsroom: Path) -> None:
    write_picture(newsroom / "items/a.png")
    file = write_item(newsroom, "a", image=image_of("a.png"))
    publish(newsroom)
    file.unlink()

    assert titles(newsroom) == {}
    assert accepted_ids(mirror_of(newsroom)) == {}
    assert [path.name for path in mirror_of(newsroom).rglob("*") if path.is_file()] == ["items.db"]


def test_a_faulty_file_that_is_deleted_takes_its_item_away(newsroom: Path) -> None:
    file = write_item(newsroom, "a")
    publish(newsroom)
    file.write_text(FAULTY)
    publish(newsroom)
    file.unlink()

    assert titles(newsroom) == {}


def test_a_new_faulty_file_is_held(newsroom: Path) -> None:
    write_item(newsroom, "a")
    publish(newsroom)
    write_item(newsroom, "b", kind="novel")

    assert titles(newsroom) == {"a": "Title of a"}
    assert held(newsroom) == ["items/b.yaml"]


def test_the_newcomer_of_two_equal_slugs_is_held_though_its_file_is_older(newsroom: Path) -> None:
    write_item(newsroom, "z/a", title="Incumbent", id=id_of("1"))
    publish(newsroom)
    newcomer = write_item(newsroom, "b/a", title="Newcomer", id=id_of("2"))
    newcomer.rename(newsroom / "items/a.yaml")
    make_old(newsroom / "items/a.yaml")

    assert titles(newsroom) == {"a": "Incumbent"}
    assert held(newsroom) == ["items/a.yaml"]


def test_the_newcomer_of_two_equal_ids_is_held_though_its_file_is_older(newsroom: Path) -> None:
    write_item(newsroom, "b", title="Incumbent", id=id_of("1"))
    publish(newsroom)
    make_old(write_item(newsroom, "a", title="Newcomer", id=id_of("1")))

    assert titles(newsroom) == {"b": "Incumbent"}
    assert held(newsroom) == ["items/a.yaml"]


def test_a_copy_of_a_file_that_cannot_be_read_any_more_is_held(newsroom: Path) -> None:
    incumbent = write_item(newsroom, "b", title="Incumbent", id=id_of("1"))
    publish(newsroom)
    write_item(newsroom, "a", title="Copy", id=id_of("1"))
    incumbent.write_text(FAULTY)

    assert titles(newsroom) == {"b": "Incumbent"}
    assert held(newsroom) == ["items/a.yaml", "items/b.yaml"]


def test_a_translation_whose_original_is_gone_stays_as_last_accepted(newsroom: Path) -> None:
    original = write_item(newsroom, "original")
    write_item(newsroom, "traduccion", language="es", translation_of="original")
    publish(newsroom)
    original.unlink()

    assert list(titles(newsroom)) == ["traduccion"]


def test_an_item_that_was_taken_back_without_trace_stays_gone_when_its_file_becomes_faulty(newsroom: Path) -> None:
    taken_back = "{at: 2026-11-19, reason: Error, show: nothing}"
    write_item(newsroom, "a", withdrawn=taken_back)
    publish(newsroom)
    write_item(newsroom, "a", withdrawn=taken_back, kind="novel")

    assert visibility(publish(newsroom)["a"], NOW) is Visibility.GONE


def test_a_withdrawal_that_was_accepted_takes_place_though_the_file_is_faulty_by_then(newsroom: Path) -> None:
    withdrawn = f"{{at: {EMBARGO}, reason: Error}}"
    write_item(newsroom, "a", withdrawn=withdrawn)
    publish(newsroom)
    write_item(newsroom, "a", withdrawn=withdrawn, kind="novel")

    assert visibility(publish(newsroom, NOW)["a"], NOW) is Visibility.PUBLIC
    assert visibility(publish(newsroom, SOON)["a"], SOON) is Visibility.NOTICE


def test_only_what_is_public_is_remembered(newsroom: Path) -> None:
    write_item(newsroom, "public")
    write_item(newsroom, "waits", published=EMBARGO)
    write_item(newsroom, "draft", published=None)
    write_item(newsroom, "never", withdrawn="{at: 2026-11-18, reason: Error}")
    publish(newsroom)

    assert list(accepted_ids(mirror_of(newsroom))) == ["items/public.yaml"]


def test_remembering_again_touches_no_file(newsroom: Path) -> None:
    write_picture(newsroom / "items/a.png")
    write_item(newsroom, "a", image=image_of("a.png"))
    publish(newsroom)
    before = {path: path.stat().st_ino for path in mirror_of(newsroom).rglob("*")}
    publish(newsroom)

    assert {path: path.stat().st_ino for path in mirror_of(newsroom).rglob("*")} == before


def test_a_folder_that_cannot_be_written_is_named(newsroom: Path) -> None:
    write_item(newsroom, "a")
    (newsroom / "var").write_text("in the way")

    with pytest.raises(OutsideFailure, match=r"var/accepted cannot be written: .*\. Mend its rights or free space\."):
        publish(newsroom)


def test_the_id_by_which_an_item_was_published_is_known(newsroom: Path) -> None:
    write_item(newsroom, "a")
    publish(newsroom)

    assert accepted_ids(mirror_of(newsroom)) == {"items/a.yaml": id_of("a")}


def test_what_an_earlier_version_of_the_program_accepted_is_known(newsroom: Path) -> None:
    write_item(newsroom, "a")
    publish(newsroom)
    with closing(sqlite3.connect(mirror_of(newsroom) / "items.db")) as db, db:
        db.executescript("DROP INDEX accepted_in_brief; DROP INDEX accepted_with_files")
    (newsroom / "items/a.yaml").write_text(FAULTY)

    assert titles(newsroom).keys() == {"a"}
    assert accepted_ids(mirror_of(newsroom)) == {"items/a.yaml": id_of("a")}
