import subprocess
import sys
from pathlib import Path

import pytest

from digest import __version__
from digest.errors import OutsideFailure
from tests.cli.conftest import Run
from tests.items.samples import write_item, write_picture

SCRIPT = Path(sys.executable).with_name("digest")
NOT_FOR_CHECK = (
    "starlette", "uvicorn", "sqlalchemy", "alembic", "jinja2", "premailer", "smtplib", "aiosmtpd", "apscheduler",
    "feedgen", "lxml", "babel", "cryptography", "dns",
)  # fmt: skip


def test_the_version_is_told(digest: Run) -> None:
    assert digest("--version").out == f"digest {__version__}\n"
    assert digest("--debug", "--version").out == f"digest {__version__}\n"


def test_the_version_is_told_without_building_the_command_line() -> None:
    assert imported_by("--version") & {"typer", "click", "rich", "pydantic", "yaml"} == set()


def test_a_check_loads_nothing_of_web_database_and_mail(newsroom: Path) -> None:
    write_picture(newsroom / "items/x.png")
    write_item(newsroom, image="{file: x.png, alt: A, credit: C}", body="'**x**'")

    assert imported_by("check", "--fix", "--newsroom", str(newsroom)) & set(NOT_FOR_CHECK) == set()


def imported_by(*arguments: str) -> set[str]:
    code = (
        "import sys; from digest.cli.entry import main\n"
        "try: main()\nexcept SystemExit as ended: assert not ended.code, ended.code\n"
        "print('modules:', *sys.modules)"
    )
    command = [sys.executable, "-c", code, *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in ended.stdout.rpartition("modules: ")[2].split()}


def test_done_is_0(newsroom: Path, digest: Run) -> None:
    assert newsroom
    assert digest("check").code == 0


def test_what_the_input_forbids_is_1(newsroom: Path, digest: Run) -> None:
    write_item(newsroom, kind="novel")

    assert digest("check").code == digest("build").code == 1


def test_a_folder_that_is_no_newsroom_is_1(tmp_path: Path, digest: Run) -> None:
    for command in ("check", "build", "preview"):
        ended = digest(command, "--newsroom", tmp_path)
        assert ended.code == 1
        assert ended.lines[0] == (
            f"config.yaml: error: {tmp_path} has no config.yaml. Go to the newsroom's folder, or run `digest init`."
        )


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["check", "--nonsense"],
        ["check", "--format", "xml"],
        ["build", "--at", "tomorrow"],
        ["build", "--at", "2026-11-18 09:30 +99:99"],
        ["preview", "--at", "tomorrow"],
        ["preview", "--port", "70000"],
        ["new", "report"],
        ["schema", "novel"],
    ],
)
def test_wrong_usage_is_2(newsroom: Path, digest: Run, arguments: list[str]) -> None:
    assert newsroom
    assert digest(*arguments).code == 2


def test_a_time_that_is_none_is_told_so(newsroom: Path, digest: Run) -> None:
    assert newsroom
    assert "'tomorrow' is not a time" in digest("build", "--at", "tomorrow").err


def test_what_fails_outside_is_3_and_one_line(newsroom: Path, digest: Run) -> None:
    (newsroom / "items").rmdir()
    (newsroom / "hooks").write_text("a file in the way of a folder")
    ended = digest("init", newsroom / "hooks" / "x")

    assert ended.code == OutsideFailure.exit_code == 3
    assert len(ended.lines) == 1
    assert "cannot be written: Not a directory. Mend its rights or free space." in ended.err


def test_what_nobody_foresaw_is_3_and_one_line(newsroom: Path, digest: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError("at\nhome")

    monkeypatch.setattr("digest.actions.author.check", stumble)
    assert newsroom
    ended = digest("check")

    assert (ended.code, len(ended.lines)) == (3, 1)
    assert ended.err.startswith(r"digest failed in a way nobody foresaw: ZeroDivisionError('at\nhome'). Run it as")


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), OutsideFailure("x", "Y.")])
def test_debug_shows_the_traceback(
    newsroom: Path, digest: Run, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def stumble(*_: object) -> None:
        raise error

    monkeypatch.setattr("digest.actions.author.check", stumble)
    assert newsroom
    with pytest.raises(type(error)):
        digest("--debug", "check")


def test_debug_of_one_run_does_not_hold_for_the_next(newsroom: Path, digest: Run) -> None:
    assert newsroom
    assert digest("--debug", "check").code == 0
    assert digest("build", "--newsroom", newsroom / "nowhere").code == 1


def test_a_reader_that_goes_away_is_no_error(newsroom: Path) -> None:
    for number in range(1000):
        write_item(newsroom, f"item-{number}", kind="novel")
    command = [str(SCRIPT), "check", "--format", "github"]
    with subprocess.Popen(command, cwd=newsroom, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        assert running.stdout.readline().startswith(b"::error ")
        running.stdout.close()
        assert running.stderr.read() == b""
