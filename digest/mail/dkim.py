"""DKIM signatures (RFC 6376): rsa-sha256, relaxed/relaxed, of the whole body.

    what all messages share ─▶ hashed once ─▶ copied, and what is personal added ─▶ signed

Every field that is given is signed. Those of `_OVERSIGNED` are named once more than they occur, so that a second one
added on the way breaks the signature (section 8.15).
"""

import hashlib
import re
import textwrap
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from digest.config import Dkim
from digest.errors import UnfitText
from digest.signing_key import SigningKey

_OVERSIGNED = (
    "from", "to", "cc", "subject", "date", "message-id", "reply-to", "mime-version", "content-type", "list-id",
    "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip
_NAME = re.compile(r"[a-z0-9_-]+")
_SPACE_IN_LINE = re.compile(rb"[ \t]+")
_WIDTH = 76  # characters of a line
_CHUNK = 72  # characters of the signature on a line


@dataclass(frozen=True)
class Identity:
    """Who signs."""

    domain: str  # in A-labels
    selector: str
    key: SigningKey


class _Opening(NamedTuple):
    """The signature's field up to the body's hash, which is the same for all messages with fields of the same names."""

    raw: bytes
    relaxed: bytes


class Signer:
    """Signs the messages of a mailing, which share most of their header fields; threads may share it."""

    def __init__(self, identity: Identity, date: datetime, common: bytes) -> None:
        """Take the shared fields as they are sent, each `Name: value` and CRLF, possibly folded.

        `date`, with a zone, is the messages'. UnfitText for what are no header fields.
        """
        self._identity = identity
        self._time = int(date.timestamp())
        self._names, relaxed = _relaxed(common)
        self._hashed = hashlib.sha256(relaxed)
        self._openings: dict[tuple[bytes, ...], _Opening] = {}  # by the names of the personal fields

    def sign(self, personal: bytes, body_hash: bytes) -> bytes:
        """Return the field DKIM-Signature, with its CRLF, of a message with the shared fields and these.

        `body_hash` is the SHA-256 of the body in relaxed form: 32 bytes. UnfitText for what are no header fields, for
        a field that is there twice, and where From is missing.
        """
        names, relaxed = _relaxed(personal)
        opening = self._openings.get(names) or self._open(names)
        body = b64encode(body_hash)
        hashed = self._hashed.copy()
        hashed.update(b"%b%b%b; b=" % (relaxed, opening.relaxed, body))
        signature = b64encode(self._identity.key.sign(hashed.digest()))
        lines = [signature[start : start + _CHUNK] for start in range(0, len(signature), _CHUNK)]
        return b"%b%b;\r\n b=%b\r\n" % (opening.raw, body, b"\r\n ".join(lines))

    def _open(self, personal: tuple[bytes, ...]) -> _Opening:
        names = [name.decode("latin-1") for name in (*self._names, *personal)]
        _refuse_unfit(names)
        who = f"d={self._identity.domain}; s={self._identity.selector}; t={self._time}"
        raw = _folded(f"v=1; a=rsa-sha256; c=relaxed/relaxed; {who}; ", [*names, *_OVERSIGNED]) + b";\r\n bh="
        _, relaxed = _relaxed(raw + b"\r\n")
        self._openings[personal] = opening = _Opening(raw, relaxed.removesuffix(b"\r\n"))
        return opening


def identity_of(config: Dkim) -> Identity:
    """Return who signs by the configuration."""
    return Identity(config.domain, config.selector, SigningKey(config.key.get_secret_value()))


def signature_of(identity: Identity, date: datetime, headers: bytes, body: bytes) -> bytes:
    """Return the field DKIM-Signature of one message; its body is not dot-stuffed. Raises as `Signer` does."""
    return Signer(identity, date, headers).sign(b"", hashlib.sha256(relaxed_body(body)).digest())


def relaxed_body(body: bytes) -> bytes:
    """Return the body as it is hashed (section 3.4.4): single spaces, none at the ends of lines, no empty last line."""
    lines = [_SPACE_IN_LINE.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def _relaxed(fields: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """Return the names of header fields in lower case, and the fields as they are hashed (section 3.4.2)."""
    *lines, rest = _unfolded(fields).split(b"\r\n")
    names, relaxed = [], []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon:
            raise UnfitText(f"{line!r} is no header field", "Write it like `Name: value`.")
        name = name.rstrip(b" ").lower()
        names.append(name)
        relaxed.append(b"%b:%b\r\n" % (name, value.strip(b" ")))
    if rest:
        raise UnfitText(f"the header field {rest!r} has no end", "End it by CRLF.")
    return tuple(names), b"".join(relaxed)


def _unfolded(fields: bytes) -> bytes:
    """Return the fields on one line each, with single spaces; most need no search for them."""
    unfolded = fields.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    if b"  " in unfolded or b"\t" in unfolded:
        unfolded = _SPACE_IN_LINE.sub(b" ", unfolded)
    return unfolded


def _refuse_unfit(names: list[str]) -> None:
    for name in names:
        if not _NAME.fullmatch(name):
            raise UnfitText(f"{name!r} cannot be the name of a header field", "Use letters, digits and hyphens.")
        if names.count(name) > 1:
            raise UnfitText(f"the header field {name} is there twice", "Give it once (RFC 5322 section 3.6).")
    if "from" not in names:
        raise UnfitText("the header field from is missing", "Give it (RFC 6376 section 5.4).")


def _folded(tags: str, names: list[str]) -> bytes:
    """Return the field's first tags and the list of what is signed, folded between tags and names (RFC 5322)."""
    mark = "\t"  # where the list may be folded; it shows nowhere
    lines = textwrap.wrap(
        f"{tags}h={f':{mark}'.join(names)}",
        _WIDTH,
        initial_indent="DKIM-Signature: ",
        subsequent_indent=" ",
        expand_tabs=False,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\r\n".join(lines).replace(mark, "").encode("ascii")
