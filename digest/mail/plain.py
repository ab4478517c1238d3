"""Plain mail to one person: notices to the staff, questions to subscribers."""

from datetime import datetime

from digest.config import Sender
from digest.mail.encoding import encoding_for
from digest.mail.headers import common_fields, recipient_fields, subject_field
from digest.mail.message import part_head


def plain_message(  # noqa: PLR0913, PLR0917 - what any letter has
    sender: Sender, to: str, subject: str, text: str, date: datetime, message_id: str
) -> bytes:
    """Return a message of plain text to one person, fit for the wire, without the final dot."""
    headers = recipient_fields(to, message_id) + common_fields(sender.name, sender.email, date) + subject_field(subject)
    encoding = encoding_for(text)
    return headers + part_head("text/plain; charset=utf-8; format=fixed", encoding) + encoding.encode(text)
