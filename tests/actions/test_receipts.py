"""Who got which edition, with which version of each item."""

import io
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import pytest

from digest.actions import receipts, send
from digest.actions.accounts import Received
from digest.actions.compose import frozen_content
from digest.actions.enlist import choice, enlist, interests_of
from digest.errors import Refused
from tests.acceptance.newsroom import madrid
from tests.actions.desk import Desk
from tests.actions.test_languages import KINDS

ANA, BEN, CHO = "ana@paper.example", "ben@paper.example", "cho@paper.example"


@pytest.fixture(autouse=True)
def delivered(desk: Desk) -> None:
    """Send an edition of two items to Ana, who wants all, and Ben, who wants one kind; Cho's address bounces."""
    desk.configure(kinds=KINDS)
    one = next(kind for kind in KINDS if kind != "update")
    agreed = choice(desk.newsroom.config, (), None, "by letter", interests_of(desk.newsroom.config, [one], []))
    enlist(desk.store.audience, BEN, agreed, desk.clock())
    desk.subscribe(CHO)
    desk.write("strike")
    desk.write("trial", kind=one)
    desk.at("2026-11-26 10:00")
    desk.approve()
    desk.clock.move_to(madrid("2026-11-27 09:00"))
    desk.post.refused = {CHO}
    send.deliver(desk.office, send.start(desk.office, desk.edition()), lambda: False)


def versions(desk: Desk) -> dict[str, str]:
    entries = frozen_content(desk.newsroom, desk.edition()).composition.entries
    return {entry.slug: entry.version for entry in entries}


def test_each_who_got_it_has_a_receipt_with_the_items_of_their_variant_and_nobody_else(desk: Desk) -> None:
    made = list(receipts.receipts(desk.office, desk.edition()))
    assert [(one.address, one.edition, one.at) for one in made] == [
        (address, "weekly/2026-11-27", "2026-11-27T08:00:00Z") for address in (ANA, BEN)
    ]
    assert [dict(one.items) for one in made] == [versions(desk), {"trial": versions(desk)["trial"]}]


def test_asked_for_an_item_only_those_are_named_whose_variant_had_it_with_its_version(desk: Desk) -> None:
    [one] = receipts.receipts(desk.office, desk.edition(), "strike")
    assert (one.address, one.items) == (ANA, (("strike", versions(desk)["strike"]),))
    assert [one.address for one in receipts.receipts(desk.office, desk.edition(), "trial")] == [ANA, BEN]


def test_the_version_is_that_which_was_mailed_whatever_became_of_the_item(desk: Desk) -> None:
    before = versions(desk)["strike"]
    desk.write("strike", title="Changed")
    [one] = receipts.receipts(desk.office, desk.edition(), "strike")
    assert one.items == (("strike", before),)


def test_an_item_that_it_did_not_carry_is_refused_with_those_it_did(desk: Desk) -> None:
    with pytest.raises(Refused, match=r"did not carry 'other'. It carried: strike, trial"):
        receipts.receipts(desk.office, desk.edition(), "other")


def test_they_are_written_as_csv_and_as_json_lines(desk: Desk) -> None:
    as_csv, as_json = io.StringIO(), io.StringIO()
    receipts.write_csv(receipts.receipts(desk.office, desk.edition(), "strike"), as_csv)
    assert as_csv.getvalue().splitlines() == [
        "address,edition,at,variant,items",
        f"{ANA},weekly/2026-11-27,2026-11-27T08:00:00Z,en,strike@{versions(desk)['strike']}",
    ]
    receipts.write_json_lines(receipts.receipts(desk.office, desk.edition()), as_json)
    lines = [json.loads(line) for line in as_json.getvalue().splitlines()]
    assert [line["address"] for line in lines] == [ANA, BEN]
    assert lines[1]["items"] == [{"slug": "trial", "version": versions(desk)["trial"]}]


def test_a_hundred_thousand_take_no_more_memory_than_a_thousand(desk: Desk) -> None:
    def received(_edition: int) -> Iterator[Received]:
        for number in range(100_000):
            yield Received(f"reader{number}@paper.example", "en", datetime.fromisoformat("2026-11-27T08:00:00Z"))

    store = replace(desk.store, reports=SimpleNamespace(received=received))
    made = receipts.receipts(replace(desk.office, store=store), desk.edition())
    next(made)
    tracemalloc.start()
    try:
        assert sum(1 for _ in made) == 99_999
        assert tracemalloc.get_traced_memory()[1] < 1_000_000  # bytes
    finally:
        tracemalloc.stop()
