"""A message for each recipient: everything is encoded once, then pieces are chosen and addresses and tokens put in.

    once an edition and language    pieces encoded, common header fields
    once a variant                  which pieces, the subject
    for each recipient              To, Message-ID, tokens, a join, the signature

Nothing here is built by the standard library's `email`: see `header_encoding` and `quoted_printable` for why.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from digest.audience.interests import Interests
from digest.editions.composition import Composition
from digest.errors import UnfitText
from digest.mail.arrangement import fitted, wanted
from digest.mail.dkim import Identity, Signer
from digest.mail.encoding import Encoding, Piece, encoding_for
from digest.mail.headers import Envelope, Unsubscribing, common_fields, list_fields, recipient_fields, subject_field
from digest.mail.rendering import MAX_HTML_BYTES, PREFERENCES_TOKEN, UNSUBSCRIBE_TOKEN, Rendering
from digest.mail.segments import octets

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # as long as the placeholders, so that no line grows
_PLACEHOLDERS = frozenset({UNSUBSCRIBE_TOKEN, PREFERENCES_TOKEN})
_PERSONAL = "personal"  # the piece that holds placeholders; no other does
_PLAIN, _PAGE = "text/plain; charset=utf-8; format=fixed", "text/html; charset=utf-8"
_VARIANTS = 64  # kept, each of up to 100 kB


@dataclass(frozen=True)
class Tokens:
    """A recipient's own, of 43 characters each."""

    unsubscribe: str
    preferences: str

    def __post_init__(self) -> None:
        for token in (self.unsubscribe, self.preferences):
            if not _TOKEN.fullmatch(token):
                raise UnfitText(f"a token of {len(token)} characters", "Give one of 43, A-Z, a-z, 0-9, _ and -.")


@dataclass(frozen=True)
class _Part:
    """One of a message's two bodies, in encoded pieces."""

    head: bytes  # its own header fields and the empty line
    pieces: Mapping[str, bytes]
    personal: Piece

    def around(self, names: Sequence[str]) -> tuple[bytes, bytes]:
        """Return the pieces of these names, joined: what stands before the personal one, and what behind it."""
        place = names.index(_PERSONAL)
        before, behind = (b"".join(self.pieces[name] for name in some) for some in (names[:place], names[place + 1 :]))
        return self.head + before, behind


@dataclass(frozen=True)
class _Variant:
    """What the messages of a variant share; between the three bytes of the body stand the parts' personal pieces."""

    subject: bytes  # the header field
    opening: bytes
    middle: bytes
    closing: bytes
    hashed: "hashlib._Hash"  # SHA-256 of `opening`


class PreparedMessage:
    """An edition's message in one language, encoded once, ready to be spliced."""

    def __init__(
        self,
        rendering: Rendering,
        composition: Composition,
        envelope: Envelope,
        identity: Identity | None = None,
    ) -> None:
        """Sign it where there is an identity; UnfitText for what no header can hold."""
        subject_field(composition.subject)  # so that an unfit one is told before anything is sent
        segments = rendering.segments
        self._composition = composition
        self._sizes = {name: octets(piece) for name, piece in segments.page.items()}
        self._text = _part(_PLAIN, segments.text)
        self._page = _part(_PAGE, segments.page)
        boundary = _boundary_of(f"{rendering.text}{rendering.html}")
        self._delimiter = b"\r\n--" + boundary
        self._common = common_fields(envelope.from_name, envelope.from_email, envelope.date) + list_fields(envelope)
        self._common += _multipart_field(boundary)
        self._unsubscribing = Unsubscribing(envelope, UNSUBSCRIBE_TOKEN)
        self._signer = Signer(identity, envelope.date, self._common) if identity else None
        self._variant = lru_cache(maxsize=_VARIANTS)(self._new_variant)

    def for_recipient(self, address: str, tokens: Tokens, message_id: str, interests: Interests) -> bytes:
        """Return what follows DATA, without the final dot; no line begins with one, so none needs to be doubled.

        `message_id` comes in its angle brackets. UnfitText: an address or id that headers cannot hold.
        """
        variant = self._variant(interests)
        fields = recipient_fields(address, message_id) + variant.subject
        fields += self._unsubscribing.field(tokens.unsubscribe)
        spliced = {UNSUBSCRIBE_TOKEN: tokens.unsubscribe, PREFERENCES_TOKEN: tokens.preferences}
        rest = (
            self._text.personal.spliced(spliced),
            variant.middle,
            self._page.personal.spliced(spliced),
            variant.closing,
        )
        signature = self._signer.sign(fields, _hash_of(variant, rest)) if self._signer else b""
        return b"".join((signature, fields, self._common, b"\r\n", variant.opening, *rest))

    def _new_variant(self, interests: Interests) -> _Variant:
        chosen = wanted(self._composition, interests)
        shown = fitted(self._composition, chosen, self._sizes.__getitem__, MAX_HTML_BYTES)
        names = list(shown.pieces())
        (opening, text_end), (page_start, page_end) = self._text.around(names), self._page.around(names)
        opening = b"%b\r\n%b" % (self._delimiter[2:], opening)
        return _Variant(
            subject=subject_field(self._composition.subject_of(chosen.entries)),
            opening=opening,
            middle=b"%b%b\r\n%b" % (text_end, self._delimiter, page_start),
            closing=b"%b%b--\r\n" % (page_end, self._delimiter),
            hashed=hashlib.sha256(opening),
        )


def _hash_of(variant: _Variant, rest: Sequence[bytes]) -> bytes:
    """Return the SHA-256 of a body that ends in `rest`."""
    hashed = variant.hashed.copy()
    for piece in rest:
        hashed.update(piece)
    return hashed.digest()


def alternative(text: str, page: str) -> tuple[bytes, bytes]:
    """Return the header field and the body of a message that says the same in two ways (RFC 2046 section 5.1.4)."""
    boundary = _boundary_of(text + page)
    parts = []
    for content_type, content in ((_PLAIN, text), (_PAGE, page)):
        encoding = encoding_for(content)
        parts.append(_part_head(content_type, encoding) + encoding.encode(content))
    body = b"--%b\r\n%b\r\n--%b\r\n%b\r\n--%b--\r\n" % (boundary, parts[0], boundary, parts[1], boundary)
    return _multipart_field(boundary), body


def _boundary_of(content: str) -> bytes:
    """Return what stands between the parts; `=_` occurs in neither encoding, so no line can be taken for it."""
    return b"=_" + hashlib.sha256(content.encode()).hexdigest()[:32].encode()


def _multipart_field(boundary: bytes) -> bytes:
    """Return the header field of a message in alternatives."""
    return b'Content-Type: multipart/alternative;\r\n boundary="%b"\r\n' % boundary


def _part(content_type: str, pieces: Mapping[str, str]) -> _Part:
    encoding = encoding_for("".join(pieces.values()))
    return _Part(
        _part_head(content_type, encoding),
        {name: encoding.encode(piece) for name, piece in pieces.items() if name != _PERSONAL},
        encoding.personal(pieces[_PERSONAL], _PLACEHOLDERS),
    )


def _part_head(content_type: str, encoding: Encoding) -> bytes:
    """Return what a body begins with: its header fields and an empty line (RFC 2045)."""
    return f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding.name}\r\n\r\n".encode()
