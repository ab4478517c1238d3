import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.admission import NewSubscriber
from digest.audience.cells import Terms
from digest.audience.importing import Refusal, read_subscribers
from digest.audience.interests import EVERYTHING, Interests
from digest.audience.subscriber import Consent

TERMS = Terms(
    file="list.csv",
    known=("weekly", "daily"),
    kinds=("press-release", "report"),
    topics=("asylum", "prisons"),
    digests=("weekly",),
    language="en",
    zone=ZoneInfo("Europe/Madrid"),
    evidence="signed up at the press day",
)
STRICT = replace(TERMS, evidence=None)


def _read(data: str | bytes, terms: Terms = TERMS) -> Iterator[NewSubscriber | Refusal]:
    data = data.encode() if isinstance(data, str) else data
    return read_subscribers(io.TextIOWrapper(io.BytesIO(data), "utf-8", "surrogateescape", newline=""), terms)


def _people(text: str, terms: Terms = TERMS) -> list[NewSubscriber]:
    return [one for one in _read(text, terms) if isinstance(one, NewSubscriber)]


def _problems(data: str | bytes, terms: Terms = TERMS) -> list[str]:
    return [str(one.problem) for one in _read(data, terms) if isinstance(one, Refusal)]


def test_a_full_line_says_all_about_a_subscriber() -> None:
    (ana,) = _people(
        "Email,Language,Digests,Consent,Confirmed_at\nAna@Paper.example,es,weekly daily,by phone,2026-01-05 10:00\n"
    )
    assert (ana.address.key, ana.language, ana.digests) == ("ana@paper.example", "es", ("weekly", "daily"))
    assert (ana.state, ana.source, ana.evidence) == (Consent.CONFIRMED, "import list.csv", "by phone")
    assert ana.interests == EVERYTHING
    assert ana.agreed_at == datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def test_what_a_line_does_not_say_is_taken_from_the_terms() -> None:
    (ana,) = _people("email\nana@paper.example\n")
    assert (ana.language, ana.digests, ana.evidence, ana.agreed_at) == (
        "en",
        ("weekly",),
        "signed up at the press day",
        None,
    )


@pytest.mark.parametrize(
    ("kinds", "topics", "interests"),
    [
        ("report", "asylum", Interests(frozenset({"report"}), frozenset({"asylum"}))),
        ('"report, report"', "", Interests(kinds=frozenset({"report"}))),
        ("", "prisons", Interests(topics=frozenset({"prisons"}))),
        ("", "", EVERYTHING),
        ("report press-release", "prisons asylum", EVERYTHING),
    ],
)
def test_the_columns_kinds_and_topics_say_what_somebody_wants(kinds: str, topics: str, interests: Interests) -> None:
    (ana,) = _people(f"email,kinds,Topics\nana@paper.example,{kinds},{topics}\n")
    assert ana.interests == interests


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffemail,language\r\nana@paper.example,es\r\n",
        "language;address\nes;ana@paper.example\n",
        "name\te-mail\tlanguage\nAna\tana@paper.example\tes",
        '"EMAIL" , "language"\n"ana@paper.example","es"\n\n,\n'.replace(" , ", ","),
    ],
)
def test_lists_as_spreadsheets_write_them_are_read(text: str) -> None:
    assert [(one.address.key, one.language) for one in _people(text)] == [("ana@paper.example", "es")]
    assert _problems(text) == []


def test_a_problem_names_its_line_and_the_others_go_on() -> None:
    text = 'email,consent\nana@paper.example,"on\npaper"\nben@\ncho@paper.example,\n'
    assert [one.address.key for one in _people(text)] == ["ana@paper.example", "cho@paper.example"]
    (problem,) = _problems(text)
    assert problem.startswith("list.csv:4: error: 'ben@' is not an e-mail address")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ana@paper.example,xx-yy-zz,,", "is not a language tag"),
        ("ana@paper.example,,monthly,", "there is no digest 'monthly'. Known: weekly, daily."),
        ("ana@paper.example,,,last week", "is not a time"),
        ("ana@paper.example,,,,novel", "there is no kind 'novel'. Known: press-release, report."),
        ("ana@paper.example,,,,,report", "there is no topic 'report'. Known: asylum, prisons."),
    ],
)
def test_a_line_that_cannot_be_used_is_a_problem_with_a_remedy(line: str, message: str) -> None:
    (problem,) = _problems(f"email,language,digests,confirmed_at,kinds,topics\n{line}\n")
    assert message in problem


def test_nobody_is_taken_without_evidence_of_consent() -> None:
    assert _people("email,consent\nana@paper.example,\n", STRICT) == []
    (problem,) = _problems("email,consent\nana@paper.example,\n", STRICT)
    assert "nothing shows that this person agreed to be mailed" in problem
    assert "--consent" in problem


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the list is empty"),
        (b"name,phone\nAna,1\n", "no column is called email, only name, phone"),
        ("email\n".encode("utf-16"), "list.csv:1: error: the line is not UTF-8"),
    ],
)
def test_a_list_that_cannot_be_read_is_one_problem(data: bytes, message: str) -> None:
    (problem,) = _problems(data)
    assert message in problem


@given(st.one_of(st.binary(), st.text().map(lambda text: b"email\n" + text.encode())))
def test_no_list_can_break_the_reader(data: bytes) -> None:
    for found in _read(data):
        assert isinstance(found, NewSubscriber | Refusal)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"jos\xe9@paper.example,", "list.csv:3: error: the line is not UTF-8"),
        (b"jos\0@paper.example,", "list.csv:3: error: the line has a byte that is zero"),
        (b'"jo"s@paper.example,', "list.csv:3: error: the line is not CSV"),
        (b"", ""),
    ],
)
def test_a_line_that_is_no_text_or_no_csv_is_refused_alone(line: bytes, message: str) -> None:
    data = b"email,consent\nana@paper.example,\n" + line + b"\nben@paper.example,\n"
    found = list(_read(data))
    taken = [(one.address.key, one.line) for one in found if isinstance(one, NewSubscriber)]
    assert taken == [("ana@paper.example", 2), ("ben@paper.example", 4)]
    assert [str(one.problem).startswith(message) for one in found if isinstance(one, Refusal)] == [True] * bool(message)


def test_a_quote_that_never_ends_costs_the_lines_it_swallows_and_says_where_it_began() -> None:
    (problem,) = _problems('email\nana@paper.example\n"ben@paper.example\ncho@paper.example\n')
    assert problem.startswith("list.csv:3: error: the line is not CSV")


def test_the_last_line_may_be_the_faulty_one() -> None:
    (problem,) = _problems(b"email\nana@paper.example\njos\xe9@paper.example")
    assert problem.startswith("list.csv:3: error: the line is not UTF-8")


def test_a_list_is_read_line_by_line() -> None:
    lines = iter(["email\n", "ana@paper.example\n", "ben@paper.example\n"])
    first = next(read_subscribers(lines, TERMS))
    assert isinstance(first, NewSubscriber)
    assert list(lines) == ["ben@paper.example\n"]
