import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import yamlfile
from digest.errors import OutsideFailure
from digest.images.cache import Proofs
from digest.images.variants import Variant
from digest.items import loading
from digest.items.item import ALWAYS, Asset, ItemFields, version_of
from digest.items.loading import Loaded, images_cache, load_items
from digest.moments import from_stored
from digest.validation import validated
from tests.items.samples import CONFIG, config_of, id_of, image_of, make_newsroom, write_item, write_picture


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    return make_newsroom(tmp_path / "newsroom")


def load(newsroom: Path, accepted: dict[str, str] | None = None) -> Loaded:
    return load_items(newsroom, config_of(newsroom), accepted)


def problems(newsroom: Path) -> list[str]:
    return [str(problem) for problem in load(newsroom).problems]


def only_problem(newsroom: Path) -> str:
    (problem,) = problems(newsroom)
    return problem


def test_the_sample_newsroom_is_without_fault() -> None:
    loaded = load(Path(__file__).parents[2])

    assert loaded.problems == ()
    assert len(loaded.items) == len(loaded.readings) > 20


def test_an_item_is_what_its_file_says_and_what_follows_from_where_it_stands(newsroom: Path) -> None:
    write_item(newsroom, "2026/2026-11-18-free-at-last", topics="[asylum]", body="'**Free.**'")
    (item,) = load(newsroom).items

    assert (item.slug, item.source) == ("free-at-last", "items/2026/2026-11-18-free-at-last.yaml")
    assert (item.id, item.uri) == (id_of("2026-11-18-free-at-last"), f"urn:uuid:{id_of('2026-11-18-free-at-last')}")
    assert item.published == from_stored("2026-11-18T08:30:00Z")
    assert (item.language, item.topics, item.body) == ("en", ("asylum",), "**Free.**")


def test_the_bodys_first_paragraph_stands_in_for_the_summary(newsroom: Path) -> None:
    write_item(newsroom, summary=None, body="|\n  # Heading\n\n  The **first**\n  paragraph.")

    assert load(newsroom).items[0].summary == "The first paragraph."


def test_items_stand_newest_first_and_drafts_last(newsroom: Path) -> None:
    for name, published in {"b": "2026-11-01", "a": "2026-11-01", "c": "2026-11-02", "z": None, "y": None}.items():
        write_item(newsroom, name, published=published)

    assert [item.slug for item in load(newsroom).items] == ["c", "a", "b", "y", "z"]


@pytest.mark.parametrize(
    ("featured", "until"),
    [("true", ALWAYS), ("yes", ALWAYS), ("no", None), ("2026-11-20 12:00", from_stored("2026-11-20T11:00:00Z")),
     ("2026-10-25", from_stored("2026-10-25T23:00:00Z"))],
)  # fmt: skip
def test_an_item_is_featured_for_ever_until_a_moment_or_until_a_days_end(
    newsroom: Path, featured: str, until: object
) -> None:
    write_item(newsroom, featured=featured)

    assert load(newsroom).items[0].featured == until


def test_a_newsroom_without_items_is_empty(tmp_path: Path) -> None:
    newsroom = make_newsroom(tmp_path / "n")
    (newsroom / "items").rmdir()

    assert load(newsroom) == Loaded((), (), ())


def test_a_picture_is_looked_for_beside_the_item_and_under_items(newsroom: Path) -> None:
    write_picture(newsroom / "items/2026/beside.jpg")
    write_picture(newsroom / "items/pictures/shared.png", size=(30, 20))
    write_item(newsroom, "2026/a", image=image_of("beside.jpg"), images=f"[{image_of('pictures/shared.png')}]")
    (item,) = load(newsroom).items

    assert {file: (asset.media_type, asset.width) for file, asset in item.assets.items()} == {
        "beside.jpg": ("image/jpeg", 60),
        "pictures/shared.png": ("image/jpeg", 30),
    }


def test_a_picture_is_published_as_its_widest_jpeg_and_known_by_its_original(newsroom: Path) -> None:
    file = write_picture(newsroom / "items/Big Ñ.png", size=(900, 600))
    write_item(newsroom, image=image_of("Big Ñ.png"))
    asset = load(newsroom).items[0].assets["Big Ñ.png"]

    assert (asset.path, asset.sha256) == (file, hashlib.sha256(file.read_bytes()).hexdigest())
    assert (asset.media_type, asset.width, asset.height) == ("image/jpeg", 900, 600)
    assert asset.public_path == f"images/{asset.sha256[:16]}/big-n-900.jpg"
    assert {one.width for one in asset.variants} == {480, 600, 800, 900}
    assert all(one.path.is_relative_to(newsroom / "var/cache/images") for one in asset.variants)


def test_all_pictures_are_known_before_the_first_is_made(newsroom: Path) -> None:
    for name in ("a", "b"):
        write_picture(newsroom / f"items/{name}.png", size=(30, 20 + len(name)))
        write_item(newsroom, name, image=image_of(f"{name}.png"))
    calls: list[tuple[object, object]] = []

    class Recorded:
        def prepare(self, originals: Iterable[tuple[Path, str]], processes: int) -> None:
            calls.append(([path.name for path, _ in originals], processes > 0))

        def of(self, original: Path, sha256: str) -> tuple[Variant, ...]:
            calls.append((original.name, len(sha256)))
            return ()

    load_items(newsroom, config_of(newsroom), pictures=Recorded())

    assert calls == [(["a.png", "b.png"], True), ("a.png", 64), ("b.png", 64)]


@pytest.mark.parametrize("damaged", [False, True])
def test_pictures_that_are_only_looked_at_are_judged_alike_and_leave_no_trace(newsroom: Path, damaged: bool) -> None:  # noqa: FBT001 - pytest's parameter
    file = write_picture(newsroom / "items/x.jpg", size=(900, 600))
    if damaged:
        file.write_bytes(file.read_bytes()[:-90])
    write_item(newsroom, image=image_of("x.jpg"))
    looked_at = load_items(newsroom, config_of(newsroom), pictures=Proofs(images_cache(newsroom)))

    assert bool(looked_at.errors) == damaged
    assert not (newsroom / "var").exists()
    assert looked_at.problems == load(newsroom).problems


def test_a_document_has_the_type_of_its_ending(newsroom: Path) -> None:
    (newsroom / "items/briefing.PDF").write_bytes(b"%PDF")
    write_item(newsroom, documents="[{file: briefing.PDF, title: Briefing}]")
    asset = load(newsroom).items[0].assets["briefing.PDF"]

    assert (asset.media_type, asset.size) == ("application/pdf", 4)
    assert asset.public_path == f"documents/{asset.sha256[:16]}/briefing.PDF"


def test_the_version_changes_with_all_that_is_published_of_an_item(newsroom: Path) -> None:
    picture = write_picture(newsroom / "items/x.png")
    versions = set()
    for fields in ({}, {"title": "Another"}, {"body": "Text"}, {"image": image_of("x.png")}):
        write_item(newsroom, **fields)
        versions.add(load(newsroom).items[0].version)
    write_picture(picture, "blue")
    versions.add(load(newsroom).items[0].version)

    assert len(versions) == 5


def test_the_version_of_an_item_stays_what_earlier_builds_noted() -> None:
    """Otherwise nobody could tell who got which version of it; this one was noted when it was made in another way."""
    text = """
        id: 00000000-0000-4000-8000-000000000001
        kind: update
        title: "Café “Niños” & <b>"
        published: 2026-11-18 09:30
        updated: 2026-11-19 10:00
        summary: One.
        body: "Two\\n\\n- three"
        image: {file: a.jpg, alt: A, caption: B, credit: C, rights: D}
        images: [{file: b.jpg}]
        topics: [asylum]
        authors: [Anna]
        place: Brask
        language: es
        translation_of: first
        contact: {name: Press, email: press@amparo.example, phone: "+34 1"}
        documents: [{file: c.pdf, title: Report}]
        links: [{url: "https://www.example.org/", title: Link}]
        featured: true
        aliases: [old]
        corrections: [{at: 2026-11-20 08:00, note: "Not 4, but 5."}]
        withdrawn: {at: 2026-11-21, reason: Wrong., show: nothing}
    """
    document = yamlfile.parse(text.encode(), "first.yaml")
    fields, _ = validated(ItemFields, document, "first.yaml", {"zone": ZoneInfo("Europe/Madrid")})
    names = {"b.jpg": "b", "a.jpg": "a", "c.pdf": "c"}
    assets = {name: Asset(Path(name), digit * 64, 1, "image/jpeg") for name, digit in names.items()}
    assert fields
    assert version_of(fields, "first", assets) == "d26b6570e10b13bc8db6b16b79ef0234b07c410040890db778039d165ba30c8f"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"kind": "novel"}, "2:1: error: the kind 'novel' is unknown. config.yaml knows: press-release, report."),
        ({"kind": "reprot"}, "2:1: error: the kind 'reprot' is unknown. Did you mean 'report'?"),
        ({"topics": "[asylm]"}, "6:10: error: the topic 'asylm' is unknown. Did you mean 'asylum'?"),
        ({"title": "x" * 301}, "3:1: error: title has 301 characters. Shorten it to 300."),
        ({"title": r'"Free\r\nBcc: a@b.org"'}, r"3:1: error: title: 'Free\r\nBcc: a@b.org' holds a line end."),
        ({"title": '"a\n\n  b"'}, r"3:1: error: title: 'a\nb' holds a line end. Write it on one line."),
        ({"title": None}, "1:1: error: the field 'title' is missing. Add it."),
        ({"id": "x"}, "1:1: error: id: 'x' is neither a UUID nor an absolute IRI."),
        ({"published": "2027-03-28 02:30"}, "4:1: error: published: 2027-03-28 02:30 does not exist in Europe/Madrid"),
        ({"published": "18/11/2026"}, "4:1: error: published: '18/11/2026' is not a time. Write it like 2026-11-18"),
        ({"summary": None}, "1:1: error: both `summary` and a `body` with a paragraph are missing. Add one of them."),
        ({"summary": None, "body": "'# A heading'"}, "1:1: error: both `summary` and a `body` with a paragraph are"),
        ({"body": "'![x](y.jpg)'"}, "6:1: error: the body shows the image 'y.jpg'. Name it in `images`, with `alt`"),
        ({"body": "'[x](javascript:y)'"}, "6:1: error: the body links to 'javascript:y'. Link to an http, https,"),
        ({"translation_of": "nowhere"}, "6:1: error: there is no other item 'nowhere'. Name the slug of the item"),
        ({"translation_of": "first"}, "6:1: error: there is no other item 'first'. Name the slug of the item"),
        ({"corrections": "[{at: 2026-11-01, note: x}]"}, "6:16: error: the correction lies before `published`."),
        ({"updated": "2026-11-01"}, "6:1: warning: `updated` lies before `published`. Correct one of the two."),
        ({"withdrawn": "{at: 2026-11-01, reason: x}"}, "6:1: warning: withdrawn before it was published, so the"),
        ({"documents": "[{file: first.yaml, title: x}]"}, "6:14: error: 'first.yaml' is not a document that can be"),
    ],
)
def test_what_is_wrong_with_an_item_is_named(newsroom: Path, fields: dict[str, str], problem: str) -> None:
    write_item(newsroom, **fields)

    assert only_problem(newsroom).startswith(f"items/first.yaml:{problem}")


def test_an_item_may_have_every_field_that_is_optional(newsroom: Path) -> None:
    write_item(newsroom, "original")
    write_item(
        newsroom, "translation", language="es", translation_of="original", place="Sant Orrell", authors="[A, B]",
        contact="{name: C}", links="[{url: 'https://x.org', title: X}]", aliases="[old]", updated="2026-11-19",
        corrections="[{at: 2026-11-19, note: N}]", withdrawn="{at: 2026-11-20, reason: R, show: nothing}",
    )  # fmt: skip

    assert problems(newsroom) == []


def test_a_picture_needs_words_and_a_name(newsroom: Path) -> None:
    write_picture(newsroom / "items/x.png")
    write_item(newsroom, image="{file: x.png}")

    assert problems(newsroom) == [
        "items/first.yaml:6:1: error: 'x.png' has no `alt`. Say what it shows, for those who cannot see it.",
        "items/first.yaml:6:1: error: 'x.png' has no `credit`. Say whose picture it is.",
    ]


def test_a_picture_of_an_imported_item_is_only_warned_about(newsroom: Path) -> None:
    write_picture(newsroom / "items/x.png")
    write_item(newsroom, id="'https://old.example.org/?p=12'", images="[{file: x.png}]")

    assert [problem.level for problem in load(newsroom).problems] == ["warning", "warning"]
    assert len(load(newsroom).items) == 1


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ("nowhere.jpg", "there is no file 'nowhere.jpg'. Put it beside the item, or correct its name."),
        (".", "there is no file '.'. Put it beside the item, or correct its name."),
        ("../outside.png", "'../outside.png' leads out of items/. Copy the file beside the item."),
        ("sub/../../outside.png", "'sub/../../outside.png' leads out of items/. Copy the file beside the item."),
        ("/etc/passwd", "'/etc/passwd' leads out of items/. Copy the file beside the item."),
        ("sub/link.png", "'sub/link.png' leads out of items/. Copy the file beside the item."),
        ("sub/loop.png", "'sub/loop.png' is a link that leads to itself. Put the file itself here."),
        ("corrupt.jpg", "'corrupt.jpg' is something else, not an image that can be published. Export it as JPEG."),
        ("first.yaml", "'first.yaml' is something else, not an image that can be published. Export it as JPEG."),
        ("phone.jpg", "'phone.jpg' is damaged. Copy it anew, or export it as JPEG."),
        ("short.jpg", "'short.jpg' is damaged. Copy it anew, or export it as JPEG."),
        ("x" * 300, f"'{'x' * 300}' cannot be read: File name too long. Mend its name, rights or links."),
    ],
)
def test_a_picture_that_cannot_be_published_is_named(newsroom: Path, file: str, problem: str) -> None:
    items = newsroom / "items"
    write_picture(newsroom / "outside.png")
    (items / "phone.jpg").write_bytes(b"\0\0\0\x18ftypheic")
    whole = write_picture(items / "short.jpg").read_bytes()
    (items / "short.jpg").write_bytes(whole[:-40])
    (items / "corrupt.jpg").write_bytes(b"\xff\xd8\xff\xe0 corrupt")
    (items / "sub").mkdir()
    (items / "sub/link.png").symlink_to(newsroom / "outside.png")
    (items / "sub/loop.png").symlink_to("loop.png")
    write_item(newsroom, image=image_of(file))

    assert only_problem(newsroom) == f"items/first.yaml:6:9: error: {problem}"


@pytest.mark.parametrize("name", ["Big", "a--b", "-a", "ä", "a b", "a" * 81, "2026-11-18-", "a_b"])
def test_a_name_that_gives_no_address_is_an_error(newsroom: Path, name: str) -> None:
    write_item(newsroom, name)

    assert "gives no slug. Name the file by a-z, 0-9 and single hyphens, at most 80 characters" in only_problem(
        newsroom
    )


def test_files_that_look_like_items_but_are_not_read_are_named(newsroom: Path, tmp_path: Path) -> None:
    for name in ("a.yml", "b.YAML"):
        write_item(newsroom).rename(newsroom / "items" / name)
    (tmp_path / "elsewhere").mkdir()
    (newsroom / "items" / "linked").symlink_to(tmp_path / "elsewhere")
    (newsroom / "items" / "loop").symlink_to(newsroom / "items")

    assert problems(newsroom) == [
        "items/a.yml: error: the file ends in .yml. Rename it to .yaml.",
        "items/b.YAML: error: the file ends in .YAML. Rename it to .yaml.",
        "items/linked: error: the folder is a link. Put the folder itself here.",
        "items/loop: error: the folder is a link. Put the folder itself here.",
    ]


def test_hidden_files_and_folders_are_left_aside(newsroom: Path) -> None:
    write_item(newsroom, ".draft", title="[")
    write_item(newsroom, ".git/x", title="[")

    assert problems(newsroom) == []


def test_a_file_that_leads_elsewhere_is_not_read(newsroom: Path) -> None:
    write_item(newsroom).rename(newsroom / "secret.yaml")
    (newsroom / "items/a.yaml").symlink_to(newsroom / "secret.yaml")
    (newsroom / "items/b.yaml").symlink_to("b.yaml")
    (newsroom / "items/c.yaml").symlink_to("nowhere")
    os.mkfifo(newsroom / "items/d.yaml")

    assert [line.partition(": error: ")[2] for line in problems(newsroom)] == [
        "the link leads out of items/. Put the file itself here.",
        "the file is a link that leads to itself. Put the file itself here.",
        "this is not a file. Remove it.",
        "this is not a file. Remove it.",
    ]


def test_a_large_file_is_not_even_opened(newsroom: Path) -> None:
    (newsroom / "items/a.yaml").write_bytes(b"x" * 5_000_000)

    assert "the file has 5,000,000 bytes, more than the 1,048,576 allowed." in only_problem(newsroom)


def test_a_file_without_rights_is_a_problem_of_its_own(newsroom: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forbidden = write_item(newsroom, "forbidden")
    write_item(newsroom, "good")

    def as_somebody_else(path: str) -> bytes:
        if path == str(forbidden):
            raise PermissionError(13, "Permission denied", path)
        return Path(path).read_bytes()

    monkeypatch.setattr(loading, "read_whole", as_somebody_else)

    assert only_problem(newsroom) == (
        "items/forbidden.yaml: error: the file cannot be read: Permission denied. Mend its name, rights or links."
    )
    assert [item.slug for item in load(newsroom).items] == ["good"]


def test_a_folder_without_rights_stops_everything_for_its_items_are_not_gone(
    newsroom: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_somebody_else(folder: Path, onerror: Any) -> list[Any]:  # noqa: ANN401 - as os.walk
        onerror(PermissionError(13, "Permission denied", str(folder)))
        return []

    monkeypatch.setattr(os, "walk", as_somebody_else)

    with pytest.raises(OutsideFailure, match=r"items cannot be read: Permission denied. Mend its rights."):
        load(newsroom)


MINT = "Run `digest check --fix` to mint a new one for the copy."


def older(newer: Path, *, by: float = 100.0) -> None:
    os.utime(newer, (newer.stat().st_atime - by, newer.stat().st_mtime - by))


def test_of_two_equal_slugs_the_newer_file_is_at_fault(newsroom: Path) -> None:
    write_item(newsroom, "2026-11-18-one", id=id_of("a"))
    older(write_item(newsroom, "2026/2026-11-19-one", id=id_of("b")))

    assert only_problem(newsroom) == (
        "items/2026-11-18-one.yaml:1:1: error: the slug 'one' is also that of items/2026/2026-11-19-one.yaml. "
        "Rename this file."
    )


@pytest.mark.parametrize("copied", [id_of("a"), f"urn:uuid:{id_of('a')}"])
def test_of_two_equal_ids_the_newer_file_is_at_fault(newsroom: Path, copied: str) -> None:
    older(write_item(newsroom, "b", id=id_of("a")))
    write_item(newsroom, "a", id=copied)
    loaded = load(newsroom)

    assert [str(problem) for problem in loaded.problems] == [
        f"items/a.yaml:1:1: error: the id '{copied}' is also that of items/b.yaml. {MINT}"
    ]
    assert [item.slug for item in loaded.items] == ["b"]


def test_what_was_published_before_is_the_older_one_whatever_its_files_age(newsroom: Path) -> None:
    older(write_item(newsroom, "copy", id=id_of("a")))
    write_item(newsroom, "published", id=id_of("a"))

    assert [item.slug for item in load(newsroom, {"items/published.yaml": id_of("a")}).items] == ["published"]


def test_a_published_file_that_cannot_be_read_keeps_its_id(newsroom: Path) -> None:
    write_item(newsroom, "copy", id=id_of("a"))
    write_item(newsroom, "published", id=id_of("a"), title="[")

    assert load(newsroom, {"items/published.yaml": id_of("a")}).items == ()


def test_an_alias_may_not_be_anothers_slug(newsroom: Path) -> None:
    write_item(newsroom, "a", aliases="[b]")
    write_item(newsroom, "b")

    assert only_problem(newsroom) == ("items/a.yaml:6:11: error: the alias 'b' is the slug of items/b.yaml. Remove it.")


def test_an_unknown_kind_in_a_newsroom_without_topics_is_told_so(tmp_path: Path) -> None:
    newsroom = make_newsroom(tmp_path / "n", CONFIG.partition("topics:")[0])
    write_item(newsroom, topics="[asylum]")

    assert only_problem(newsroom).endswith("the topic 'asylum' is unknown. config.yaml knows: none.")


def test_all_problems_of_all_files_come_at_once_in_the_order_of_files_and_lines(newsroom: Path) -> None:
    write_item(newsroom, "b", kind="novel", topics="[x, y]", published="soon")
    write_item(newsroom, "a", kind="novel", body="'![x](y)'")

    assert [line.partition(": ")[0] for line in problems(newsroom)] == [
        "items/a.yaml:2:1",
        "items/a.yaml:6:1",
        "items/b.yaml:4:1",
    ]


@settings(max_examples=60)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_in_a_file_make_loading_stumble(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    newsroom = tmp_path_factory.getbasetemp() / "any-bytes"
    if not newsroom.exists():
        make_newsroom(newsroom)
    (newsroom / "items/x.yaml").write_bytes(data)

    assert load(newsroom).errors
