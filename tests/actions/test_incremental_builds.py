"""Builds of what changed only: the same bytes as builds of everything, and no more files touched than needed."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from digest.actions import stamp
from digest.actions.emblems import standing_emblems
from digest.actions.newsroom import Newsroom
from digest.actions.publish import build, build_standing
from digest.config import Config, EmblemSort
from digest.errors import InvalidInput
from digest.images.emblems import Emblem
from digest.items import catalogue
from digest.items.checks import Reading
from digest.items.loading import load_items
from digest.site.tree import build_tree
from tests.images.signs import sign
from tests.items.samples import CONFIG, NOW, config_of, image_of, item_text, make_newsroom, write_item, write_picture

PLAIN = f"{CONFIG}precompress: false\n"
BRANDED = PLAIN.replace("kinds:", "  logo: logo.png\n  icon: icon.png\nkinds:")
SLUGS = st.sampled_from([f"item-{number}" for number in range(7)])
HOURS = st.integers(-60, 60)
FAULT = "kind: novel\n"


def here(newsroom: Path) -> Newsroom:
    return Newsroom(newsroom, config_of(newsroom))


def tree(newsroom: Path) -> dict[str, bytes]:
    public = newsroom / "public"
    return {path.relative_to(public).as_posix(): path.read_bytes() for path in public.rglob("*") if path.is_file()}


def made_at_once(newsroom: Path, at: datetime) -> dict[str, bytes]:
    """Return what stands in public/ when everything is made in one go, without any cache."""
    config = config_of(newsroom)
    items = load_items(newsroom, config).items
    whole = build_tree(config, items, at, newsroom, [], emblems_of(newsroom))
    return {path: one if isinstance(one, bytes) else one.path.read_bytes() for path, one in whole.items()}


def emblems_of(newsroom: Path) -> dict[EmblemSort, Emblem]:
    return standing_emblems(here(newsroom)).emblems


def without_old_looks(files: Mapping[str, bytes], wanted: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files without style sheets and icons that are only kept."""
    return {path: one for path, one in files.items() if path in wanted or not path.startswith("assets/")}


def moment(hours: int) -> str:
    return f"{NOW + timedelta(hours=hours):%Y-%m-%d %H:%M}Z"


class ANewsroomOverTime(RuleBasedStateMachine):
    """Items, pictures, settings and the time change at random; whatever happens, a build makes what a full one does."""

    @initialize()
    def found(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="digest-builds-"))
        self.newsroom = make_newsroom(self.folder / "newsroom", PLAIN)
        self.texts: dict[str, dict[str, str | None]] = {}
        self.patched = pytest.MonkeyPatch()
        self.patched.setattr("digest.items.catalogue._YOUNG", -1)
        self.at = NOW
        self.built = False

    def teardown(self) -> None:
        self.patched.undo()
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, slug: str, **fields: str | None) -> None:
        self.texts[slug] = {**self.texts.get(slug, {}), **fields}
        write_item(self.newsroom, slug, **self.texts[slug])
        self.built = False

    @rule(slug=SLUGS, hours=HOURS, kind=st.sampled_from(["press-release", "report"]))
    def an_item_is_written(self, slug: str, hours: int, kind: str) -> None:
        # A correction before its publication would be a fault of the item.
        self.write(slug, published=moment(hours), kind=kind, corrections=None, updated=None)

    @rule(slug=SLUGS, words=st.sampled_from(["one", "two words", "<b>three</b> & more"]))
    def a_body_is_edited(self, slug: str, words: str) -> None:
        self.write(slug, body=f"'{words}'")

    @rule(slug=SLUGS, language=st.sampled_from(["en", "es", None]), topics=st.sampled_from(["[asylum]", "[]", None]))
    def an_item_is_filed_otherwise(self, slug: str, language: str | None, topics: str | None) -> None:
        self.write(slug, language=language, topics=topics)

    @rule(slug=SLUGS, hours=HOURS, show=st.sampled_from(["notice", "nothing"]))
    def an_item_is_withdrawn(self, slug: str, hours: int, show: str) -> None:
        self.write(slug, withdrawn=f"{{at: {moment(hours)}, reason: Wrong, show: {show}}}")

    @rule(slug=SLUGS, until=st.one_of(st.just("true"), HOURS.map(moment)))
    def an_item_is_featured(self, slug: str, until: str) -> None:
        self.write(slug, featured=until)

    @rule(slug=SLUGS, hours=HOURS)
    def an_item_is_corrected_and_updated(self, slug: str, hours: int) -> None:
        published = NOW - timedelta(hours=61)
        said = {"published": f"{published:%Y-%m-%d %H:%M}Z", "updated": moment(hours)}
        self.write(slug, **said, corrections=f"[{{at: {moment(hours)}, note: It was another.}}]")

    @rule(slug=SLUGS)
    def an_item_gets_a_contact_a_document_and_a_link(self, slug: str) -> None:
        (self.newsroom / "items/list.txt").write_text("one\n")
        self.write(
            slug,
            contact="{name: Somebody, email: somebody@example.org}",
            documents="[{file: list.txt, title: The list}]",
            links="[{url: 'https://elsewhere.example/', title: Elsewhere}]",
        )

    @rule(slug=SLUGS, alias=st.sampled_from(["/old/", "/older.html", "before"]))
    def an_item_gets_an_old_address(self, slug: str, alias: str) -> None:
        self.write(slug, aliases=f"[{alias}]")

    @precondition(lambda self: len(self.texts) > 1)
    @rule(data=st.data())
    def an_item_becomes_a_translation(self, data: st.DataObject) -> None:
        slug, original = data.draw(st.permutations(sorted(self.texts)))[:2]
        self.write(slug, translation_of=original, language="es")

    @rule(slug=SLUGS, colour=st.sampled_from(["red", "blue"]))
    def an_item_gets_a_picture(self, slug: str, colour: str) -> None:
        write_picture(self.newsroom / "items/shared.png", colour)
        self.write(slug, image=image_of("shared.png"))

    @precondition(lambda self: (self.newsroom / "items/shared.png").exists())
    @rule(colour=st.sampled_from(["red", "green"]))
    def a_picture_is_replaced(self, colour: str) -> None:
        write_picture(self.newsroom / "items/shared.png", colour)
        self.built = False

    @precondition(lambda self: self.texts)
    @rule(data=st.data())
    def an_item_is_deleted(self, data: st.DataObject) -> None:
        slug = data.draw(st.sampled_from(sorted(self.texts)))
        (self.newsroom / f"items/{slug}.yaml").unlink()
        del self.texts[slug]
        for other, fields in self.texts.items():
            if fields.get("translation_of") == slug:
                self.write(other, translation_of=None)
        self.built = False

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)
        self.built = False

    @rule(title=st.sampled_from(["Example Newsroom", "Another Name"]))
    def the_newsroom_is_renamed(self, title: str) -> None:
        (self.newsroom / "config.yaml").write_text(PLAIN.replace("Example Newsroom", title))
        self.built = False

    @rule(width=st.sampled_from([400, 500]))
    def the_newsroom_gets_a_logo(self, width: int) -> None:
        sign(self.newsroom / "logo.png", (width, 100))
        sign(self.newsroom / "icon.png", (200, 200))
        (self.newsroom / "config.yaml").write_text(BRANDED)
        self.built = False

    @precondition(lambda self: (self.newsroom / "public").exists())
    @rule(data=st.data(), damage=st.sampled_from(["removed", "overwritten"]))
    def somebody_spoils_a_file(self, data: st.DataObject, damage: str) -> None:
        path = self.newsroom / "public" / data.draw(st.sampled_from(sorted(tree(self.newsroom))))
        if damage == "removed":
            path.unlink()
        elif path.exists():
            path.write_bytes(b"spoilt")
        self.built = False

    @rule()
    def the_cache_is_deleted(self) -> None:
        shutil.rmtree(self.newsroom / "var/cache", ignore_errors=True)
        self.built = False

    @invariant()
    def a_build_makes_what_a_full_one_makes(self) -> None:
        if self.built:
            return
        build(here(self.newsroom), [], self.at)
        self.built = True
        wanted = made_at_once(self.newsroom, self.at)
        assert without_old_looks(tree(self.newsroom), wanted) == wanted


def test_whatever_happens_to_a_newsroom_a_build_makes_what_a_full_one_does(rounds: Callable[[int, int], int]) -> None:
    run_state_machine_as_test(
        ANewsroomOverTime,
        settings=settings(max_examples=rounds(8, 100), stateful_step_count=12, deadline=None, print_blob=True),
    )


@pytest.fixture(autouse=True)
def what_was_just_written_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else every file of a test would be too young, and read again at each build."""
    monkeypatch.setattr("digest.items.catalogue._YOUNG", -1)  # seconds


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    newsroom = make_newsroom(tmp_path / "newsroom", PLAIN)
    for number in range(1, 40):
        write_item(newsroom, f"n{number}", published=moment(-number), topics="[asylum]")
    return newsroom


def times(newsroom: Path) -> dict[str, int]:
    public = newsroom / "public"
    files = (path for path in public.rglob("*") if path.is_file())
    return {path.relative_to(public).as_posix(): path.stat().st_mtime_ns for path in files}


def test_nothing_is_written_when_nothing_changed(newsroom: Path) -> None:
    first = build(here(newsroom), [], NOW)
    before = times(newsroom)
    second = build(here(newsroom), [], NOW)
    assert second.published.written == second.published.removed == 0
    assert (second.published.unchanged, second.items) == (first.published.written, 39)
    assert times(newsroom) == before


def test_an_edited_body_rewrites_only_what_shows_it(newsroom: Path) -> None:
    build(here(newsroom), [], NOW)
    write_item(newsroom, "n30", published=moment(-30), topics="[asylum]", body="New words.")
    built = build(here(newsroom), [], NOW)
    assert built.published.changed == {
        "items/n30/index.html",
        "exports/ninjs/n30.json",
        *("atom.xml", "feed.json", "rss.xml", "kinds/press-release/atom.xml", "topics/asylum/atom.xml"),
    }


def test_a_file_that_becomes_good_again_with_the_same_words_is_taken_up(newsroom: Path) -> None:
    build(here(newsroom), [], NOW)
    file = newsroom / "items/n3.yaml"
    good = file.read_text()
    file.write_text(FAULT)
    held = build_standing(here(newsroom), [], NOW).held
    assert {problem.path for problem in held} == {"items/n3.yaml"}
    file.write_text(good)
    assert build_standing(here(newsroom), [], NOW).held == ()


def test_what_did_not_change_is_not_read_again(newsroom: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(here(newsroom), [], NOW)
    write_item(newsroom, "n5", published=moment(-5), body="New words.")
    read: list[str] = []
    row = catalogue._row  # noqa: SLF001 - made of each file that is read

    def noted(folder: Path, reading: Reading, began: float, config: Config) -> object:
        read.append(reading.source)
        return row(folder, reading, began, config)

    monkeypatch.setattr(catalogue, "_row", noted)
    build(here(newsroom), [], NOW)
    assert read == ["items/n5.yaml"]


def test_a_file_that_was_just_written_is_read_again_for_a_second_change_may_leave_the_same_time(
    newsroom: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.items.catalogue._YOUNG", 3600)
    build(here(newsroom), [], NOW)
    file = newsroom / "items/n5.yaml"
    with file.open("r+") as same:  # the same file, and the system's note of it is forged
        text = same.read().replace("Title of n5", "TITLE of n5")
        same.seek(0)
        same.write(text)
    monkeypatch.setattr("digest.items.catalogue._trace", lambda _: "1 1 1 1")
    build(here(newsroom), [], NOW)
    assert b"TITLE of n5" in tree(newsroom)["items/n5/index.html"]


@pytest.mark.parametrize("part", ["THIS_START", "version"])
def test_nothing_is_believed_after_another_start_of_the_machine_or_under_another_python(
    newsroom: Path, monkeypatch: pytest.MonkeyPatch, part: str, tmp_path: Path
) -> None:
    build(here(newsroom), [], NOW)
    page = newsroom / "public/items/n5/index.html"
    status = page.stat()
    page.write_bytes(b"x" * status.st_size)  # as a power loss can leave it: torn, with the right size and time
    os.utime(page, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert build(here(newsroom), [], NOW).published.written == 0
    (tmp_path / "boot").write_text("another start")
    if part == "version":
        monkeypatch.setattr("sys.version", "another Python")
        stamp.program.cache_clear()
    else:
        monkeypatch.setattr("digest.actions.stamp._THIS_START", tmp_path / "boot")
    assert build(here(newsroom), [], NOW).published.changed == {"items/n5/index.html"}
    stamp.program.cache_clear()


def test_an_edit_that_keeps_size_and_time_is_seen(newsroom: Path) -> None:
    build(here(newsroom), [], NOW)
    file = newsroom / "items/n5.yaml"
    file.write_text(file.read_text().replace("Title of n5", "TITLE of n5"))
    os.utime(file, (1, 1))
    build(here(newsroom), [], NOW)
    assert b"TITLE of n5" in tree(newsroom)["items/n5/index.html"]


def test_an_embargo_that_ends_shows_without_any_file_having_changed(newsroom: Path) -> None:
    write_item(newsroom, "waits", published=moment(1))
    first = build(here(newsroom), [], NOW)
    assert first.next_change == NOW + timedelta(hours=1)
    build(here(newsroom), [], NOW + timedelta(hours=1))
    assert "items/waits/index.html" in tree(newsroom)


def test_what_a_build_put_in_place_before_it_was_cut_short_does_not_stay_when_it_is_withdrawn(
    newsroom: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(here(newsroom), [], NOW)
    write_item(newsroom, "secret", published=moment(-1))
    with monkeypatch.context() as patched:
        patched.setattr("digest.site.ledger.Ledger.finish", _die)
        with pytest.raises(KeyboardInterrupt):
            build(here(newsroom), [], NOW)
    assert "items/secret/index.html" in tree(newsroom)
    (newsroom / "items/secret.yaml").unlink()
    build(here(newsroom), [], NOW)
    assert not [path for path in tree(newsroom) if "secret" in path]


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_damaged_cache_is_made_anew(newsroom: Path) -> None:
    build(here(newsroom), [], NOW)
    before = tree(newsroom)
    for name in ("items.db", "public.db"):
        (newsroom / "var/cache" / name).write_bytes(b"no database at all" * 500)
    assert build(here(newsroom), [], NOW).published.written == 0
    assert tree(newsroom) == before


def test_a_full_build_removes_foreign_files_and_makes_everything_anew(newsroom: Path) -> None:
    build(here(newsroom), [], NOW)
    (newsroom / "public/foreign.html").touch()
    assert build(here(newsroom), [], NOW).published.removed == 0
    assert build(here(newsroom), [], NOW, full=True).published.removed == 1


def test_a_changed_template_is_taken_up_and_the_style_sheet_of_before_stays_for_thirty_days(newsroom: Path) -> None:
    build(here(newsroom), [], NOW)
    (before,) = (path for path in tree(newsroom) if path.endswith(".css"))
    own = newsroom / "templates/site/site.css"
    own.parent.mkdir(parents=True)
    own.write_text("body { color: red }\n")
    for days in (0, 29):
        build(here(newsroom), [], NOW + timedelta(days=days))
        assert before in tree(newsroom)
    build(here(newsroom), [], NOW + timedelta(days=30))
    assert before not in tree(newsroom)
    assert [one for path, one in tree(newsroom).items() if path.endswith(".css")] == [b"body { color: red }\n"]


@pytest.fixture
def branded(newsroom: Path) -> Path:
    (newsroom / "config.yaml").write_text(BRANDED)
    sign(newsroom / "logo.png", (900, 300))
    sign(newsroom / "icon.png", (600, 600))
    return newsroom


def logo_of(page: bytes) -> str:
    """Return the path of the logo that the page shows."""
    [path] = re.findall(r'<img src="./(assets/logo-\w+.png)"', page.decode())
    return str(path)


def test_nothing_is_drawn_or_written_when_logo_and_icon_stay_the_same(
    branded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(here(branded), [], NOW)
    monkeypatch.setattr("digest.images.drawing.logo", lambda _: pytest.fail("it was drawn again"))
    before = times(branded)
    write_item(branded, "n5", published=moment(-5), body="New words.")
    build(here(branded), [], NOW)
    monkeypatch.setattr("digest.actions.rebuild.rebuild", lambda *_, **__: pytest.fail("it was built again"))
    assert build(here(branded), [], NOW).published.written == 0
    logos = [path for path in before if path.startswith("assets/")]
    assert {path: times(branded)[path] for path in logos} == {path: before[path] for path in logos}


@pytest.mark.parametrize("name", ["logo", "icon"])
def test_another_logo_or_icon_in_the_same_file_shows_everywhere_and_the_old_one_stays_for_thirty_days(
    name: str, branded: Path
) -> None:
    build(here(branded), [], NOW)
    before = tree(branded)
    sign(branded / f"{name}.png", (700, 700))
    for days in (0, 29):
        at = NOW + timedelta(days=days)
        build(here(branded), [], at)
        wanted = made_at_once(branded, at)
        assert without_old_looks(tree(branded), wanted) == wanted
        assert {path for path in before if path.startswith("assets/")} < tree(branded).keys()
    changed = {path for path, one in tree(branded).items() if before.get(path, one) != one}
    assert {"index.html", "items/n1/index.html", "404.html", "atom.xml"} <= changed
    build(here(branded), [], NOW + timedelta(days=30))
    assert tree(branded).keys() == made_at_once(branded, NOW + timedelta(days=30)).keys()


def test_another_logo_leaves_what_was_read_of_the_items(branded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(here(branded), [], NOW)
    sign(branded / "logo.png", (700, 200))
    monkeypatch.setattr("digest.items.catalogue._row", lambda *_: pytest.fail("an item was read again"))
    assert build(here(branded), [], NOW).published.written


@pytest.mark.parametrize("fault", ["removed", "damaged", "named otherwise"])
def test_a_faulty_logo_leaves_the_one_last_accepted_and_holds_nothing_else(fault: str, branded: Path) -> None:
    build(here(branded), [], NOW)
    shown = logo_of(tree(branded)["index.html"])
    if fault == "removed":
        (branded / "logo.png").unlink()
    elif fault == "damaged":
        (branded / "logo.png").write_bytes(b"no image")
    else:
        (branded / "config.yaml").write_text(BRANDED.replace("logo.png", "other.png"))
    shutil.rmtree(branded / "var/cache")
    write_item(branded, "news", published=moment(-1))
    built = build_standing(here(branded), [], NOW)
    assert [problem.place for problem in built.held] == ["config.yaml:8:3"]
    assert logo_of(tree(branded)["index.html"]) == shown
    assert b"Title of news" in tree(branded)["index.html"]
    with pytest.raises(InvalidInput):
        build(here(branded), [], NOW)


def test_a_logo_that_was_never_good_leaves_the_title(branded: Path) -> None:
    (branded / "logo.png").unlink()
    assert len(build_standing(here(branded), [], NOW).held) == 1
    assert b'<h1 class="name"><a href="./" aria-current="page">Example Newsroom</a></h1>' in tree(branded)["index.html"]
    sign(branded / "logo.png", (900, 300))
    assert build_standing(here(branded), [], NOW).held == ()
    assert b"assets/logo-" in tree(branded)["index.html"]


def test_a_logo_that_is_wanted_no_more_is_not_kept_either(branded: Path) -> None:
    build(here(branded), [], NOW)
    kept = branded / "var/accepted/emblems"
    assert {path.name for path in kept.iterdir()} == {"logo", "icon"}
    (branded / "config.yaml").write_text(PLAIN)
    build(here(branded), [], NOW)
    assert list(kept.iterdir()) == []


def test_compressed_files_stand_beside_texts_of_a_kilobyte_and_go_with_them(tmp_path: Path) -> None:
    newsroom = make_newsroom(tmp_path / "newsroom")
    write_item(newsroom, "a")
    other = write_item(newsroom, "b")
    build(here(newsroom), [], NOW)
    files = tree(newsroom)
    large = {path for path, one in files.items() if not path.endswith((".br", ".gz")) and len(one) >= 1000}
    wanted = {f"{path}.{ending}" for path in large for ending in ("br", "gz")}
    assert {path for path in files if path.endswith((".br", ".gz"))} == wanted
    other.unlink()
    build(here(newsroom), [], NOW)
    assert not [path for path in tree(newsroom) if path.startswith("items/b/")]


def test_many_items_are_read_and_made_by_several_processes_all_the_same(tmp_path: Path) -> None:
    newsroom = make_newsroom(tmp_path / "newsroom", PLAIN)
    for number in range(900):
        (newsroom / f"items/m{number}.yaml").write_text(item_text(f"m{number}", published=moment(-number)))
    (newsroom / "items/m17.yaml").write_text(FAULT)
    held = build_standing(here(newsroom), [], NOW).held
    assert {problem.path for problem in held} == {"items/m17.yaml"}
    (newsroom / "items/m17.yaml").unlink()
    build(here(newsroom), [], NOW)
    assert tree(newsroom) == made_at_once(newsroom, NOW)
