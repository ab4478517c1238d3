"""What a mail server answers, read within bounds: the server is a stranger."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from digest.errors import OutsideFailure

LONGEST_TEXT = 400  # characters kept of a reply
_LONGEST_REPLY = 64 * 1024  # octets, of all its lines; RFC 5321 section 4.5.3.1.5 allows 512 for each
_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:\s|$)")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f]+")


class Stage(StrEnum):
    """How far a message had come."""

    CONNECT = "connecting"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"  # and the body: without the final dot it is no message
    DOT = "the final dot"
    RSET = "RSET"
    QUIT = "QUIT"


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


@lru_cache(256)  # most are the same again and again
def reply(code: int, text: bytes, stage: Stage) -> Reply:
    """Return the reply with that code and those words, fit to be shown and stored."""
    words = _UNPRINTABLE.sub(" ", text.decode("utf-8", "replace")).strip()[:LONGEST_TEXT]
    enhanced = parse_enhanced(words)
    return Reply(code, enhanced if enhanced and enhanced[0] == str(code)[0] else None, words, stage)


def parse_enhanced(text: str) -> str | None:
    """Return the enhanced status code that the text of a reply begins with (RFC 2034), such as 4.7.1."""
    found = _ENHANCED.match(text)
    return found[1] if found else None


class Replies:
    """Cuts what a server sends into its replies, as it comes."""

    def __init__(self) -> None:
        self._came = b""  # and was not cut yet
        self._texts: list[bytes] = []  # of the lines so far of a reply of several
        self._size = 0  # octets of these lines

    def feed(self, data: bytes) -> None:
        """Take what came next."""
        self._came += data

    def next(self) -> tuple[int, bytes] | None:
        """Return code and text of the next reply, or None until more of it comes.

        Its lines are joined by line feeds, and the code is that of the last one. Raises Garbled for what is no reply.
        """
        while True:
            line, end, rest = self._came.partition(b"\n")
            if self._size + len(line) > _LONGEST_REPLY:
                raise Garbled(f"a reply of more than {_LONGEST_REPLY} octets")
            if not end:
                return None
            self._came = rest
            self._size += len(line)
            found = _LINE.fullmatch(line.rstrip(b"\r"))
            if not found:
                raise Garbled(f"{line[:40]!r} is no reply of SMTP")
            self._texts.append(found[3] or b"")
            if found[2] != b"-":
                text = b"\n".join(self._texts)
                self._texts, self._size = [], 0
                return int(found[1]), text
