import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from digest.config import load_config
from digest.items.loading import load_items, sources
from tests.cli.conftest import Run
from tests.items.samples import CONFIG, write_item

SAMPLE = Path(__file__).parents[2]


def test_new_begins_a_draft_that_passes_the_check(newsroom: Path, digest: Run) -> None:
    ended = digest("new", "report", "Ana’s story: “Free at last” #FreeAna")
    (file,) = (newsroom / "items").rglob("*.yaml")

    assert ended.out == f"wrote {file}\n"
    assert file.name[10:] == "-anas-story-free-at-last-freeana.yaml"
    assert file.parent.name == file.name[:4]
    assert digest("check", "--strict").lines == ["no problems"]
    (item,) = load_items(newsroom, load_config(newsroom)).items
    assert (item.title, item.published) == ("Ana’s story: “Free at last” #FreeAna", None)


def test_the_modeline_of_a_new_item_leads_editors_to_the_schema(newsroom: Path, digest: Run) -> None:
    digest("new", "report", "A title")
    file = newsroom / sources(newsroom)[0]
    modeline = file.read_text().splitlines()[0]
    schema = file.parent / modeline.removeprefix("# yaml-language-server: $schema=")

    assert json.loads(schema.read_text())["title"] == "Digest item"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Crème brûlée — 12 recipes", "creme-brulee-12-recipes"),
        ("word " * 40, "word-word-word-word-word-word-word-word-word-word-word-word"),
        ("¿Qué pasó?", "que-paso"),
    ],
)
def test_the_slug_is_made_of_whole_words_of_the_title(newsroom: Path, digest: Run, title: str, slug: str) -> None:
    digest("new", "report", title)

    assert sources(newsroom)[0].endswith(f"-{slug}.yaml")


@pytest.mark.parametrize("title", ["الحرية لآنا", "自由", "x" * 80])
def test_a_title_that_gives_no_slug_gets_one_of_the_id(newsroom: Path, digest: Run, title: str) -> None:
    assert digest("new", "report", title).code == 0
    (item,) = load_items(newsroom, load_config(newsroom)).items

    assert (item.title, item.slug) == (title, f"report-{item.id[:8]}")


@pytest.mark.parametrize(
    ("kind", "title", "said"),
    [
        ("novel", "x", "the kind 'novel' is unknown. config.yaml knows: press-release, report."),
        ("report", "Taken", "the slug 'taken' is that of items/2026/2026-11-18-taken.yaml. Choose another title."),
        ("report", "x" * 301, "title has 301 characters. Shorten it to 300."),
        ("report", "a\x07b", "the control character U+0007 cannot be published."),
        ("report", "  ", "the field 'title' is missing. Add it."),
    ],
)
def test_new_refuses_in_one_line_and_writes_nothing(
    newsroom: Path, digest: Run, kind: str, title: str, said: str
) -> None:
    write_item(newsroom, "2026/2026-11-18-taken")
    ended = digest("new", kind, title)

    assert (ended.code, len(ended.lines)) == (1, 1)
    assert ended.lines[0].startswith(said)
    assert sources(newsroom) == ["items/2026/2026-11-18-taken.yaml"]


def test_init_begins_a_newsroom_that_checks_and_builds(tmp_path: Path, digest: Run) -> None:
    folder = tmp_path / "it's a {new} room"
    ended = digest("init", folder)

    assert ended.code == 0
    assert len(ended.out.splitlines()) == 7
    assert digest("check", "--strict", "--newsroom", folder).lines == ["no problems"]
    assert digest("build", "--newsroom", folder).code == 0
    assert (folder / "public/items/our-newsroom-is-open/index.html").is_file()
    assert load_config(folder).newsroom.title == "It'S A {New} Room"


def test_init_refuses_a_folder_that_is_a_newsroom(tmp_path: Path, digest: Run) -> None:
    digest("init", tmp_path)
    before = (tmp_path / "config.yaml").read_bytes()
    ended = digest("init", tmp_path)

    assert (ended.code, ended.lines) == (1, [f"{tmp_path} has a config.yaml already. Choose another folder."])
    assert (tmp_path / "config.yaml").read_bytes() == before


def test_init_leaves_other_files_as_they_are_and_does_not_say_that_it_wrote_them(tmp_path: Path, digest: Run) -> None:
    (tmp_path / ".gitignore").write_text("/mine/\n")
    ended = digest("init", tmp_path)

    assert (tmp_path / ".gitignore").read_text() == "/mine/\n"
    assert ".gitignore" not in ended.out


def test_the_hook_keeps_a_faulty_item_out_of_the_history(tmp_path: Path, digest: Run) -> None:
    digest("init", tmp_path)
    hook = tmp_path / "hooks/pre-commit"
    path = f"{SAMPLE / '.venv/bin'}:{os.environ['PATH']}"

    def run_hook() -> int:
        return subprocess.run([hook], cwd=tmp_path, env=os.environ | {"PATH": path}, check=False).returncode

    assert run_hook() == 0
    write_item(tmp_path, kind="novel")
    assert run_hook() == 1


def test_no_two_newsrooms_have_the_same_ids(tmp_path: Path, digest: Run) -> None:
    digest("init", tmp_path / "a")
    digest("init", tmp_path / "b")

    assert load_config(tmp_path / "a").newsroom.id != load_config(tmp_path / "b").newsroom.id


class EditorsYaml(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: no dates, and only true and false are booleans."""


EditorsYaml.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in {"int", "float", "null"}]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
EditorsYaml.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), list("tf"))


def schema(digest: Run, name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(digest("schema", name).out)


def complaints(digest: Run, name: str, text: str) -> list[str]:
    drawn = schema(digest, name)
    jsonschema.Draft202012Validator.check_schema(drawn)
    said = yaml.load(text, EditorsYaml)  # noqa: S506 - a safe loader
    return [error.message for error in jsonschema.Draft202012Validator(drawn).iter_errors(said)]


def test_editors_have_nothing_against_the_sample_newsroom(digest: Run) -> None:
    assert complaints(digest, "config", (SAMPLE / "config.yaml").read_text()) == []
    for source in sources(SAMPLE):
        assert complaints(digest, "item", (SAMPLE / source).read_text()) == []


def test_editors_have_nothing_against_a_new_newsroom(tmp_path: Path, digest: Run) -> None:
    digest("init", tmp_path)

    assert complaints(digest, "config", (tmp_path / "config.yaml").read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "title: 1984", "title: true", "title: 1.5", "featured: true", "featured: 2026-11-20", "published: 2026-11-18",
        "published: 2026-11-18 09:30", "published: 20261118", "summary:", "topics:", "image:", "topics: [2026]",
        "withdrawn: {at: 2026-11-18, reason: 1, show: nothing}", "contact: {name: x, phone: 34910000000}",
    ],
)  # fmt: skip
def test_editors_accept_in_an_item_what_the_program_accepts(digest: Run, text: str) -> None:
    key = text.partition(":")[0]
    lines = [line for line in ("id: x", "kind: y", "title: z") if not line.startswith(key)]

    assert complaints(digest, "item", "\n".join([*lines, text])) == []


@pytest.mark.parametrize(
    "text",
    ["sumary: x", "image: {fiel: x}", "topics: {a: b}", "withdrawn: {at: x, reason: y, show: all}", "title: [a]"],
)
def test_editors_complain_of_what_the_program_refuses(digest: Run, text: str) -> None:
    assert complaints(digest, "item", f"id: x\nkind: y\ntitle: z\n{text}\n".replace("title: z\ntitle", "title")) != []


@pytest.mark.parametrize(
    "text",
    [
        "feeds: {entries: 50, max_age: '900'}", "mail: {from: {name: x, email: y}, smtp: [{host: h, port: 587}]}",
        "mail: {from: {name: x, email: y}, smtp: [{host: {env: H}, port: {env: P}, password: {file: p}}]}",
        "web: {url: {env: URL}, keys: k}", "web: {url: x, keys: [{env: A}, b]}", "alerts: {email: x}", "alerts:",
        "digests: {w: {title: x, schedule: manual}}", "digests: {w: {title: {en: x, es: y}, schedule: manual}}",
        "digests: {w: {title: x, limit: 40, compose: 24h, schedule: {every: month, on: 15, at: 9:00}}}",
        "digests: {w: {title: x, schedule: {every: month, on: [1, 15], at: 09:00}, except: [2026-12-25]}}",
        "digests: {w: {title: x, schedule: manual, except: {2026-12-25: skip, 2027-01-01: 2027-01-02}}}",
    ],
)  # fmt: skip
def test_editors_accept_in_the_configuration_what_the_program_accepts(digest: Run, text: str) -> None:
    assert complaints(digest, "config", CONFIG + text) == []


def test_editors_know_the_languages_of_mails(digest: Run) -> None:
    assert complaints(digest, "config", CONFIG.replace("  timezone", "  languages: [es, pt-BR]\n  timezone")) == []
    assert complaints(digest, "config", CONFIG.replace("  timezone", "  languages: es\n  timezone")) != []


@pytest.mark.parametrize(
    "text",
    [
        "feed: {}",
        "feeds: {entires: 50}",
        "web: {url: {envir: X}}",
        "mail: {smtp: []}",
        "digests: {w: {title: [x], schedule: manual}}",
    ],
)
def test_editors_complain_of_a_configuration_that_the_program_refuses(digest: Run, text: str) -> None:
    assert complaints(digest, "config", CONFIG + text) != []


def test_a_schema_shows_no_default_because_programs_write_it_in_other_words(digest: Run) -> None:
    assert '"default"' not in json.dumps([schema(digest, "item"), schema(digest, "config")])
