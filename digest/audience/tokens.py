"""Tokens that only we can make: who, and which edition or when, bound to one purpose by an HMAC.

    key id 1 | subscriber 8 | version 2 | edition or moment 4 | HMAC-SHA-256 17
    = 32 bytes = 43 characters of base64url, 52 of base32

A token for one purpose is worth nothing for another. The first key signs; all of them verify, so that a link in an
old mail works after a rotation.
"""

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

_MAC = 17  # octets: 136 bits
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"  # of base32, RFC 4648 section 6
_IDS = 1 + 8 + 2 + 4  # octets: key id, subscriber, version, edition or moment
VERSIONS = 1 << 16  # how many there are; after the last comes the first
_LAYOUT = struct.Struct(">BQHI")
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]  # of ten bits each
_PAIR_BITS = len(_PAIRS) - 1
_PADDING = 4  # bits: 256 of a token are filled up to 260, which are 26 pairs
_SHIFTS = range(250, -1, -10)
_BASE64 = re.compile(r"[A-Za-z0-9_-]{43}")
_BASE32 = re.compile(r"[A-Za-z2-7]{52}")


@dataclass(frozen=True)
class Claim:
    """What a genuine token says."""

    subscriber: int  # key in the database
    number: int  # key of the edition whose mail held it, or when it was made, in seconds since 1970
    version: int = 0  # of the subscriber's tokens


def sign(keys: Sequence[bytes], purpose: str, subscriber: int, number: int, version: int = 0) -> str:
    """Return the token for a URL: 43 characters of `A-Za-z0-9_-`."""
    return _base64(_signed(keys[0], purpose, Claim(subscriber, number, version)))


def sign_base32(keys: Sequence[bytes], purpose: str, subscriber: int, number: int) -> str:
    """Return the token for the local part of an address, where relays fold case: 52 characters of `a-z2-7`."""
    return _base32(_signed(keys[0], purpose, Claim(subscriber, number)))


def verify(keys: Sequence[bytes], purpose: str, text: str) -> Claim | None:
    """Return what a token of either form says, or None when none of `keys` signed it for `purpose`."""
    token = _decoded(text)
    if token is None:
        return None
    claim = Claim(int.from_bytes(token[1:9]), int.from_bytes(token[11:_IDS]), int.from_bytes(token[9:11]))
    genuine = [hmac.compare_digest(_signed(key, purpose, claim), token) for key in keys]
    return claim if any(genuine) else None


def message_id_part(keys: Sequence[bytes], subscriber: int, edition: int, purpose: str = "message-id") -> str:
    """Return what stands for the recipient in a Message-ID: 32 hexadecimal digits that tell nothing.

    Replies quote it, so it is of a purpose of its own and cannot be turned into a token.
    """
    return _signed(keys[0], purpose, Claim(subscriber, edition))[_IDS:][:16].hex()


def address_hash(key: bytes, address_key: str) -> str:
    """Return what is remembered of an address that must never be mailed: 64 hexadecimal digits.

    `key` must stay the same for ever, or the suppression list forgets everybody.
    """
    return _mac(key, "address", address_key.encode()).hex()


def _signed(key: bytes, purpose: str, claim: Claim) -> bytes:
    ids = _LAYOUT.pack(_key_id(key), claim.subscriber, claim.version, claim.number)
    return ids + _mac(key, purpose, ids)[:_MAC]


@lru_cache(maxsize=16)
def _key_id(key: bytes) -> int:
    return hashlib.sha256(key).digest()[0]


def _mac(key: bytes, purpose: str, content: bytes) -> bytes:
    return hmac.digest(key, purpose.encode() + b"\0" + content, "sha256")


def _base64(token: bytes) -> str:
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


def _base32(token: bytes) -> str:
    """Return the token as `base64.b32encode` does, in lower case and without padding, in a sixth of its time."""
    number = int.from_bytes(token) << _PADDING
    return "".join([_PAIRS[number >> shift & _PAIR_BITS] for shift in _SHIFTS])


def _decoded(text: str) -> bytes | None:
    """Return the bytes; None unless `text` is the one way of writing them, so that no second token means the same."""
    if _BASE64.fullmatch(text):
        return _canonical(base64.urlsafe_b64decode(text + "="), text, _base64)
    if _BASE32.fullmatch(text):
        return _canonical(base64.b32decode(text.upper() + "===="), text.lower(), _base32)
    return None


def _canonical(token: bytes, text: str, encode: Callable[[bytes], str]) -> bytes | None:
    return token if encode(token) == text else None
