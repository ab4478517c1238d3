"""Texts and mailboxes as the bodies of header fields: RFC 5322, with RFC 2047 for what is not ASCII.

The standard library's own writer lets a hostile title become a header of its own (CVE-2024-6923) and turns long
addresses into encoded words. Here control characters are refused, and a text that looks encoded is encoded itself.
"""

import base64
import re
import textwrap
import unicodedata
from bisect import bisect_right
from collections.abc import Callable

from digest.addresses import is_written_out
from digest.errors import UnfitText
from digest.validation import parse_email

_LINE = 76  # characters of a line that holds an encoded word, RFC 2047 section 2
_WORD = 75  # characters of an encoded word
_FORBIDDEN = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, lone surrogates, Unicode's own line ends
_PLAIN = re.compile(r"[!-~]+( [!-~]+)*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_NOT_IN_Q = re.compile(r"[^A-Za-z0-9!*+/ -]+")  # RFC 2047 section 5 (3), the narrowest of its three sets


def unstructured(text: str, column: int) -> str:
    """Return `text` as the body of a field such as Subject, folded; `column` characters already stand on its line.

    UnfitText: a control character or line break.
    """
    _refuse_controls(text)
    longest = max(map(len, text.split(" ")))
    if _PLAIN.fullmatch(text) and "=?" not in text and longest <= _LINE - column:
        return _folded(text, column)
    return _encoded_words(text, column)


def mailbox(name: str, email: str, column: int) -> str:
    """Return `name <email>` as the body of a field such as From, folded; UnfitText as for its parts."""
    return beside_phrase(name, addr_spec(email), column)


def beside_phrase(name: str, address: str, column: int) -> str:
    """Return `name <address>`, the address on a line of its own where the first has no room for both."""
    phrase = _phrase(name, column)
    last = phrase.rpartition("\r\n")[2]
    used = len(last) + (column if last == phrase else 0)
    fold = "\r\n" if used + len(address) + 3 > _LINE else ""
    return f"{phrase}{fold} <{address}>"


def addr_spec(address: str) -> str:
    """Return an address as headers hold it (RFC 5322 section 3.4.1).

    UnfitText: it is not ASCII, breaks the grammar of addresses, or looks like an encoded word.
    """
    if is_written_out(address) and "=?" not in address:
        return address
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        raise UnfitText(
            f"the address {address!r} is not ASCII before its @",
            "Only SMTPUTF8 (RFC 6531) could carry it: use another address.",
        )
    if not domain.isascii():
        raise UnfitText(
            f"the domain of {address!r} is not ASCII", "Write it in A-labels, such as xn--bcher-kva.example."
        )
    if "=?" in address:
        raise UnfitText(f"the address {address!r} looks like an encoded word", "Use another address.")
    return parse_email(address)


def _phrase(text: str, column: int) -> str:
    """Return `text` as a phrase: atoms, a quoted string or encoded words."""
    _refuse_controls(text)
    quoted = text if _ATOMS.fullmatch(text) else '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
    if _PLAIN.fullmatch(text) and "=?" not in text and len(quoted) <= _LINE - column:
        return quoted
    return _encoded_words(text, column)


def _refuse_controls(text: str) -> None:
    for character in text:
        if unicodedata.category(character) in _FORBIDDEN:
            raise UnfitText(
                f"{text[:80]!r} holds the character U+{ord(character):04X}, which no header may hold", "Remove it."
            )


def _folded(text: str, column: int) -> str:
    """Return an ASCII text of single spaces, none of its words too long, with folds in place of some spaces."""
    lines = textwrap.wrap(
        text,
        _LINE,
        initial_indent=" " * column,
        subsequent_indent=" ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\r\n".join(lines)[column:]


def _encoded_words(text: str, column: int) -> str:
    """Return `text` in encoded words, one on each line, broken between characters (RFC 2047 section 5)."""
    encode = min(_q_word, _b_word, key=lambda form: len(form(text)))
    words = []
    room = _LINE - column
    while text:
        length = _fitting(text, encode, room)
        words.append(encode(text[:length]))
        text, room = text[length:], _WORD
    return "\r\n ".join(words)


def _fitting(text: str, encode: Callable[[str], str], room: int) -> int:
    """Return how many of the first characters fit into one encoded word of `room` characters; at least one."""
    lengths = range(1, min(len(text), room) + 1)
    return max(1, bisect_right(lengths, room, key=lambda length: len(encode(text[:length]))))


def _q_word(text: str) -> str:
    octets = _NOT_IN_Q.sub(lambda found: "=" + found[0].encode().hex("=").upper(), text)
    return f"=?utf-8?q?{octets.replace(' ', '_')}?="


def _b_word(text: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="
