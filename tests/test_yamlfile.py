import re
import sys
from typing import TypeAlias

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from digest.yamlfile import FORBIDDEN_CHARACTER, MAX_BYTES, MAX_DEPTH, MAX_VALUES, Place, parse

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree] | None"

# What YAML can hold and we publish.
TEXTS = st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: not FORBIDDEN_CHARACTER.search(text))
SAID = TEXTS.filter(lambda text: bool(text.strip()))


def value_of(text: str) -> object:
    document = parse(f"key: {text}\n".encode(), "f")
    assert document.problems == ()
    return document.value["key"]


def problems_of(data: str | bytes) -> list[str]:
    return [str(problem) for problem in parse(data.encode() if isinstance(data, str) else data, "f").problems]


def only_problem(data: str | bytes) -> str:
    problems = problems_of(data)
    assert len(problems) == 1, problems
    return problems[0]


@pytest.mark.parametrize(
    "text",
    ["no", "Yes", "12:30", "20261118", "1e3", "0x10", "007", "1_000", "3.10", "true", ".inf", "2026-11-18", "=", "<<"],
)
def test_a_scalar_means_the_text_that_it_looks_like(text: str) -> None:
    assert value_of(text) == text


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL", '""', "''", "'  '", '"\\n"'])
def test_what_says_nothing_is_absent(text: str) -> None:
    assert value_of(text) is None


@pytest.mark.parametrize(
    ("text", "said"), [("'null'", "null"), ('"~"', "~"), ("'it''s'", "it's"), (r'"a\tb\u00e9"', "a\tbé")]
)
def test_quotes_make_it_a_text(text: str, said: str) -> None:
    assert value_of(text) == said


def test_a_byte_order_mark_and_windows_line_ends_are_accepted() -> None:
    document = parse(b"\xef\xbb\xbftitle: One\r\nbody: |\r\n  Two\r\n\r\n  Three\r\n", "f")

    assert document.value == {"title": "One", "body": "Two\n\nThree\n"}
    assert document.problems == ()


def test_each_key_and_each_member_of_a_list_has_a_place() -> None:
    document = parse(b"a:\n  b: x\nc:\n  - d\n  - e: y\n", "f")

    assert document.places == {
        ("a",): Place(1, 1),
        ("a", "b"): Place(2, 3),
        ("c",): Place(3, 1),
        ("c", 0): Place(4, 5),
        ("c", 1): Place(5, 5),
        ("c", 1, "e"): Place(5, 5),
    }


def test_what_stands_nowhere_has_the_place_of_what_is_around_it() -> None:
    document = parse(b"a:\n  b: x\n", "f")

    assert document.place(("a", "b", "c")) == Place(2, 3)
    assert document.place(("z",)) == Place(1, 1)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("title: Victory for #FreeAna\n", "f:1:19"),
        ("title: #FreeAna\n", "f:1:7"),
        ("topics:\n  - asylum\n  - #FreeAna\n", "f:3:4"),
        ("topics: [a, b #c\n  ]\n", "f:1:14"),
        ("title: Victory\n  for #FreeAna\n", "f:2:6"),
        ("title: Victory for\n  #FreeAna\nkind: x\n", "f:2:3"),
        ("title: Victory for\n\n    #FreeAna", "f:3:5"),
        ("topics:\n- Victory for\n  #FreeAna\n", "f:3:3"),
        ("image:\n  alt: Victory for\n    #FreeAna\n", "f:3:5"),
        ("\ufeff\ufefftitle: x\nsummary: Case # 12\n", "f:2:14"),  # marks of the byte order count for nothing
        ("title: “x” 😀 # y\n", "f:1:13"),
        ("title: x\r\n\r\n  # y\r\n", "f:3:3"),
        ("title: x\r\r  # y\r", "f:3:3"),
    ],
)
def test_text_that_yaml_takes_for_a_comment_is_an_error(text: str, place: str) -> None:
    problem = only_problem(text)

    assert problem.startswith(f"{place}: error: YAML drops the rest of the text: '#")
    assert problem.endswith("Put the whole text in quotes, or the comment on a line of its own before the key.")


@pytest.mark.parametrize(
    "text",
    [
        "# above\ntitle: x\n# below\n",
        "title: 'Victory for #FreeAna' # quoted\n",
        "body: | # a block\n  # A heading\n  text # 1\n",
        "topics: [a, b] # behind a list\n",
        "image: # before a group\n  file: x\n  # between its fields\n  alt: y\n",
        "topics:\n  - a\n  # - b\n  - c\n",
        "documents:\n  # - file: x\ntitle: y\n",
        "topics: [\n  a\n  # b\n]\n",
        "images:\n  - file: a\n    # between\n    alt: b\n",
        "title: C# and F#\n",
    ],
)
def test_comments_that_drop_no_text_are_welcome(text: str) -> None:
    assert problems_of(text) == []


def test_settings_may_have_comments_behind_text() -> None:
    document = parse(b"port: 25 # submission\n", "f", comments_behind_text=True)

    assert (document.value, document.problems) == ({"port": "25"}, ())


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        (b"a: &x b\n", "f:1:4", "the anchor &x is not allowed"),
        (b"a: *x\n", "f:1:4", "the alias *x is not allowed"),
        (b"a: !!python/name:os.system b\n", "f:1:4", "the tag tag:yaml.org,2002:python/name:os.system is not allowed"),
        (b"a: !x [b]\n", "f:1:4", "the tag !x is not allowed"),
        (b"a: b\nc: d\na: e\n", "f:3:1", "the key 'a' stands here again, first in line 1"),
        (b"a:\n\tb: c\n", "f:2:1", "YAML cannot be read here"),
        (b"title: Lib\xe9ration\n", "f:1:11", "byte 0xE9 is not UTF-8"),
        (b"\xef\xbb\xbftitle: \xe9\n", "f:1:8", "byte 0xE9 is not UTF-8"),
        ("title: x\n".encode("utf-16"), "f:1:1", "byte 0xFF is not UTF-8"),
        (b"a: b\nc: \x07\n", "f:2:4", "the control character U+0007 cannot be published"),
        ("a: \ufffe\n".encode(), "f:1:4", "the control character U+FFFE cannot be published"),
        ("a: b\u2028c\n".encode(), "f:1:5", "the unseen line end U+2028 stands here"),
        (b'a: "\\x07"\n', "f:1:4", "the escape of U+0007 stands for what cannot be published"),
        (b'a: "\\uFFFE"\n', "f:1:4", "the escape of U+FFFE stands for what cannot be published"),
        (b'"\\e[31m": b\n', "f:1:1", "the escape of U+001B stands for what cannot be published"),
        (b'a: "\\ud800"\n', "f:1:7", "YAML cannot be read here: found invalid Unicode character escape code"),
        (b"", "f:1:1", "the file is empty"),
        (b"# nothing\n", "f:1:1", "the file is empty"),
        (b"- a\n- b\n", "f:1:1", "the file holds no fields"),
        (b"text\n", "f:1:1", "the file holds no fields"),
        (b"a: b\n---\nc: d\n", "f:2:1", "a second document starts here"),
        (b"{a: b}: c\n", "f:1:1", "a key must be a plain word"),
        (b"{{ title }}: c\n", "f:1:1", "a key must be a plain word"),
        (b"a: " + b"[" * 100_000, "f:1:24", f"more than {MAX_DEPTH} levels are nested here"),
        (b"- " * 100_000, "f:1:43", f"more than {MAX_DEPTH} levels are nested here"),
        (b"a:\n" + b"- b\n" * (MAX_VALUES + 1), "f:10000:3", f"the file has more than {MAX_VALUES:,} values"),
        (b"a: " + b"b" * MAX_BYTES, "f:1:1", "the file has 1,048,579 bytes, more than the 1,048,576 allowed"),
    ],
)  # fmt: skip
def test_what_is_refused_is_named_with_its_place_and_a_remedy(data: bytes, place: str, message: str) -> None:
    problem = only_problem(data)

    assert problem.startswith(f"{place}: error: {message}")
    assert re.search(r"\. [A-Z][^.]*\.$", problem)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("title: Valdoria: drop the charges\n", "Put text that contains a colon and a space in quotes."),
        ("title: - x\n", "Put text that starts with a hyphen and a space in quotes."),
        ("title: ? x\n", "Put text that starts with a question mark and a space in quotes."),
        ("title: @amparo\n", "Indent by spaces, not tabs, and put text that starts with @, ` or % in quotes."),
        ("title: **Free**\n", "Put text that starts with *, & or ! in quotes."),
        ("title: , x\n", "Put text that starts with a comma or a bracket in quotes."),
        ("body: | x\n", "Start the text on the next line, indented, or put it in quotes."),
        ("topics: [a\nkind: b\n", "Close the bracket or brace that was opened, or put the text in quotes."),
        (
            'title: "Free" at last\n',
            "Indent all keys of one level alike, and put text that holds quotes in quotes as a whole.",
        ),
        ("title: 'Free\n", "Close the quote that was opened."),
        ('title: "C:\\Users"\n', "Write each backslash twice, or use single quotes."),
        ('title: "\\ud83d\\ude00"\n', "Write the character itself instead of its code."),
        ('title: "C:\\dir"\n', "Write each backslash twice, or use single quotes."),
        ("title: x\ny\n", "Write each line as `key: text`, and quote or indent longer text."),
    ],
)
def test_each_slip_of_yaml_has_a_remedy_in_plain_words(text: str, remedy: str) -> None:
    assert only_problem(text).endswith(remedy)


def test_all_problems_of_a_file_are_found_at_once() -> None:
    assert len(problems_of("a: &x b\nc: *x\nd: e #f\na: g\nh: !i j\n---\n")) == 6


def test_a_repeated_key_is_not_counted_again_for_what_is_in_it() -> None:
    document = parse(b"a: {b: 1}\na: {b: 2}\n", "f")

    assert document.value == {"a": {"b": "1"}}
    assert len(document.problems) == 1


def test_a_bomb_of_aliases_is_never_expanded() -> None:
    levels = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 10)]
    document = parse("\n".join(["a0: &a0 lol", *levels]).encode(), "f")

    assert len(str(document.value)) < 2_000
    assert sum("alias" in problem.message for problem in document.problems) == 81


@given(st.binary())
@example(b"%YAML 9.9\n---\na: b\n")
@example(b"a: b\xc2\x85c\n")
@example(b"a: \xef\xbb\xbf\n")
@example(b"? \n: \n")
def test_no_bytes_make_the_loader_stumble(data: bytes) -> None:
    document = parse(data, "f")

    assert document.value or document.problems or data.strip() in {b"{}", b"\xef\xbb\xbf{}"}


@given(st.text(alphabet="ab:-?#&*!|>'\"%@`{}[], \n\t\r\\~<="))
def test_no_play_with_yaml_signs_makes_the_loader_stumble(text: str) -> None:
    for problem in parse(text.encode(), "f").problems:
        assert problem.line >= 1
        assert "\n" not in str(problem)


@given(SAID)
def test_a_text_in_quotes_comes_back_as_it_is(text: str) -> None:
    quoted = yaml.safe_dump({"key": text}, default_style='"', allow_unicode=False)

    assert parse(quoted.encode(), "f").value == {"key": text}


TREES = st.recursive(
    st.none() | SAID,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SAID, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(SAID, TREES, min_size=1, max_size=4), st.booleans())
def test_a_tree_of_texts_comes_back_as_it_is(tree: dict[str, Tree], in_flow: bool) -> None:  # noqa: FBT001 - hypothesis
    written = yaml.safe_dump(tree, default_style='"', default_flow_style=in_flow, allow_unicode=False, sort_keys=False)
    document = parse(written.replace('!!null "null"', "~").encode(), "f")

    assert document.value == tree
    assert document.problems == ()


def test_no_character_that_is_refused_counts_as_printable() -> None:
    """Python calls a text printable in a fraction of the time that it takes to look for such characters."""
    refused = [one for one in map(chr, range(sys.maxunicode + 1)) if FORBIDDEN_CHARACTER.match(one)]
    assert [one for one in (*refused, "\x85", "\u2028", "\u2029") if one.isprintable()] == []
