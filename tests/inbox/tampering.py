"""Signed letters, damaged in every way that a signature must show."""

import re
from collections.abc import Iterator

_SIGNED = (
    "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type", "List-Id",
    "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted", "Feedback-ID", "List-Help",
)  # fmt: skip


def damaged(source: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what was done, and the letter with that."""
    head, _, body = source.partition(b"\r\n\r\n")
    for place in ("first", "middle", "last"):
        letters = [match.start() for match in re.finditer(rb"[A-Za-z]", body)]
        at = {"first": letters[0], "middle": letters[len(letters) // 2], "last": letters[-1]}[place]
        yield f"a changed byte of the body, the {place}", head + b"\r\n\r\n" + _changed(body, at)
    for name in _SIGNED:
        field = re.search(rf"(?m)^{name}: (?:.*?)([A-Za-z0-9])".encode(), head)
        if field:
            yield f"a changed byte of {name}", _changed(source, field.start(1))
    yield "a second Subject above", b"Subject: You have won\r\n" + source
    yield "a second Subject below", head + b"\r\nSubject: You have won\r\n\r\n" + body
    yield "a line behind the end", source + b"And this.\r\n"


def _changed(octets: bytes, at: int) -> bytes:
    return octets[:at] + bytes([octets[at] ^ 0x01]) + octets[at + 1 :]
