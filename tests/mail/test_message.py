import email
from datetime import datetime
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import UnfitText
from digest.mail.headers import Envelope
from digest.mail.message import prepare
from digest.mail.quoted_printable import encode
from digest.mail.rendering import UNSUBSCRIBE_TOKEN, Rendering
from digest.mail.segments import joined
from tests.mail.samples import CUTOFF, MESSAGE_ID, TOKEN, UNSUBSCRIBE_URL, envelope

STRICT = policy.default.clone(raise_on_defect=True)
HEADERS = [
    "To",
    "Message-ID",
    "From",
    "Subject",
    "Date",
    "MIME-Version",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Reply-To",
    "List-Id",
    "List-Help",
    "List-Unsubscribe-Post",
    "Feedback-ID",
    "List-Unsubscribe",
    "Content-Type",
]
RENDERING = Rendering(
    html=f'<p>é</p>\n<!-- cut: entry one -->\n<p>.</p>\n.dot\n<!-- cut: foot -->\n<a href="{UNSUBSCRIBE_URL}">x</a>\n',
    text=f".leading dot\nUnsubscribe:\n{UNSUBSCRIBE_URL}\n{UNSUBSCRIBE_TOKEN}\n..\n",
)
ADDRESS = "reader@paper.example"
LINES = st.lists(
    st.one_of(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=100),
        st.sampled_from([".", "..", ".x", UNSUBSCRIBE_TOKEN, f"{UNSUBSCRIBE_URL} end", "x" * 200 + UNSUBSCRIBE_TOKEN]),
    )
).map(lambda lines: "\n".join([*lines, ""]))


def as_file(rendering: Rendering, headers: Envelope) -> bytes:
    return prepare(rendering, headers).as_file(ADDRESS, TOKEN, MESSAGE_ID)


def parsed(message: bytes) -> EmailMessage:
    return email.message_from_bytes(message, _class=EmailMessage, policy=STRICT)


def parts(message: EmailMessage) -> tuple[str, str]:
    text, html = message.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    return str(text.get_content()).replace("\r\n", "\n"), str(html.get_content()).replace("\r\n", "\n")


def name_in(message: EmailMessage) -> str:
    """Return the name in From as RFC 2047 says; Python 3.11's own reader puts spaces between encoded words."""
    source = next(value for name, value in message.raw_items() if name == "From")
    return str(make_header(decode_header(str(source).rpartition("<")[0]))).strip()


def meant(text: str) -> str:
    return text.replace(UNSUBSCRIBE_TOKEN, TOKEN)


def test_a_message_has_these_headers_and_no_others() -> None:
    message = parsed(as_file(RENDERING, envelope()))
    assert message.keys() == HEADERS
    assert message["To"] == ADDRESS
    assert message["Message-ID"] == MESSAGE_ID
    assert message["From"] == "Newsroom <digest@news.example>"
    assert message["Reply-To"] == "press@news.example"
    assert message["Date"].datetime == CUTOFF
    assert message["List-Id"] == "The week <weekly.6d0f3a5e8a534a0c9f5b3c1f2b7e9d10.localhost>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    assert str(message.get_boundary()).startswith("=_")


def test_the_unsubscribe_addresses_are_folded_only_between_them() -> None:
    source = as_file(RENDERING, envelope()).decode("ascii")
    by_mail = f"<mailto:leave@news.example?subject=unsubscribe%20{TOKEN}>"
    assert f"List-Unsubscribe: <{meant(UNSUBSCRIBE_URL)}>,\r\n {by_mail}\r\n" in source
    only_web = as_file(RENDERING, envelope(unsubscribe_mailbox=None)).decode("ascii")
    assert f"List-Unsubscribe: <{meant(UNSUBSCRIBE_URL)}>\r\nContent-Type" in only_web


def test_the_parts_come_back_as_they_were_meant_text_first() -> None:
    message = parsed(as_file(RENDERING, envelope()))
    text, html = message.iter_parts()
    assert (text["Content-Type"], html["Content-Type"]) == (
        'text/plain; charset="utf-8"; format="fixed"',
        'text/html; charset="utf-8"',
    )
    assert parts(message) == (meant(RENDERING.text), meant(joined(RENDERING.html)))


@given(LINES, LINES)
@settings(max_examples=100)
def test_any_text_comes_back_and_its_source_is_fit_for_smtp(text: str, html: str) -> None:
    rendering = Rendering(html, text)
    prepared = prepare(rendering, envelope())
    file = prepared.as_file(ADDRESS, TOKEN, MESSAGE_ID)
    wire = prepared.for_recipient(ADDRESS, TOKEN, MESSAGE_ID)
    assert parts(parsed(file)) == (meant(text), meant(html))
    assert wire.replace(b"\r\n.", b"\r\n") == file
    assert file.endswith(b"\r\n")
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert b"\r" not in file.replace(b"\r\n", b"")
    assert b"\r\n.\r\n" not in wire
    assert max(map(len, file.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76


@given(LINES)
@settings(max_examples=100)
def test_a_spliced_part_equals_one_encoded_with_the_token_in_place(text: str) -> None:
    spliced = encode(text, UNSUBSCRIBE_TOKEN).replace(UNSUBSCRIBE_TOKEN.encode(), TOKEN.encode())
    assert spliced == encode(meant(text), TOKEN)


def test_a_boundary_follows_from_the_content() -> None:
    first, again = as_file(RENDERING, envelope()), as_file(RENDERING, envelope(subject="Another"))
    other = as_file(Rendering(RENDERING.html, "Other\n"), envelope())
    boundaries = [parsed(message).get_boundary() for message in (first, again, other)]
    assert boundaries[0] == boundaries[1] != boundaries[2]


def test_a_subject_that_holds_the_placeholder_stays_as_it_is() -> None:
    subject = f"About {UNSUBSCRIBE_TOKEN}"
    message = parsed(as_file(RENDERING, envelope(subject=subject, from_name=UNSUBSCRIBE_TOKEN)))
    assert message["Subject"] == subject
    assert message["From"].addresses[0].display_name == UNSUBSCRIBE_TOKEN


@pytest.mark.parametrize("subject", ["=?utf-8?q?hello=0ABcc:_v=40y?=", "Libertad ya: 200 años 😀", "x" * 2000, "حرية"])
def test_a_hostile_subject_adds_no_header(subject: str) -> None:
    message = parsed(as_file(RENDERING, envelope(subject=subject, list_name=subject, from_name=subject)))
    assert message.keys() == HEADERS
    assert message["Subject"] == subject
    assert name_in(message) == subject


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": "a\r\nBcc: v@y"},
        {"from_name": "a\nb"},
        {"from_email": "a@b\r\nBcc: v@y"},
        {"reply_to": "josé@news.example"},
        {"list_id": "a>b"},
        {"list_name": "a\0"},
        {"help_url": "https://bücher.example/"},
        {"help_url": "https://news.example/" + "x" * 990},
        {"feedback_id": "a b"},
        {"unsubscribe_url": UNSUBSCRIBE_URL + ">"},
        {"unsubscribe_url": "https://news.example/unsubscribe"},
        {"date": datetime(2026, 11, 27)},  # noqa: DTZ001 - the claim is that it is refused
    ],
)
def test_what_no_header_can_hold_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(UnfitText):
        prepare(RENDERING, envelope(**fields))


@pytest.mark.parametrize(
    ("address", "token", "message_id"),
    [
        ("a@b\r\nBcc: v@y", TOKEN, MESSAGE_ID),
        ("josé@paper.example", TOKEN, MESSAGE_ID),
        (ADDRESS, TOKEN + "x", MESSAGE_ID),
        (ADDRESS, "." + TOKEN[1:], MESSAGE_ID),
        (ADDRESS, TOKEN, "<a@b>\r\nBcc: v@y"),
        (ADDRESS, TOKEN, "a@b"),
    ],
)
def test_a_recipient_that_headers_cannot_hold_is_refused(address: str, token: str, message_id: str) -> None:
    with pytest.raises(UnfitText):
        prepare(RENDERING, envelope()).for_recipient(address, token, message_id)
