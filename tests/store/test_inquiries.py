from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from digest.audience.admission import NewSubscriber
from digest.audience.export import line_of
from digest.audience.interests import Interests
from digest.audience.requests import Says, Wish
from digest.audience.standing import Barred, Group, counts, why_not_mailed
from digest.audience.subscriber import Consent, ConsentEvent, Evidence
from digest.delivery.rows import RowState
from digest.editions.edition import Edition
from digest.store.editions import Editions
from digest.store.subscribers import Subscribers
from tests.audience.events import agreed, left

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MADRID, BEN = ZoneInfo("Europe/Madrid"), "ben@paper.example"
Newcomer = Callable[..., NewSubscriber]
Join = Callable[..., int]


def test_an_edition_received_is_told_with_the_versions_of_its_items(
    subscribers: Subscribers, editions: Editions, join: Join, approved: Callable[..., Edition]
) -> None:
    ana = join("ana", interests=Interests(kinds=frozenset({"report"})))
    items = [("1", "a-report", "v1", None, None), ("2", "mended", "v2", "corrected", NOON)]
    editions.prepare(approved(), items, (), lambda _: False, NOON)
    (mail,) = subscribers.mails_to(ana)
    assert (mail.edition, mail.state, mail.variant) == ("weekly/2026-11-27", RowState.DUE, "en kinds:report")
    assert mail.items == (("a-report", "v1", ""), ("mended", "v2", "corrected 2026-11-27T12:00:00Z"))


def test_who_was_asked_is_owed_the_question_again_and_nobody_else_is(subscribers: Subscribers, join: Join) -> None:
    ana, ben = join("ana", state=Consent.ASKED), join("ben")
    again = Evidence(NOON, "staff", "mailed again")
    assert subscribers.ask_again(ana, again)
    assert [letter.says for letter in subscribers.letters_to(ana)] == [Says.CONFIRM]
    assert subscribers.history(ana)[-1] == ConsentEvent(*vars(again).values(), state=Consent.ASKED)
    assert not subscribers.ask_again(ben, again)
    assert subscribers.letters_to(ben) == []


def test_everybody_is_told_once_with_the_step_that_led_to_where_they_stand(
    subscribers: Subscribers, newcomer: Newcomer, join: Join
) -> None:
    ana, ben = join("ana"), join("ben")
    subscribers.choose(ana, Wish("en", ("weekly",)), None, agreed("preferences", "digests:weekly"))
    subscribers.leave(ben, left("staff", "by phone", NOON))
    subscribers.give_reason(ben, left("reason given", "too many", NOON + HOUR))
    subscribers.erase(join("cho"), NOON)
    subscribers.import_rows((newcomer(f"reader{number}") for number in range(2100)), NOON)
    people = list(subscribers.everybody())
    assert len({one.who.key for one in people}) == len(people) == 2102
    assert [one.step.evidence for one in people[:2]] == ["asked at the press conference", "by phone"]
    assert line_of(people[1])[:4] == ("ben@paper.example", "left", "en", "weekly")


def test_groups_are_counted_by_state_language_and_interests_without_the_erased(
    subscribers: Subscribers, join: Join
) -> None:
    reports = Interests(kinds=frozenset({"report"}))
    join("ana", interests=reports)
    join("ben", interests=reports)
    join("cho", language="es", digests=("daily", "weekly"), state=Consent.ASKED)
    subscribers.erase(join("dia"), NOON)
    groups = subscribers.groups()
    assert Group(Consent.CONFIRMED, "en", reports, 2) in groups
    assert sum(group.count for group in groups) == 3
    rows = {(row["of"], row["which"]): row for row in counts(groups, subscribers.of_digests(), ("report", "news"), ())}
    assert (rows["kind", "report"]["confirmed"], rows["kind", "news"]["confirmed"]) == (2, 0)
    assert (rows["digest", "daily"]["asked"], rows["digest", "weekly"]["confirmed"]) == (1, 2)


def test_why_somebody_is_not_mailed_is_said(subscribers: Subscribers, join: Join) -> None:
    def why(key: int, *only_to: str) -> str | None:
        found = subscribers.by_key(key)
        assert found
        return why_not_mailed(found, subscribers.barred(found.address.lower()), NOON, MADRID, only_to)

    ana, ben = join("ana"), join("ben", state=Consent.ASKED)
    assert why(ana) is None
    assert why(ana, "Ana@paper.example", BEN) is None
    assert why(ana, BEN) == "`mail.only_to` in config.yaml does not name them"
    subscribers.choose(ana, Wish("en", ("weekly",)), datetime(2026, 12, 9, 23, tzinfo=UTC), agreed("choice"))
    assert why(ana) == "they pause until 2026-12-10"  # the day that they chose, which begins in Madrid then
    assert why(ben) == "they have not confirmed"
    subscribers.suppress("ana@paper.example", "5.1.1", "bounce", NOON)
    assert why(ana) == "the address is on the suppression list: 5.1.1"
    assert subscribers.barred("ana@paper.example") == Barred("5.1.1", NOON)
    subscribers.release("ana@paper.example", agreed("staff", "by mistake", NOON))
    assert why(ana) == "they left"
