"""What the owner of an address asks for by a fresh link: their data, another address, to be forgotten."""

import re
from datetime import timedelta

import pytest

from digest.actions.enlist import choice, enlist
from digest.actions.forget import forget
from digest.actions.holders import Holder, Link, link_for, who_holds
from digest.actions.letters import BOUNCED, deliver_letters
from digest.actions.personal import ask_to_manage, ask_to_move, erase, move, own_data, where_to
from digest.actions.subscribe import answer_requests
from digest.addresses import Address, parse_address
from digest.audience.requests import Says
from digest.audience.subscriber import Consent
from digest.audience.tokens import Claim, verify
from digest.errors import OutsideFailure
from digest.template_files import shipped_templates
from tests.actions.desk import Desk
from tests.audience.events import left
from tests.store.people import owe_letter

IP = "203.0.113.7"
KEPT = "250 2.0.0 kept (at the final dot)"
MAIL = {"from": {"name": "Desk", "email": "digest@news.example"}, "smtp": [{"host": "127.0.0.1", "connections": "1"}]}
NEW = parse_address("new@paper.example")


def holder(desk: Desk, link: Link = Link.MANAGE, number: int = 0, address: str = "ana@paper.example") -> Holder:
    who = desk.store.audience.get(address)
    assert who
    found = who_holds(desk.office, link, link_for(desk.office, link, who, number))
    assert found
    return found


def asked_to_move(desk: Desk, to: Address = NEW) -> str:
    """Return the token of the letter that asks the new address."""
    assert ask_to_move(desk.office, holder(desk), to, IP) is None
    answer_requests(desk.office)
    number = desk.store.letters.due(0, desk.clock(), 99)[-1].subscriber
    return link_for(desk.office, Link.MOVE, holder(desk).subscriber, number)


def go(desk: Desk, token: str) -> bool:
    """Follow the link to move as the page does; return whether everything goes there now."""
    found = who_holds(desk.office, Link.MOVE, token)
    to = where_to(desk.office, found) if found else None
    return bool(found and to and move(desk.office, found, to, IP))


def test_a_move_takes_a_link_to_either_address(desk: Desk) -> None:
    token = asked_to_move(desk)
    assert desk.store.audience.get(NEW.key) is None
    assert go(desk, token)
    deliver_letters(desk.office, lambda: False)
    assert sorted(address for address, _ in desk.post.mails) == ["ana@paper.example", "new@paper.example"]
    who = desk.store.audience.get(NEW.key)
    assert who
    assert who.state is Consent.CONFIRMED
    assert desk.store.audience.get("ana@paper.example") is None


def _leads(desk: Desk, address: str) -> set[str]:
    """Return the names of the pages that the last letter to an address leads to."""
    mail = [mail for to, mail in desk.post.mails if to == address][-1]
    return set(re.findall(r"desk\.news\.example/([a-z-]+)/", str(mail)))


def test_links_to_choose_and_to_leave_go_to_the_subscribers_own_address_only(desk: Desk) -> None:
    own = desk.folder / "templates/mail/letters"
    own.mkdir(parents=True)
    for says in (Says.MANAGE, Says.MOVE, Says.MOVED):
        shipped = (shipped_templates() / f"mail/letters/{says}.j2").read_text("utf-8")
        more = '{% set links = [("Choose", preferences), ("Leave", unsubscribe)] %}{% set action = "Press" %}'
        (own / f"{says}.j2").write_text(shipped + more, "utf-8")
    ask_to_manage(desk.office, holder(desk), IP)
    token = asked_to_move(desk)
    deliver_letters(desk.office, lambda: False)
    assert _leads(desk, "ana@paper.example") == {"my-data", "preferences", "unsubscribe"}
    assert _leads(desk, NEW.address) == {"move"}
    assert go(desk, token)
    deliver_letters(desk.office, lambda: False)
    assert _leads(desk, "ana@paper.example") == set()


@pytest.mark.parametrize(
    ("asked", "languages", "subject"),
    [
        ("es", (), "Your link to your data at Desk"),
        ("es-MX", ("es",), "Su enlace a sus datos en Desk"),
        ("fr", ("es",), "Your link to your data at Desk"),
    ],
)
def test_a_letter_is_in_a_language_that_the_newsroom_writes_in_as_its_digests_are(
    desk: Desk, asked: str, languages: tuple[str, ...], subject: str
) -> None:
    desk.configure(newsroom={**desk.newsroom.config.newsroom.model_dump(mode="json"), "languages": languages})
    enlist(desk.store.audience, "eva@paper.example", choice(desk.newsroom.config, (), asked, "Form."), desk.clock())
    ask_to_manage(desk.office, holder(desk, address="eva@paper.example"), IP)
    deliver_letters(desk.office, lambda: False)
    (mail,) = (mail for to, mail in desk.post.mails if to == "eva@paper.example")
    assert mail["Subject"] == subject


def test_a_bounce_of_a_letter_is_told_from_one_of_an_edition(desk: Desk) -> None:
    """The new address may be mistyped: what bounces there must not keep mail from the good one."""
    desk.configure(mail={**MAIL, "bounces": "bounces@mail.news.example"})
    paths: list[str] = []
    offer = desk.post.offer
    desk.post.offer = lambda outgoing: paths.append(outgoing.return_path) or offer(outgoing)  # type: ignore[func-returns-value, method-assign]
    asked_to_move(desk)
    number = desk.store.letters.due(0, desk.clock(), 99)[-1].subscriber
    deliver_letters(desk.office, lambda: False)
    (token,) = (path.removeprefix("bounces+").removesuffix("@mail.news.example") for path in paths)
    assert verify(desk.office.keys, "bounce", token) is None
    assert verify(desk.office.keys, BOUNCED, token) == Claim(holder(desk).subscriber.key, number)


def test_the_link_of_an_earlier_move_moves_nowhere_else(desk: Desk) -> None:
    first = asked_to_move(desk)
    second = asked_to_move(desk, parse_address("other@paper.example"))
    assert go(desk, second)
    assert not go(desk, first)
    assert not go(desk, second)
    assert desk.store.audience.get(NEW.key) is None


def test_each_link_to_move_leads_to_the_address_that_it_was_mailed_to(desk: Desk) -> None:
    asked_to_move(desk, parse_address("other@paper.example"))
    assert go(desk, asked_to_move(desk))
    assert desk.store.audience.get(NEW.key)


def test_a_link_to_move_is_worth_nothing_after_a_day(desk: Desk) -> None:
    token = asked_to_move(desk)
    desk.clock.move(days=1, seconds=1)
    assert not go(desk, token)


def test_a_link_to_move_of_another_letter_moves_nobody(desk: Desk) -> None:
    owe_letter(desk.store.letters, holder(desk).subscriber.key, Says.WELCOME, desk.clock())
    number = desk.store.letters.due(0, desk.clock(), 9)[-1].subscriber
    assert where_to(desk.office, holder(desk, Link.MOVE, number)) is None
    desk.subscribe("ben@paper.example")
    token = asked_to_move(desk)
    found = who_holds(desk.office, Link.MOVE, token)
    assert found
    assert where_to(desk.office, holder(desk, Link.MOVE, found.number, "ben@paper.example")) is None


def test_nobody_moves_to_an_address_that_was_taken_meanwhile(desk: Desk) -> None:
    token = asked_to_move(desk)
    desk.subscribe(NEW.address)
    assert not go(desk, token)
    assert desk.store.audience.get("ana@paper.example")


def test_the_link_to_ones_data_comes_by_mail_and_three_times_a_day_at_most(desk: Desk) -> None:
    asked = [ask_to_manage(desk.office, holder(desk, Link.PREFERENCES), IP) for _ in range(5)]
    assert asked == [None, None, None, "address", "address"]
    deliver_letters(desk.office, lambda: False)
    assert [address for address, _ in desk.post.mails] == ["ana@paper.example"] * 3
    assert "/my-data/" in str(desk.post.mails[0][1].get_body(("plain",)))


def test_ones_own_data_are_all_that_is_kept(desk: Desk) -> None:
    desk.settings(approval="automatic")
    desk.go()
    desk.write("strike")
    desk.at("2026-11-27 09:00")
    ask_to_manage(desk.office, holder(desk, Link.PREFERENCES), IP)
    deliver_letters(desk.office, lambda: False)
    data = own_data(desk.store.audience, holder(desk).subscriber)
    version = desk.store.audience.mails_to(holder(desk).subscriber.key)[0].items[0][1]
    assert data == {
        "address": "ana@paper.example",
        "state": "confirmed",
        "language": "en",
        "digests": ["weekly"],
        "kinds": [],
        "topics": [],
        "chosen_at": None,
        "paused_until": None,
        "consent": [
            {"at": "2026-11-20T11:00:00Z", "state": "confirmed", "source": "staff", "evidence": "asked by letter"}
        ],
        "editions": [
            {
                "edition": "weekly/2026-11-27",
                "state": "sent",
                "reply": KEPT,
                "at": "2026-11-27T08:00:00Z",
                "attempts": 1,
                "variant": "en",
                "items": [{"slug": "strike", "version": version, "change": ""}],
            }
        ],
        "letters": [
            {
                "says": "manage",
                "address": "ana@paper.example",
                "state": "sent",
                "reply": KEPT,
                "at": "2026-11-27T08:00:00Z",
            }
        ],
    }


def test_who_was_erased_is_mailed_nothing_more(desk: Desk) -> None:
    ask_to_manage(desk.office, holder(desk), IP)
    answer_requests(desk.office)
    assert erase(desk.office, holder(desk))
    deliver_letters(desk.office, lambda: False)
    assert desk.post.mails == []


def test_an_address_that_was_asked_to_move_to_is_forgotten_with_the_letter(desk: Desk) -> None:
    asked_to_move(desk)
    deliver_letters(desk.office, lambda: False)
    number = 1
    desk.clock.move_to(desk.clock() + timedelta(days=29))
    forget(desk.office, desk.clock())
    assert desk.store.letters.owed(number)
    desk.clock.move_to(desk.clock() + timedelta(days=2))
    forget(desk.office, desk.clock())
    assert desk.store.letters.owed(number) is None


@pytest.mark.parametrize("mistake", ["{% set subject %}", "{% set subject = 'Only that' %}"])
def test_a_mistake_in_a_letters_template_is_told_and_loses_no_letter(desk: Desk, mistake: str) -> None:
    who = holder(desk).subscriber
    owe_letter(desk.store.letters, who.key, Says.MANAGE, desk.clock())
    template = desk.folder / "templates" / "mail" / "letters" / "manage.j2"
    template.parent.mkdir(parents=True)
    template.write_text(mistake)
    with pytest.raises(OutsideFailure, match=r"manage\.j2"):
        deliver_letters(desk.office, lambda: False)
    template.unlink()
    deliver_letters(desk.office, lambda: False)
    assert [address for address, _ in desk.post.mails] == [who.address]


def test_a_letter_that_is_deferred_is_given_up_by_its_own_age(desk: Desk) -> None:
    who = holder(desk).subscriber
    desk.post.greylisted.add(who.address)
    owe_letter(desk.store.letters, who.key, Says.MANAGE, desk.clock())
    for _ in range(60):
        deliver_letters(desk.office, lambda: False)
        desk.clock.move(hours=1)
    [letter] = desk.store.audience.letters_to(who.key)
    assert (str(letter.state), letter.reply) == ("failed", "given up after 48 h: 451 4.3.0 later (at RCPT)")
    desk.post.greylisted.clear()
    owe_letter(desk.store.letters, who.key, Says.MANAGE, desk.clock())
    deliver_letters(desk.office, lambda: False)
    assert len(desk.post.mails) == 1


def test_who_left_has_no_link_to_their_data_any_more(desk: Desk) -> None:
    token = link_for(desk.office, Link.MANAGE, holder(desk).subscriber)
    desk.store.audience.leave(holder(desk).subscriber.key, left())
    assert who_holds(desk.office, Link.MANAGE, token) is None


def test_in_staging_letters_go_only_to_those_named_and_answers_to_people(desk: Desk) -> None:
    desk.configure(mail=MAIL | {"only_to": ["ana@paper.example"], "reply_to": "press@news.example"})
    agreed = choice(desk.newsroom.config, (), None, "Form.")
    enlist(desk.store.audience, "ben@paper.example", agreed, desk.clock())
    for address in ("ana@paper.example", "ben@paper.example"):
        ask_to_manage(desk.office, holder(desk, address=address), IP)
    asked_to_move(desk)
    deliver_letters(desk.office, lambda: False)
    assert [(address, mail["Reply-To"]) for address, mail in desk.post.mails] == [
        ("ana@paper.example", "press@news.example")
    ]
    facts = own_data(desk.store.audience, holder(desk, address="ben@paper.example").subscriber)["letters"]
    assert isinstance(facts, list)
    assert [(fact["state"], fact["reply"]) for fact in facts] == [("skipped", "mail.only_to does not name them")]
