"""`digest edition show --open` and `digest edition test`."""

import webbrowser
from pathlib import Path

import pytest

from tests.acceptance.newsroom import madrid
from tests.actions.desk import Desk, desk_in
from tests.actions.test_languages import KINDS, NEWSROOM
from tests.cli.conftest import Run


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    with desk_in(tmp_path / "newsroom") as made:
        made.write("strike")
        made.at("2026-11-26 10:00")
    return made


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the browser is given to open."""
    given: list[str] = []

    def open_it(url: str) -> bool:
        given.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", open_it)
    return given


def test_it_opens_the_page_and_prints_its_path(digest: Run, desk: Desk, opened: list[str]) -> None:
    ended = digest("edition", "show", "weekly/2026-11-27", "--newsroom", desk.folder, "--open", "--kind", "update")
    file = desk.folder / "var/proofs/weekly/2026-11-27.html"
    assert (ended.code, ended.out, ended.err) == (0, f"{file}\n", "")
    assert opened == [file.as_uri()]
    assert "Title of strike" in file.read_text("utf-8")


def test_where_no_browser_can_be_opened_it_says_so_and_the_file_is_there(
    digest: Run, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    ended = digest("edition", "show", "weekly/2026-11-27", "--newsroom", desk.folder, "--open")
    assert ended.code == 0
    assert Path(ended.out.strip()).is_file()
    assert ended.lines == ["No browser can be opened here. Open the file above in one."]


def test_a_choice_that_is_not_known_opens_nothing(digest: Run, desk: Desk, opened: list[str]) -> None:
    show = ("edition", "show", "weekly/2026-11-27", "--newsroom", desk.folder)
    for option, words in (
        (("--language", "fr"), "there are no mails in the language 'fr'. config.yaml knows: en."),
        (("--kind", "novel"), "config.yaml has no kind 'novel'. It has: update."),
        (("--topic", "x"), "config.yaml has no topic 'x'. It has: none."),
    ):
        ended = digest(*show, "--open", *option)
        assert (ended.code, ended.lines) == (1, [words])
        assert digest(*show, *option).code == 2  # without --open there is nothing to choose
    assert opened == []
    assert not (desk.folder / "var/proofs").exists()


def test_a_test_in_a_language_that_has_no_mails_is_refused_and_not_mailed_in_another(digest: Run, desk: Desk) -> None:
    test = ("edition", "test", "weekly/2026-11-27", "editor@desk.example", "--newsroom", desk.folder)
    ended = digest(*test, "--language", "fr")
    assert (ended.code, ended.lines) == (1, ["there are no mails in the language 'fr'. config.yaml knows: en."])


def test_the_lint_names_the_rule_and_can_be_asked_for_one_language(digest: Run, tmp_path: Path) -> None:
    with desk_in(tmp_path / "newsroom") as desk:
        desk.write("strike")
        desk.configure(newsroom=NEWSROOM, kinds=KINDS)
        desk.at("2026-11-26 10:00")
        desk.edit(subject="PRISONS ARE FULL AGAIN")
    lint = ("edition", "show", "weekly/2026-11-27", "--newsroom", desk.folder, "--lint")
    [line] = digest(*lint).out.splitlines()
    assert line.startswith("weekly/2026-11-27 (en, es) the subject: warning: ")
    assert line.endswith(" [subject-capitals]")
    assert digest(*lint, "--language", "es").out == f"{line.replace('en, es', 'es')}\n"
    refused = digest(*lint, "--language", "fr")
    assert (refused.code, refused.lines) == (
        1,
        ["weekly/2026-11-27 has no mails in the language 'fr'. It has: en, es."],
    )


def test_composing_says_how_many_items_and_which_edition_of_the_day_is_planned_besides(
    digest: Run, tmp_path: Path
) -> None:
    with desk_in(tmp_path / "newsroom") as desk:
        desk.settings(schedule={"every": "day", "at": "23:59", "timezone": "Pacific/Kiritimati"})
        desk.write("strike", "2026-11-27 10:00")
    now = madrid("2026-11-27 12:00")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("digest.clock.now", lambda: now)
        ended = digest("edition", "compose", "weekly", "--newsroom", desk.folder)
    assert ended.out.startswith("weekly/2026-11-28.2: 1 item, ")
    [line] = ended.lines
    assert line.startswith("weekly/2026-11-28 is planned for ")
    assert line.endswith("digest edition compose weekly/2026-11-28")
