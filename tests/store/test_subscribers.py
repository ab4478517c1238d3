from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from digest import clock
from digest.actions.ports import Admission
from digest.addresses import parse_address
from digest.audience.admission import ImportReport, NewSubscriber
from digest.audience.interests import EVERYTHING, Interests
from digest.audience.requests import Wish
from digest.audience.subscriber import Consent, ConsentEvent
from digest.delivery.rows import RowState
from digest.editions.edition import Edition
from digest.store.subscribers import Subscribers
from tests.audience.events import agreed, left
from tests.store.people import totals

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
Newcomer = Callable[..., NewSubscriber]
Join = Callable[..., int]


def test_who_is_added_is_found_with_the_evidence_of_their_consent(subscribers: Subscribers, newcomer: Newcomer) -> None:
    added, outcome = subscribers.add(newcomer("Ana", digests=("weekly", "daily")), NOON)
    assert added
    assert outcome == "added"
    assert (added.address, added.digests) == ("Ana@paper.example", ("daily", "weekly"))
    assert subscribers.get("ana@paper.example") == subscribers.by_key(added.key) == added
    assert subscribers.history(added.key) == [
        ConsentEvent(NOON, "staff", "asked at the press conference", state=Consent.CONFIRMED)
    ]


def test_an_unknown_address_or_key_is_nobody(subscribers: Subscribers) -> None:
    assert subscribers.get("ana@paper.example") is None
    assert subscribers.by_key(1) is None
    assert subscribers.history(1) == []


def test_who_is_added_again_is_known_and_nothing_is_written(subscribers: Subscribers, newcomer: Newcomer) -> None:
    first, _ = subscribers.add(newcomer(), NOON)
    assert first
    assert subscribers.add(newcomer("ANA"), NOON) == (first, "known")
    assert len(subscribers.history(first.key)) == 1


def test_a_further_digest_is_a_change_with_evidence_of_its_own(subscribers: Subscribers, newcomer: Newcomer) -> None:
    subscribers.add(newcomer(), NOON)
    changed, outcome = subscribers.add(newcomer(digests=("daily",), evidence="by phone"), NOON + HOUR)
    assert changed
    assert (outcome, changed.digests) == ("changed", ("daily", "weekly"))
    assert subscribers.by_key(changed.key) == changed
    assert [event.evidence for event in subscribers.history(changed.key)] == [
        "asked at the press conference",
        "by phone",
    ]


def test_who_was_asked_and_confirms_is_confirmed(subscribers: Subscribers, newcomer: Newcomer) -> None:
    subscribers.add(newcomer(state=Consent.ASKED), NOON)
    assert subscribers.count("weekly") == 0
    _, outcome = subscribers.add(newcomer(), NOON + HOUR)
    assert (outcome, subscribers.count("weekly")) == ("changed", 1)


def test_a_question_to_somebody_who_confirmed_changes_nothing(subscribers: Subscribers, newcomer: Newcomer) -> None:
    confirmed, _ = subscribers.add(newcomer(), NOON)
    asked = newcomer(state=Consent.ASKED, digests=("daily",), language="es")
    assert subscribers.add(asked, NOON) == (confirmed, "known")


def test_what_somebody_chooses_is_kept_and_nobody_elses_changes(
    subscribers: Subscribers, newcomer: Newcomer, join: Join
) -> None:
    ana, ben = join("ana"), join("ben")
    wanted = Interests(frozenset({"report"}), frozenset({"asylum", "prisons"}))
    subscribers.choose(ana, Wish("es", ("weekly",), wanted), None, agreed())
    found, other = subscribers.by_key(ana), subscribers.by_key(ben)
    assert found
    assert other
    assert (found.language, found.interests, found.digests) == ("es", wanted, ("weekly",))
    assert (other.language, other.interests) == ("en", EVERYTHING)
    subscribers.choose(ana, Wish("en", ("weekly",), EVERYTHING), None, agreed())
    assert subscribers.get("ana@paper.example") == subscribers.add(newcomer(), NOON)[0]
    assert [event.source for event in subscribers.history(ana)] == ["staff", "confirmation", "confirmation"]


def test_no_list_changes_what_somebody_chose_themselves(
    subscribers: Subscribers, newcomer: Newcomer, join: Join
) -> None:
    ana = join("ana")
    subscribers.choose(ana, Wish("es", ("weekly",), EVERYTHING), None, agreed())
    before = subscribers.by_key(ana)
    row = newcomer("ana", digests=("daily",), interests=Interests(topics=frozenset({"asylum"})))
    assert subscribers.import_rows([row], NOON) == ImportReport(known=1)
    assert subscribers.by_key(ana) == before


def test_an_import_leaves_the_interests_of_a_former_one_and_sets_those_it_names(
    subscribers: Subscribers, newcomer: Newcomer, join: Join
) -> None:
    chosen, named = Interests(kinds=frozenset({"report"})), Interests(topics=frozenset({"asylum"}))
    for name in ("ana", "ben"):
        join(name, interests=chosen)
    rows = [
        newcomer("ana", digests=("daily",)),
        newcomer("ben", interests=named),
        newcomer("cho", interests=named),
    ]
    assert subscribers.import_rows(rows, NOON) == ImportReport(added=1, changed=2)
    found = [subscribers.get(f"{name}@paper.example") for name in ("ana", "ben", "cho")]
    assert [one.interests for one in found if one] == [chosen, named, named]


def test_who_left_is_not_brought_back_by_somebody_else(subscribers: Subscribers, newcomer: Newcomer) -> None:
    who, _ = subscribers.add(newcomer(), NOON)
    assert who
    assert subscribers.leave(who.key, left("one-click", "unsubscribed", NOON + HOUR))
    again, outcome = subscribers.add(newcomer(), NOON + 2 * HOUR)
    assert again
    assert (outcome, again.state) == ("refused", Consent.LEFT)
    assert [event.state for event in subscribers.history(who.key)] == [Consent.CONFIRMED, Consent.LEFT]


def test_leaving_is_remembered_once(subscribers: Subscribers, join: Join) -> None:
    ana = join("ana")
    assert subscribers.leave(ana, left("one-click", "unsubscribed", NOON))
    assert not subscribers.leave(ana, left("one-click", "unsubscribed", NOON + HOUR))
    assert not subscribers.leave(ana + 1, left("one-click", "unsubscribed", NOON))
    assert len(subscribers.history(ana)) == 2


def test_a_reason_is_taken_once_each_time_somebody_leaves(subscribers: Subscribers, join: Join) -> None:
    ana = join("ana")

    def give(words: str) -> bool:
        return subscribers.give_reason(ana, left("reason given", words))

    assert not give("not gone yet")
    for words in ("too many", "too few"):
        subscribers.leave(ana, left())
        assert [give(words), give("again")] == [True, False]
        subscribers.confirm(ana, agreed())
    given = [event.evidence for event in subscribers.history(ana) if event.source == "reason given"]
    assert given == ["too many", "too few"]


def test_a_suppressed_address_is_refused_even_when_nobody_has_it(
    subscribers: Subscribers, newcomer: Newcomer, suppress: Callable[[int], None], join: Join
) -> None:
    suppress(join("ana"))
    _, outcome = subscribers.add(newcomer("ANA", digests=("daily",)), NOON)
    assert outcome == "refused"
    assert subscribers.count("weekly") == 0


def test_counts_say_who_stands_where(subscribers: Subscribers, join: Join) -> None:
    join("ana")
    join("ben", digests=("daily",))
    join("cho", state=Consent.ASKED)
    subscribers.leave(join("dia"), left("staff", "by phone", NOON))
    assert totals(subscribers) == {Consent.CONFIRMED: 2, Consent.ASKED: 1, Consent.LEFT: 1}
    assert (subscribers.count("weekly"), subscribers.count("daily")) == (1, 1)


def test_the_editions_that_somebody_was_to_get_are_listed_with_what_became_of_them(
    subscribers: Subscribers, join: Join, sending: Callable[..., Edition]
) -> None:
    ana = join("ana")
    sending()
    ben = join("ben")
    (mail,) = subscribers.mails_to(ana)
    assert (mail.edition, mail.state, mail.reply, mail.at) == ("weekly/2026-11-27", RowState.DUE, "", NOON)
    assert subscribers.mails_to(ben) == []


def test_a_list_is_imported_in_chunks_with_pauses_and_counted(
    subscribers: Subscribers, newcomer: Newcomer, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(clock, "sleep", pauses.append)
    monkeypatch.setattr(clock, "monotonic", lambda: 1.0)  # no time passes while a chunk is read
    join("reader1")
    join("reader2", state=Consent.ASKED)
    subscribers.leave(join("reader3"), left("staff", "by phone", NOON))
    report = subscribers.import_rows((newcomer(f"reader{number}") for number in range(2500)), NOON)
    assert report == ImportReport(added=2497, known=1, changed=1, refused=1)
    assert subscribers.count("weekly") == 2499
    assert [round(one, 3) for one in pauses] == ([0.02, 0.02] if subscribers.engine.dialect.name == "sqlite" else [])


def test_an_address_that_comes_twice_in_a_list_is_one_subscriber(subscribers: Subscribers, newcomer: Newcomer) -> None:
    rows = [newcomer("ana"), newcomer("ANA"), newcomer("ana", digests=("daily",)), newcomer("ben")]
    assert subscribers.import_rows(rows, NOON) == ImportReport(added=2, known=1, changed=1)
    found = subscribers.get("ana@paper.example")
    assert found
    assert found.digests == ("daily", "weekly")


def test_a_list_that_breaks_keeps_the_chunks_before_and_nothing_of_the_broken_one(
    subscribers: Subscribers, newcomer: Newcomer
) -> None:
    def broken() -> Iterator[NewSubscriber]:
        yield from (newcomer(f"reader{number}") for number in range(1500))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        subscribers.import_rows(broken(), NOON)
    assert totals(subscribers) == {Consent.CONFIRMED: 1000}
    whole = (newcomer(f"reader{number}") for number in range(1500))
    assert subscribers.import_rows(whole, NOON) == ImportReport(added=500, known=1000)


def test_consent_that_was_given_before_keeps_its_date(subscribers: Subscribers, newcomer: Newcomer) -> None:
    subscribers.import_rows([newcomer(agreed_at=NOON - HOUR)], NOON)
    found = subscribers.get("ana@paper.example")
    assert found
    assert [event.at for event in subscribers.history(found.key)] == [NOON - HOUR]


def test_an_empty_list_is_an_empty_report(subscribers: Subscribers) -> None:
    assert subscribers.import_rows([], NOON) == ImportReport()


def test_an_internationalised_domain_is_one_subscriber_however_it_is_written(
    subscribers: Subscribers, newcomer: Newcomer
) -> None:
    first, _ = subscribers.add(newcomer(address=parse_address("ana@bücher.example")), NOON)
    again: Any = subscribers.add(newcomer(address=parse_address("ana@xn--bcher-kva.example")), NOON)
    assert again == (first, "known")


def test_the_key_of_the_suppression_list_does_not_show(subscribers: Subscribers) -> None:
    assert "hhh" not in repr(subscribers)


def test_who_is_told_gets_each_row_with_what_became_of_it_once_it_is_certain(
    subscribers: Subscribers, newcomer: Newcomer, join: Join
) -> None:
    subscribers.leave(join("ana"), left("staff", "by phone", NOON))
    told: list[tuple[str, str, int]] = []

    def tell(chunk: Sequence[tuple[NewSubscriber, Admission]]) -> None:
        assert totals(subscribers)[Consent.CONFIRMED] > 0
        told.extend((new.address.key, result, new.line) for new, (_, result) in chunk)

    subscribers.import_rows([newcomer("ana", line=2), newcomer("ben", line=3)], NOON, tell)
    assert told == [("ana@paper.example", "refused", 2), ("ben@paper.example", "added", 3)]


def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    subscribers: Subscribers, newcomer: Newcomer, join: Join
) -> None:
    join("ana")
    subscribers.leave(join("ben"), left("staff", "by phone", NOON))
    rows = [newcomer("ana", digests=("daily",)), newcomer("ben"), newcomer("cho"), newcomer("CHO"), newcomer("ana")]
    rows.append(newcomer("ben"))
    report = subscribers.import_rows(rows, NOON, dry_run=True)
    assert report == ImportReport(added=1, known=2, changed=1, refused=2)
    assert totals(subscribers) == {Consent.CONFIRMED: 1, Consent.LEFT: 1}
    assert subscribers.count("daily") == 0


def test_who_left_or_was_barred_elsewhere_stays_away_from_here(subscribers: Subscribers, newcomer: Newcomer) -> None:
    gone = [newcomer("ana", state=Consent.LEFT), newcomer("ben", state=Consent.SUPPRESSED)]
    assert subscribers.import_rows(gone, NOON) == ImportReport(added=2)
    assert subscribers.import_rows(gone, NOON + HOUR) == ImportReport(known=2)
    assert subscribers.import_rows([newcomer("ana"), newcomer("ben")], NOON) == ImportReport(refused=2)
    assert totals(subscribers) == {Consent.LEFT: 1, Consent.SUPPRESSED: 1}


def test_who_left_elsewhere_meanwhile_leaves_here_and_their_links_are_void(
    subscribers: Subscribers, newcomer: Newcomer, join: Join
) -> None:
    ana = join("ana")
    assert subscribers.import_rows([newcomer("ana", state=Consent.LEFT)], NOON) == ImportReport(changed=1)
    found = subscribers.by_key(ana)
    assert found
    assert (found.state, found.version) == (Consent.LEFT, 1)


def test_who_confirmed_here_after_a_bounce_elsewhere_goes_on_being_mailed(
    subscribers: Subscribers, newcomer: Newcomer, join: Join
) -> None:
    subscribers.confirm(join("ana", state=Consent.ASKED), agreed())
    bounced = newcomer("ana", state=Consent.SUPPRESSED, agreed_at=NOON - HOUR)
    assert subscribers.import_rows([bounced], NOON + HOUR) == ImportReport(known=1)
    assert subscribers.barred("ana@paper.example") is None
    assert subscribers.count("weekly") == 1


@pytest.mark.parametrize("state", [Consent.LEFT, Consent.SUPPRESSED, Consent.CONFIRMED])
def test_who_was_erased_is_not_named_again_by_a_list(
    subscribers: Subscribers, newcomer: Newcomer, join: Join, state: Consent
) -> None:
    subscribers.erase(join("ana"), NOON)
    report = subscribers.import_rows([newcomer("ana", state=state)], NOON)
    assert report == (ImportReport(refused=1) if state is Consent.CONFIRMED else ImportReport(known=1))
    assert subscribers.get("ana@paper.example") is None


def test_barring_many_takes_no_more_statements_than_barring_one(subscribers: Subscribers, newcomer: Newcomer) -> None:
    def statements(count: int) -> int:
        seen: list[str] = []
        hear = lambda *args: seen.append(args[2])  # noqa: E731 - SQLAlchemy looks at its name otherwise
        sa.event.listen(subscribers.engine, "before_cursor_execute", hear)
        rows = [newcomer(f"reader{number}of{count}", state=Consent.SUPPRESSED) for number in range(count)]
        subscribers.import_rows(rows, NOON)
        sa.event.remove(subscribers.engine, "before_cursor_execute", hear)
        return len(seen)

    assert statements(900) == statements(1)
