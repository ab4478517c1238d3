"""Why an address got an edition, or why not."""

import shutil
from datetime import timedelta

import pytest

from digest.actions import halt, send
from digest.actions.enlist import choice, enlist, interests_of
from digest.actions.explain import Explanation, explain
from digest.audience.requests import Wish
from digest.audience.subscriber import Evidence
from digest.errors import Refused
from tests.acceptance.newsroom import madrid
from tests.actions.desk import Desk
from tests.actions.test_languages import KINDS
from tests.audience.events import left

ANA, BEN = "ana@paper.example", "ben@paper.example"


def approved(desk: Desk) -> None:
    desk.write("strike")
    desk.at("2026-11-26 10:00")
    desk.approve()
    desk.clock.move_to(madrid("2026-11-27 09:00"))


def sent(desk: Desk) -> None:
    approved(desk)
    send.deliver(desk.office, send.start(desk.office, desk.edition()), lambda: False)


def told(desk: Desk, address: str = ANA) -> Explanation:
    return explain(desk.office, desk.edition(), address)


def key_of(desk: Desk, address: str) -> int:
    found = desk.store.audience.get(address)
    assert found
    return found.key


def test_who_got_it_is_told_when_after_how_many_attempts_what_was_in_it_and_by_which_consent(desk: Desk) -> None:
    desk.post.greylisted = {ANA}
    sent(desk)
    assert told(desk).got is None
    assert told(desk).why[0].startswith("the server deferred it on Fri 2026-11-27 09:00, after 1 attempt, and it is tr")
    desk.post.greylisted = set()
    desk.at("2026-11-27 09:10")
    why = told(desk)
    assert why.got is True
    assert why.why == (
        (
            "they got it: the mail server took it on Fri 2026-11-27 09:10, after 2 attempts, "
            "and said: 250 2.0.0 kept (at the final dot)"
        ),
        "their variant: in en, everything: 1 items, 0 changes",
        "consent at that time: confirmed since Fri 2026-11-20 12:00 by staff: asked by letter",
    )
    assert [slug for slug, _ in why.items] == ["strike"]
    assert why.facts()["attempts"] == 2


def test_a_bounce_a_suppression_and_a_cancellation_are_told_in_the_words_of_whoever_caused_them(desk: Desk) -> None:
    desk.subscribe(BEN, "cho@paper.example", "dan@paper.example")
    approved(desk)
    edition = send.start(desk.office, desk.edition())
    desk.store.audience.leave(key_of(desk, BEN), left(at=desk.clock()))
    desk.post.refused, desk.post.greylisted = {ANA}, {"cho@paper.example"}
    send.deliver(desk.office, edition, lambda: False)
    halt.cancel(desk.office, desk.edition(), "enough")
    assert (
        told(desk).why[0]
        == "the server refused the address on Fri 2026-11-27 09:00, after 1 attempt: 550 5.7.1 no (at RCPT)"
    )
    assert told(desk, BEN).why[0].startswith("when their turn came on Fri 2026-11-27 09:00, they had left, paused or ")
    assert told(desk, BEN).why[-1] == "today they are mailed nothing: they left"
    assert told(desk, "cho@paper.example").why[0] == "they were skipped: it was cancelled before their turn came"
    assert [told(desk, name).got for name in (ANA, BEN, "cho@paper.example", "dan@paper.example")] == [
        False,
        False,
        False,
        True,
    ]


def test_who_chose_nothing_that_is_in_it_is_told_so(desk: Desk) -> None:
    desk.configure(kinds=KINDS)
    kind = next(one for one in KINDS if one != "update")
    chosen = choice(desk.newsroom.config, (), None, "by letter", interests_of(desk.newsroom.config, [kind], []))
    enlist(desk.store.audience, BEN, chosen, desk.clock())
    sent(desk)
    assert told(desk, BEN).why[:2] == (
        "they were skipped: it had nothing of what they chose",
        f"their variant: in en, only kinds:{kind}: 0 items, 0 changes",
    )
    assert (told(desk, BEN).got, told(desk, BEN).items) == (False, ())


def test_who_came_later_or_had_not_confirmed_or_left_before_is_told_so(desk: Desk) -> None:
    asked = choice(desk.newsroom.config, (), None, None)
    enlist(desk.store.audience, BEN, asked, desk.clock())
    desk.subscribe("cho@paper.example")
    desk.store.audience.leave(key_of(desk, "cho@paper.example"), left(at=desk.clock()))
    sent(desk)
    desk.clock.move(hours=1)
    desk.subscribe("late@paper.example")
    begun = "Fri 2026-11-27 09:00"
    waited = f"when its recipients were fixed on {begun}, they had been asked and had not confirmed"
    assert told(desk, "late@paper.example").why[0] == (
        f"they came on the list on Fri 2026-11-27 10:00, after its recipients were fixed on {begun}"
    )
    assert told(desk, BEN).why[0] == waited
    assert told(desk, "cho@paper.example").why[0] == f"when its recipients were fixed on {begun}, they had left"
    desk.subscribe(BEN)
    assert told(desk, BEN).why[0] == f"{waited}; they were confirmed only later"


def test_who_pauses_or_gets_other_digests_only_is_told_so(desk: Desk) -> None:
    desk.subscribe(BEN)
    event = Evidence(desk.clock(), "preferences", "chose")
    until = desk.clock() + timedelta(days=90)
    desk.store.audience.choose(key_of(desk, ANA), Wish("en", ("weekly",)), until, event)
    desk.store.audience.choose(key_of(desk, BEN), Wish("en", ("daily",)), None, event)
    sent(desk)
    assert told(desk).why[0] == "they were skipped: they paused when it began"
    assert told(desk, BEN).why[0] == "they do not get the digest 'weekly'"


def test_who_is_on_the_suppression_list_is_told_since_when_and_why(desk: Desk) -> None:
    desk.store.audience.suppress(BEN, "5.1.1", "bounce", desk.clock())
    sent(desk)
    assert told(desk, BEN).why == (
        "it is not on the list, but on the suppression list since Fri 2026-11-20 12:00: 5.1.1",
    )
    with pytest.raises(Refused, match=r"who@paper.example did not get weekly/2026-11-27: it is not on the list"):
        told(desk, "who@paper.example")
    with pytest.raises(Refused):
        told(desk, "no address")


def test_before_it_is_sent_nobody_has_got_it_and_where_it_is_stopped_is_told(desk: Desk) -> None:
    approved(desk)
    assert (told(desk).got, told(desk).why[0]) == (None, "nobody has got it: it is approved")
    halt.pause(desk.office, send.start(desk.office, desk.edition()), "a doubt")
    assert told(desk).why[0] == "it is still to be sent to them; the edition is paused: a doubt"


def test_without_the_frozen_content_the_rest_is_told_all_the_same(desk: Desk) -> None:
    sent(desk)
    shutil.rmtree(desk.newsroom.frozen(desk.edition()))
    assert told(desk).got is True
    assert any(line.startswith("what was in it cannot be told: ") for line in told(desk).why)
