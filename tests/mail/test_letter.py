import email
from email import policy
from email.message import EmailMessage
from pathlib import Path

from lxml.html import document_fromstring

from digest.config import Sender
from digest.mail.letter import Letter, letter_message, render_letter
from tests.mail.samples import CONFIG, CUTOFF, MESSAGE_ID

SENDER = Sender(name="Prensa Ñandú", email="digest@news.example")
STRICT = policy.default.clone(raise_on_defect=True)
HERE = Path(__file__).parent  # a newsroom without templates of its own
LETTER = Letter(
    subject="The slot was missed",
    paragraphs=("The slot <weekly/2026-11-27> was missed.\n.\nSee https://news.example/x", "Ñ " + "x" * 200),
    language="en",
    why="You are on the staff.",
)


def test_a_letter_says_the_same_in_text_and_page_and_comes_back_as_it_was() -> None:
    copy = render_letter(LETTER, CONFIG, HERE)
    source = letter_message(
        copy, SENDER, "press@news.example", "staff@news.example", "Missed", CUTOFF, MESSAGE_ID, None
    )
    message = email.message_from_bytes(source, _class=EmailMessage, policy=STRICT)
    assert message["From"].addresses[0].display_name == "Prensa Ñandú"
    assert (message["To"], message["Subject"]) == ("staff@news.example", "Missed")
    assert message["Reply-To"] == "press@news.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == CUTOFF
    text, page = (str(part.get_content()).replace("\r\n", "\n") for part in message.iter_parts())
    assert (text, page) == (copy.text, copy.html)
    seen = " ".join("".join(str(one) for one in document_fromstring(page).itertext()).split())
    for words in ("The slot <weekly/2026-11-27> was missed.", "Ñ " + "x" * 200, "You are on the staff.", "1 Quay"):
        assert words in text.replace("\n", " ").replace("  ", " ")
        assert words in seen
    assert b"\r\n." not in source


def test_the_lines_of_a_letter_are_kept() -> None:
    copy = render_letter(LETTER, CONFIG, HERE)
    assert "was missed.\n.\nSee https://news.example/x\n" in copy.text
    assert "was missed.<br>" in copy.html
    assert 'href="https://news.example/x"' in copy.html
