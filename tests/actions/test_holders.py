"""Whom a link stands for: bound to its purpose, its subscriber's version, its time and our keys."""

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.actions.holders import LIVES, Link, link_for, who_holds
from digest.actions.ports import Office
from digest.addresses import parse_address
from digest.audience.subscriber import Subscriber
from tests.actions.desk import Desk
from tests.audience.events import agreed, left

SECOND = timedelta(seconds=1)


def ana(desk: Desk) -> Subscriber:
    who = desk.store.audience.get("ana@paper.example")
    assert who
    return who


def held(office: Office, link: Link, token: str) -> str | None:
    holder = who_holds(office, link, token)
    return holder.subscriber.address if holder else None


@pytest.mark.parametrize("link", Link)
def test_a_link_stands_for_its_subscriber_and_for_one_purpose(desk: Desk, link: Link) -> None:
    token = link_for(desk.office, link, ana(desk), 7)
    assert [other for other in Link if held(desk.office, other, token)] == [link]
    holder = who_holds(desk.office, link, token)
    assert holder
    assert holder.masked == "a•••@paper.example"


@pytest.mark.parametrize("link", LIVES)
def test_a_link_that_expires_works_to_the_last_second(desk: Desk, link: Link) -> None:
    token = link_for(desk.office, link, ana(desk))
    made = desk.clock()
    desk.clock.move_to(made + LIVES[link])
    assert held(desk.office, link, token)
    desk.clock.move_to(made + LIVES[link] + SECOND)
    assert held(desk.office, link, token) is None


@pytest.mark.parametrize("link", sorted(set(Link) - set(LIVES)))
def test_a_link_of_another_kind_works_for_years(desk: Desk, link: Link) -> None:
    token = link_for(desk.office, link, ana(desk), 1)
    desk.clock.move(days=3650)
    assert held(desk.office, link, token)


@pytest.mark.parametrize("link", Link)
def test_after_a_move_or_leaving_only_the_link_to_leave_by_is_worth_anything(desk: Desk, link: Link) -> None:
    works = link is Link.UNSUBSCRIBE
    audience, token = desk.store.audience, link_for(desk.office, link, ana(desk), 1)
    assert audience.move(ana(desk).key, parse_address("new@paper.example"), agreed())
    assert held(desk.office, link, token) == ("new@paper.example" if works else None)
    who = audience.get("new@paper.example")
    assert who
    later = link_for(desk.office, link, who, 1)
    audience.leave(who.key, left())
    assert held(desk.office, link, later) == ("new@paper.example" if works else None)


@pytest.mark.parametrize("link", Link)
def test_nobody_holds_a_link_of_somebody_who_was_erased(desk: Desk, link: Link) -> None:
    token = link_for(desk.office, link, ana(desk), 1)
    desk.store.audience.erase(ana(desk).key, desk.clock())
    assert held(desk.office, link, token) is None


@pytest.mark.parametrize("link", Link)
def test_links_outlive_a_rotation_of_keys_until_their_key_is_gone(desk: Desk, link: Link) -> None:
    old, new = b"k" * 32, b"n" * 32
    token = link_for(desk.office, link, ana(desk), 1)
    rotated = replace(desk.office, keys=[new, old])
    assert held(rotated, link, token)
    assert link_for(rotated, link, ana(desk), 1) != token
    assert held(rotated, link, link_for(rotated, link, ana(desk), 1))
    assert held(replace(desk.office, keys=[new]), link, token) is None


def test_a_token_with_any_letter_changed_is_worth_nothing(desk: Desk) -> None:
    token = link_for(desk.office, Link.UNSUBSCRIBE, ana(desk), 1)
    for place, letter in enumerate(token):
        other = "B" if letter != "B" else "C"
        assert held(desk.office, Link.UNSUBSCRIBE, token[:place] + other + token[place + 1 :]) is None
