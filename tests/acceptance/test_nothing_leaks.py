"""What must not be public is in no public output: searched over every byte and name of the tree."""

from datetime import datetime
from pathlib import Path

import pytest

from digest.actions.publish import build
from digest.wiring import newsroom_at
from tests.acceptance.newsroom import everything_in, madrid, sample
from tests.images.photos import metadata, photo, profile, saved, xmp

# Words and file names that only one item of the sample newsroom has.
GONE = ["Quillmere", "persimmon", "Zephyrine", "orchard", "quillmere-growers-blacklist"]
EMBARGOED = ["Ocularis", "Vantreuil", "street-cameras", "ocularis-cameras-sold-with-a-back-door"]
DRAFT = ["Tessamund", "heddlewright", "Perpetua", "/loom-", "tessamund-weavers-union"]


def _tree(tmp_path: Path, at: datetime) -> str:
    newsroom = newsroom_at(sample(tmp_path))
    build(newsroom, [], at)
    return everything_in(newsroom.public).lower()


def test_a_draft_an_embargoed_item_and_one_withdrawn_without_trace_are_nowhere(tmp_path: Path) -> None:
    tree = _tree(tmp_path, madrid("2026-11-26 05:59"))
    assert [word for word in GONE + EMBARGOED + DRAFT if word.lower() in tree] == []


def test_the_same_words_are_found_when_their_time_has_come(tmp_path: Path) -> None:
    tree = _tree(tmp_path, madrid("2026-11-26 06:00"))
    assert [word for word in EMBARGOED if word.lower() not in tree] == []


def test_what_was_public_leaves_nothing_behind_once_it_is_withdrawn_without_trace(tmp_path: Path) -> None:
    newsroom = newsroom_at(sample(tmp_path))
    build(newsroom, [], madrid("2026-11-05 12:00"))
    before = everything_in(newsroom.public).lower()
    assert [word for word in GONE if word.lower() not in before] == []
    build(newsroom, [], madrid("2026-11-06 19:30"))
    after = everything_in(newsroom.public).lower()
    assert [word for word in GONE if word.lower() in after] == []


@pytest.mark.parametrize("show", ["notice", "nothing"])
def test_an_item_withdrawn_before_its_embargo_ended_was_never_public(tmp_path: Path, show: str) -> None:
    path = sample(tmp_path)
    item = path / "items" / "2026" / "2026-11-26-ocularis-cameras-sold-with-a-back-door.yaml"
    text = item.read_text("utf-8").replace(
        "published: 2026-11-26 06:00",
        f"published: 2026-11-26 06:00\nwithdrawn: {{at: 2026-11-25 18:00, reason: It was wrong, show: {show}}}",
    )
    item.write_text(text, "utf-8")
    newsroom = newsroom_at(path)
    for at in ("2026-11-25 12:00", "2026-11-26 05:59", "2026-11-26 06:00", "2026-12-24 12:00"):
        build(newsroom, [], madrid(at))
        tree = everything_in(newsroom.public).lower()
        assert [word for word in EMBARGOED if word.lower() in tree] == []


def test_two_builds_of_one_moment_give_the_same_bytes_and_touch_nothing(tmp_path: Path) -> None:
    newsroom = newsroom_at(sample(tmp_path))
    at = madrid("2026-11-22 20:00")
    build(newsroom, [], at)
    files = {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in newsroom.public.rglob("*") if path.is_file()
    }
    again = build(newsroom, [], at)
    assert again.published.written == again.published.removed == 0
    after = {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in newsroom.public.rglob("*") if path.is_file()
    }
    assert after == files


def test_what_a_camera_wrote_into_a_photo_stays_in_the_newsroom(tmp_path: Path) -> None:
    path = sample(tmp_path)
    photo_of_lead = path / "items" / "2026" / "images" / "dawn-harbour.jpg"
    saved(photo(), photo_of_lead, exif=metadata(), xmp=xmp(), icc_profile=profile(), comment=b"SECRET-WITNESS")
    original = photo_of_lead.read_bytes()
    newsroom = newsroom_at(path)
    build(newsroom, [], madrid("2026-11-26 06:00"))
    public = [file.read_bytes() for file in newsroom.public.rglob("*") if file.is_file()]
    assert list(newsroom.public.rglob("dawn-harbour-*"))
    for trace in (b"SECRET-WITNESS", b"Exif\0\0", b"EXIF", b"ICC_PROFILE", b"ICCP", b"adobe:ns:meta"):
        assert not any(trace in content for content in public), trace
    assert original not in public
