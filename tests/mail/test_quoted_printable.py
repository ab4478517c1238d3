import quopri
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.mail.quoted_printable import encode

ATOM = "__an_atom_of_43_characters_like_every_token"
TEXTS = st.text(st.characters(codec="utf-8"), max_size=300)
WITH_ATOMS = st.lists(
    st.one_of(
        TEXTS,
        st.just(ATOM),
        st.just("x" * 40),
        st.just("é😀" * 8),
        st.sampled_from(["." * 200, "..", "  ", "\n.", " \n"]),
    )
).map("".join)


def normal(text: str) -> str:
    """Return the text as it must come back: its lines ended by CRLF, the last one too."""
    lines = re.split("\r\n|\r|\n", text)
    return "\r\n".join([*lines, ""] if lines[-1] else lines)


@given(TEXTS)
@settings(max_examples=300)
def test_the_standard_decoder_gets_back_what_was_encoded(text: str) -> None:
    assert quopri.decodestring(encode(text)).decode() == normal(text)


@given(WITH_ATOMS)
@settings(max_examples=300)
def test_no_line_is_too_long_and_no_atom_or_character_is_broken(text: str) -> None:
    lines = encode(text, {ATOM}).decode("ascii").split("\r\n")
    assert lines.pop() == ""
    for line in lines:
        assert len(line) <= 76
        assert not line.endswith((" ", "\t"))
        assert not line.startswith(".")
        assert "  " not in line
        assert "\t" not in line
        quopri.decodestring(line.removesuffix("=")).decode()
    assert sum(line.count(ATOM) for line in lines) == text.count(ATOM)


@given(st.integers(0, 160))
def test_an_atom_is_whole_wherever_on_the_line_it_stands(before: int) -> None:
    assert ATOM.encode() in encode("x" * before + ATOM + "y" * 90, {ATOM})
    assert ATOM.encode() in encode("é" * before + ATOM, {ATOM})


def test_text_in_ascii_stays_readable() -> None:
    assert encode("A line.\nAnother = one.") == b"A line.\r\nAnother =3D one.\r\n"


def test_whitespace_at_the_end_of_a_line_is_encoded() -> None:
    assert encode("two  \ntab\t\n") == b"two =20\r\ntab=09\r\n"


def test_every_kind_of_line_end_becomes_crlf() -> None:
    assert encode("a\rb\nc\r\nd") == b"a\r\nb\r\nc\r\nd\r\n"


def test_nothing_stays_nothing() -> None:
    assert encode("") == b""
