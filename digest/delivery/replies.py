"""What a mail server answers, read within bounds: the server is a stranger."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from digest.errors import OutsideFailure

LONGEST_TEXT = 400  # characters kept of a reply
_LONGEST_LINE = 2000  # octets read of a line, the rest is skipped; RFC 5321 section 4.5.3.1.5 allows 512
_LONGEST_REPLY = 64 * 1024  # octets, of all its lines
_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:\s|$)")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f]+")

ReadLine = Callable[[int], bytes]  # up to so many octets of the next line, with its end; b"" when closed


class Stage(StrEnum):
    """How far a message had come."""

    CONNECT = "connecting"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"  # and the body: without the final dot it is no message
    DOT = "the final dot"


class Garbled(ValueError):  # noqa: N818 - named for what it is
    """What came is not a reply of SMTP."""


class Lost(OutsideFailure):
    """The connection broke, fell silent or made no sense; at `Stage.DOT` nobody knows whether the message went out."""

    def __init__(self, server: str, stage: Stage, reason: str) -> None:
        super().__init__(
            f"{server} was lost at {stage} ({reason})", "Try again; if it stays so, read that server's log."
        )
        self.stage = stage


@dataclass(frozen=True)
class Reply:
    """One answer of a mail server."""

    code: int  # 200 to 599; RFC 5321 section 4.2
    enhanced: str | None  # such as 5.1.1; RFC 3463
    text: str  # printable, on one line, at most LONGEST_TEXT characters; begins with the enhanced code, if any
    stage: Stage  # what it answers

    @property
    def accepts(self) -> bool:
        """Return whether the server did what it was asked for."""
        return self.code // 100 == 2  # noqa: PLR2004 - RFC 5321 section 4.2.1

    @property
    def defers(self) -> bool:
        """Return whether the server may do it later."""
        return self.code // 100 == 4  # noqa: PLR2004 - the same

    @property
    def refuses(self) -> bool:
        """Return whether the server will never do it."""
        return self.code // 100 == 5  # noqa: PLR2004 - the same

    @property
    def hangs_up(self) -> bool:
        """Return whether the server closes the connection after it."""
        return self.code == 421  # noqa: PLR2004 - RFC 5321 section 3.8

    def __str__(self) -> str:
        """Return the reply as reports show it: `550 5.1.1 no such user (at RCPT)`."""
        return f"{self.code} {self.text}".rstrip() + f" (at {self.stage})"


def reply(code: int, text: bytes, stage: Stage) -> Reply:
    """Return the reply with that code and those words, fit to be shown and stored."""
    words = _UNPRINTABLE.sub(" ", text.decode("utf-8", "replace")).strip()[:LONGEST_TEXT]
    enhanced = parse_enhanced(words)
    return Reply(code, enhanced if enhanced and enhanced[0] == str(code)[0] else None, words, stage)


def parse_enhanced(text: str) -> str | None:
    """Return the enhanced status code that the text of a reply begins with (RFC 2034), such as 4.7.1."""
    found = _ENHANCED.match(text)
    return found[1] if found else None


def read_reply(readline: ReadLine) -> tuple[int, bytes]:
    """Return code and text of the next reply, its lines joined by line feeds; the code is that of the last line.

    An overlong line is cut. Raises Garbled for anything else than a reply, EOFError when the connection is closed,
    and whatever `readline` raises.
    """
    texts = []
    budget = _LONGEST_REPLY
    while True:
        line, size = _read_line(readline, budget)
        budget -= size
        found = _LINE.fullmatch(line)
        if not found:
            raise Garbled(f"{line[:40]!r} is no reply of SMTP")
        texts.append(found[3] or b"")
        if found[2] != b"-":
            return int(found[1]), b"\n".join(texts)


def _read_line(readline: ReadLine, budget: int) -> tuple[bytes, int]:
    """Return the beginning of the next line without its end, and how many octets it had."""
    line = part = readline(_LONGEST_LINE)
    size = len(part)
    while part and not part.endswith(b"\n") and size <= budget:
        part = readline(_LONGEST_LINE)
        size += len(part)
    if size > budget:
        raise Garbled(f"a reply of more than {_LONGEST_REPLY} octets")
    if not line:
        raise EOFError("the server closed the connection")
    return line.rstrip(b"\r\n"), size
