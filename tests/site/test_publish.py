import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from digest.errors import OutsideFailure, Refused
from digest.items.item import Asset
from digest.site.publish import remove_others, replace, staging_folder
from digest.site.published import Published
from digest.site.staging import Staging
from digest.site.targets import Files
from tests.site.samples import pdf, picture

NONE: frozenset[str] = frozenset()
SITE: Mapping[str, bytes | Asset] = {
    "index.html": b"index",
    "atom.xml": b"feed",
    "items/a/index.html": b"a",
    "assets/site.css": b"css",
}


def publish(site: Files, public: Path, keep: frozenset[str]) -> Published:
    """Make the folder hold the files, and of all else only the paths in `keep`, as a build does that trusts nothing."""
    with staging_folder(public):
        staging = Staging(public)
        changed = replace([staging.stage(path, content) for path, content in site.items()], public)
    removed = remove_others(public, keep | site.keys())
    return Published(len(changed), len(site) - len(changed), removed, changed)


def files(public: Path) -> dict[str, bytes]:
    return {path.relative_to(public).as_posix(): path.read_bytes() for path in public.rglob("*") if path.is_file()}


@pytest.fixture
def public(tmp_path: Path) -> Path:
    return tmp_path / "newsroom/public"


def test_the_tree_becomes_the_folder(public: Path) -> None:
    assert publish(SITE, public, NONE) == Published(written=4, unchanged=0, removed=0)
    assert files(public) == SITE
    assert not (public / ".new").exists()


def test_an_asset_is_copied(public: Path, tmp_path: Path) -> None:
    for file in (pdf(tmp_path, content=b"%PDF" * 500_000), picture(tmp_path).variants[0]):
        publish({file.public_path: file}, public, NONE)
        assert (public / file.public_path).read_bytes() == file.path.read_bytes()
        assert publish({file.public_path: file}, public, NONE) == Published(0, 1, 0)


def test_a_file_whose_bytes_did_not_change_keeps_its_time(public: Path) -> None:
    publish(SITE, public, NONE)
    for path in SITE:
        os.utime(public / path, (1, 1))
    assert publish({**SITE, "index.html": b"INDEX"}, public, NONE) == Published(written=1, unchanged=3, removed=0)
    assert {path for path in SITE if (public / path).stat().st_mtime > 1} == {"index.html"}


def test_a_torn_file_is_mended_even_when_its_size_is_right(public: Path, tmp_path: Path) -> None:
    asset = picture(tmp_path)
    publish({asset.public_path: asset}, public, NONE)
    (public / asset.public_path).write_bytes(b"\0" * asset.size)
    assert publish({asset.public_path: asset}, public, NONE).written == 1
    assert (public / asset.public_path).read_bytes() == b"pixels"


def test_files_that_are_gone_are_removed_with_their_folders(public: Path) -> None:
    publish({**SITE, "items/b/index.html": b"b", "images/1/x.jpg": b"x"}, public, NONE)
    assert publish(SITE, public, NONE).removed == 2
    assert files(public) == SITE
    assert not (public / "items/b").exists()
    assert not (public / "images").exists()


def test_what_mailed_editions_need_is_kept(public: Path) -> None:
    publish({**SITE, "images/1/x.jpg": b"x", "images/2/y.jpg": b"y"}, public, NONE)
    assert publish(SITE, public, frozenset({"images/1/x.jpg"})).removed == 1
    assert (public / "images/1/x.jpg").exists()


def test_the_hosts_own_files_at_the_top_stay(public: Path) -> None:
    for path in (public / ".well-known/security.txt", public / ".htaccess", public / "items/.left"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    publish(SITE, public, NONE)
    assert set(files(public)) == {*SITE, ".well-known/security.txt", ".htaccess"}


def test_nothing_outside_is_touched_through_a_link(public: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious.txt").write_text("stays")
    public.mkdir(parents=True)
    (public / "old").symlink_to(outside)
    (public / "single.txt").symlink_to(outside / "precious.txt")
    publish(SITE, public, NONE)
    assert (outside / "precious.txt").read_text() == "stays"
    assert not (public / "single.txt").exists()


def test_a_tree_that_leads_out_through_a_link_is_refused(public: Path, tmp_path: Path) -> None:
    public.mkdir(parents=True)
    (public / "items").symlink_to(tmp_path)
    with pytest.raises(Refused, match="outside"):
        publish(SITE, public, NONE)
    assert not (tmp_path / "a").exists()


def test_public_may_itself_be_a_link(public: Path, tmp_path: Path) -> None:
    public.parent.mkdir()
    (tmp_path / "web").mkdir()
    public.symlink_to(tmp_path / "web")
    publish(SITE, public, NONE)
    assert files(tmp_path / "web") == SITE


@pytest.mark.parametrize(
    "path",
    ["../x", "a/../../x", "/etc/x", "a//x", "./x", "", "a/", "a/..", ".new/x", ".git/config", "a\\..\\x", "a\0x"],
)
def test_a_path_that_leads_elsewhere_is_refused_before_anything_is_written(path: str, public: Path) -> None:
    with pytest.raises(Refused):
        publish({**SITE, path: b"x"}, public, NONE)
    assert files(public) == {}


def test_an_asset_that_changed_since_it_was_read_stops_the_build(public: Path, tmp_path: Path) -> None:
    publish(SITE, public, NONE)
    asset = picture(tmp_path)
    asset.path.write_bytes(b"PIXELS")
    with pytest.raises(OutsideFailure, match=r"lead\.jpg changed while it was read\. Build again\."):
        publish({"index.html": b"new", asset.public_path: asset}, public, NONE)
    assert files(public) == SITE


def test_an_asset_that_vanished_stops_the_build_by_name(public: Path, tmp_path: Path) -> None:
    publish(SITE, public, NONE)
    asset = picture(tmp_path)
    asset.path.unlink()
    with pytest.raises(OutsideFailure, match=r"lead\.jpg cannot be read: No such file"):
        publish({"index.html": b"new", asset.public_path: asset}, public, NONE)
    assert files(public) == SITE


def test_a_full_disk_leaves_the_last_good_site(public: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(SITE, public, NONE)

    def full(_target: Path, content: bytes) -> os.stat_result:
        raise OSError(28, f"No space left on device for {len(content)} bytes")

    monkeypatch.setattr("digest.site.staging._write", full)
    with pytest.raises(OutsideFailure, match=r"public/index\.html cannot be written: No space left on device.*room"):
        publish(dict.fromkeys(SITE, b"new"), public, NONE)
    assert files(public) == SITE


def test_a_crash_between_two_files_leaves_no_reference_without_its_target(
    public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {f"{path}{ending}": one for path, one in SITE.items() for ending in ("", ".br")}
    publish({**whole, "items/old/index.html": b"old"}, public, NONE)
    replaced: list[str] = []
    replace = os.replace

    def dying(source: str, target: str) -> None:
        if "atom.xml" in target:
            raise OSError(5, "Input/output error")
        replaced.append(Path(target).relative_to(public).as_posix())
        replace(source, target)

    monkeypatch.setattr("digest.site.publish.os.replace", dying)
    with pytest.raises(OutsideFailure):
        publish(dict.fromkeys(whole, b"new"), public, NONE)
    assert replaced == ["assets/site.css", "assets/site.css.br", "items/a/index.html", "items/a/index.html.br"]
    assert (public / "index.html").read_bytes() == b"index"
    assert (public / "items/old/index.html").exists()
    monkeypatch.undo()
    publish(dict.fromkeys(whole, b"new"), public, NONE)
    assert files(public) == dict.fromkeys(whole, b"new")


def test_what_a_killed_build_prepared_is_cleared(public: Path) -> None:
    (public / ".new/items/secret").mkdir(parents=True)
    (public / ".new/items/secret/index.html").touch()
    publish(SITE, public, NONE)
    assert files(public) == SITE
