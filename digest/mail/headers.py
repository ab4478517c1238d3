"""The header fields of our messages, as bytes."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote

from digest.errors import UnfitText
from digest.mail.header_encoding import addr_spec, beside_phrase, mailbox, unstructured

_LONGEST = 998  # characters of a line, RFC 5322 section 2.1.1
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*>")
_VISIBLE = re.compile(r"[!-;=?-~]+")  # ASCII without spaces and angle brackets

# What no program should answer: RFC 3834 section 5, and Exchange's own field for the same.
_AUTOMATIC = b"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: OOF, AutoReply\r\n"


@dataclass(frozen=True)
class Envelope:
    """What the headers of an edition say to all recipients alike."""

    from_name: str  # the newsroom's
    from_email: str
    reply_to: str | None  # an address that people read
    date: datetime  # with a zone; one for the whole edition
    list_id: str  # RFC 2919, without angle brackets; never changes
    list_name: str  # the digest's title in the language of the mail
    unsubscribe_url: str  # with the token in its path
    help_url: str  # of a page about the list
    feedback_id: str  # campaign:customer:type:sender, as Gmail's reports group mail
    unsubscribe_mailbox: str | None = None  # takes mail with the subject `unsubscribe TOKEN`


def common_fields(from_name: str, from_email: str, date: datetime) -> bytes:
    """Return what every message of ours says; UnfitText for what no header can hold."""
    if date.tzinfo is None:
        raise UnfitText(f"the date {date} has no zone", "Give it one.")
    return (
        _field("From", mailbox(from_name, from_email, len("From: ")))
        + _field("Date", format_datetime(date))
        + b"MIME-Version: 1.0\r\n"
        + _AUTOMATIC
    )


def reply_field(address: str | None) -> bytes:
    """Return where answers go, when that is not where the message comes from; UnfitText for what no header can hold."""
    return _field("Reply-To", addr_spec(address)) if address else b""


def list_fields(envelope: Envelope) -> bytes:
    """Return what a message says as one of a list, the same to all (RFC 2919, RFC 2369, RFC 8058)."""
    list_id = beside_phrase(envelope.list_name, _visible("list id", envelope.list_id), len("List-Id: "))
    return (
        reply_field(envelope.reply_to)
        + _field("List-Id", list_id)
        + _field("List-Help", f"<{_visible('help address', envelope.help_url)}>")
        + _field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
        + _field("Feedback-ID", _visible("feedback id", envelope.feedback_id))
    )


def subject_field(subject: str) -> bytes:
    """Return Subject; UnfitText for what no header can hold."""
    return _field("Subject", unstructured(subject, len("Subject: ")))


class Unsubscribing:
    """List-Unsubscribe for each recipient; it is never folded inside an address (RFC 2369 section 2)."""

    def __init__(self, envelope: Envelope, placeholder: str) -> None:
        """Raise UnfitText when the address in `envelope` holds no `placeholder`, so that it could be nobody's own."""
        url, mailbox = envelope.unsubscribe_url, envelope.unsubscribe_mailbox
        if placeholder not in url:
            raise UnfitText(f"the unsubscribe address {url!r} holds no token", f"Put {placeholder} into it.")
        ways = [_visible("unsubscribe address", url)]
        if mailbox:
            ways.append(f"mailto:{quote(addr_spec(mailbox), safe='@')}?subject=unsubscribe%20{placeholder}")
        self._around = _field("List-Unsubscribe", ",\r\n ".join(f"<{way}>" for way in ways)).split(placeholder.encode())

    def field(self, token: str) -> bytes:
        """Return the field with a recipient's own token."""
        return token.encode().join(self._around)


def recipient_fields(address: str, message_id: str) -> bytes:
    """Return what differs for each recipient; `message_id` comes in its angle brackets."""
    if not _MESSAGE_ID.fullmatch(message_id):
        raise UnfitText(f"{message_id!r} is not a message id", "Write it like <edition.recipient@example.org>.")
    return _field("To", addr_spec(address)) + _field("Message-ID", message_id)


def _visible(what: str, text: str) -> str:
    if not _VISIBLE.fullmatch(text):
        raise UnfitText(
            f"the {what} {text!r} cannot stand in a header",
            "Use ASCII without spaces: A-labels in domains, percent-encoding in paths.",
        )
    return text


def _field(name: str, body: str) -> bytes:
    line = f"{name}: {body}"
    if max(map(len, line.split("\r\n"))) > _LONGEST:
        raise UnfitText(f"{name} has a line of more than {_LONGEST} characters", "Shorten it.")
    return f"{line}\r\n".encode("ascii")
