import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import yamlfile
from digest.errors import UnfitText
from digest.items.item import ItemFields
from digest.validation import (
    one_line,
    parse_count,
    parse_email,
    parse_port,
    parse_web_address,
    parse_yes_or_no,
    validated,
)

GOOD = "id: 6d0f3a5e-8a53-4a0c-9f5b-3c1f2b7e9d10\nkind: report\ntitle: T\n"


def problems(text: str) -> list[str]:
    return [str(one) for one in validated(ItemFields, yamlfile.parse(text.encode(), "f"), "f")[1]]


def test_a_good_file_becomes_its_model() -> None:
    fields, found = validated(ItemFields, yamlfile.parse(GOOD.encode(), "f"), "f")

    assert fields
    assert (fields.kind, found) == ("report", [])


def test_empty_means_absent() -> None:
    fields, found = validated(ItemFields, yamlfile.parse(f"{GOOD}summary:\ntopics: ~\nplace: ''\n".encode(), "f"), "f")

    assert fields
    assert (fields.summary, fields.topics, fields.place, found) == (None, (), None, [])


LIST = "Write it as `[one, two]` or a line with `- ` for each."
TEXT = "Write a text; put it in quotes if need be."
GROUP = "Write `key: value` lines below it."
TIME = "Write it like 2026-11-18 09:30, 2026-11-18 00:01 GMT or 2026-11-18T09:30:00+01:00."
ADDRESS = "Write it like https://www.example.org/page."


@pytest.mark.parametrize(
    ("text", "place", "message", "remedy"),
    [
        ("sumary: x", "4:1", "the field 'sumary' is unknown", "Did you mean 'summary'?"),
        ("image: {file: x, atl: y}", "4:18", "the field 'image.atl' is unknown", "Did you mean 'alt'?"),
        ("images: [{file: x, rihgts: y}]", "4:20", "the field 'images.0.rihgts' is unknown", "Did you mean 'rights'?"),
        ("image: {alt: y}", "4:1", "the field 'image.file' is missing", "Add it."),
        ("topics: asylum", "4:1", "topics: a text stands where a list belongs", LIST),
        ("topics: [[a]]", "4:10", "topics.0: a list stands where a text belongs", TEXT),
        ("topics: [a, ~]", "4:13", "topics.1: nothing stands where a text belongs", TEXT),
        ("image: x.jpg", "4:1", "image: a text stands where a group of fields belongs", GROUP),
        ("published: [2026]", "4:1", "published: a list stands where a text belongs", TEXT),
        ("published: soon", "4:1", "published: 'soon' is not a time", TIME),
        ("withdrawn: {at: 2026-11-18, reason: x, show: all}", "4:40", "withdrawn.show: 'all' is not known",
         "Write 'notice' or 'nothing'."),
        ("language: english", "4:1", "language: 'english' is not a language tag",
         "Write a BCP 47 tag, such as en, es or pt-BR."),
        ("links: [{url: 'data:x', title: y}]", "4:10", "links.0.url: 'data:x' is not a web address", ADDRESS),
    ],
)  # fmt: skip
def test_each_finding_is_named_in_words_with_place_and_remedy(text: str, place: str, message: str, remedy: str) -> None:
    assert problems(f"{GOOD}{text}\n") == [f"f:{place}: error: {message}. {remedy}"]


def test_a_field_far_from_any_known_gets_the_list_of_known_ones() -> None:
    (problem,) = problems(f"{GOOD}contact: {{name: x, zzz: y}}\n")

    assert problem.endswith("the field 'contact.zzz' is unknown. Known here: name, email, phone.")


def test_a_value_of_the_wrong_shape_is_not_shown_because_it_may_be_secret() -> None:
    assert "hunter2" not in problems(f"{GOOD}contact: hunter2\n")[0]


def test_yaml_and_field_problems_come_together() -> None:
    assert len(problems("id: &x y\nkind: a #b\npublished: soon\n")) == 5  # anchor, comment, id, missing title, time


def test_a_file_that_yaml_cannot_read_is_not_said_to_lack_fields() -> None:
    assert len(problems("a: b: c\n")) == 1


@pytest.mark.parametrize(
    "text", ["https://example.org", "http://example.org:8080/a?b=c#d", "https://[::1]/x", "https://é.example/ü"]
)
def test_web_addresses_stay_as_they_are(text: str) -> None:
    assert parse_web_address(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "example.org", "javascript:alert(1)", "ftp://x", "https://", "https:///x", "https://[x", "https://x:99999/",
     "https://a b", "//x", "https://x\n", 'https://x/"', "https://x/<y>"],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(text: str) -> None:
    with pytest.raises(UnfitText, match="is not a web address"):
        parse_web_address(text)


@pytest.mark.parametrize("text", ["a@b.org", "first.last+tag@sub.example.org", "o'neil@b.org"])
def test_addresses_stay_as_they_are(text: str) -> None:
    assert parse_email(text) == text


def test_the_domain_of_an_address_is_kept_as_dns_knows_it() -> None:
    assert parse_email("x@bücher.example") == "x@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@",
        "@b",
        "a b@c.org",
        "a@b@c",
        '"a b"@c.org',
        "a@b.org\r\nRCPT TO:<x@y>",
        "<a@b.org>",
        "a@-b.org",
        "a@localhost",
        "a..b@c.org",
    ],
)
def test_what_smtp_could_misread_is_no_address(text: str) -> None:
    with pytest.raises(UnfitText, match="is not an e-mail address"):
        parse_email(text)


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "", "1e3", "٣", "1234567890"])
def test_a_count_is_digits_only(text: str) -> None:
    with pytest.raises(UnfitText, match="is not a whole number"):
        parse_count(text)


@pytest.mark.parametrize("text", ["0", "65536"])
def test_a_port_lies_between_1_and_65535(text: str) -> None:
    with pytest.raises(UnfitText, match="is not a port"):
        parse_port(text)


def test_yes_and_no_are_known_in_every_spelling_that_yaml_has() -> None:
    assert [parse_yes_or_no(text) for text in ("true", "Yes", "ON", "false", "No", "off")] == [True] * 3 + [False] * 3
    with pytest.raises(UnfitText, match="is neither true nor false"):
        parse_yes_or_no("maybe")


@given(st.text(alphabet="ab \t\r\n\u00a0\u2028"))
def test_one_line_has_its_words_and_no_line_end(text: str) -> None:
    line = one_line(text)

    assert not set(line) & set("\t\r\n\u2028")
    assert line.split() == text.split()


def test_no_break_spaces_stay() -> None:
    assert one_line("« Liberté »\n  50\u202f%") == "« Liberté » 50\u202f%"
