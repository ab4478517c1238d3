"""E-mail addresses by a strict grammar: nothing that passes here can speak SMTP or add a header.

No quoted local parts, comments or address literals; no guess at what a provider treats as the same mailbox.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import idna

from digest.errors import UnfitText

_LONGEST = 254  # octets: RFC 5321 section 4.5.3.1.3 gives a path 256, of which 2 are its brackets
_LONGEST_LOCAL = 64  # octets, section 4.5.3.1.1
_LONGEST_DOMAIN = 253  # octets without a final dot: RFC 1035 section 2.3.4
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"  # RFC 5322 section 3.2.3
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"  # RFC 5321 section 4.1.2
_DOMAIN = re.compile(rf"({_LABEL}\.)+(?![0-9]+\Z){_LABEL}")
_WRITTEN_OUT = re.compile(rf"(?=.{{1,{_LONGEST_LOCAL}}}@){_LOCAL.pattern}@{_DOMAIN.pattern}")
_REMEDY = "Write it like name@example.org."


@dataclass(frozen=True)
class Address:
    """A mailbox that SMTP can be asked to deliver to."""

    address: str  # as given, the domain in lower-case A-labels
    key: str  # lower-case throughout: two addresses with one key are one subscriber


def parse_address(text: str) -> Address:
    """Return the mailbox that `text` names; spaces around it do not count. Raises UnfitText."""
    local, at, domain = text.strip(" ").rpartition("@")
    if not at:
        raise UnfitText(f"{text!r} is not an e-mail address: it has no @", _REMEDY)
    if not local.isascii():
        raise UnfitText(
            f"{text!r} has letters before the @ that need SMTPUTF8, which is not supported",
            "Ask for another address of the same person.",
        )
    if not _LOCAL.fullmatch(local):
        raise UnfitText(f"{text!r} is not an e-mail address: the part before the @ is malformed", _REMEDY)
    address = f"{local}@{_in_a_labels(domain, text)}"
    if len(local) > _LONGEST_LOCAL or len(address) > _LONGEST:
        raise UnfitText(
            f"{text[:40]!r}… is longer than an e-mail address can be",
            f"At most {_LONGEST_LOCAL} characters stand before the @, {_LONGEST} in all.",
        )
    return Address(address, address.lower())


def is_written_out(text: str) -> bool:
    """Return whether `text` is an address as `parse_address` returns one, found out fast: for those read back."""
    return len(text) <= _LONGEST and _WRITTEN_OUT.fullmatch(text) is not None


def masked(address: str) -> str:
    """Return an address by which its owner knows it and nobody else learns it: `j•••@example.org`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


@lru_cache(4096)  # lists of a million have few
def parse_domain(text: str) -> str:
    """Return the domain as DNS knows it: lower-case A-labels (RFC 5891). Raises UnfitText."""
    try:
        found = text.lower() if text.isascii() else idna.encode(text, uts46=True, std3_rules=True).decode()
    except idna.IDNAError:
        found = ""
    if len(found) > _LONGEST_DOMAIN or not _DOMAIN.fullmatch(found):
        raise UnfitText(f"{text!r} is not a domain", "Write it like example.org.")
    return found


def _in_a_labels(domain: str, text: str) -> str:
    """Return the domain of the address `text` as DNS knows it."""
    try:
        return parse_domain(domain)
    except UnfitText:
        message = f"{text!r} is not an e-mail address: the part after the @ is no domain"
        raise UnfitText(message, _REMEDY) from None
