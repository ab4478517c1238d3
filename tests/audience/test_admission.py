from dataclasses import replace

import pytest

from digest.addresses import parse_address
from digest.audience.admission import NewSubscriber, merged, outcome
from digest.audience.interests import Interests
from digest.audience.subscriber import Consent, Subscriber

NEW = NewSubscriber(parse_address("ana@paper.example"), "en", ("weekly",), Consent.CONFIRMED, "staff", "by phone")


def _known(state: Consent, *digests: str) -> Subscriber:
    return Subscriber(1, "ana@paper.example", state, "en", digests)


def test_who_is_unknown_is_added() -> None:
    assert outcome(None, NEW, suppressed=False) == "added"


@pytest.mark.parametrize("state", [Consent.LEFT, Consent.SUPPRESSED])
def test_who_left_or_is_suppressed_is_refused(state: Consent) -> None:
    assert outcome(_known(state, "weekly"), NEW, suppressed=False) == "refused"


@pytest.mark.parametrize("known", [None, _known(Consent.CONFIRMED, "weekly")])
def test_an_address_on_the_suppression_list_is_refused(known: Subscriber | None) -> None:
    assert outcome(known, NEW, suppressed=True) == "refused"


def test_who_has_it_all_already_is_known() -> None:
    assert outcome(_known(Consent.CONFIRMED, "daily", "weekly"), NEW, suppressed=False) == "known"


def test_a_further_digest_or_a_confirmation_is_a_change() -> None:
    assert outcome(_known(Consent.CONFIRMED, "daily"), NEW, suppressed=False) == "changed"
    assert outcome(_known(Consent.ASKED, "weekly"), NEW, suppressed=False) == "changed"
    assert merged(_known(Consent.ASKED, "daily"), NEW) == _known(Consent.CONFIRMED, "daily", "weekly")


REPORTS, PRISONS = Interests(kinds=frozenset({"report"})), Interests(topics=frozenset({"prisons"}))


def test_a_list_without_interests_leaves_those_that_somebody_chose() -> None:
    known = replace(_known(Consent.CONFIRMED, "weekly"), interests=REPORTS)
    assert outcome(known, NEW, suppressed=False) == "known"
    assert merged(known, replace(NEW, digests=("daily",))).interests == REPORTS


def test_interests_that_are_given_take_the_place_of_those_before() -> None:
    known = replace(_known(Consent.CONFIRMED, "weekly"), interests=REPORTS)
    asked_for = replace(NEW, interests=PRISONS)
    assert outcome(known, asked_for, suppressed=False) == "changed"
    assert merged(known, asked_for).interests == PRISONS
    assert merged(known, replace(asked_for, state=Consent.ASKED)).interests == REPORTS
