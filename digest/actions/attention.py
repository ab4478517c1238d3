"""What wants a person's attention: found anew in each round, for as long as it lasts, and told once."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from digest.actions.compose import frozen_content
from digest.actions.notify import Notice
from digest.actions.ports import Office
from digest.actions.report import of_ended
from digest.config import Digest
from digest.editions.due import approves_itself
from digest.editions.edition import Edition, State
from digest.errors import DigestError, Problem, printable
from digest.items.item import Item
from digest.moments import for_people, to_stored

_MANY = 20  # problems that are told one by one
_LOOK_BACK = timedelta(days=35)  # for editions that were missed, which who joins the staff need not hear of


def of_files(problems: Sequence[Problem]) -> Iterator[Notice]:
    """Yield what to say of files that hold themselves: each by itself, or all at once when they are many."""
    if len(problems) <= _MANY:
        for problem in problems:
            yield Notice(f"faulty {problem}", f"{printable(problem.path)} is held", str(problem))
        return
    lines = [str(problem) for problem in problems]
    key = hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()
    shown = "\n".join([*lines[:_MANY], f"… and {len(lines) - _MANY} more: run `digest check`."])
    yield Notice(f"faulty {key}", f"{len(lines)} faults in the newsroom's files", shown)


def of_failure(edition: Edition, error: DigestError) -> Notice:
    """Return what to say of an edition with which something failed."""
    return Notice(f"failed {edition.id} {error}", f"{edition.id} needs you", str(error))


def of_clock(seen: datetime, at: datetime) -> Notice:
    """Return what to say when the schedule was worked off up to `seen`, which is still to come."""
    text = (
        f"The computer's clock says {to_stored(at)}, but the schedule was worked off up to {to_stored(seen)} already.\n"
        "No slot is planned until then. Set the clock right, or compose by hand: digest edition compose DIGEST\n"
    )
    return Notice(f"clock back {to_stored(seen)[:10]}", "the clock was set back", text)


def of_editions(office: Office, items: Callable[[], tuple[Item, ...]], at: datetime) -> Iterator[Notice]:
    """Yield what to say of editions; `items` are looked at only when one is approved."""
    for edition in office.store.editions.open_editions():
        try:
            yield from _of_edition(office, edition, items, at)
        except DigestError as error:
            yield of_failure(edition, error)
    recent = office.store.editions.recent()
    yield from of_ended(office, recent)
    for edition in recent:
        if edition.state is State.MISSED and edition.slot_at > at - _LOOK_BACK:
            yield _missed(edition)


def _of_edition(
    office: Office, edition: Edition, items: Callable[[], tuple[Item, ...]], at: datetime
) -> Iterator[Notice]:
    if edition.state is State.HELD:
        yield _held(edition)
    digest = office.newsroom.config.digests.get(edition.digest)
    if edition.state is State.BUILT and digest and not approves_itself(edition, digest):
        yield _waits(office, edition, digest, at)
    if edition.state is State.APPROVED:
        yield from _changed(office, edition, items())


def _held(edition: Edition) -> Notice:
    remedy = f"Compose and approve it again: digest edition compose {edition.id}"
    if edition.dated:
        remedy = f"Put that right and send the rest: digest edition send {edition.id}"
    text = f"{edition.id} is held: {edition.reason}.\n{remedy}\nOr cancel it: digest edition cancel {edition.id}\n"
    return Notice(f"held {edition.id} {edition.content_sha} {edition.reason}", f"{edition.id} is held", text)


def _waits(office: Office, edition: Edition, digest: Digest, at: datetime) -> Notice:
    zone = office.newsroom.config.newsroom.timezone
    due, last = for_people(edition.slot_at, zone), for_people(edition.slot_at + digest.send_within, zone)
    goes_out = "It goes out as soon as it is approved"
    if at < edition.slot_at:
        goes_out = f"It goes out on {due} if it is approved by then, and if later, as soon as it is"
    text = (
        f"{edition.id} is composed. {goes_out}; after {last} not any more.\n\n"
        f"Read it: digest edition show {edition.id}\nApprove it: digest edition approve {edition.id}\n"
    )
    return Notice(f"draft {edition.id}", f"{edition.id} waits for approval", text)


def _changed(office: Office, edition: Edition, items: tuple[Item, ...]) -> Iterator[Notice]:
    """Yield a notice for each item that changed after approval; what was approved is what is sent."""
    approved = {
        entry.id: entry.version
        for composition in frozen_content(office.newsroom, edition).compositions
        for entry in composition.entries
    }
    for item in items:
        if approved.get(item.uri, item.version) != item.version:
            text = (
                f"{item.source} was changed after {edition.id} was approved; the edition goes out as approved.\n"
                f"To take the change over, compose and approve it again: digest edition compose {edition.id}\n"
            )
            yield Notice(f"changed {edition.id} {item.version}", f"{item.slug} was changed", text)


def _missed(edition: Edition) -> Notice:
    text = f"{edition.id} was missed: {edition.reason}. Its items go into the next edition.\n"
    return Notice(f"missed {edition.id} {edition.slot_at}", f"{edition.id} was missed", text)
