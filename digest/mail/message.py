"""A message for each recipient: everything is encoded once, then only addresses and tokens are put in.

Nothing here is built by the standard library's `email`: see `header_encoding` and `quoted_printable` for why.
"""

import hashlib
import re
from dataclasses import dataclass

from digest.errors import UnfitText
from digest.mail.headers import Envelope, common_fields, list_fields, recipient_fields, unsubscribe_field
from digest.mail.quoted_printable import encode
from digest.mail.rendering import UNSUBSCRIBE_TOKEN, Rendering
from digest.mail.segments import segments

_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # as long as the placeholder, so that no line grows
_ENCODED = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
_TEXT = b"Content-Type: text/plain; charset=utf-8; format=fixed\r\n" + _ENCODED
_HTML = b"Content-Type: text/html; charset=utf-8\r\n" + _ENCODED


@dataclass(frozen=True)
class PreparedMessage:
    """An edition's message, encoded once; between the pieces goes the recipient's token."""

    wire: tuple[bytes, ...]  # dot-stuffed
    file: tuple[bytes, ...]

    def for_recipient(self, address: str, token: str, message_id: str) -> bytes:
        """Return what follows DATA, dot-stuffed (RFC 5321 section 4.5.2), without the final dot.

        `message_id` comes in its angle brackets. UnfitText: an address or id that headers cannot hold, a token
        that is not 43 characters of base64url.
        """
        return _spliced(self.wire, address, token, message_id)

    def as_file(self, address: str, token: str, message_id: str) -> bytes:
        """Return the same message as an .eml file holds it."""
        return _spliced(self.file, address, token, message_id)


def prepare(rendering: Rendering, envelope: Envelope) -> PreparedMessage:
    """Return the message of an edition, ready to be spliced; UnfitText for what no header can hold."""
    same = common_fields(envelope.from_name, envelope.from_email, envelope.subject, envelope.date)
    same += list_fields(envelope)
    personal = unsubscribe_field(envelope, UNSUBSCRIBE_TOKEN) + _alternatives(rendering)
    return PreparedMessage(_pieces(dot_stuffed(same), dot_stuffed(personal)), _pieces(same, personal))


def dot_stuffed(lines: bytes) -> bytes:
    """Return whole CRLF lines with each leading dot doubled (RFC 5321 section 4.5.2)."""
    return _LEADING_DOT.sub(b"..", lines)


def text_part(text: str, atom: str | None = None) -> bytes:
    """Return the plain text with its own header fields; each `atom` in it stays in one piece."""
    return _TEXT + encode(text, atom)


def _alternatives(rendering: Rendering) -> bytes:
    """Return the rest of a message from its Content-Type on: the text, then the page (RFC 2046 section 5.1.4)."""
    text = text_part(rendering.text, UNSUBSCRIBE_TOKEN)
    html = _HTML + b"".join(encode(segment.text, UNSUBSCRIBE_TOKEN) for segment in segments(rendering.html))
    # `=_` cannot occur in quoted-printable, so no line of a part can be taken for the boundary.
    boundary = b"=_" + hashlib.sha256(text + html).hexdigest()[:32].encode()
    start = b'Content-Type: multipart/alternative;\r\n boundary="%b"\r\n' % boundary
    delimiter = b"\r\n--%b" % boundary
    return start + delimiter + b"\r\n" + text + delimiter + b"\r\n" + html + delimiter + b"--\r\n"


def _pieces(same: bytes, personal: bytes) -> tuple[bytes, ...]:
    """Return what stands around the tokens; in `same`, which people wrote, a placeholder is none."""
    first, *rest = personal.split(UNSUBSCRIBE_TOKEN.encode())
    return (same + first, *rest)


def _spliced(pieces: tuple[bytes, ...], address: str, token: str, message_id: str) -> bytes:
    if not _TOKEN.fullmatch(token):
        raise UnfitText(f"a token of {len(token)} characters was given", "Give one of 43, A-Z, a-z, 0-9, _ and -.")
    return recipient_fields(address, message_id) + token.encode().join(pieces)
