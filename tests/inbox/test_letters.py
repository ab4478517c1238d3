"""What can be said of our mails without any other program, but a verifier of signatures."""

import re
from collections.abc import Callable

import dkim

from digest.audience.requests import Says
from digest.mail.rendering import MAX_HTML_BYTES
from digest.signing_key import SigningKey
from tests.inbox.letters import Letter, Post
from tests.inbox.tampering import damaged
from tests.mail.keys import rsa_pem

NAME = b"digest._domainkey.amparo.example."
LEADS_TO = {
    Says.CONFIRM: {"confirm"},
    Says.KNOWN: {"preferences", "unsubscribe"},
    Says.WELCOME: {"preferences", "unsubscribe"},
    Says.LEFT: {"confirm"},
    Says.MANAGE: {"my-data"},
    Says.MOVE: {"move"},
    Says.MOVED: set(),
}
RECORD = f"v=DKIM1; k=rsa; p={SigningKey(rsa_pem()).public()}".encode()


def verifies(source: bytes) -> bool:
    known = {NAME: RECORD}
    return bool(dkim.verify(source, dnsfunc=lambda name, timeout: known.get(name) if timeout else None))


def test_a_strict_reader_finds_no_defect(letters: list[Letter]) -> None:
    for letter in letters:
        text, page = letter.parsed.iter_parts()
        assert [text.get_content_type(), page.get_content_type()] == ["text/plain", "text/html"]
        assert [part.defects for part in letter.parsed.walk()] == [[], [], []], letter.name
        assert text.get_content().strip(), letter.name


def test_a_page_has_at_most_90000_bytes_so_that_gmail_shows_all_of_it(letters: list[Letter]) -> None:
    sizes = {letter.name: len(letter.html.encode()) for letter in letters}

    assert {name: size for name, size in sizes.items() if size > MAX_HTML_BYTES} == {}
    assert MAX_HTML_BYTES <= 90_000


def test_no_line_is_longer_than_smtp_allows_and_all_is_ascii(letters: list[Letter]) -> None:
    for letter in letters:
        assert max(map(len, letter.source.split(b"\r\n"))) <= 998, letter.name
        assert letter.source.isascii(), letter.name


def test_what_names_the_reader_leads_out_by_one_click(letters: list[Letter]) -> None:
    for letter in (one for one in letters if one.parsed["List-Id"]):
        assert letter.parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        address = re.search(r"<(https://[^>]+)>", letter.parsed["List-Unsubscribe"])
        assert address, letter.name
        assert address[1] in letter.html
        assert "_THE_TOKEN_" not in letter.html


def test_a_letter_about_a_subscription_is_no_mail_of_a_list_and_leads_to_one_page(post: Callable[[str], Post]) -> None:
    letters = post("subscribers").letters
    assert len(letters) == 2 * len(Says)
    for letter in letters:
        assert (letter.parsed["List-Id"], letter.parsed["List-Unsubscribe"]) == (None, None)
        assert letter.parsed["Auto-Submitted"] == "auto-generated"
        pages = set(re.findall(r'href="https://newsroom\.amparo\.example/([a-z-]+)/[\w-]{43}"', letter.html))
        assert pages == LEADS_TO[Says(letter.name.rpartition(" ")[2])], letter.name


def test_every_page_says_in_which_language_and_direction_it_is(letters: list[Letter]) -> None:
    for letter in letters:
        direction = "rtl" if letter.language == "ar" else "ltr"
        assert f'<html lang="{letter.language}" dir="{direction}">' in letter.html, letter.name


def test_dkimpy_finds_the_signature_good(letters: list[Letter]) -> None:
    assert [letter.name for letter in letters if not verifies(letter.source)] == []


def test_dkimpy_finds_every_damage(letters: list[Letter]) -> None:
    missed = [f"{one.name}: {what}" for one in letters for what, bad in damaged(one.source) if verifies(bad)]

    assert missed == []


def test_the_damages_are_many(letters: list[Letter]) -> None:
    fewest = 18 if letters[0].parsed["List-Id"] else 14  # a letter has fewer header fields to damage
    assert len(dict(damaged(letters[0].source))) >= fewest


def test_words_of_two_directions_keep_numbers_where_they_were_written(post: Callable[[str], Post]) -> None:
    pages = {letter.name: letter.html for letter in post("right-to-left").letters}

    assert re.search('dir="ltr"[^>]*>\\+34\u00a0910', pages["right-to-left ar all"])  # not 000 000 910 34+
    assert "Puerto Almira \u200f· 16" in pages["right-to-left ar all"]
    assert "بلمارا \u200e· 19" in pages["right-to-left es all"]
    assert "it.<br>" in pages["right-to-left en all"]  # not it.Read
