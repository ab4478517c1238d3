"""What the actions ask of the world."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, Unpack

from digest.actions.accounts import Account, Received
from digest.actions.how_far import HowFar
from digest.actions.newsroom import Newsroom
from digest.addresses import Address
from digest.audience.admission import ImportReport, NewSubscriber, Outcome
from digest.audience.export import Kept
from digest.audience.limits import Reached
from digest.audience.requests import OwedLetter, Request, Says, Wish
from digest.audience.standing import Barred, Group
from digest.audience.subscriber import Consent, ConsentEvent, Evidence, Subscriber
from digest.clock import Clock
from digest.delivery.route import Route
from digest.delivery.rows import MailTo, Rows, RowState
from digest.delivery.throttle import Allowance
from digest.editions.composition import Mailed
from digest.editions.edition import Changes, Edition, State
from digest.errors import Problem

ItemRecord = tuple[str, str, str, str | None, datetime | None]  # id, slug, version, what became of it, when

Admission = tuple[Subscriber | None, Outcome]  # None: the address is only known by its hash, or nothing is written
Told = Callable[[Sequence[tuple[NewSubscriber, Admission]]], None]


@dataclass(frozen=True)
class LetterTo:
    """A letter to one subscriber about their subscription, as it is looked up later."""

    says: Says
    address: str  # where it goes or went
    state: RowState
    reply: str  # the server's last
    at: datetime  # UTC, when the state last changed


class Editions(Protocol):
    """Where editions are remembered."""

    def get(self, digest: str, slot_date: date, seq: int) -> Edition | None:
        """Return the edition of that name."""

    def by_key(self, key: int) -> Edition | None:
        """Return the edition with that key."""

    def recent(self, limit: int = 50, digest: str | None = None) -> Sequence[Edition]:
        """Return editions, the newest slot first."""

    def open_editions(self) -> Sequence[Edition]:
        """Return those that still have a step to take, the oldest slot first."""

    def unclosed(self) -> Sequence[Edition]:
        """Return those that were cancelled and still have rows to send."""

    def mailed(self) -> Sequence[Edition]:
        """Return those whose mailing has begun, the oldest first."""

    def mailed_items(self, digest: str) -> Sequence[Mailed]:
        """Return every item that the digest's mailed editions carried."""

    def plan(self, digest: str, slot_date: date, slot_at: datetime, *, state: State, reason: str | None) -> bool:
        """Make the slot's edition unless it exists; return whether it is new."""

    def add(self, digest: str, slot_date: date, slot_at: datetime) -> Edition:
        """Make a special edition of that day, with the next number that is free."""

    def move(self, edition: Edition, to: State, **changes: Unpack[Changes]) -> Edition:
        """Take a step; Overtaken when the edition was changed meanwhile, Refused when it may not take it."""

    def reschedule(self, edition: Edition, slot_at: datetime) -> Edition:
        """Give an edition to come another moment; Overtaken when it was changed meanwhile."""

    def prepare(
        self,
        edition: Edition,
        items: Sequence[ItemRecord],
        only_to: Sequence[str],
        leaves_nothing: Callable[[str], bool],
        at: datetime,
    ) -> dict[str, int]:
        """Fix the recipients and begin sending, in one transaction; skip those whose variant `leaves_nothing`."""


class Deliveries(Rows, Protocol):
    """The rows of recipients, and their sums."""

    def counts(self, edition: int) -> dict[RowState, int]:
        """Return how many rows are in each state."""

    def has_work(self, edition: int, at: datetime) -> bool:
        """Return whether a row is due, or was left in flight by a sender that died."""

    def is_open(self, edition: int) -> bool:
        """Return whether a row is not accounted for yet."""

    def close(self, edition: int, at: datetime) -> int:
        """Skip whoever a cancelled edition did not reach; return how many rows that changed."""


class Reports(Protocol):
    """The rows of editions, for people to read."""

    def account(self, edition: int) -> AbstractContextManager[Account]:
        """Give the sums of an edition's rows, and those to be named, as of one moment."""

    def received(self, edition: int) -> Iterator[Received]:
        """Yield who got the edition."""


class Audience(Protocol):
    """Where subscribers are remembered."""

    def add(self, new: NewSubscriber, at: datetime) -> Admission:
        """Put somebody on the list; who left or is suppressed stays so."""

    def import_rows(
        self, rows: Iterable[NewSubscriber], at: datetime, told: Told = ..., *, dry_run: bool = False
    ) -> ImportReport:
        """Put many on the list, each thousand wholly or not at all; `told` gets what became of each."""

    def get(self, address_key: str) -> Subscriber | None:
        """Return the subscriber with that address in lower case."""

    def history(self, key: int) -> Sequence[ConsentEvent]:
        """Return every change of their consent, the oldest first."""

    def mails_to(self, key: int) -> Sequence[MailTo]:
        """Return each edition that has a row for them, with the versions of its items."""

    def letters_to(self, key: int) -> Sequence[LetterTo]:
        """Return each letter that is or was owed to them."""

    def barred(self, address_key: str) -> Barred | None:
        """Return why an address in lower case is on the suppression list."""

    def everybody(self) -> Iterator[Kept]:
        """Yield everybody who was not erased."""

    def groups(self) -> Sequence[Group]:
        """Return how many subscribers are alike in state, language and interests."""

    def of_digests(self) -> Sequence[tuple[str, Consent, int]]:
        """Return how many subscribers each digest has in each state."""

    def ask_again(self, key: int, evidence: Evidence) -> bool:
        """Owe the question once more to somebody who was asked; False when there is none to ask."""

    def by_key(self, key: int) -> Subscriber | None:
        """Return the subscriber with that key."""

    def confirm(self, key: int, evidence: Evidence, version: int | None = None) -> bool:
        """Record that the owner of an address said yes, and owe them a welcome; False when they may not, or had.

        `version` is that of the link used.
        """

    def leave(self, key: int, evidence: Evidence, notice: Says | None = None) -> bool:
        """Record that a subscriber left, and owe them that notice; False when they had left already."""

    def give_reason(self, key: int, evidence: Evidence) -> bool:
        """Add to the history why somebody left; False when they are here, or have given one since they left."""

    def choose(self, key: int, wish: Wish, paused_until: datetime | None, evidence: Evidence) -> bool:
        """Write down what a subscriber wants from now on; False when they are not confirmed."""

    def suppress(self, address_key: str, reason: str, source: str, at: datetime) -> None:
        """Never mail an address again, until it is released."""

    def release(self, address_key: str, evidence: Evidence) -> str | None:
        """Take an address off the suppression list; return why it was there, or None."""

    def erase(self, key: int, at: datetime) -> bool:
        """Forget who a subscriber was, and keep a keyed hash; False when there is nobody to forget."""

    def move(self, key: int, address: Address, evidence: Evidence, version: int | None = None) -> bool:
        """Mail a subscriber at another address from now on; False when it is somebody's, or may not be mailed."""

    def forget(self, ips_before: datetime, unconfirmed_before: datetime) -> None:
        """Forget the IP addresses of older evidence, and who was asked before that and never confirmed."""

    def count(self, digest: str) -> int:
        """Return how many confirmed subscribers a digest has."""


class Requests(Protocol):
    """What was asked for on the web."""

    def take(self, request: Request, at: datetime) -> Reached | None:
        """Keep a request until it is answered; or return which limit has been reached."""

    def waiting(self, limit: int = 100) -> Sequence[int]:
        """Return the numbers of those that are to be answered, the oldest first."""

    def answer(self, number: int, at: datetime) -> None:
        """Owe the letter that answers a request."""

    def forget(self, before: datetime, unanswered_before: datetime) -> None:
        """Forget what no limit counts any more, and what could not be answered for so long."""


class Letters(Rows, Protocol):
    """Letters to subscribers about their subscription."""

    def owed(self, number: int) -> OwedLetter | None:
        """Return the letter of that number; None when there is none any more."""

    def only_to(self, addresses: Collection[str]) -> Rows:
        """Return the rows of letters, of which none is mailed to another address; empty: all are."""

    def has_work(self, at: datetime) -> bool:
        """Return whether a letter is due, or was left in flight by a sender that died."""

    def forget(self, before: datetime) -> None:
        """Forget letters whose fate was known before that."""


class Schedules(Protocol):
    """Where it is remembered up to when the schedule was seen."""

    def start_of(self, digest: str, default: datetime) -> datetime:
        """Return after which moment items belong to the digest; `default` is stored the first time."""

    def started(self, digest: str) -> datetime | None:
        """Return what `start_of` would, or None as long as nothing is stored."""

    def seen_until(self, digest: str, default: datetime) -> datetime:
        """Return up to when slots were planned; `default` is stored the first time."""

    def mark_seen(self, digest: str, until: datetime) -> None:
        """Record that slots were planned up to `until`; never goes back."""

    def beat(self, name: str, at: datetime) -> None:
        """Record that `name` was alive at `at`."""

    def last_beat(self, name: str) -> datetime | None:
        """Return when `name` was last alive."""


class Notices(Protocol):
    """What the staff have been told."""

    def first_time(self, key: str, at: datetime) -> bool:
        """Claim the notice `key`; False when it was claimed before."""

    def known(self, keys: Sequence[str]) -> frozenset[str]:
        """Return which of the notices were claimed."""

    def forget(self, key: str) -> None:
        """Give the claim back, because telling failed."""


class ProgressBoard(Protocol):
    """How far each mailing has come."""

    def note(self, edition: int, far: HowFar, at: datetime) -> None:
        """Write down where a mailing is at that moment."""

    def latest(self, count: int) -> Mapping[str, HowFar]:
        """Return the mailings that moved last, the latest first, by the ids of their editions."""


@dataclass(frozen=True)
class Store:
    """Everything that is remembered."""

    editions: Editions
    deliveries: Deliveries
    audience: Audience
    requests: Requests
    letters: Letters
    schedules: Schedules
    notices: Notices
    allowance: Allowance
    reports: Reports
    progress: ProgressBoard


@dataclass(frozen=True)
class Office:
    """What an action that mails or remembers works with."""

    newsroom: Newsroom
    newsroom_now: Callable[[], Newsroom]  # with the configuration in force by then
    store: Store
    clock: Clock
    keys: Sequence[bytes]  # of tokens, the newest first
    routes: Sequence[Route]  # of mail, in the order in which they are used
    say: Callable[[str], None]  # one line for the log or the terminal
    config_problems: tuple[Problem, ...] = ()  # of today's config.yaml, when the last good one is in force
