from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from digest.delivery.rows import Result, RowState
from digest.editions.edition import Edition
from digest.store import tables
from digest.store.deliveries import Deliveries
from digest.store.reports import Reports
from tests.store.conftest import NOON

ENDS = [
    (RowState.SENT, "250 kept"),
    (RowState.BOUNCED, "550 5.1.1 unknown"),
    (RowState.FAILED, "554 5.6.0 refused"),
    (RowState.DEFERRED, "451 4.3.0 later"),
]


@pytest.fixture
def reports(engine: Engine) -> Reports:
    return Reports(engine)


@pytest.fixture
def edition(
    deliveries: Deliveries, join: Callable[..., int], sending: Callable[..., Edition], engine: Engine
) -> Edition:
    """Return an edition with a row in each state."""
    keys = [join(name) for name in ("ana", "ben", "cho", "dan", "eva", "fay", "gil", "hal", "ida")]
    made = sending()
    first, others = keys[0], keys[1:]
    deliveries.commit(made.key, [], [first], NOON)
    deliveries.recover(made.key, "resend", NOON)  # it may have gone out
    deliveries.commit(made.key, [], keys[:6], NOON)
    results = [
        Result(key, state, reply, NOON if state is RowState.DEFERRED else None)
        for key, (state, reply) in zip([first, *others], ENDS, strict=False)
    ]
    deliveries.commit(made.key, [*results, Result(keys[4], RowState.IN_DOUBT, "in doubt: lost")], [], NOON)
    with engine.begin() as connection:
        for key, state, reply in ((keys[6], "suppressed", "no consent any more"), (keys[7], "skipped", "mail.only_to")):
            row = tables.delivery.c.subscriber_id == key
            connection.execute(sa.update(tables.delivery).where(row).values(state=state, reply=reply))
    return made


def test_the_sums_are_those_of_every_row(reports: Reports, edition: Edition) -> None:
    with reports.account(edition.key) as account:
        assert account.total == 9
        assert dict(account.counts) == dict.fromkeys(RowState, 1)
        assert account.skipped == {"mail.only_to": 1}


def test_each_row_that_did_not_simply_end_well_is_named_with_its_reason_what_needs_somebody_first(
    reports: Reports, edition: Edition
) -> None:
    with reports.account(edition.key) as account:
        named = [(one.address.partition("@")[0], one.state.value, one.reply, one.attempts) for one in account.named]
    assert named == [
        ("eva", "in doubt", "in doubt: lost", 1),
        ("fay", "in flight", "", 1),
        ("dan", "deferred", "451 4.3.0 later", 1),
        ("cho", "failed", "554 5.6.0 refused", 1),
        ("ben", "bounced", "550 5.1.1 unknown", 1),
        ("gil", "suppressed", "no consent any more", 0),
        ("ana", "sent", "in doubt; 250 kept", 2),
    ]


def test_the_account_is_of_one_moment_whatever_happens_meanwhile(
    reports: Reports, edition: Edition, deliveries: Deliveries
) -> None:
    with reports.account(edition.key) as account:
        deliveries.recover(edition.key, "hold", NOON)
        assert [one.state.value for one in account.named].count("in flight") == account.counts[RowState.IN_FLIGHT] == 1


def test_who_got_it_is_read_page_by_page(
    reports: Reports, edition: Edition, monkeypatch: pytest.MonkeyPatch, deliveries: Deliveries
) -> None:
    monkeypatch.setattr("digest.store.reports._CHUNK", 1)
    assert [(one.address, one.variant, one.at) for one in reports.received(edition.key)] == [
        ("ana@paper.example", "en", NOON)
    ]
    due = [one.subscriber for one in deliveries.due(edition.key, NOON, 9)]
    deliveries.commit(edition.key, [Result(key, RowState.SENT, "250 kept") for key in due], [], NOON)
    assert len(list(reports.received(edition.key))) == 1 + len(due)
