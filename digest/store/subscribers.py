"""Subscribers as they are kept: each change of consent is added to a history that nothing alters."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from digest.actions.ports import Admission, LetterTo, Told
from digest.addresses import Address
from digest.audience.admission import ImportReport, NewSubscriber
from digest.audience.export import Kept
from digest.audience.requests import ERASED, Says, Wish, forbids
from digest.audience.standing import Barred, Group
from digest.audience.subscriber import Consent, ConsentEvent, Evidence, Step, Subscriber, before
from digest.audience.tokens import address_hash
from digest.delivery.rows import MailTo
from digest.store import inquiries, tables
from digest.store.admission import admit, import_in_chunks, rehearse, tell_nobody
from digest.store.database import alone, wipe, writing
from digest.store.forgetting import empty, forget_ips, forget_unconfirmed, remove
from digest.store.letters import owe
from digest.store.mailable import mailable
from digest.store.requests import forget_waiting
from digest.store.subscriber_rows import (
    forget_erasure,
    found,
    heard_since_leaving,
    locked,
    next_version,
    remember,
    subscribe,
    suppress,
    take,
    why_barred,
)

_who = tables.subscriber


@dataclass(frozen=True)
class Subscribers:
    """Everybody who was ever on the list; a method is a transaction, an import one for each chunk."""

    engine: Engine
    hash_key: bytes = field(repr=False)  # never changes: it makes the hashes of the suppression list

    def add(self, new: NewSubscriber, at: datetime) -> Admission:
        """Put somebody on the list, or add to what they get; who left or is suppressed stays so and is refused."""
        with writing(self.engine) as connection:
            ((_, result),) = admit(connection, self.hash_key, [new], at)
            return next(iter(found(connection, _who.c.address_key == new.address.key)), None), result

    def import_rows(
        self, rows: Iterable[NewSubscriber], at: datetime, told: Told = tell_nobody, *, dry_run: bool = False
    ) -> ImportReport:
        """Put many on the list, as `add` does with one; of each thousand all or, where it breaks, none.

        `told` gets each thousand with what became of them, once that is certain. `dry_run` only finds out what would.
        """
        if dry_run:
            return rehearse(self.engine, self.hash_key, rows, told)
        return import_in_chunks(self.engine, self.hash_key, rows, at, told)

    def get(self, address_key: str) -> Subscriber | None:
        """Return the subscriber with that address, written in lower case."""
        with self.engine.connect() as connection:
            return next(iter(found(connection, _who.c.address_key == address_key)), None)

    def by_key(self, key: int) -> Subscriber | None:
        """Return the subscriber that tokens call `key`."""
        with self.engine.connect() as connection:
            return next(iter(found(connection, _who.c.id == key)), None)

    def history(self, key: int) -> list[ConsentEvent]:
        """Return each change of the subscriber's consent, the oldest first."""
        with self.engine.connect() as connection:
            return inquiries.history(connection, key)

    def mails_to(self, key: int) -> list[MailTo]:
        """Return each edition that has a row for the subscriber, with the versions of its items."""
        with self.engine.connect() as connection:
            return inquiries.mails_to(connection, key)

    def letters_to(self, key: int) -> list[LetterTo]:
        """Return each letter that is or was owed to the subscriber, the oldest first."""
        with self.engine.connect() as connection:
            return inquiries.letters_to(connection, key)

    def barred(self, address_key: str) -> Barred | None:
        """Return why an address is on the suppression list, written in lower case."""
        with self.engine.connect() as connection:
            return inquiries.barred(connection, address_hash(self.hash_key, address_key))

    def everybody(self) -> Iterator[Kept]:
        """Yield everybody who was not erased, with the step that led to where they stand."""
        return inquiries.everybody(self.engine)

    def groups(self) -> list[Group]:
        """Return how many subscribers are alike in state, language and interests."""
        with self.engine.connect() as connection:
            return inquiries.groups(connection)

    def of_digests(self) -> list[tuple[str, Consent, int]]:
        """Return how many subscribers each digest has in each state."""
        with self.engine.connect() as connection:
            return inquiries.of_digests(connection)

    def ask_again(self, key: int, evidence: Evidence) -> bool:
        """Owe the question to somebody who was asked once more, and remember it; False when there is none to ask."""
        with writing(self.engine) as connection:
            who = locked(connection, _who.c.id == key)
            if who is None or who.state is not Consent.ASKED:
                return False
            owe(connection, key, Says.CONFIRM, evidence.at)
            remember(connection, [(key, who.state, who.state, evidence)])
            return True

    def confirm(self, key: int, evidence: Evidence, version: int | None = None) -> bool:
        """Record that the owner of an address said yes, and owe them a welcome; False when they may not, or had.

        `version` is that of the link used: a step that voids links may have come just before.
        """
        with writing(self.engine) as connection:
            who = locked(connection, _holder(key, version))
            if who is None or who.state not in before(Step.CONFIRM) or _barred(connection, key):
                return False
            forget_erasure(connection, _hash_of(connection, key))
            take(connection, who, Step.CONFIRM, evidence, chosen_at=evidence.at)
            owe(connection, key, Says.WELCOME, evidence.at)
            return True

    def leave(self, key: int, evidence: Evidence, notice: Says | None = None) -> bool:
        """Take the subscriber off every digest; return False when they had left already, or never were here.

        `notice` is owed to them. Links to choose and to confirm that they hold are worth nothing from then on.
        A pause is kept for those who undo it.
        """
        with writing(self.engine) as connection:
            who = locked(connection, _who.c.id == key)
            if who is None or who.state not in before(Step.LEAVE):
                return False
            take(connection, who, Step.LEAVE, evidence, version=next_version())
            if notice and who.state is Consent.CONFIRMED:
                owe(connection, key, notice, evidence.at)
            return True

    def give_reason(self, key: int, evidence: Evidence) -> bool:
        """Add to the history why somebody left; False when they are here, or have given one since they left."""
        with writing(self.engine) as connection:
            who = locked(connection, _who.c.id == key)
            if who is None or who.state is not Consent.LEFT or heard_since_leaving(connection, key, evidence.source):
                return False
            remember(connection, [(key, who.state, who.state, evidence)])
            return True

    def choose(self, key: int, wish: Wish, paused_until: datetime | None, evidence: Evidence) -> bool:
        """Write down what a subscriber wants from now on; False when they are not confirmed."""
        with writing(self.engine) as connection:
            who = locked(connection, _who.c.id == key)
            if who is None or who.state is not Consent.CONFIRMED:
                return False
            wanted = {"language": wish.language, "interests": str(wish.interests), "paused_until": paused_until}
            take(connection, who, Step.CONFIRM, evidence, chosen_at=evidence.at, **wanted)
            subscribe(connection, key, wish.digests)
            return True

    def suppress(self, address_key: str, reason: str, source: str, at: datetime) -> None:
        """Never mail an address again, until it is released: it bounced for good, or its owner complained."""
        with writing(self.engine) as connection:
            who = locked(connection, _who.c.address_key == address_key)  # first, as an import does: no deadlock
            suppress(connection, [address_hash(self.hash_key, address_key)], reason, at)
            if who and who.state in before(Step.SUPPRESS):
                take(connection, who, Step.SUPPRESS, Evidence(at, source, reason), version=next_version())

    def release(self, address_key: str, evidence: Evidence) -> str | None:
        """Take an address off the suppression list; return why it was there, or None.

        Nobody is mailed by that: who was on the list counts as having left, and can subscribe again. Who was erased
        stays on it. So does an address of nobody, as erased: whoever had it may have been, and nothing tells that.
        """
        hashed = address_hash(self.hash_key, address_key)
        with writing(self.engine) as connection:
            who = locked(connection, _who.c.address_key == address_key)
            reason = why_barred(connection, hashed)
            if reason not in {None, ERASED} and who is None:
                suppress(connection, [hashed], ERASED, evidence.at)
            elif reason != ERASED:
                connection.execute(sa.delete(tables.suppression).where(tables.suppression.c.address_hash == hashed))
            if who and who.state in before(Step.RELEASE):
                take(connection, who, Step.RELEASE, evidence)
                reason = reason or "suppressed"
            return reason

    def erase(self, key: int, at: datetime) -> bool:
        """Forget who a subscriber was, and keep a keyed hash of the address; False when there is nobody to forget."""
        with writing(self.engine) as connection:
            who = locked(connection, sa.and_(_who.c.id == key, _who.c.erased_at.is_(None)))
            if who is None:
                return False
            suppress(connection, [_hash_of(connection, key)], ERASED, at, weakly=True)
            forget_waiting(connection, key, who.address.lower())
            empty(connection, who, at)
        wipe(self.engine)
        return True

    def move(self, key: int, address: Address, evidence: Evidence, version: int | None = None) -> bool:
        """Mail a subscriber at another address from now on; False when it is somebody's, or may not be mailed.

        Somebody who was only asked there, and never confirmed, is forgotten: its owner has now said what they want.
        The former address is owed a notice. Their links are worth nothing from then on, but those to leave by.
        """
        hashed = address_hash(self.hash_key, address.key)
        with writing(self.engine) as connection:
            alone(connection, _who)
            who = locked(connection, _holder(key, version))
            others = found(connection, _who.c.address_key == address.key)
            taken = any(other.state is not Consent.ASKED for other in others)
            barred = why_barred(connection, hashed)
            if who is None or who.state is not Consent.CONFIRMED or taken or forbids(barred):
                return False
            remove(connection, [other.key for other in others])
            forget_erasure(connection, hashed)
            new = {"address": address.address, "address_key": address.key, "address_hash": hashed}
            take(connection, who, Step.CONFIRM, evidence, version=next_version(), **new)
            owe(connection, key, Says.MOVED, evidence.at, who.address)
            return True

    def forget(self, ips_before: datetime, unconfirmed_before: datetime) -> None:
        """Forget the IP addresses of older evidence, and who was asked before that and never confirmed."""
        forget_ips(self.engine, ips_before)
        forget_unconfirmed(self.engine, unconfirmed_before)

    def count(self, digest: str) -> int:
        """Return how many would be mailed an edition of the digest now."""
        query = sa.select(sa.func.count()).select_from(_who).where(mailable(sa.literal(digest)))
        with self.engine.connect() as connection:
            return connection.execute(query).scalar_one()


def _holder(key: int, version: int | None) -> sa.ColumnElement[bool]:
    """Return the condition that a subscriber has that key and, where one is given, tokens of that version."""
    return _who.c.id == key if version is None else sa.and_(_who.c.id == key, _who.c.version == version)


def _hash_of(connection: Connection, key: int) -> str:
    return str(connection.execute(sa.select(_who.c.address_hash).where(_who.c.id == key)).scalar_one())


def _barred(connection: Connection, key: int) -> bool:
    return forbids(why_barred(connection, _hash_of(connection, key)))
