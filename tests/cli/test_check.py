import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.items.samples import CONFIG, NOW, id_of, image_of, item_text, write_item, write_picture

QUOTE = "Put the whole text in quotes, or the comment on a line of its own before the key."


def test_a_newsroom_without_fault_is_told_so(newsroom: Path, digest: Run) -> None:
    write_item(newsroom)
    ended = digest("check")

    assert (ended.code, ended.out, ended.err) == (0, "", "no problems\n")


def test_the_newsrooms_folder_can_be_named(newsroom: Path, digest: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write_item(newsroom)
    monkeypatch.chdir("/")
    assert digest("check", "--newsroom", newsroom).code == 0

    monkeypatch.setenv("DIGEST_NEWSROOM", str(newsroom))
    assert digest("check").code == 0


def test_a_logo_and_an_icon_that_cannot_be_shown_are_problems_of_config_yaml(newsroom: Path, digest: Run) -> None:
    named = "  logo: brand/logo.svg\n  icon: brand/icon.png\nkinds:"
    (newsroom / "config.yaml").write_text(CONFIG.replace("kinds:", named))
    (newsroom / "brand").mkdir()
    (newsroom / "brand/logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    drawing = "'logo.svg' is an SVG drawing, not an image that can be published"
    missing = "there is no file 'brand/icon.png'. Put it into the newsroom's folder, or correct its path."
    problems = [
        f"config.yaml:8:3: error: newsroom.logo: {drawing}. Export it as PNG, 400 to 4,000 pixels wide.",
        f"config.yaml:9:3: error: newsroom.icon: {missing}",
    ]
    write_item(newsroom, kind="novel")
    ended = digest("check")
    assert (ended.code, ended.lines[:2], ended.lines[-1]) == (1, problems, "3 errors")
    ended = digest("build")
    assert (ended.code, ended.lines[:2], len(ended.lines)) == (1, problems, 3)
    assert not (newsroom / "public").exists()
    assert not (newsroom / "var/cache/images").exists()


def test_every_problem_of_every_file_is_a_line(newsroom: Path, digest: Run) -> None:
    write_item(newsroom, "a", kind="novel", topics="[x]")
    write_item(newsroom, "b", title="Victory for #FreeAna", updated="2026-11-01")
    ended = digest("check")

    assert ended.code == 1
    assert ended.lines == [
        "items/a.yaml:2:1: error: the kind 'novel' is unknown. config.yaml knows: press-release, report.",
        "items/a.yaml:6:10: error: the topic 'x' is unknown. config.yaml knows: asylum, prisons.",
        f"items/b.yaml:3:19: error: YAML drops the rest of the text: '#FreeAna'. {QUOTE}",
        "items/b.yaml:6:1: warning: `updated` lies before `published`. Correct one of the two.",
        "3 errors, 1 warning",
    ]


def test_warnings_alone_are_no_failure_unless_strict(newsroom: Path, digest: Run) -> None:
    write_item(newsroom, updated="2026-11-01")

    assert digest("check").code == 0
    assert digest("check", "--strict").code == 1


@pytest.mark.parametrize("style", ["text", "json", "github"])
def test_problems_of_the_configuration_are_shown_as_those_of_items(newsroom: Path, digest: Run, style: str) -> None:
    (newsroom / "config.yaml").write_text(CONFIG.replace("Madrid", "Madird"))
    ended = digest("check", "--fix", "--format", style)

    assert ended.code == 1
    assert "'Europe/Madird' is not a time zone" in ended.out + ended.err


def test_json_is_for_programs(newsroom: Path, digest: Run) -> None:
    write_item(newsroom, kind="'«x»'")
    ended = digest("check", "--format", "json")

    assert json.loads(ended.out) == [
        {
            "path": "items/first.yaml",
            "line": 2,
            "column": 1,
            "level": "error",
            "message": "the kind '«x»' is unknown",
            "remedy": "config.yaml knows: press-release, report.",
        }
    ]
    assert ended.code == 1


def test_json_without_problems_is_an_empty_list(newsroom: Path, digest: Run) -> None:
    assert newsroom
    assert digest("check", "--format", "json").out == "[]\n"


def test_a_file_name_that_is_not_utf8_breaks_no_format(newsroom: Path, digest: Run) -> None:
    Path(os.fsdecode(os.fsencode(newsroom) + b"/items/caf\xe9\n.yaml")).write_text(item_text("x"))

    assert r"items/caf\udce9\n.yaml: error: the name" in digest("check").err
    assert json.loads(digest("check", "--format", "json").out)[0]["path"] == "items/caf\udce9\n.yaml"
    assert digest("check", "--format", "github").out.startswith(r"::error file=items/caf\udce9%0A.yaml,line=1,col=1::")


def test_github_gets_annotations_with_its_escapes(newsroom: Path, digest: Run) -> None:
    write_item(newsroom, "100%, a:b", kind="'50%\n\n  ::error::x'")
    annotations = digest("check", "--format", "github").out.splitlines()

    assert len(annotations) == 2
    assert all(line.startswith("::error file=items/100%25%2C a%3Ab.yaml,line=") for line in annotations)
    assert "::the kind '50%25 ::error::x' is unknown." in annotations[1]


def test_github_gets_paths_from_where_it_stands(newsroom: Path, digest: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write_item(newsroom, kind="novel")
    monkeypatch.chdir(newsroom.parent)

    assert digest("check", "--newsroom", "newsroom", "--format", "github").out.startswith(
        "::error file=newsroom/items/first.yaml,line=2,col=1::the kind 'novel' is unknown. "
    )


def test_fix_mints_an_id_for_an_item_without_one_and_keeps_all_else(newsroom: Path, digest: Run) -> None:
    file = newsroom / "items/a.yaml"
    before = ("# modeline\r\n\r\n" + item_text("a", id=None).replace("\n", "\r\n")).encode() + b"# end"
    file.write_bytes(before)
    file.chmod(0o640)
    ended = digest("check", "--fix")

    assert (ended.code, ended.lines) == (0, ["items/a.yaml: its id was mended", "no problems"])
    first, _, rest = file.read_bytes().partition(b"id: ")
    identifier, _, rest = rest.partition(b"\r\n")
    assert first + rest == before
    assert len(identifier) == 36
    assert file.stat().st_mode & 0o777 == 0o640


def test_fix_gives_the_newcomer_of_two_equal_ones_another_id(newsroom: Path, digest: Run) -> None:
    original, copy = write_item(newsroom, "z", id=id_of("z")), write_item(newsroom, "a", id=id_of("z"))
    os.utime(original, (1, 1))
    kept = original.read_bytes()

    assert digest("check").code == 1
    assert digest("check", "--fix").code == 0
    assert original.read_bytes() == kept
    assert id_of("z") not in copy.read_text()


def test_fix_never_takes_the_id_of_a_published_item_though_it_was_edited_last(newsroom: Path, digest: Run) -> None:
    published = write_item(newsroom, "published", id=id_of("1"))
    digest("build")
    os.utime(write_item(newsroom, "copy", id=id_of("1")), (1, 1))
    digest("check", "--fix")

    assert id_of("1") in published.read_text()


def test_fix_gives_a_published_item_that_lost_its_id_the_same_one_back(newsroom: Path, digest: Run) -> None:
    published = write_item(newsroom, "a")
    as_published = published.read_bytes()
    digest("build")
    write_item(newsroom, "a", id=None)
    digest("check", "--fix")

    assert published.read_bytes() == as_published


def test_fix_leaves_alone_what_it_cannot_mend(newsroom: Path, digest: Run) -> None:
    file = newsroom / "items/a.yaml"
    file.write_text("{kind: report, title: T, summary: S}\n")
    ended = digest("check", "--fix")

    assert ended.code == 1
    assert file.read_text() == "{kind: report, title: T, summary: S}\n"


def hostile(newsroom: Path) -> dict[str, str]:
    """Write every way we know of to spoil an items folder; return by file what has to be said of it."""
    items = newsroom / "items"
    texts: dict[str, tuple[str | bytes, str]] = {
        "alias": (item_text("alias", title="*x"), "the alias *x is not allowed"),
        "anchor": (item_text("anchor", title="&x y"), "the anchor &x is not allowed"),
        "bomb": ("a0: &a x\n" + "".join(f"a{n}: &a [*a, *a]\n" for n in range(60)), "the alias *a is not allowed"),
        "control": (item_text("control", title="a\x07b"), "the control character U+0007"),
        "control-escaped": (item_text("x1", title=r'"a\x07b"'), "the escape of U+0007"),
        "comment": (item_text("comment", title="#FreeAna"), "YAML drops the rest of the text: '#FreeAna'"),
        "comment-list": (item_text("x2", topics="[asylum #x\n  ]"), "YAML drops the rest of the text: '#x'"),
        "comment-lines": (item_text("x3", title="Free\n  her #now"), "YAML drops the rest of the text: '#now'"),
        "date": (item_text("date", published="31.12.2026"), "'31.12.2026' is not a time"),
        "deep": ("a: " + "[" * 5000, "more than 20 levels"),
        "empty": ("", "the file is empty"),
        "binary": (bytes(range(256)) * 4, "byte 0x80 is not UTF-8"),
        "gap": (item_text("gap", published="2027-03-28 02:30"), "does not exist in Europe/Madrid"),
        "header": (item_text("header", title=r'"x\r\nBcc: a@b.org"'), "holds a line end"),
        "huge": (b"x" * 5_000_000, "the file has 5,000,000 bytes"),
        "image-body": (item_text("x4", body="'![x](y.png)'"), "the body shows the image 'y.png'"),
        "image-corrupt": (item_text("x5", image=image_of("corrupt.png")), "'corrupt.png' is something else"),
        "image-link": (item_text("x6", image=image_of("linked.png")), "'linked.png' leads out of items/"),
        "image-missing": (item_text("x7", image=image_of("nowhere.png")), "there is no file 'nowhere.png'"),
        "image-outside": (item_text("x8", image=image_of("../config.yaml")), "'../config.yaml' leads out of items/"),
        "image-root": (item_text("x9", image=image_of("/etc/passwd")), "'/etc/passwd' leads out of items/"),
        "image-type": (item_text("x10", image=image_of("image.svg")), "'image.svg' is an SVG drawing"),
        "key-twice": (item_text("x11") + "title: again\n", "the key 'title' stands here again"),
        "key-unknown": (item_text("x12", sumary="x"), "the field 'sumary' is unknown. Did you mean 'summary'?"),
        "kind": (item_text("kind", kind="novel"), "the kind 'novel' is unknown"),
        "latin": (item_text("latin", title="Libert\xe9").encode("latin-1"), "byte 0xE9 is not UTF-8"),
        "list": ("- a\n- b\n", "the file holds no fields"),
        "noncharacter": (item_text("x13", title="a\ufffe"), "the control character U+FFFE"),
        "same-id-a": (item_text("same"), "is also that of items/same-id-b.yaml"),
        "same-id-b": (item_text("same"), ""),
        "script": (item_text("script", body="'[x](javascript:y)'"), "the body links to 'javascript:y'"),
        "second": (item_text("second") + "---\na: b\n", "a second document starts here"),
        "tab": (item_text("tab") + "image:\n\tfile: x\n", "Indent by spaces, not tabs"),
        "tag": (item_text("tag", title="!!binary aGk="), "the tag tag:yaml.org,2002:binary is not allowed"),
        "twin": (item_text("x14"), "the slug 'twin' is also that of items/2026/twin.yaml"),
        "2026/twin": (item_text("x15"), ""),
    }  # fmt: skip
    expected = {}
    for age, (name, (text, said)) in enumerate(texts.items()):
        file = items / f"{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.utime(file, (-age, -age))  # of two that clash, the second is the older
        expected[f"items/{name}.yaml"] = said
    write_picture(newsroom / "outside.png")
    (items / "linked.png").symlink_to(newsroom / "outside.png")
    (items / "corrupt.png").write_bytes(b"\x89PNG\r\n\x1a\n corrupt")
    (items / "image.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (items / "loop.yaml").symlink_to("loop.yaml")
    (items / "outside.yaml").symlink_to(newsroom / "config.yaml")
    (items / "item.yml").write_text(item_text("yml"))
    expected["items/loop.yaml"] = "the file is a link that leads to itself"
    expected["items/outside.yaml"] = "the link leads out of items/"
    expected["items/item.yml"] = "the file ends in .yml"
    return expected


def test_a_hostile_folder_gives_a_clear_line_for_each_fault_all_in_one_run(newsroom: Path, digest: Run) -> None:
    expected = hostile(newsroom)
    ended = digest("check")

    assert ended.code == 1
    for path, said in expected.items():
        lines = [line for line in ended.lines if line.startswith(f"{path}:")]
        assert any(said in line for line in lines) if said else not lines, (path, lines)
    assert all(line.startswith("items/") and line.endswith((".", "?")) for line in ended.lines[:-1])


def test_a_build_of_a_hostile_folder_leaves_the_last_good_site_as_it_is(newsroom: Path, digest: Run) -> None:
    write_item(newsroom, "good")
    at = f"{NOW:%Y-%m-%d %H:%M}"
    assert digest("build", "--at", at).code == 0
    before = tree(newsroom / "public")
    hostile(newsroom)
    ended = digest("build", "--at", at)

    assert ended.code == 1
    assert len(ended.lines) > 35
    assert tree(newsroom / "public") == before != {}


def tree(folder: Path) -> dict[Path, tuple[bytes, int]]:
    return {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.rglob("*") if file.is_file()}
