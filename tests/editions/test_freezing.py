import threading
from pathlib import Path

import pytest

from digest.config import Sender
from digest.editions import freezing
from digest.editions.freezing import MANIFEST, Frozen, FrozenVersion, freeze, load, save
from digest.errors import OutsideFailure
from tests.editions.samples import composed, on

PARTS = [MANIFEST, "en.html", "en.txt", "es.html", "es.txt"]


def version(language: str, html: str = "<p>Grüße</p>\r\n\n") -> FrozenVersion:
    return FrozenVersion(composed(on("2026-11-25", "release"), language=language), html, "Grüße\n")


def frozen(html: str = "<p>Grüße</p>\r\n\n", sender: str = "Press “desk”") -> Frozen:
    return freeze(
        [version("en", html), version("es")],
        sender=Sender(name=sender, email="press@news.example"),
        reply_to=None,
        note_html=None,
    )


def test_what_was_frozen_is_loaded_to_the_byte(tmp_path: Path) -> None:
    folder = save(frozen(), tmp_path / "weekly")
    assert folder == tmp_path / "weekly" / frozen().content_sha
    assert sorted(path.name for path in folder.iterdir()) == sorted(PARTS)
    assert load(tmp_path / "weekly", frozen().content_sha) == frozen()
    assert load(tmp_path / "weekly", frozen().content_sha).content_sha == frozen().content_sha


def test_the_content_sha_is_that_of_everything_that_is_sent() -> None:
    one_language = freeze([version("en")], sender=frozen().manifest.sender, reply_to=None, note_html=None)
    different = [frozen(), frozen("<p>Hello</p>"), frozen(sender="Somebody else"), one_language]
    assert len({one.content_sha for one in different}) == 4


@pytest.mark.parametrize(
    ("language", "found"), [("es", "es"), ("es-MX", "es"), ("en", "en"), ("en-GB", "en"), ("fr", "en"), ("", "en")]
)
def test_a_reader_gets_their_language_or_it_without_its_region_or_the_newsrooms(language: str, found: str) -> None:
    assert frozen().version_for(language).language == found


def test_a_region_that_has_a_version_of_its_own_gets_that() -> None:
    versions = [version("en"), version("es"), version("es-MX")]
    both = freeze(versions, sender=frozen().manifest.sender, reply_to=None, note_html=None)
    assert [both.version_for(tag).language for tag in ("es-MX", "es-AR", "es")] == ["es-MX", "es", "es"]


def test_the_newsrooms_own_language_comes_first() -> None:
    assert frozen().composition == composed(on("2026-11-25", "release"))
    assert [composition.language for composition in frozen().compositions] == ["en", "es"]


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_was_changed_is_noticed(tmp_path: Path, name: str) -> None:
    folder = save(frozen(), tmp_path)
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(OutsideFailure, match=r"was changed. Restore it, or compose and approve it again"):
        load(tmp_path, frozen().content_sha)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_is_missing_or_torn_is_noticed_and_mended_by_composing_again(tmp_path: Path, name: str) -> None:
    folder = save(frozen(), tmp_path)
    for damage in (b"", b"\xff"):
        (folder / name).write_bytes(damage)
        with pytest.raises(OutsideFailure):
            load(tmp_path, frozen().content_sha)
        save(frozen(), tmp_path)
        assert load(tmp_path, frozen().content_sha) == frozen()
    (folder / name).unlink()
    with pytest.raises(OutsideFailure, match="cannot be read"):
        load(tmp_path, frozen().content_sha)


def test_a_manifest_of_another_version_is_named_as_such(tmp_path: Path) -> None:
    text = frozen().manifest.model_dump_json().replace('"reply_to"', '"answer_to"')
    folder = tmp_path / freezing.sha256(text)
    folder.mkdir()
    (folder / MANIFEST).write_bytes(text.encode())
    with pytest.raises(OutsideFailure, match="is of another version of Digest"):
        load(tmp_path, folder.name)


def test_many_that_freeze_the_same_content_at_once_leave_one(tmp_path: Path) -> None:
    together = threading.Barrier(8)

    def run() -> None:
        together.wait()
        save(frozen(), tmp_path)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.name for path in tmp_path.iterdir()] == [frozen().content_sha]
    assert load(tmp_path, frozen().content_sha) == frozen()


@pytest.mark.parametrize("step", ["_write", "_put", "_sync"])
def test_a_crash_midway_leaves_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    class Killed(BaseException):
        pass

    def crash(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(freezing, step, crash)
        with pytest.raises(Killed):
            save(frozen(), tmp_path)
    assert not (tmp_path / frozen().content_sha).exists()
    save(frozen(), tmp_path)
    assert load(tmp_path, frozen().content_sha) == frozen()


def test_a_disk_that_cannot_be_written_is_a_failure_from_outside(tmp_path: Path) -> None:
    (tmp_path / "weekly").write_text("a file where the folder should be")
    with pytest.raises(OutsideFailure, match="weekly cannot be written"):
        save(frozen(), tmp_path / "weekly")
