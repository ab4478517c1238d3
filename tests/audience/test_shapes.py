from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from digest.audience.admission import NewSubscriber
from digest.audience.cells import Terms
from digest.audience.importing import Refusal, read_subscribers
from digest.audience.interests import Interests
from digest.audience.shapes import OWN
from digest.audience.subscriber import Consent
from tests.audience.exports import LISTMONK, MAILCHIMP_CLEANED, MAILCHIMP_SUBSCRIBED, MAILCHIMP_UNSUBSCRIBED


def _read(text: str, evidence: str | None = None, *, left: bool = False) -> list[NewSubscriber | Refusal]:
    zone = ZoneInfo("Europe/Madrid")
    terms = Terms(
        "list.csv", ("weekly", "daily"), ("report",), ("asylum", "prisons"), ("weekly",), "en", zone, evidence, left
    )
    return list(read_subscribers(text.splitlines(keepends=True), terms))


def _one(text: str, evidence: str | None = None, *, left: bool = False) -> NewSubscriber:
    found = _read(text, evidence, left=left)[0]
    assert isinstance(found, NewSubscriber), found
    return found


def test_who_is_subscribed_at_mailchimp_is_confirmed_with_the_times_and_addresses_of_their_consent() -> None:
    ana = _one(MAILCHIMP_SUBSCRIBED)
    assert (ana.address.key, ana.state, ana.digests) == ("ana@paper.example", Consent.CONFIRMED, ("weekly",))
    assert ana.agreed_at == datetime(2024, 1, 1, 9, 5, tzinfo=UTC)
    assert ana.evidence == "signed up at Mailchimp 2024-01-01 09:00:00, confirmed 2024-01-01 09:05:00 UTC"
    assert ana.ip == "192.0.2.10, 192.0.2.11"


def test_who_was_imported_into_mailchimp_without_a_form_needs_evidence_from_you() -> None:
    ben = _read(MAILCHIMP_SUBSCRIBED)[1]
    assert isinstance(ben, Refusal)
    assert (ben.line, ben.address) == (3, "ben@paper.example")
    assert "--consent" in str(ben.problem)
    vouched = _read(MAILCHIMP_SUBSCRIBED, "legitimate interest: press list, 2023")[1]
    assert isinstance(vouched, NewSubscriber)
    assert vouched.evidence == "legitimate interest: press list, 2023"


def test_who_unsubscribed_at_mailchimp_has_left_and_who_was_cleaned_is_suppressed() -> None:
    cho, dia = _one(MAILCHIMP_UNSUBSCRIBED), _one(MAILCHIMP_CLEANED)
    assert (cho.state, cho.agreed_at) == (Consent.LEFT, datetime(2024, 2, 3, 10, tzinfo=UTC))
    assert cho.evidence.startswith("unsubscribed at Mailchimp: NORMAL, by The week, 5; signed up at Mailchimp 2024")
    assert (dia.state, dia.agreed_at) == (Consent.SUPPRESSED, datetime(2024, 3, 4, 10, tzinfo=UTC))
    assert dia.evidence.startswith("cleaned at Mailchimp, where mail to it bounced, by The week, 9; signed up")


def test_listmonk_says_who_is_enabled_disabled_and_blocklisted_but_not_that_they_agreed() -> None:
    assert [type(one) for one in _read(LISTMONK)] == [Refusal, NewSubscriber, NewSubscriber]
    ana, cho, dia = (one for one in _read(LISTMONK, "our form, 2023") if isinstance(one, NewSubscriber))
    assert ana.agreed_at == datetime(2023, 5, 17, 8, 22, 31, tzinfo=UTC)
    assert ana.evidence == "our form, 2023; in listmonk since 2023-05-17 10:22:31.123456 +0200 CEST"
    assert (cho.state, cho.agreed_at) == (Consent.LEFT, datetime(2024, 2, 3, 10, tzinfo=UTC))
    assert (dia.state, dia.evidence) == (Consent.SUPPRESSED, "blocklisted in listmonk; in listmonk")


def test_an_unknown_status_of_listmonk_is_a_problem() -> None:
    found = _read(LISTMONK.replace("disabled", "paused"), "our form")[1]
    assert isinstance(found, Refusal)
    assert "'paused'" in str(found.problem)


@pytest.mark.parametrize("text", [LISTMONK, MAILCHIMP_SUBSCRIBED, "email\nana@paper.example\n"])
def test_a_list_of_those_who_left_needs_no_evidence(text: str) -> None:
    assert _one(text, left=True).state is Consent.LEFT
    assert all(isinstance(one, NewSubscriber) for one in _read(text, left=True))


def test_an_export_of_our_own_says_where_everybody_stands() -> None:
    text = (
        ",".join(OWN) + "\n"
        "ana@paper.example,left,es,weekly daily,report,asylum,one-click: bye,2026-01-05T09:00:00Z,one-click,"
        "192.0.2.1,2026-01-01T09:00:00Z,2027-01-01T00:00:00Z\n"
    )
    ana = _one(text)
    assert (ana.state, ana.language, ana.digests) == (Consent.LEFT, "es", ("weekly", "daily"))
    assert ana.interests == Interests(frozenset({"report"}), frozenset({"asylum"}))
    assert (ana.source, ana.evidence, ana.ip) == ("one-click", "one-click: bye", "192.0.2.1")
    assert ana.chosen_at == datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert ana.paused_until == datetime(2027, 1, 1, tzinfo=UTC)
    wrong = _read(text.replace(",left,", ",gone,"))[0]
    assert isinstance(wrong, Refusal)
    assert "'gone'" in str(wrong.problem)


@pytest.mark.parametrize("state", Consent)
def test_an_export_of_our_own_is_taken_back_though_config_yaml_lost_a_kind_topic_and_digest(state: Consent) -> None:
    line = f"ana@paper.example,{state},es,monthly,essay,housing,by phone,,,,,"
    ana = _one(f"{','.join(OWN)}\n{line}\n")
    assert (ana.state, ana.digests) == (state, ("monthly",))
    assert ana.interests == Interests(frozenset({"essay"}), frozenset({"housing"}))


def test_what_is_no_key_is_not_taken_from_an_export() -> None:
    text = f"{','.join(OWN)}\nana@paper.example,confirmed,es,weekly,kinds:a,,by phone,,,,,\n"
    refused = _read(text)[0]
    assert isinstance(refused, Refusal)
    assert "the key 'kinds:a' cannot stand in an address" in str(refused.problem)


FAULTY = (
    "email,language,digests,kinds,topics,confirmed_at\nana@paper.example,auf Deutsch,monthly,novel,report,last week\n",
    ",".join(OWN) + "\nana@paper.example,left,auf Deutsch,week ly!,a:b,c:d,,once,,,never,ever\n",
    MAILCHIMP_UNSUBSCRIBED.replace("2024-02-03 10:00:00", "in spring"),
    LISTMONK.replace("enabled", "disabled").replace("2023-05-18 08:00:00 +0200 CEST", "in spring"),
)


@pytest.mark.parametrize("text", FAULTY)
def test_no_faulty_cell_keeps_somebody_on_the_list_who_is_gone(text: str) -> None:
    assert _one(text, left=True).state is Consent.LEFT
    assert isinstance(_read(text.replace("@paper", "@"), left=True)[0], Refusal)


@pytest.mark.parametrize("text", FAULTY[:1])
def test_the_same_cells_refuse_who_is_to_be_mailed(text: str) -> None:
    assert isinstance(_read(text, "by phone")[0], Refusal)


def test_a_column_called_state_in_anybodys_list_is_left_alone() -> None:
    assert _one("email,state\nana@paper.example,CA\n", "by phone").state is Consent.CONFIRMED
