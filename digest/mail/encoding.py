"""How a part's text becomes lines of ASCII that can still be spliced.

Each piece of a text is encoded on its own, whole lines in and whole lines out, so that pieces joined are the encoding
of the texts joined. The lines are canonical as DKIM's `relaxed` wants them (RFC 6376 section 3.4.4) and none begins
with a dot, so the bytes that are signed are those that are kept and those that go over the wire.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from digest.mail import quoted_printable

_NOT_LATIN = 6  # where more than one octet in so many is not ASCII, base64 is the shorter and no less readable
_LINE = 57  # octets in a line of base64 of 76 characters, RFC 2045 section 6.8


class Piece(Protocol):
    """An encoded piece with a place for each recipient's own tokens."""

    def spliced(self, tokens: Mapping[str, str]) -> bytes:
        """Return it with each placeholder replaced by its token, which is as long."""


class Encoding(Protocol):
    """One way to encode."""

    name: str  # of Content-Transfer-Encoding, RFC 2045 section 6.1

    def encode(self, text: str) -> bytes:
        """Return whole lines of text as whole lines of ASCII."""

    def personal(self, text: str, placeholders: frozenset[str]) -> Piece:
        """Return a piece that holds placeholders."""


def encoding_for(text: str) -> Encoding:
    """Return the encoding that is best for a text."""
    octets = text.encode()
    others = len(octets.translate(None, bytes(range(128))))
    return Base64() if others * _NOT_LATIN > len(octets) else QuotedPrintable()


class QuotedPrintable:
    """For what is mostly ASCII; a placeholder is an atom in it."""

    name = "quoted-printable"

    def encode(self, text: str) -> bytes:
        """Return the lines as quoted-printable."""
        return quoted_printable.encode(text)

    def personal(self, text: str, placeholders: frozenset[str]) -> Piece:
        """Return a piece in which tokens take the placeholders' places."""
        return _Replaced(quoted_printable.encode(text, placeholders))


class Base64:
    """For what is mostly not ASCII."""

    name = "base64"

    def encode(self, text: str) -> bytes:
        """Return the lines as base64; spaces at their end make whole groups of three octets, so none is padded."""
        octets = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").replace("\n", "\r\n").encode()
        filled = octets + b" " * (-(len(octets) + 2) % 3) + b"\r\n" if text else b""
        lines = [filled[start : start + _LINE] for start in range(0, len(filled), _LINE)]
        return b"".join(base64.b64encode(line) + b"\r\n" for line in lines)

    def personal(self, text: str, placeholders: frozenset[str]) -> Piece:  # noqa: ARG002 - no atoms are needed
        """Return a piece that is encoded for each recipient."""
        return _Encoded(self, text)


@dataclass(frozen=True)
class _Replaced:
    octets: bytes

    def spliced(self, tokens: Mapping[str, str]) -> bytes:
        octets = self.octets
        for placeholder, token in tokens.items():
            octets = octets.replace(placeholder.encode(), token.encode())
        return octets


@dataclass(frozen=True)
class _Encoded:
    encoding: Encoding
    text: str

    def spliced(self, tokens: Mapping[str, str]) -> bytes:
        text = self.text
        for placeholder, token in tokens.items():
            text = text.replace(placeholder, token)
        return self.encoding.encode(text)
