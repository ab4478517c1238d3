import hashlib
import re
from datetime import UTC, datetime

import dkim
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UnfitText
from digest.mail.dkim import Identity, Signer, _unfolded, relaxed_body, signature_of
from digest.signing_key import SigningKey
from tests.mail.keys import rsa_pem

DATE = datetime(2026, 1, 2, 8, tzinfo=UTC)  # verifiers refuse what was signed in time to come
KEY = SigningKey(rsa_pem())
IDENTITY = Identity("news.example", "digest", KEY)
COMMON = (
    b"From: =?utf-8?q?Press_B=C3=BCro?= <digest@news.example>\r\n"
    b"Date: Fri, 02 Jan 2026 08:00:00 +0000\r\n"
    b"MIME-Version: 1.0\r\n"
    b"List-Id: The week\r\n <weekly.news.example>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"Feedback-ID: 2026-11-27:weekly:digest\r\n"
    b'Content-Type: multipart/alternative;\r\n boundary="=_0123"\r\n'
)
PERSONAL = (
    b"To: reader@paper.example\r\n"
    b"Message-ID: <0123.weekly@news.example>\r\n"
    b"List-Unsubscribe: <https://news.example/unsubscribe/x>,\r\n <mailto:leave@news.example?subject=unsubscribe>\r\n"
    b"Subject: The week: =?utf-8?q?Libert=C3=A9?=\r\n"
)
BODY = b"--=_0123\r\n\r\nThe strike is over.  \r\n\r\n--=_0123--\r\n"
OVERSIGNED = (
    "From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type", "List-Id",
    "List-Unsubscribe", "List-Unsubscribe-Post",
)  # fmt: skip
SIGNED = re.findall(r"^([A-Za-z-]+):", (COMMON + PERSONAL).decode(), re.MULTILINE)


def hash_of(body: bytes) -> bytes:
    return hashlib.sha256(relaxed_body(body)).digest()


def signed(common: bytes = COMMON, personal: bytes = PERSONAL, body: bytes = BODY) -> bytes:
    field = Signer(IDENTITY, DATE, common).sign(personal, hash_of(body))
    return field + personal + common + b"\r\n" + body


def verifies(message: bytes) -> bool:
    record = f"v=DKIM1; k=rsa; p={KEY.public()}".encode()
    known = {b"digest._domainkey.news.example.": record}
    return bool(dkim.verify(message, dnsfunc=lambda name, timeout: known.get(name) if timeout else None))


def tags(message: bytes) -> dict[str, str]:
    field = message[: re.search(rb"\r\n(?! )", message).start()]  # type: ignore[union-attr]
    parts = re.sub(r"\s+", "", field.decode().partition(":")[2]).split(";")
    return dict(part.partition("=")[::2] for part in parts)


def test_a_signed_message_verifies() -> None:
    assert verifies(signed())


SPACES = st.sampled_from([" ", "  ", "\t", " \t ", "\r\n ", " \r\n\t", "\t\r\n  ", "\r\n \r\n ", ""])
WORDS = st.one_of(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12),
    st.sampled_from(["=?utf-8?q?Libert=C3=A9?=", "=?utf-8?b?w6k=?=", "<x@y.example>,", ":", ";", "Liberté"]),
)
VALUES = st.builds(
    lambda pairs, end: "".join(f"{s}{w}" for s, w in pairs) + end, st.lists(st.tuples(SPACES, WORDS)), SPACES
)
FIELDS = st.dictionaries(st.sampled_from(["To", "subject", "REPLY-TO", "List-Unsubscribe", "X-Other", "Cc"]), VALUES)
LINES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20)
BODIES = st.lists(st.one_of(LINES, st.sampled_from(["", " ", "\t ", "a  b ", "..", " x"])), max_size=6).map(
    lambda lines: "".join(f"{line}\r\n" for line in lines)
)


def as_bytes(fields: dict[str, str]) -> bytes:
    return "".join(f"{name}:{value}\r\n" for name, value in fields.items()).encode()


@given(FIELDS, BODIES, st.integers(0, 6))
def test_whatever_the_spaces_folds_and_letters_it_verifies(fields: dict[str, str], body: str, cut: int) -> None:
    everything = [("From", " Desk\r\n <digest@news.example> "), *fields.items()]
    common, personal = as_bytes(dict(everything[: cut + 1])), as_bytes(dict(everything[cut + 1 :]))

    assert verifies(signed(common, personal, body.encode()))


@pytest.mark.parametrize("body", [b"", b"\r\n", b"\r\n\r\n", b" \r\n", b"x", b"x\r\n\r\n \r\n"])
def test_an_empty_body_and_an_unfinished_last_line_verify(body: bytes) -> None:
    assert verifies(signed(body=body))


@pytest.mark.parametrize(
    ("body", "relaxed"),
    [
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),  # RFC 6376 section 3.4.5
        (b"x \t", b"x\r\n"),
        (b" \t\r\n", b""),
        (b"", b""),
        (b"a\nb \rc\x0b\r\n", b"a\nb \rc\x0b\r\n"),
    ],
)
def test_a_body_is_relaxed_as_the_rfc_says(body: bytes, relaxed: bytes) -> None:
    assert relaxed_body(body) == relaxed


def test_a_message_signed_alone_has_the_same_signature_as_in_a_mailing() -> None:
    assert signature_of(IDENTITY, DATE, COMMON + PERSONAL, BODY) + PERSONAL + COMMON + b"\r\n" + BODY == signed()


def test_one_signer_signs_many_messages_each_with_fields_of_its_own() -> None:
    signer = Signer(IDENTITY, DATE, COMMON)
    for personal in (PERSONAL, PERSONAL.replace(b"reader", b"editor"), b"Reply-To: x@y.example\r\n" + PERSONAL, b""):
        assert verifies(signer.sign(personal, hash_of(BODY)) + personal + COMMON + b"\r\n" + BODY)


@pytest.mark.parametrize("at", [0, len(BODY) // 2, len(BODY) - 3])
def test_a_changed_byte_of_the_body_breaks_it(at: int) -> None:
    changed = BODY[:at] + b"#" + BODY[at + 1 :]

    assert not verifies(signed().replace(BODY, changed))


@pytest.mark.parametrize("name", SIGNED)
def test_a_changed_byte_of_each_field_breaks_it(name: str) -> None:
    value = re.search(rf"^{name}: (.)".encode(), signed(), re.MULTILINE)
    assert value
    message = bytearray(signed())
    message[value.start(1)] ^= 0x01

    assert not verifies(bytes(message))


@pytest.mark.parametrize("name", SIGNED)
def test_a_field_taken_away_breaks_it(name: str) -> None:
    assert not verifies(re.sub(rf"(?m)^{name}: .*\r\n( .*\r\n)*".encode(), b"", signed()))


@pytest.mark.parametrize("name", OVERSIGNED)
@pytest.mark.parametrize("where", ["above", "below"])
def test_a_field_added_on_the_way_breaks_it(name: str, where: str) -> None:
    added = f"{name}: other@evil.example\r\n".encode()
    message = added + signed() if where == "above" else signed().replace(b"\r\n\r\n", b"\r\n" + added + b"\r\n", 1)

    assert not verifies(message)


def test_what_relays_add_and_how_they_fold_breaks_nothing() -> None:
    message = signed().replace(b"List-Id: The week\r\n <", b"LIST-ID:\tThe \r\n\t week <").replace(b"over.  ", b"over.")

    assert verifies(b"Received: from a by b\r\nReturn-Path: <x@y.example>\r\n" + message)


def test_each_oversigned_name_stands_once_more_than_its_field_and_every_other_once() -> None:
    found = tags(signed())["h"].split(":")
    expected = [name.lower() for name in (*SIGNED, *OVERSIGNED)]

    assert sorted(found) == sorted(expected)


def test_the_tags_say_how_and_when_it_was_signed() -> None:
    found = tags(signed())

    assert (found["a"], found["c"], found["d"], found["s"]) == (
        "rsa-sha256",
        "relaxed/relaxed",
        "news.example",
        "digest",
    )
    assert datetime.fromtimestamp(int(found["t"]), UTC) == DATE
    assert set(found) == {"v", "a", "c", "d", "s", "t", "h", "bh", "b"}


@pytest.mark.parametrize("label", ["news", "n" * 60])
def test_no_line_is_longer_than_76_unless_a_domain_is(label: str) -> None:
    identity = Identity(f"{label}.{label}.example", "digest", KEY)
    long = [line for line in signature_of(identity, DATE, COMMON + PERSONAL, BODY).split(b"\r\n") if len(line) > 76]

    assert long == ([] if label == "news" else [f" d={identity.domain};".encode()])


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (b"Subject: twice\r\n", "the header field subject is there twice. Give it once"),
        (b"Feedback-ID: twice\r\n", "the header field feedback-id is there twice"),
        (b"X-Other: no end", "the header field b'X-Other: no end' has no end. End it by CRLF."),
        (b"no field\r\n", "b'no field' is no header field. Write it like `Name: value`."),
        (b": x\r\n", "'' cannot be the name of a header field."),
        ("Sujét: x\r\n".encode(), "cannot be the name of a header field."),
        (b"X;b=: x\r\n", "'x;b=' cannot be the name of a header field."),
    ],
)
def test_what_no_verifier_could_read_alike_is_refused(fields: bytes, problem: str) -> None:
    with pytest.raises(UnfitText, match=re.escape(problem)):
        signature_of(IDENTITY, DATE, COMMON + PERSONAL + fields, BODY)


def test_a_message_from_nobody_is_refused() -> None:
    with pytest.raises(UnfitText, match="the header field from is missing"):
        signature_of(IDENTITY, DATE, PERSONAL, BODY)


def test_nothing_shows_the_key() -> None:
    signer = Signer(IDENTITY, DATE, COMMON)

    assert not re.search("[A-Za-z0-9+/]{60}", f"{IDENTITY!r} {KEY!r} {signer!r} {KEY}")


@given(st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n ", b"\r\n\t", b"\r\nX: "])).map(b"".join))
def test_a_field_is_unfolded_and_its_spaces_become_one(rest: bytes) -> None:
    fields = b"Subject: " + rest
    # RFC 6376 section 3.4.2: unfold, then reduce each run of white space to a single space.
    expected = re.sub(rb"[ \t]+", b" ", re.sub(rb"\r\n(?=[ \t])", b"", fields))
    assert _unfolded(fields) == expected
