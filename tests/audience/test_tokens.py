import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience import tokens
from digest.audience.tokens import Claim

KEY, OLD_KEY, FOREIGN_KEY = b"k" * 32, b"o" * 32, b"f" * 32
SUBSCRIBERS = st.integers(0, 2**64 - 1)
EDITIONS = st.integers(0, 2**32 - 1)
VERSIONS = st.integers(0, 2**16 - 1)


@given(SUBSCRIBERS, EDITIONS, VERSIONS)
def test_a_token_says_who_and_which_edition(subscriber: int, edition: int, version: int) -> None:
    token = tokens.sign([KEY], "unsubscribe", subscriber, edition, version)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert tokens.verify([KEY], "unsubscribe", token) == Claim(subscriber, edition, version)


def test_a_link_in_a_mail_of_before_there_were_versions_works() -> None:
    made_then = "XgAAAAAAAAAHAAAAAAADlEqy-hbZP4vDFfnWiBr__tw"
    assert tokens.verify([KEY], "unsubscribe", made_then) == Claim(7, 3, version=0)


@given(SUBSCRIBERS, EDITIONS)
def test_a_token_for_addresses_survives_relays_that_fold_case(subscriber: int, edition: int) -> None:
    token = tokens.sign_base32([KEY], "bounce", subscriber, edition)
    assert re.fullmatch(r"[a-z2-7]{52}", token)
    assert tokens.verify([KEY], "bounce", token.upper()) == Claim(subscriber, edition)


def test_a_token_is_worth_nothing_for_another_purpose() -> None:
    token = tokens.sign([KEY], "unsubscribe", 7, 3)
    assert tokens.verify([KEY], "confirm", token) is None


def test_a_token_of_an_old_key_verifies_and_one_of_a_foreign_key_does_not() -> None:
    token = tokens.sign([OLD_KEY], "unsubscribe", 7, 3)
    assert tokens.verify([KEY, OLD_KEY], "unsubscribe", token) == Claim(7, 3)
    assert tokens.verify([KEY, FOREIGN_KEY], "unsubscribe", token) is None


@given(st.integers(0, 42), st.sampled_from("AZaz09_-"))
def test_no_character_of_a_token_can_be_changed(place: int, character: str) -> None:
    token = tokens.sign([KEY], "unsubscribe", 7, 3)
    forged = token[:place] + character + token[place + 1 :]
    assert (tokens.verify([KEY], "unsubscribe", forged) is not None) == (forged == token)


@given(st.text())
def test_any_other_text_is_no_token(text: str) -> None:
    assert tokens.verify([KEY], "unsubscribe", text) is None


@pytest.mark.parametrize("change", [lambda token: token + "=", lambda token: token[:-1], lambda token: token + "\n"])
def test_a_token_has_one_way_of_being_written(change: object) -> None:
    assert callable(change)
    assert tokens.verify([KEY], "unsubscribe", change(tokens.sign([KEY], "unsubscribe", 7, 3))) is None


def test_a_message_id_tells_nothing_and_is_the_same_each_time() -> None:
    part = tokens.message_id_part([KEY], 7, 3)
    assert re.fullmatch(r"[0-9a-f]{32}", part)
    assert part == tokens.message_id_part([KEY], 7, 3)
    assert len({part, tokens.message_id_part([KEY], 8, 3), tokens.message_id_part([KEY], 7, 4)}) == 3


def test_an_address_is_remembered_by_a_hash_that_needs_the_key() -> None:
    hashed = tokens.address_hash(KEY, "ana@paper.example")
    assert re.fullmatch(r"[0-9a-f]{64}", hashed)
    assert hashed == tokens.address_hash(KEY, "ana@paper.example")
    assert hashed != tokens.address_hash(OLD_KEY, "ana@paper.example")
