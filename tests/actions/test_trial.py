"""An edition is mailed to somebody who looks at it, and to nobody else."""

import pytest

from digest.actions.holders import Link, who_holds
from digest.actions.trial import send_test
from digest.addresses import parse_address
from digest.audience.interests import Interests, Variant
from digest.errors import Refused
from tests.actions.desk import Desk

ENGLISH = Variant("en")
PRISONS = Interests(topics=frozenset({"prisons"}))


@pytest.fixture(autouse=True)
def composed(desk: Desk) -> None:
    desk.go()
    desk.write("strike")
    desk.at("2026-11-26 09:30")
    desk.post.mails.clear()


def look(desk: Desk, *addresses: str) -> None:
    send_test(desk.office, desk.edition(), [parse_address(one) for one in addresses], ENGLISH, lambda: "0123")


def test_a_test_is_marked_goes_to_those_named_and_its_links_act_for_nobody(desk: Desk) -> None:
    look(desk, "Editor@desk.example")
    ((address, message),) = desk.post.mails
    assert address == message["To"] == "Editor@desk.example"
    assert str(message["Subject"]).startswith("[Test] ")
    token = str(message["List-Unsubscribe"]).partition("/unsubscribe/")[2][:43]
    assert who_holds(desk.office, Link.UNSUBSCRIBE, token) is None
    assert not desk.store.deliveries.counts(desk.edition().key)


def test_where_config_names_who_may_be_mailed_nobody_else_can_be(desk: Desk) -> None:
    sender = {"name": "Desk", "email": "digest@news.example"}
    desk.configure(mail={"from": sender, "smtp": [{"host": "localhost"}], "only_to": ["editor@desk.example"]})
    look(desk, "EDITOR@desk.example")
    with pytest.raises(Refused, match=r"`mail\.only_to` does not name ana@paper\.example"):
        look(desk, "ana@paper.example")
    assert len(desk.post.mails) == 1


def test_a_choice_that_leaves_nothing_is_refused_as_its_readers_get_no_mail(desk: Desk) -> None:
    desk.configure(topics={"prisons": {"label": "Prisons"}})
    with pytest.raises(Refused, match=r"nothing for readers who chose `en topics:prisons`"):
        send_test(desk.office, desk.edition(), [], Variant("en", PRISONS), lambda: "0123")


def test_an_edition_that_says_nothing_but_goes_to_everybody_can_be_tested_with_any_choice(desk: Desk) -> None:
    (desk.folder / "items" / "strike.yaml").unlink()
    desk.settings(when_empty="send")
    desk.compose()
    editor = [parse_address("editor@desk.example")]
    send_test(desk.office, desk.edition(), editor, Variant("en", PRISONS), lambda: "0123")
    assert len(desk.post.mails) == 1
