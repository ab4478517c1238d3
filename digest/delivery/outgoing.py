"""A message on its way out, fit for the wire: nothing in it can be taken for a command or end it early."""

import re
from dataclasses import InitVar, dataclass

from digest.addresses import is_written_out
from digest.errors import UnfitText
from digest.validation import parse_email

_UNSTUFFED_DOT = re.compile(rb"\r\n\.(?!\.)")


@dataclass(frozen=True)
class Outgoing:
    """One message to one recipient; making an unfit one raises UnfitText."""

    return_path: str  # an address
    address: str  # of the recipient; ASCII, as nothing here speaks SMTPUTF8
    message: bytes  # lines end in CRLF and are dot-stuffed; without the final dot
    checked: InitVar[bool] = False  # another message was, from which this one differs by tokens only

    def __post_init__(self, checked: bool) -> None:
        for address in (self.return_path, self.address):
            _check_address(address)
        if not checked:
            _check_message(self.message)


def _check_address(address: str) -> None:
    if is_written_out(address):
        return
    parse_email(address)
    raise UnfitText(f"{address!r} is not plain ASCII", "Write the domain in its xn-- form.")


def _check_message(message: bytes) -> None:
    """Refuse what servers read in different ways (RFC 5321 sections 2.3.8 and 4.5.2)."""
    line_ends = message.count(b"\r\n")
    if message.count(b"\n") != line_ends or message.count(b"\r") != line_ends:
        raise UnfitText("the message has a bare CR or LF", "End each line in CRLF.")
    if not message.endswith(b"\r\n"):
        raise UnfitText("the message does not end in CRLF", "End its last line.")
    if _UNSTUFFED_DOT.search(b"\r\n" + message[:2]) or _UNSTUFFED_DOT.search(message):
        raise UnfitText("a line of the message begins with a single dot", "Dot-stuff the message.")
