import email
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st

from digest.audience.interests import Interests
from digest.editions.composition import Composition
from digest.errors import UnfitText
from digest.mail.arrangement import whole
from digest.mail.headers import Envelope, common_fields, recipient_fields, subject_field
from digest.mail.message import PreparedMessage, Tokens
from digest.mail.rendering import PREFERENCES_TOKEN, UNSUBSCRIBE_TOKEN, copy_for, render_arrangement, render_mail
from digest.mail.segments import without_cuts
from tests.mail.samples import (
    CONFIG,
    CUTOFF,
    MESSAGE_ID,
    PICTURE,
    TOKENS,
    UNSUBSCRIBE_URL,
    composition,
    entry,
    envelope,
)

STRICT = policy.default.clone(raise_on_defect=True)
HEADERS = [
    "To",
    "Message-ID",
    "Subject",
    "List-Unsubscribe",
    "From",
    "Date",
    "MIME-Version",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Reply-To",
    "List-Id",
    "List-Help",
    "List-Unsubscribe-Post",
    "Feedback-ID",
    "Content-Type",
]
ADDRESS = "reader@paper.example"
ALL = Interests()
PLACEHOLDERS = {UNSUBSCRIBE_TOKEN: TOKENS.unsubscribe, PREFERENCES_TOKEN: TOKENS.preferences}
HERE = Path(__file__).parent  # a newsroom without templates of its own
RENDERING = render_mail(composition(), CONFIG, HERE, None)


def spliced(
    headers: Envelope | None = None,
    edition: Composition | None = None,
    **choice: frozenset[str],
) -> bytes:
    edition = edition or composition()
    rendering = render_mail(edition, CONFIG, HERE, None)
    prepared = PreparedMessage(rendering, edition, headers or envelope())
    return prepared.for_recipient(ADDRESS, TOKENS, MESSAGE_ID, Interests(**choice))


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
    for placeholder, token in PLACEHOLDERS.items():
        text = text.replace(placeholder, token)
    return text


def visible(text: str) -> str:
    """Return the text without spaces at the ends of lines, which base64 fills up with."""
    return re.sub(" +$", "", text, flags=re.MULTILINE)


def check_source(message: bytes) -> None:
    """Assert what SMTP and DKIM want of the source."""
    assert message.endswith(b"\r\n")
    assert message.count(b"\n") == message.count(b"\r") == message.count(b"\r\n")
    assert b"\r\n." not in message
    head, _, body = message.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert not re.search(rb"[ \t]\r\n|[ \t]{2}|\t", body)


def test_a_message_has_these_headers_and_no_others() -> None:
    message = parsed(spliced())
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
    source = spliced().decode("ascii")
    by_mail = f"<mailto:leave@news.example?subject=unsubscribe%20{TOKENS.unsubscribe}>"
    assert f"List-Unsubscribe: <{meant(UNSUBSCRIBE_URL)}>,\r\n {by_mail}\r\n" in source
    only_web = spliced(envelope(unsubscribe_mailbox=None)).decode("ascii")
    assert f"List-Unsubscribe: <{meant(UNSUBSCRIBE_URL)}>\r\nFrom: " in only_web


def test_the_parts_come_back_as_they_were_meant_text_first() -> None:
    message = parsed(spliced())
    text, html = message.iter_parts()
    assert (text["Content-Type"], html["Content-Type"]) == (
        'text/plain; charset="utf-8"; format="fixed"',
        'text/html; charset="utf-8"',
    )
    copy = copy_for(RENDERING, composition(), ALL)
    assert parts(message) == (meant(copy.text), meant(copy.html))


LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])
WORDS = st.one_of(
    st.text(LETTERS, min_size=1, max_size=80),
    st.sampled_from(
        ["حرية الصحافة " * 8, "Αθήνα " * 20, "新闻自由" * 30, "." * 90, ". x", "a  b", "<b>&amp;", "{lead}"]
    ),
)


@st.composite
def editions(draw: st.DrawFn) -> Composition:
    """Return an edition of any texts, in a language of either direction."""
    number = st.integers(0, 5)
    entries = tuple(
        entry(
            f"entry-{place}",
            kind=draw(st.sampled_from(["press-release", "report"])),
            topics=draw(st.sampled_from([("asylum",), ("prisons",), ("asylum", "prisons"), ()])),
            title=draw(WORDS),
            summary=draw(WORDS),
            place=draw(st.one_of(st.none(), WORDS)),
            language=draw(st.sampled_from(["en", "ar", "es"])),
            image=draw(st.sampled_from([None, PICTURE])),
        )
        for place in range(draw(number))
    )
    kinds = {one.kind for one in entries}
    sections = composition().sections
    return composition(
        entries=entries,
        sections=tuple(section for section in sections if section.kind in kinds),
        changes=draw(st.sampled_from([(), composition().changes])),
        limit=draw(st.integers(1, 5)),
        language=draw(st.sampled_from(["en", "es", "ar"])),
        note=draw(st.one_of(st.none(), st.just("A *note*."))),
    )


CHOICES = st.builds(
    Interests,
    kinds=st.frozensets(st.sampled_from(["press-release", "report"])),
    topics=st.frozensets(st.sampled_from(["asylum", "prisons"])),
)


def test_a_spliced_message_is_the_one_that_is_built_for_its_recipient_alone(rounds: Callable[[int, int], int]) -> None:
    @given(editions(), CHOICES, st.sampled_from([None, "leave@news.example"]))
    @settings(max_examples=rounds(40, 400), deadline=None)
    def splice(edition: Composition, interests: Interests, mailbox: str | None) -> None:
        check_spliced(edition, interests, mailbox)

    splice()


def check_spliced(edition: Composition, interests: Interests, mailbox: str | None) -> None:
    """Assert that a message reads as the mail that is rendered of what its recipient chose, and of nothing else."""
    headers = envelope(unsubscribe_mailbox=mailbox)
    message = PreparedMessage(render_mail(edition, CONFIG, HERE, "<p>Note</p>"), edition, headers).for_recipient(
        ADDRESS, TOKENS, MESSAGE_ID, interests
    )
    check_source(message)
    chosen = tuple(one for one in edition.entries if interests.include(one.kind, one.topics))
    only = edition.model_copy(
        update={
            "entries": chosen,
            "sections": tuple(s for s in edition.sections if s.kind in {one.kind for one in chosen}),
            "changes": tuple(one for one in edition.changes if interests.include(one.kind, one.topics)),
        }
    )
    numbers = {place: edition.changes.index(one) for place, one in enumerate(only.changes)}
    shown = replace(whole(only), changes=[(numbers[place], one) for place, one in enumerate(only.changes)])
    alone = render_arrangement(shown, edition, CONFIG, HERE, "<p>Note</p>")
    back = parsed(message)
    assert back.keys() == HEADERS
    assert back["Subject"] == only.subject
    text, html = parts(back)
    assert visible(html) == visible(meant(without_cuts(alone.html)))
    assert visible(text) == visible(meant("".join(alone.segments.text.values())))


ODD = '\r\n\0\x0b\x85\u2028=?:<>@,;"\\ \t'
HOSTILE = st.one_of(
    st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from(ODD)), max_size=60),
    st.text(st.one_of(LETTERS, st.sampled_from('=?:<>@,;"\\ ')), max_size=200),
    st.text(st.sampled_from("abz09.-@!=?"), max_size=40).map(lambda text: f"{text}@paper.example"),
)


def test_hostile_titles_names_and_addresses_add_no_header_and_no_odd_line(rounds: Callable[[int, int], int]) -> None:
    """4,000 of them in the quick round, 20,000 in the long one."""

    @given(st.lists(HOSTILE, min_size=100, max_size=100))
    @settings(max_examples=rounds(40, 200), deadline=None, suppress_health_check=list(HealthCheck))
    def attack(hostile: list[str]) -> None:
        accepted = 0
        for text in hostile:
            for fields in (of_title, of_name, of_address):
                with suppress(UnfitText):
                    check_headers(fields(text))
                    accepted += 1
        target(accepted)  # so that what is accepted is tried most

    attack()


def of_title(text: str) -> bytes:
    return common_fields("Desk", "a@b.example", CUTOFF) + subject_field(text)


def of_name(text: str) -> bytes:
    return common_fields(text, "a@b.example", CUTOFF)


def of_address(text: str) -> bytes:
    return common_fields("Desk", "a@b.example", CUTOFF) + recipient_fields(text, MESSAGE_ID)


def check_headers(source: bytes) -> None:
    """Assert that there is no header that was not meant, no odd line, and none that is too long."""
    assert source.count(b"\n") == source.count(b"\r") == source.count(b"\r\n")
    assert max(map(len, source.split(b"\r\n"))) <= 998
    meant = {"From", "Date", "MIME-Version", "Auto-Submitted", "X-Auto-Response-Suppress"}
    names = [line.partition(b":")[0].decode() for line in source.split(b"\r\n") if line and line[:1] not in b" \t"]
    assert len(names) == len(set(names))
    assert meant <= set(names) <= meant | {"Subject", "To", "Message-ID"}
    assert not source.count(b"\r\n\r\n")


def test_the_subject_names_what_the_reader_gets() -> None:
    edition = composition(subject_form="{lead} and {count} in all")
    assert parsed(spliced(edition=edition))["Subject"] == "Title of lead and 5 in all"
    only_reports = parsed(spliced(edition=edition, kinds=frozenset({"report"})))
    assert only_reports["Subject"] == "حرية الصحافة and 1 in all"


def test_a_part_that_is_mostly_not_latin_goes_as_base64() -> None:
    arabic = tuple(entry(f"entry-{place}", title="حرية " * 20, summary="الصحافة " * 60) for place in range(9))
    text, html = parsed(spliced(edition=composition(entries=arabic))).iter_parts()
    assert (text["Content-Transfer-Encoding"], html["Content-Transfer-Encoding"]) == ("base64", "base64")
    text, html = parsed(spliced()).iter_parts()
    assert html["Content-Transfer-Encoding"] == "quoted-printable"


def test_a_boundary_follows_from_the_content() -> None:
    other = spliced(edition=composition(title="Another"))
    boundaries = [parsed(message).get_boundary() for message in (spliced(), spliced(envelope(from_name="X")), other)]
    assert boundaries[0] == boundaries[1] != boundaries[2]


def test_a_subject_that_holds_a_placeholder_stays_as_it_is() -> None:
    subject = f"About {UNSUBSCRIBE_TOKEN}"
    prepared = PreparedMessage(RENDERING, composition(subject_form=subject), envelope(from_name=UNSUBSCRIBE_TOKEN))
    message = parsed(prepared.for_recipient(ADDRESS, TOKENS, MESSAGE_ID, ALL))
    assert message["Subject"] == subject
    assert message["From"].addresses[0].display_name == UNSUBSCRIBE_TOKEN


@pytest.mark.parametrize("subject", ["=?utf-8?q?hello=0ABcc:_v=40y?=", "Libertad ya: 200 años 😀", "x" * 2000, "حرية"])
def test_a_hostile_subject_adds_no_header(subject: str) -> None:
    prepared = PreparedMessage(
        RENDERING, composition(subject_form=subject), envelope(list_name=subject, from_name=subject)
    )
    message = parsed(prepared.for_recipient(ADDRESS, TOKENS, MESSAGE_ID, ALL))
    assert message.keys() == HEADERS
    assert message["Subject"] == subject
    assert name_in(message) == subject


@pytest.mark.parametrize(
    "fields",
    [
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
        PreparedMessage(RENDERING, composition(), envelope(**fields))


def test_a_subject_that_no_header_can_hold_is_refused() -> None:
    with pytest.raises(UnfitText):
        PreparedMessage(RENDERING, composition(subject_form="a\r\nBcc: v@y"), envelope())


@pytest.mark.parametrize(
    ("address", "message_id"),
    [
        ("a@b\r\nBcc: v@y", MESSAGE_ID),
        ("josé@paper.example", MESSAGE_ID),
        (ADDRESS, "<a@b>\r\nBcc: v@y"),
        (ADDRESS, "a@b"),
    ],
)
def test_a_recipient_that_headers_cannot_hold_is_refused(address: str, message_id: str) -> None:
    with pytest.raises(UnfitText):
        PreparedMessage(RENDERING, composition(), envelope()).for_recipient(address, TOKENS, message_id, ALL)


@pytest.mark.parametrize("token", [TOKENS.unsubscribe + "x", "." + TOKENS.unsubscribe[1:], ""])
def test_a_token_that_is_none_is_refused(token: str) -> None:
    with pytest.raises(UnfitText):
        Tokens(token, TOKENS.preferences)
