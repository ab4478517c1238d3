import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

WEEKLY = "digests:\n  weekly: {title: The week, schedule: manual}\n"
AGREED = ("--consent", "by phone")


@pytest.fixture(autouse=True)
def weekly(newsroom: Path) -> None:
    with (newsroom / "config.yaml").open("a") as file:
        file.write(WEEKLY)


def shown(digest: Run, address: str = "ana@paper.example") -> tuple[list[str], list[str]]:
    """Return the kinds and topics that somebody is shown to want."""
    facts = json.loads(digest("subscribers", "show", address, "--json").out)
    return facts["kinds"], facts["topics"]


def test_who_is_added_with_kinds_and_topics_is_shown_with_them(digest: Run) -> None:
    options = ("--kind", "report", "--topic", "prisons", "--topic", "prisons")
    assert digest("subscribers", "add", "ana@paper.example", *AGREED, *options).code == 0
    assert shown(digest) == (["report"], ["prisons"])
    said = digest("subscribers", "show", "ana@paper.example").out
    assert "\n  only these kinds: report\n  only these topics: prisons\n" in said


def test_who_is_added_without_gets_everything_and_that_is_not_said(digest: Run) -> None:
    digest("subscribers", "add", "ana@paper.example", *AGREED)
    assert shown(digest) == ([], [])
    assert "only these" not in digest("subscribers", "show", "ana@paper.example").out


def test_who_is_added_again_without_kinds_keeps_those_chosen_before(digest: Run) -> None:
    digest("subscribers", "add", "ana@paper.example", *AGREED, "--kind", "report")
    assert "known" in digest("subscribers", "add", "ana@paper.example", *AGREED).out
    assert shown(digest) == (["report"], [])


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("--kind", "novel"), "config.yaml has no kind 'novel'. It has: press-release, report."),
        (("--topic", "report"), "config.yaml has no topic 'report'. It has: asylum, prisons."),
    ],
)
def test_a_kind_or_topic_that_there_is_not_is_refused_with_those_there_are(
    digest: Run, option: tuple[str, str], message: str
) -> None:
    ended = digest("subscribers", "add", "ana@paper.example", *AGREED, *option)
    assert ended.code != 0
    assert message in ended.err
    assert digest("subscribers", "show", "ana@paper.example").code != 0


def test_words_that_are_no_language_are_refused_for_they_would_stop_the_next_edition(
    digest: Run, newsroom: Path
) -> None:
    (newsroom / "list.csv").write_text("email\nana@paper.example\n")
    for command in (("add", "ana@paper.example"), ("import", "list.csv")):
        ended = digest("subscribers", *command, *AGREED, "--language", "Deutsch bitte")
        assert (ended.code, "'Deutsch bitte' is not a language tag. Write a BCP 47 tag" in ended.err) == (1, True)
    assert digest("subscribers", "show", "ana@paper.example").code != 0


def test_a_list_with_kinds_and_topics_is_imported_and_faulty_lines_are_named(digest: Run, newsroom: Path) -> None:
    (newsroom / "list.csv").write_text(
        "email,kinds,topics\nana@paper.example,report,asylum prisons\nben@paper.example,novel,\n"
    )
    ended = digest("subscribers", "import", "list.csv", *AGREED)
    assert ended.code == 1
    assert "list.csv:3: error: there is no kind 'novel'. Known: press-release, report." in ended.err
    assert shown(digest) == (["report"], [])


def test_a_list_without_these_columns_changes_nobodys_interests(digest: Run, newsroom: Path) -> None:
    digest("subscribers", "add", "ana@paper.example", *AGREED, "--kind", "report")
    (newsroom / "list.csv").write_text("email,language\nana@paper.example,es\nben@paper.example,es\n")
    assert "1 added, 1 changed" in digest("subscribers", "import", "list.csv", *AGREED).out
    assert shown(digest) == (["report"], [])
    assert shown(digest, "ben@paper.example") == ([], [])
