import email
from email import policy
from email.message import EmailMessage

from digest.config import Sender
from digest.mail.plain import plain_message
from tests.mail.samples import CUTOFF, MESSAGE_ID

SENDER = Sender(name="Prensa Ñandú", email="digest@news.example")
STRICT = policy.default.clone(raise_on_defect=True)


def test_a_notice_is_plain_text_that_comes_back_as_it_was() -> None:
    text = "The slot weekly/2026-11-27 was missed.\n\nÑ " + "x" * 200 + "\n"
    source = plain_message(SENDER, "staff@news.example", "Missed: weekly", text, CUTOFF, MESSAGE_ID)
    message = email.message_from_bytes(source, _class=EmailMessage, policy=STRICT)
    assert message.get_content_type() == "text/plain"
    assert message.get_content() == text.replace("\n", "\r\n")
    assert message["From"].addresses[0].display_name == "Prensa Ñandú"
    assert message["To"] == "staff@news.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == CUTOFF


def test_no_line_of_a_notice_begins_with_a_dot() -> None:
    source = plain_message(SENDER, "staff@news.example", "Dots", ".\n..\n", CUTOFF, MESSAGE_ID)
    assert source.endswith(b"\r\n\r\n=2E\r\n=2E.\r\n")
