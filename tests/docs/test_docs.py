"""The documents are true: links lead somewhere, references are complete, and the tutorial runs as it is written."""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args, get_origin
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from typer.main import get_command

from digest import urls, yamlfile
from digest.cli.app import app
from digest.config import Config, Localized, Schedule, load_config
from digest.items.item import ItemFields
from digest.items.loading import load_items
from digest.site.targets import as_it_is
from digest.site.tree import build_tree
from digest.site.web_views import WebView
from digest.validation import validated
from tests.acceptance.newsroom import sample
from tests.images.signs import emblems

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
NAMES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
PAGES = [ROOT / name for name in NAMES] + sorted(DOCS.rglob("*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^ *```([^\n]*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
CLOCK = {"zone": ZoneInfo("Europe/Madrid")}


def _read(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def _blocks(text: str, language: str) -> list[str]:
    return [code for info, code in FENCED.findall(text) if info == language]


def _rows(text: str) -> dict[str, list[str]]:
    """Return the rows of all tables: what the first cell names in backticks → the other cells."""
    rows: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("| `"):
            first, *others = [cell.strip() for cell in line.strip("|").split(" | ")]
            rows |= dict.fromkeys(CODE.findall(first), others)
    return rows


# Links


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_within_the_documents_leads_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(FENCED.sub("", page.read_text("utf-8"))) if ":" not in link]
    for link in links:
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def test_the_index_names_every_page_with_its_title() -> None:
    index = dict(re.findall(r"^- \[(.+)\]\((.+)\)$", _read("README.md"), re.MULTILINE))
    titles = {}
    for page in sorted(DOCS.rglob("*.md")):
        if page != DOCS / "README.md":
            titles[page.read_text("utf-8").partition("\n")[0].removeprefix("# ")] = page.relative_to(DOCS).as_posix()
    assert index == titles


# Commands


def _commands() -> dict[str, Any]:
    """Return every command by its whole name; click's types differ from one Typer to the next."""

    def below(command: Any, name: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
        yield name, command
        for sub_name, sub_command in getattr(command, "commands", {}).items():
            yield from below(sub_command, f"{name} {sub_name}")

    return dict(below(get_command(app), "digest"))


COMMANDS = _commands()


def _options(command: Any) -> set[str]:  # noqa: ANN401
    return {name for parameter in command.params for name in parameter.opts if name.startswith("--")}


def _documented_commands() -> dict[str, str]:
    """Return each command's section of the reference; in a heading, arguments are in capitals."""
    sections = re.split(r"^## ", _read("reference/commands.md"), flags=re.MULTILINE)[1:]
    found = {}
    for section in sections:
        heading, _, body = section.partition("\n")
        found[" ".join(word for word in heading.split() if word.islower())] = body
    return found


def test_every_command_is_documented_and_no_other() -> None:
    assert _documented_commands().keys() == COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented_and_no_other(name: str) -> None:
    documented = set(_rows(_documented_commands()[name]))
    assert documented == _options(COMMANDS[name]) - {"--newsroom"}


def test_every_command_but_those_the_reference_excepts_takes_a_newsroom() -> None:
    without = {name for name, command in COMMANDS.items() if "--newsroom" not in _options(command)}
    groups = {name for name, command in COMMANDS.items() if hasattr(command, "commands")}
    assert without - groups == {"digest init", "digest schema"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_every_parameter_has_help(name: str) -> None:
    assert COMMANDS[name].help
    assert [one.name for one in COMMANDS[name].params if not getattr(one, "help", None)] == []


def _examples() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for info, code in FENCED.findall(page.read_text("utf-8")):
            if info.split()[:1] == ["sh"]:
                for line in re.findall(r"\bdigest ((?:[a-z]|--)[^\n&]*)", code):
                    yield page.name, line


@pytest.mark.parametrize(("page", "line"), sorted(set(_examples())))
def test_every_command_in_an_example_exists_with_its_options(page: str, line: str) -> None:
    words = line.split()
    names = [name for count in (2, 1) if (name := " ".join(["digest", *words[:count]])) in COMMANDS]
    assert names, f"{page}: digest {line}"
    used = set(re.findall(r"(?<!\S)--[a-z-]+", re.sub(r"'[^']*'", "", line)))
    assert used <= _options(COMMANDS[names[0]]), f"{page}: digest {line}"


# Fields of files


def _leaves(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Yield each key that a file may hold, as the references write it: `a.b`, `list[].b`, `map.*.b`."""
    for name, field in model.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        inner, suffix = _inner(field.annotation)
        if inner:
            yield from _leaves(inner, f"{key}{suffix}.")
        else:
            yield key, field


def _inner(annotation: Any) -> tuple[type[BaseModel] | None, str]:  # noqa: ANN401
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation is not Localized:
        return annotation, ""
    marks = {tuple: "[]", dict: ".*"}
    for member in get_args(annotation):
        found, suffix = _inner(member)
        if found:
            return found, marks.get(get_origin(annotation), "") + suffix
    return None, ""


def _default(field: FieldInfo) -> str:
    """Return a field's default as the references write it."""
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    if field.is_required():
        return "required"
    if value is None:
        return "–"
    if value in ((), {}):
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value // timedelta(hours=1)}h`" if isinstance(value, timedelta) else f"`{value}`"


def test_every_key_of_config_yaml_is_documented_with_its_default_and_no_other() -> None:
    documented = {key: cells[0] for key, cells in _rows(_read("reference/config.md")).items()}
    assert documented == {key: _default(field) for key, field in _leaves(Config)}


def test_every_field_of_an_item_is_documented_and_no_other() -> None:
    documented = set(_rows(_read("reference/item-file.md")))
    assert documented == {key for key, _ in _leaves(ItemFields)} | set(ItemFields.model_fields)


def test_what_the_reference_calls_required_in_an_item_is() -> None:
    rows = _rows(_read("reference/item-file.md"))
    # Imported items may lack the first two, so the model lets them through and the checks ask.
    required = {key for key, cells in rows.items() if cells[0] == "required" and not key.endswith((".alt", ".credit"))}
    assert required == {key for key, field in _leaves(ItemFields) if field.is_required()}


def test_the_example_of_an_item_is_an_item() -> None:
    example = _blocks(_read("reference/item-file.md"), "yaml")[0]
    document = yamlfile.parse(example.encode(), "example.yaml")
    fields, problems = validated(ItemFields, document, "example.yaml", CLOCK)
    assert (problems, fields is not None) == ([], True)


def test_the_example_of_a_config_is_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "secret")
    (tmp_path / "config.yaml").write_text(_blocks(_read("reference/config.md"), "yaml")[0], "utf-8")
    assert load_config(tmp_path).digests["weekly"].title.in_language("en") == "The week"


@pytest.mark.parametrize("page", ["publish-under-embargo", "correct-or-withdraw"])
def test_what_the_how_to_pages_put_into_items_is_understood(page: str) -> None:
    for example in _blocks(_read(f"how-to/{page}.md"), "yaml"):
        head = "id: 6d0f3a5e-8a53-4a0c-9f5b-3c1f2b7e9d11\nkind: update\ntitle: A title\n"
        document = yamlfile.parse((head + example).encode(), page)
        assert validated(ItemFields, document, page, CLOCK)[1] == []


def test_every_schedule_of_the_how_to_page_is_understood() -> None:
    schedules = re.findall(r"\{every: [^}]+\}", _read("how-to/plan-the-schedule.md"))
    assert len(schedules) > 5
    for schedule in schedules:
        document = yamlfile.parse(f"{schedule}\n".encode(), "schedule")
        assert validated(Schedule, document, "schedule")[1] == [], schedule


# Files


def _documented_paths(page: str) -> list[re.Pattern[str]]:
    patterns = [re.sub(r"<[a-z]+>", "[^/]+", re.escape(path).replace("\\-", "-")) for path in _rows(_read(page))]
    return [re.compile(f"{pattern}.*" if pattern.endswith("/") else pattern) for pattern in patterns]


def test_the_output_tree_holds_what_the_reference_says_and_nothing_else(tmp_path: Path) -> None:
    config = load_config(ROOT)
    views = [
        WebView("An edition", language or "en", date(2026, 11, 20), as_it_is(path, b"<p>An edition</p>"))
        for language in (None, "es")
        for path in [urls.edition_path("weekly", "2026-11-20", language)]
    ]
    items = load_items(ROOT, config).items
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    tree = {
        **build_tree(config, items, at, ROOT, views),
        **build_tree(config, items, at, ROOT, views, emblems(tmp_path)),
    }
    patterns = _documented_paths("reference/output-tree.md")
    assert [path for path in tree if not any(pattern.fullmatch(path) for pattern in patterns)] == []
    files = [pattern for pattern in patterns if not pattern.pattern.startswith("/")]
    assert [pattern.pattern for pattern in files if not any(pattern.fullmatch(path) for path in tree)] == []


# The tutorial


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        return first.getsockname()[1], second.getsockname()[1]


def _script(tutorial: str, inbox: int, web: int) -> str:
    """Return the tutorial as one shell script: its commands, its changes of files, and waits for servers to be up."""
    parts = ["set -euo pipefail", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT"]
    for info, code in FENCED.findall(tutorial):
        kind, _, rest = info.partition(" ")
        if kind == "diff":
            removed, added = (line[1:] for line in code.splitlines())
            parts.append(f"text=$(<{rest}); [[ $text == *'{removed}'* ]]")
            parts.append(f"""printf '%s\\n' "${{text/'{removed}'/'{added}'}}" > {rest}""")
        elif rest == "run":
            parts.append(code)
        if "aiosmtpd" in code:
            parts.append(_until_open(inbox))
        if "edition compose weekly\n" in code:
            parts.append("EDITION=$(digest edition list | awk 'NR == 2 {print $1}')")
        if "serve &" in code:
            parts.append(_until_open(web))
    script = "\n".join(parts).replace("2525", str(inbox)).replace("weekly/2026-11-20", '"$EDITION"')
    # The tutorial's own port may be taken where the tests run.
    listen = f"sed -i.bak 's/^web:/web:\\n  listen: \"127.0.0.1:{web}\"/' config.yaml\n"
    return script.replace("digest serve &", f"{listen}digest serve &")


def _until_open(port: int) -> str:
    return f"until (: < /dev/tcp/127.0.0.1/{port}) 2>/dev/null; do sleep 0.05; done"


@pytest.fixture(scope="module")
def tutorial_done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run the tutorial; return its newsroom and what it printed."""
    folder = tmp_path_factory.mktemp("tutorial")
    script = _script(_read("tutorial/first-digest.md"), *_free_ports())
    # As a person's shell has it: nothing set for Digest, and Python may keep what it compiled.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DIGEST_", "PYTHON"))}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    ran = subprocess.run(  # noqa: S602 - the tutorial's commands are for a shell
        script,
        shell=True,
        executable="/bin/bash",
        cwd=folder,
        env=environment,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert ran.returncode == 0, ran.stdout
    return folder / "harbour-watch", ran.stdout


def test_the_tutorial_ends_with_one_mail_in_the_local_inbox(tutorial_done: tuple[Path, str]) -> None:
    newsroom, _ = tutorial_done
    [mail] = (newsroom / "inbox" / "new").iterdir()
    text = mail.read_text("utf-8")
    assert "\nTo: press@example.org\n" in f"\n{text}"
    assert "\nSubject: The strike is over\n" in text


def test_the_tutorial_says_what_the_commands_print(tutorial_done: tuple[Path, str]) -> None:
    _, printed = tutorial_done
    for answer in ("no problems", "1 sent, 1 skipped"):
        assert f"`{answer}`" in _read("tutorial/first-digest.md")
        assert answer in printed


def test_every_command_of_the_tutorial_after_its_setup_is_run() -> None:
    setup, *others = [info for info, _ in FENCED.findall(_read("tutorial/first-digest.md")) if info.startswith("sh")]
    assert (setup, set(others)) == ("sh", {"sh run"})


def test_var_holds_what_the_reference_says(tutorial_done: tuple[Path, str]) -> None:
    newsroom, _ = tutorial_done
    names = {CODE.findall(key)[0] if "`" in key else key.rstrip("/") for key in _rows(_read("reference/var.md"))}
    unused = {"after-build", "preview", "proofs", "letters.lock"}  # no such command, no preview, no letters
    assert {path.name for path in (newsroom / "var").iterdir()} - {"digest.db-wal", "digest.db-shm"} == names - unused


def test_every_file_that_the_code_has_in_var_is_in_the_reference() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "digest").rglob("*.py"))
    names = set(re.findall(r'\bvar / "([^"]+)"', code))
    assert names >= {"letters.lock", "sender.lock"}
    assert names <= {name.strip("/`") for name in _rows(_read("reference/var.md"))}


def test_who_left_or_was_erased_since_the_backup_is_found_before_anything_is_mailed(tmp_path: Path) -> None:
    old, restored = sample(tmp_path / "old"), tmp_path / "newsroom"
    _shell("digest subscribers add ana@r.example ben@r.example cho@r.example --consent Form", old)
    shutil.copytree(old, restored)
    _shell("digest subscribers leave ana@r.example && digest subscribers erase --yes ben@r.example", old)
    [compare] = [block for block in _blocks(_read("how-to/back-up-and-restore.md"), "sh") if "comm" in block]
    assert _shell(compare, restored).splitlines()[-1] == "ben@r.example"
    assert "ana@r.example: left" in _shell("digest subscribers show ana@r.example", restored)


def _shell(script: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ran = subprocess.run(
        ["/bin/sh", "-e", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path},
        text=True,
        check=True,
        stdout=subprocess.PIPE,
    )
    return ran.stdout


def test_the_copy_of_the_database_that_the_backup_page_makes_is_whole(
    tutorial_done: tuple[Path, str], tmp_path: Path
) -> None:
    newsroom, _ = tutorial_done
    [line] = re.findall(r"^python3 (-c .*)$", _read("how-to/back-up-and-restore.md"), re.MULTILINE)
    [program] = re.findall(r"-c '(.*)'", line)
    copy = tmp_path / "digest.db"
    program = program.replace("../backup/var/digest.db", str(copy))
    subprocess.run([sys.executable, "-c", program], cwd=newsroom, check=True)
    database = sqlite3.connect(copy)
    assert database.execute("SELECT count(*) FROM subscriber").fetchone() == (2,)
    database.close()
