"""Quoted-printable (RFC 2045 section 6.7) that never breaks an atom, so that what is encoded can still be spliced."""

import re
from collections.abc import Collection

_LINE = 76  # characters, without the line's end
# Besides what must be: spaces in a row and tabs, which DKIM's `relaxed` would make one space (RFC 6376 section 3.4.4),
# a dot that begins a line, which SMTP would double (RFC 5321 section 4.5.2), and dots enough to fill a line.
_UNSAFE = re.compile(r"[^\n -<>-~]+| $|(?<= ) +|^\.|\.{3,}", re.MULTILINE)
_CONTINUED = re.compile(r"=[89AB]")  # the first two characters of an octet inside a UTF-8 character


def encode(text: str, atoms: Collection[str] = ()) -> bytes:
    """Return `text` as UTF-8 in quoted-printable, in lines of at most 76 characters that end in CRLF.

    Whatever ends a line in `text` becomes CRLF, and the last line is ended too. Each of `atoms`, of at most 64
    characters `[A-Za-z0-9_-]` of which the first is no hexadecimal digit, stays in one piece. No line begins with a
    dot, ends in white space or holds two spaces in a row.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    escaped = _UNSAFE.sub(_octets, lines).split("\n")
    if escaped[-1]:
        escaped.append("")
    return "\r\n".join(line if len(line) <= _LINE else _wrapped(line, atoms) for line in escaped).encode("ascii")


def _octets(found: re.Match[str]) -> str:
    return "=" + found[0].encode().hex("=").upper()


def _wrapped(line: str, atoms: Collection[str]) -> str:
    """Return an escaped line with soft breaks."""
    pieces = []
    start = 0
    while len(line) - start > _LINE:
        end = _before_octet(line, _before_dots(line, start + _LINE - 1))
        for atom in atoms:
            end = _before_atom(line, start, end, atom)
        pieces.append(line[start:end])
        start = end
    pieces.append(line[start:])
    return "=\r\n".join(pieces)


def _before_dots(line: str, end: int) -> int:
    while line[end] == ".":
        end -= 1
    return end


def _before_octet(line: str, end: int) -> int:
    """Return the last place up to `end` that is neither inside an escaped octet nor inside a UTF-8 character."""
    broken = line.rfind("=", end - 2, end)
    end = end if broken < 0 else broken
    while _CONTINUED.match(line, end):
        end -= 3
    return end


def _before_atom(line: str, start: int, end: int, atom: str) -> int:
    """Return the start of the atom that `end` would break, or `end`."""
    found = line.find(atom, max(start, end - len(atom) + 1), end + len(atom) - 1)
    return end if found < 0 else found
