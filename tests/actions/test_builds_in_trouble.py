"""What may have happened to a newsroom's folder between two builds, and what the next one makes of it."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from digest.actions import author
from digest.actions.built import GONE_FILE
from digest.actions.publish import build, build_standing
from digest.errors import OutsideFailure, Refused
from digest.items.accepted import remember
from digest.site import publish
from tests.actions.test_incremental_builds import PLAIN, here, made_at_once, moment, tree
from tests.items.samples import NOW, image_of, make_newsroom, write_item, write_picture


@pytest.fixture
def newsroom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("digest.items.catalogue._YOUNG", -3600.0)  # as if every file had been at rest for an hour
    newsroom = make_newsroom(tmp_path / "newsroom", PLAIN)
    write_picture(newsroom / "items/shared.png")
    (newsroom / "items/report.pdf").write_bytes(b"%PDF one")
    write_item(newsroom, "plain")
    write_item(newsroom, "one", image=image_of("shared.png"))
    write_item(newsroom, "two", image=image_of("shared.png"), documents="[{file: report.pdf, title: Report}]")
    build(here(newsroom), [], NOW)
    return newsroom


def assert_up_to_date(newsroom: Path) -> None:
    build(here(newsroom), [], NOW)
    assert tree(newsroom) == made_at_once(newsroom, NOW)
    empty = [path for path, folders, files in os.walk(newsroom / "public") if not folders and not files]
    assert not empty


def test_a_picture_that_two_items_share_goes_with_the_last_of_them(newsroom: Path) -> None:
    taken_back = f"{{at: {moment(-1)}, reason: Wrong, show: nothing}}"
    write_item(newsroom, "one", image=image_of("shared.png"), withdrawn=taken_back)
    assert_up_to_date(newsroom)
    assert any(path.startswith("images/") for path in tree(newsroom))
    write_item(newsroom, "two", image=image_of("shared.png"), withdrawn=taken_back)
    assert_up_to_date(newsroom)
    assert not any(path.startswith("images/") for path in tree(newsroom))


def test_a_document_replaced_by_one_of_the_same_size_and_time_is_seen(newsroom: Path) -> None:
    other = newsroom / "items/other.pdf"
    other.write_bytes(b"%PDF two")
    os.utime(other, (1, 1))
    other.replace(newsroom / "items/report.pdf")
    assert_up_to_date(newsroom)
    assert b"%PDF two" in tree(newsroom).values()


def test_links_that_lead_to_other_files_are_seen(newsroom: Path) -> None:
    items = newsroom / "items"
    for name, colour in (("red", "red"), ("blue", "blue")):
        write_picture(items / f"{name}.png", colour)
        write_item(newsroom, name, title=f"'{colour}'").rename(items / f"{name}.txt")
    (items / "linked.yaml").symlink_to("red.txt")
    (items / "linked.png").symlink_to("red.png")
    write_item(newsroom, "shows", image=image_of("linked.png"))
    assert_up_to_date(newsroom)
    for link in (items / "linked.yaml", items / "linked.png"):
        link.unlink()
        link.symlink_to(f"blue{'.txt' if link.suffix == '.yaml' else '.png'}")
    assert_up_to_date(newsroom)
    assert b"blue" in tree(newsroom)["items/linked/index.html"]


def test_a_picture_is_seen_to_change_also_behind_a_folder_of_its_name(newsroom: Path) -> None:
    (newsroom / "items/2026/shared.png").mkdir(parents=True)
    write_item(newsroom, "2026/below", image=image_of("shared.png"))
    assert_up_to_date(newsroom)
    write_picture(newsroom / "items/shared.png", "blue")
    assert_up_to_date(newsroom)


def test_an_item_whose_file_became_a_folder_is_gone(newsroom: Path) -> None:
    (newsroom / "items/plain.yaml").unlink()
    (newsroom / "items/plain.yaml").mkdir()
    assert_up_to_date(newsroom)
    assert "items/plain/index.html" not in tree(newsroom)


def test_without_a_folder_of_items_the_site_is_empty(newsroom: Path) -> None:
    shutil.rmtree(newsroom / "items")
    assert_up_to_date(newsroom)


def test_a_look_back_and_forth_in_time_ends_at_the_site_of_now(newsroom: Path) -> None:
    for hours in (-60, 24 * 40, 0):
        at = NOW + timedelta(hours=hours)
        build(here(newsroom), [], at)
        assert tree(newsroom) == made_at_once(newsroom, at)


def test_a_file_makes_place_for_a_folder_and_a_folder_for_a_file(newsroom: Path) -> None:
    for alias in ("/x.html", "/x.html/y/", "/x.html/y/z.html/", "/x.html"):
        write_item(newsroom, "plain", aliases=f"[{alias}]")
        assert_up_to_date(newsroom)
        assert [path for path in tree(newsroom) if path.startswith("x.html")]


def test_folders_where_pages_belong_and_files_where_folders_belong_are_replaced(newsroom: Path) -> None:
    public = newsroom / "public"
    (public / "index.html").unlink()
    (public / "index.html/below").mkdir(parents=True)
    (public / "index.html/below/foreign").touch()
    shutil.rmtree(public / "items")
    (public / "items").touch()
    assert_up_to_date(newsroom)


def test_public_can_be_deleted_and_become_a_link(newsroom: Path, tmp_path: Path) -> None:
    shutil.rmtree(newsroom / "public")
    assert_up_to_date(newsroom)
    (newsroom / "public").rename(tmp_path / "web")
    (newsroom / "public").symlink_to(tmp_path / "web")
    assert_up_to_date(newsroom)


def test_nothing_is_removed_through_a_link_that_leads_out_of_public(newsroom: Path, tmp_path: Path) -> None:
    (newsroom / "public/items").rename(tmp_path / "elsewhere")
    (newsroom / "public/items").symlink_to(tmp_path / "elsewhere")
    (newsroom / "items/plain.yaml").unlink()
    with pytest.raises(Refused, match=r"'items/plain/index\.html' would be .* outside .*remove the link there"):
        build(here(newsroom), [], NOW)
    assert (tmp_path / "elsewhere/plain/index.html").exists()


def test_names_in_capitals_or_small_letters_are_different_ones(newsroom: Path) -> None:
    (newsroom / "items/report.pdf").rename(newsroom / "items/Report.pdf")
    write_item(newsroom, "two", image=image_of("shared.png"), documents="[{file: Report.pdf, title: Report}]")
    assert_up_to_date(newsroom)


def test_the_longest_names_and_titles_are_published_and_remembered(newsroom: Path) -> None:
    document = f"{'x' * 251}.pdf"
    (newsroom / "items" / document).write_bytes(b"%PDF long")
    write_item(newsroom, "y" * 80, title="t" * 300, documents=f"[{{file: {document}, title: Long}}]")
    assert_up_to_date(newsroom)
    (newsroom / f"items/{'y' * 80}.yaml").write_text("kind: novel\n")
    build_standing(here(newsroom), [], NOW)
    assert f"items/{'y' * 80}/index.html" in tree(newsroom)


def test_a_document_whose_name_cannot_stand_in_an_address_holds_only_its_item(newsroom: Path) -> None:
    (newsroom / "items/a\\b.pdf").write_bytes(b"%PDF")
    write_item(newsroom, "odd", documents="[{file: 'a\\b.pdf', title: Odd}]")
    write_item(newsroom, "next")
    (held,) = build_standing(here(newsroom), [], NOW).held
    assert "holds a backslash. Rename the file." in str(held)
    assert "items/next/index.html" in tree(newsroom)


@pytest.mark.parametrize("lost", ["all", "one", "spoilt"])
def test_scaled_pictures_that_were_lost_with_the_site_are_made_again(newsroom: Path, lost: str) -> None:
    before = tree(newsroom)
    shutil.rmtree(newsroom / "public")
    made = newsroom / "var/cache/images"
    for file in made.rglob("*.webp"):
        file.write_bytes(b"\0" * file.stat().st_size) if lost == "spoilt" else file.unlink()
    if lost == "all":
        shutil.rmtree(made)
    build(here(newsroom), [], NOW)
    assert tree(newsroom) == before


@pytest.mark.parametrize("left", [b"", b"no database at all" * 500])
def test_the_memory_of_what_was_accepted_is_begun_anew_or_named(newsroom: Path, left: bytes) -> None:
    file = newsroom / "var/accepted/items.db"
    file.write_bytes(left)
    write_item(newsroom, "plain", title="Another")
    if left:
        for ask in (lambda: build(here(newsroom), [], NOW), lambda: author.check(newsroom)):
            with pytest.raises(OutsideFailure, match=r"items\.db cannot be used: file is not a database.*remove it"):
                ask()
        file.unlink()
    assert_up_to_date(newsroom)


def test_lists_that_hold_anything_are_written_anew(newsroom: Path) -> None:
    (newsroom / "var" / GONE_FILE).write_bytes(b"\xff\xfe\0")
    write_item(newsroom, "plain", title="Another")
    assert_up_to_date(newsroom)
    assert (newsroom / "var" / GONE_FILE).read_text() == "[]"


def test_an_item_that_a_build_was_cut_short_at_leaves_nothing_when_it_is_taken_back(
    newsroom: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = write_item(newsroom, "secret")
    put = publish._put  # noqa: SLF001 - the build is cut short just behind it

    def cut_short(staged: str, target: str) -> None:
        put(staged, target)
        if target.endswith("/secret"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("digest.site.publish._put", cut_short)
        with pytest.raises(KeyboardInterrupt):
            build(here(newsroom), [], NOW)
    assert (newsroom / "public/items/secret").exists()
    secret.unlink()
    assert_up_to_date(newsroom)
    assert not (newsroom / "public/items/secret").exists()


def _die(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("gone", ["plain.yaml", "shared.png"])
def test_what_goes_while_a_build_runs_is_not_remembered_and_stops_nothing(
    newsroom: Path, gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_item(newsroom, "plain", image=image_of("shared.png"), title="Another")

    def late(*given: object) -> None:
        (newsroom / "items" / gone).unlink()
        remember(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr("digest.actions.rebuild.remember", late)
        build(here(newsroom), [], NOW)
    assert b"Another" in tree(newsroom)["items/plain/index.html"]


def test_after_a_build_that_failed_the_next_one_without_a_change_ends_the_matter(
    newsroom: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = newsroom / "items/plain.yaml"
    before = item.read_text()
    write_item(newsroom, "plain", title="Another")
    with monkeypatch.context() as patched:
        patched.setattr("digest.site.building.replace", _die)
        with pytest.raises(KeyboardInterrupt):
            build(here(newsroom), [], NOW)
    item.write_text(before)
    (newsroom / "public/foreign.html").touch()
    assert build(here(newsroom), [], NOW).published.removed == 1
    (newsroom / "public/foreign.html").touch()
    write_item(newsroom, "other")
    assert build(here(newsroom), [], NOW).published.removed == 0  # the ledger is believed again
