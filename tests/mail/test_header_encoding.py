import email
import json
import re
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import UnfitText
from digest.mail.header_encoding import addr_spec, beside_phrase, mailbox, unstructured

STRICT = policy.default.clone(raise_on_defect=True)
PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=120)
WORD = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"]), min_size=1, max_size=30)
HOSTILE = [
    "=?utf-8?q?hello=0ABcc:_v=40y?=",
    "=?utf-8?b?aGVsbG8KQmNjOiB2QHk=?=",
    "x" * 2000,
    "word " * 400 + "end",
    "é" * 2000,
    "Free 😀👩‍👩‍👧 at last",
    "حرية الصحافة في خطر",
    "right \u202eto left",
    'A "quoted" \\ title, (with) <all> of: it; @ once',
    "  spaces   everywhere  ",
    "Bcc: victim@example.org",
    "a=?b",
]


def parsed(name: str, body: str) -> EmailMessage:
    return email.message_from_bytes(f"{name}: {body}\r\n\r\n".encode("ascii"), _class=EmailMessage, policy=STRICT)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_title_comes_back_as_it_was_in_one_header(text: str) -> None:
    message = parsed("Subject", unstructured(text, 9))
    assert message.keys() == ["Subject"]
    assert message["Subject"] == text


@given(PRINTABLE)
@settings(max_examples=200)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert parsed("Subject", unstructured(text, 9))["Subject"] == text


@given(st.lists(WORD, min_size=1, max_size=8).map(" ".join))
@settings(max_examples=200)
def test_any_name_comes_back_as_it_was_beside_one_address(name: str) -> None:
    body = mailbox(name, "press@example.org", 6)
    phrase = body.removesuffix(" <press@example.org>").removesuffix("\r\n")
    shown = str(make_header(decode_header(phrase.replace("\r\n", ""))))
    assert (json.loads(shown) if shown.startswith('"') and not phrase.startswith("=?") else shown) == name
    assert [one.addr_spec for one in parsed("From", body)["From"].addresses] == ["press@example.org"]


@pytest.mark.parametrize("text", HOSTILE)
def test_lines_and_encoded_words_are_short(text: str) -> None:
    for body in (f"Subject: {unstructured(text, 9)}", f"From: {mailbox(text, 'a@example.org', 6)}"):
        for line in body.split("\r\n"):
            assert len(line) <= 76
        for word in re.findall(r"=\?[^ ]*\?=", body):
            assert len(word) <= 75


def test_each_encoded_word_holds_whole_characters() -> None:
    for word in unstructured("😀é" * 100, 9).split("\r\n "):
        assert "\ufffd" not in parsed("Subject", word)["Subject"]


def test_plain_ascii_stays_readable_and_is_folded_between_words() -> None:
    text = "A headline of some length about a thing that happened, and about another thing, too"
    body = unstructured(text, 9)
    assert body.replace("\r\n", "") == text
    assert "\r\n " in body


def test_a_name_is_quoted_only_where_it_must_be() -> None:
    assert mailbox("Press desk", "a@example.org", 6) == "Press desk <a@example.org>"
    assert mailbox('Acme "News", Inc.', "a@example.org", 6) == '"Acme \\"News\\", Inc." <a@example.org>'


def test_a_long_address_gets_a_line_of_its_own() -> None:
    assert beside_phrase("The week", "x" * 70, 9) == "The week\r\n <" + "x" * 70 + ">"


@pytest.mark.parametrize("control", ["\r\nBcc: v@y", "\n", "\r", "\0", "\x7f", "\x85", "\u2028", "\ud800"])
def test_control_characters_are_refused(control: str) -> None:
    with pytest.raises(UnfitText, match=r"U\+"):
        unstructured(f"a{control}", 9)
    with pytest.raises(UnfitText, match=r"U\+"):
        mailbox(f"a{control}", "a@example.org", 6)


def test_an_address_that_is_not_ascii_is_refused_with_the_reason() -> None:
    with pytest.raises(UnfitText, match="SMTPUTF8"):
        addr_spec("josé@example.org")
    with pytest.raises(UnfitText, match="A-labels"):
        addr_spec("jose@bücher.example")


@pytest.mark.parametrize(
    "address", ["a@b\r\nBcc: c@d", "a b@example.org", "a@b>", "=?utf-8?q?a?=@example.org", "a", "@b"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UnfitText):
        addr_spec(address)
