"""Plain mail to one person: notices to the staff, questions to subscribers."""

from datetime import datetime

from digest.config import Sender
from digest.mail.headers import common_fields, recipient_fields
from digest.mail.message import dot_stuffed, text_part


def plain_message(  # noqa: PLR0913, PLR0917 - what any letter has
    sender: Sender, to: str, subject: str, text: str, date: datetime, message_id: str
) -> bytes:
    """Return a message of plain text to one person, dot-stuffed, without the final dot."""
    headers = recipient_fields(to, message_id) + common_fields(sender.name, sender.email, subject, date)
    return dot_stuffed(headers + text_part(text))
