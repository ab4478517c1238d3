import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from digest.audience.interests import Interests, Variant
from digest.audience.requests import Wish
from digest.editions.edition import Decisions, Edition, State
from digest.errors import Refused
from digest.store import tables
from digest.store.deliveries import Deliveries
from digest.store.editions import Editions
from digest.store.subscribers import Subscribers
from tests.audience.events import agreed, left
from tests.store.rows import rows_of

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
FRIDAY = date(2026, 11, 27)
WEEK = timedelta(weeks=1)


def nobody_is_left_out(_: str) -> bool:
    return False


def test_what_is_planned_is_found_by_its_name_and_its_key(editions: Editions) -> None:
    assert editions.plan("weekly", FRIDAY, NOON)
    found = editions.get("weekly", FRIDAY, 1)
    assert found
    assert (found.id, found.state, found.slot_at) == ("weekly/2026-11-27", State.PLANNED, NOON)
    assert editions.by_key(found.key) == found
    assert editions.get("weekly", FRIDAY, 2) is None
    assert editions.by_key(found.key + 1) is None


def test_a_slot_is_planned_once_and_keeps_what_was_planned_first(editions: Editions) -> None:
    assert editions.plan("weekly", FRIDAY, NOON, State.SKIPPED, "a holiday")
    assert not editions.plan("weekly", FRIDAY, NOON + WEEK)
    found = editions.get("weekly", FRIDAY, 1)
    assert found
    assert (found.state, found.reason, found.slot_at) == (State.SKIPPED, "a holiday", NOON)


def _at_once(work: Callable[[], Any], times: int) -> list[Any]:
    """Return what `work` gave or raised in so many threads that begin together."""
    together = threading.Barrier(times)
    results: list[Any] = []

    def run() -> None:
        together.wait()
        try:
            results.append(work())
        except Refused as refused:
            results.append(refused)

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_many_schedulers_that_plan_one_slot_one_is_told_it_is_new(editions: Editions) -> None:
    results = _at_once(lambda: editions.plan("weekly", FRIDAY, NOON), 6)
    assert sorted(results) == [False] * 5 + [True]
    assert len(editions.recent()) == 1


def test_further_editions_of_a_day_are_numbered(editions: Editions) -> None:
    editions.plan("weekly", FRIDAY, NOON)
    assert [editions.add("weekly", FRIDAY, NOON).id for _ in range(2)] == ["weekly/2026-11-27.2", "weekly/2026-11-27.3"]
    assert editions.add("daily", FRIDAY, NOON).id == "daily/2026-11-27"


def test_editions_that_are_added_at_once_have_numbers_of_their_own(editions: Editions) -> None:
    added = _at_once(lambda: editions.add("weekly", FRIDAY, NOON), 6)
    assert sorted(edition.seq for edition in added) == [1, 2, 3, 4, 5, 6]


def test_recent_editions_come_newest_first_and_open_ones_oldest_first(editions: Editions) -> None:
    for week in range(3):
        editions.plan("weekly", FRIDAY + week * WEEK, NOON + week * WEEK)
    editions.plan("daily", FRIDAY, NOON, State.SKIPPED)
    assert [edition.slot_date for edition in editions.recent(2)] == [FRIDAY + 2 * WEEK, FRIDAY + WEEK]
    assert [edition.digest for edition in editions.recent(digest="daily")] == ["daily"]
    assert [edition.slot_at for edition in editions.open_editions()] == [NOON + week * WEEK for week in range(3)]


def test_editions_of_one_moment_come_by_their_number_whichever_was_made_first(editions: Editions) -> None:
    editions.add("weekly", FRIDAY + WEEK, NOON)
    for _ in range(2):
        editions.add("weekly", FRIDAY, NOON)
    assert [one.name for one in editions.recent()] == [f"{FRIDAY + WEEK}", f"{FRIDAY}.2", f"{FRIDAY}"]


def test_a_step_keeps_what_changes_by_it(editions: Editions) -> None:
    planned = editions.add("weekly", FRIDAY, NOON)
    built = editions.move(planned, State.BUILT, content_sha="aa", decisions=Decisions(subject="Strike over"))
    approved = editions.move(built, State.APPROVED, approved_by="eva@newsroom.example", approved_at=NOON)
    assert approved.decisions.subject == "Strike over"
    assert (approved.content_sha, approved.approved_by, approved.approved_at) == ("aa", "eva@newsroom.example", NOON)
    assert editions.by_key(planned.key) == approved


def test_a_step_back_to_built_voids_the_approval(editions: Editions, approved: Callable[..., Edition]) -> None:
    built = editions.move(approved(), State.BUILT, content_sha="bb")
    assert (built.content_sha, built.approved_by, built.approved_at) == ("bb", None, None)


def test_a_step_that_there_is_not_is_refused(editions: Editions) -> None:
    with pytest.raises(Refused, match="is planned and cannot become sent"):
        editions.move(editions.add("weekly", FRIDAY, NOON), State.SENT)


def test_of_two_that_move_an_edition_one_wins(editions: Editions) -> None:
    planned = editions.add("weekly", FRIDAY, NOON)
    results = _at_once(lambda: editions.move(planned, State.BUILT, content_sha="aa"), 4)
    assert sum(isinstance(result, Edition) for result in results) == 1
    assert all("was changed meanwhile" in str(result) for result in results if isinstance(result, Refused))


def test_an_approval_of_a_content_that_was_replaced_is_refused(editions: Editions) -> None:
    seen = editions.move(editions.add("weekly", FRIDAY, NOON), State.BUILT, content_sha="aa")
    editions.move(seen, State.BUILT, content_sha="bb")
    with pytest.raises(Refused, match=r"was changed meanwhile\. Look at it again"):
        editions.move(seen, State.APPROVED, approved_by="eva@newsroom.example")


def test_a_composition_that_missed_a_decision_is_refused(editions: Editions) -> None:
    seen = editions.move(editions.add("weekly", FRIDAY, NOON), State.BUILT, content_sha="aa")
    editions.move(seen, State.BUILT, content_sha="aa", decisions=Decisions(without=("gala-dinner",)))
    with pytest.raises(Refused, match="was changed meanwhile"):
        editions.move(seen, State.BUILT, content_sha="aa")


def test_the_database_itself_forbids_an_approval_without_content(editions: Editions) -> None:
    built = editions.move(editions.add("weekly", FRIDAY, NOON), State.BUILT)
    with pytest.raises(IntegrityError, match="approval_is_of_a_content"):
        editions.move(built, State.APPROVED)


def test_the_database_itself_forbids_a_state_that_there_is_not(engine: Engine, editions: Editions) -> None:
    editions.add("weekly", FRIDAY, NOON)
    with pytest.raises(IntegrityError, match="known_state"), engine.begin() as connection:
        connection.execute(sa.update(tables.edition).values(state="forgotten"))


def test_an_edition_that_is_prepared_is_sending_to_each_confirmed_subscriber_of_its_digest(
    editions: Editions, subscribers: Subscribers, join: Callable[..., int], approved: Callable[..., Edition]
) -> None:
    join("ana")
    join("ben", digests=("daily",))
    join("asked", state="asked")
    subscribers.leave(join("left"), left("one-click", "unsubscribed", NOON))
    edition = approved()
    assert editions.prepare(edition, [], (), nobody_is_left_out, NOON) == {"due": 1}
    prepared = editions.by_key(edition.key)
    assert prepared
    assert (prepared.state, prepared.dated) == (State.SENDING, NOON)
    assert editions.mailed() == [prepared]


def test_a_suppressed_address_has_no_row(
    editions: Editions, suppress: Callable[[int], None], join: Callable[..., int], approved: Callable[..., Edition]
) -> None:
    join("ana")
    suppress(join("ben"))
    assert editions.prepare(approved(), [], (), nobody_is_left_out, NOON) == {"due": 1}


def test_in_staging_others_than_those_named_are_skipped(
    editions: Editions, deliveries: Deliveries, join: Callable[..., int], approved: Callable[..., Edition]
) -> None:
    join("ana")
    join("ben")
    edition = approved()
    assert editions.prepare(edition, [], ("Ana@Paper.example",), nobody_is_left_out, NOON) == {"due": 1, "skipped": 1}
    assert [(row.address, row.reply) for row in rows_of(deliveries, edition.key)][1] == (
        "ben@paper.example",
        "mail.only_to",
    )


REPORTS, PRISONS = Interests(kinds=frozenset({"report"})), Interests(topics=frozenset({"prisons"}))


def variants(engine: Engine) -> dict[str, tuple[str, str, str]]:
    """Return the variant, state and reply of each row, by address."""
    row, who = tables.delivery.c, tables.subscriber.c
    query = (
        sa.select(who.address, row.variant, row.state, row.reply).where(who.id == row.subscriber_id).order_by(who.id)
    )
    with engine.connect() as connection:
        return {address: (variant, state, reply) for address, variant, state, reply in connection.execute(query)}


def test_a_row_keeps_the_variant_that_its_reader_wanted_when_it_was_prepared(
    engine: Engine,
    editions: Editions,
    subscribers: Subscribers,
    join: Callable[..., int],
    approved: Callable[..., Edition],
) -> None:
    ana = join("ana")
    join("ben", language="es", interests=REPORTS)
    editions.prepare(approved(), [], (), nobody_is_left_out, NOON)
    subscribers.choose(ana, Wish("es", ("weekly",), PRISONS), None, agreed())
    assert {address: row[0] for address, row in variants(engine).items()} == {
        "ana@paper.example": "en",
        "ben@paper.example": "es kinds:report",
    }
    assert str(Variant("es", REPORTS)) == "es kinds:report"


def test_readers_who_chose_nothing_of_what_it_carries_are_skipped_with_that_reason(
    engine: Engine, editions: Editions, join: Callable[..., int], approved: Callable[..., Edition]
) -> None:
    join("ana")
    for name in ("ben", "cho"):
        join(name, interests=REPORTS)
    join("dia", language="es", interests=REPORTS)
    asked: list[str] = []

    def leaves_nothing(variant: str) -> bool:
        asked.append(variant)
        return variant == "en kinds:report"

    assert editions.prepare(approved(), [], (), leaves_nothing, NOON) == {"due": 2, "skipped": 2}
    assert sorted(asked) == ["en", "en kinds:report", "es kinds:report"]
    assert variants(engine) == {
        "ana@paper.example": ("en", "due", ""),
        "ben@paper.example": ("en kinds:report", "skipped", "nothing chosen in it"),
        "cho@paper.example": ("en kinds:report", "skipped", "nothing chosen in it"),
        "dia@paper.example": ("es kinds:report", "due", ""),
    }


def test_readers_that_staging_skips_keep_that_reason(
    engine: Engine, editions: Editions, join: Callable[..., int], approved: Callable[..., Edition]
) -> None:
    for name in ("ana", "ben"):
        join(name, interests=REPORTS)
    editions.prepare(approved(), [], ("ana@paper.example",), lambda _: True, NOON)
    assert [row[1:] for row in variants(engine).values()] == [
        ("skipped", "nothing chosen in it"),
        ("skipped", "mail.only_to"),
    ]


def test_an_edition_skips_only_its_own_readers(
    editions: Editions, deliveries: Deliveries, join: Callable[..., int], approved: Callable[..., Edition]
) -> None:
    join("ana")
    first, second = approved(), approved(FRIDAY + WEEK)
    editions.prepare(first, [], (), nobody_is_left_out, NOON)
    assert editions.prepare(second, [], (), lambda _: True, NOON) == {"skipped": 1}
    assert [row.state for row in rows_of(deliveries, first.key)] == ["due"]


def test_an_edition_without_readers_is_prepared_all_the_same(
    editions: Editions, approved: Callable[..., Edition]
) -> None:
    edition = approved()
    assert editions.prepare(edition, [], (), nobody_is_left_out, NOON) == {}
    assert [found.state for found in editions.open_editions()] == [State.SENDING]


def test_an_edition_that_was_left_preparing_is_taken_up_with_its_date(
    editions: Editions, join: Callable[..., int], approved: Callable[..., Edition]
) -> None:
    join("ana")
    preparing = editions.move(approved(), State.PREPARING, dated=NOON)
    assert editions.prepare(preparing, [], (), nobody_is_left_out, NOON + WEEK) == {"due": 1}
    assert [edition.dated for edition in editions.mailed()] == [NOON]


def test_an_edition_is_prepared_once(editions: Editions, approved: Callable[..., Edition]) -> None:
    edition = approved()
    results = _at_once(
        lambda: editions.prepare(edition, [("id:1", "strike", "v1", None, None)], (), nobody_is_left_out, NOON), 3
    )
    assert sum(isinstance(result, dict) for result in results) == 1


def test_a_preparation_that_breaks_leaves_the_edition_approved(
    editions: Editions, join: Callable[..., int], approved: Callable[..., Edition]
) -> None:
    join("ana")
    edition = approved()
    twice = [("id:1", "strike", "v1", None, None)] * 2
    with pytest.raises(IntegrityError):
        editions.prepare(edition, twice, (), nobody_is_left_out, NOON)
    assert editions.by_key(edition.key) == edition


def test_each_item_is_remembered_as_the_newest_edition_of_its_digest_carried_it(
    editions: Editions, approved: Callable[..., Edition]
) -> None:
    for week, version in enumerate(("v1", "v2")):
        editions.prepare(
            approved(FRIDAY + week * WEEK), [("id:1", "strike", version, None, None)], (), nobody_is_left_out, NOON
        )
    editions.prepare(approved(digest="daily"), [("id:2", "gala", "v1", None, None)], (), nobody_is_left_out, NOON)
    (item,) = editions.mailed_items("weekly")
    assert (item.id, item.version, item.edition, item.at) == ("id:1", "v2", "weekly/2026-12-04", NOON + WEEK)
    assert item.changes_named == ()


def test_what_was_named_of_an_item_is_remembered_and_does_not_count_as_carrying_it(
    editions: Editions, approved: Callable[..., Edition]
) -> None:
    editions.prepare(approved(), [("id:1", "strike", "v1", None, None)], (), nobody_is_left_out, NOON)
    changes = [("id:1", "strike", "v2", "corrected", NOON), ("id:1", "strike", "v2", "withdrawn", NOON + WEEK)]
    editions.prepare(approved(FRIDAY + WEEK), changes, (), nobody_is_left_out, NOON)
    (item,) = editions.mailed_items("weekly")
    assert (item.version, item.edition) == ("v1", "weekly/2026-11-27")
    assert item.changes_named == ("corrected 2026-11-27T12:00:00Z", "withdrawn 2026-12-04T12:00:00Z")


def test_items_of_an_edition_that_was_stopped_midway_count_as_mailed(
    editions: Editions, approved: Callable[..., Edition]
) -> None:
    edition = approved()
    editions.prepare(edition, [("id:1", "strike", "v1", None, None)], (), nobody_is_left_out, NOON)
    prepared = editions.by_key(edition.key)
    assert prepared
    editions.move(prepared, State.CANCELLED, reason="withdrawn")
    assert [item.id for item in editions.mailed_items("weekly")] == ["id:1"]
