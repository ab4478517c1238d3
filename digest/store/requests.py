"""What was asked for on the web: taken within limits, which hold over restarts and processes, and answered later."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from digest.addresses import Address
from digest.audience.interests import Interests
from digest.audience.limits import IN_TOTAL, OF_A_DOMAIN, OF_A_NETWORK, OF_AN_ADDRESS, Limit, Reached, network_of
from digest.audience.requests import Purpose, Request, Says, Wish, answer, may_ask
from digest.audience.subscriber import Consent, Evidence, Subscriber
from digest.audience.tokens import address_hash
from digest.store import tables
from digest.store.database import alone, writing
from digest.store.letters import owe
from digest.store.subscriber_rows import found, remember, subscribe, why_barred

_row = tables.request
_who = tables.subscriber


@dataclass(frozen=True)
class Requests:
    """All requests of the last days; a method is a transaction."""

    engine: Engine
    hash_key: bytes = field(repr=False)  # never changes

    def take(self, request: Request, at: datetime) -> Reached | None:
        """Keep a request until it is answered; or return which limit has been reached.

        It costs the same whether the address is known or not: nobody looks. One that its address had before is counted
        for its network, domain and in total, or the other limits would tell that somebody had asked for it; for the
        address it counts not, or strangers could keep its owner out for ever.
        """
        hashed = self._hash_of("address", request.address.key)
        network = self._hash_of("network", network_of(request.ip))
        domain = self._hash_of("domain", request.address.key.rpartition("@")[2])
        strangers: list[tuple[Reached, sa.ColumnElement[bool], Limit]] = [
            ("network", _row.c.network_hash == network, OF_A_NETWORK),
            ("total", sa.true(), IN_TOTAL),
            ("domain", _row.c.domain_hash == domain, OF_A_DOMAIN),
        ]
        of_address = sa.and_(_row.c.address_hash == hashed, _row.c.purpose == request.purpose)
        with writing(self.engine) as connection:
            alone(connection, _row)
            for name, condition, limit in strangers:
                if _reached(connection, condition, limit, at):
                    return name
            again = _reached(connection, of_address, OF_AN_ADDRESS[request.purpose], at)
            new = {
                "address_hash": self._hash_of("again", request.address.key) if again else hashed,
                "network_hash": network,
                "domain_hash": domain,
                "asked": None if again else _written(request),
            }
            connection.execute(sa.insert(_row).values(at=at, purpose=request.purpose, **new))
        return "address" if again else None

    def waiting(self, limit: int = 100) -> Sequence[int]:
        """Return the numbers of those that are to be answered, the oldest first."""
        query = sa.select(_row.c.id).where(_row.c.asked.is_not(None)).order_by(_row.c.id).limit(limit)
        with self.engine.connect() as connection:
            return connection.execute(query).scalars().all()

    def answer(self, number: int, at: datetime) -> None:
        """Owe the letter that answers a request, once, whoever else does it at the same time."""
        with writing(self.engine) as connection:
            alone(connection, _who)
            of_it = _row.c.id == number
            row = connection.execute(sa.select(_row).where(of_it, _row.c.asked.is_not(None)).with_for_update()).first()
            if row is None:
                return
            connection.execute(sa.update(_row).where(of_it).values(asked=None))
            request = _read(row.purpose, row.asked)
            known = next(iter(found(connection, _who.c.address_key == request.address.key)), None)
            asker = next(iter(found(connection, _who.c.id == request.subscriber)), None)
            barred = why_barred(connection, address_hash(self.hash_key, request.address.key))
            says = answer(request.purpose, known, barred) if may_ask(request.purpose, asker) else None
            if says is None:
                return
            if request.purpose is Purpose.SUBSCRIBE:
                self._ask(connection, known, request, row.at)
                key = _key_of(connection, request.address)
                owe(connection, key, says, at)
            elif asker:
                owe(connection, asker.key, says, at, request.address.address if says is Says.MOVE else None)

    def forget(self, before: datetime, unanswered_before: datetime) -> None:
        """Forget what no limit counts any more, and what could not be answered for so long."""
        answered = sa.and_(_row.c.at < before, _row.c.asked.is_(None))
        with writing(self.engine) as connection:
            connection.execute(sa.delete(_row).where(sa.or_(answered, _row.c.at < unanswered_before)))

    def _ask(self, connection: Connection, known: Subscriber | None, request: Request, at: datetime) -> None:
        """Write down what somebody will get who confirms; who has confirmed keeps what they have."""
        if known and known.state is Consent.CONFIRMED:
            return
        wanted = {"language": request.wish.language, "interests": str(request.wish.interests)}
        state = known.state if known else Consent.ASKED
        if known:
            # A pause from before they left is kept only for those who undo that.
            connection.execute(sa.update(_who).where(_who.c.id == known.key).values(paused_until=None, **wanted))
        else:
            address = request.address
            new = {"address": address.address, "address_key": address.key, "created_at": at, "state": state}
            hashed = address_hash(self.hash_key, address.key)
            connection.execute(sa.insert(_who).values(address_hash=hashed, **new, **wanted))
        key = _key_of(connection, request.address)
        subscribe(connection, key, request.wish.digests)
        shown = Evidence(at, "form", request.evidence, request.ip)
        remember(connection, [(key, known.state if known else None, state, shown)])

    def _hash_of(self, what: str, text: str) -> str:
        return address_hash(self.hash_key, f"{what} {text}")


def forget_waiting(connection: Connection, key: int, address_key: str) -> None:
    """Leave unanswered what somebody who is being erased asked for, and what was asked for their address."""
    query = sa.select(_row.c.id, _row.c.purpose, _row.c.asked).where(_row.c.asked.is_not(None))
    for number, purpose, asked in connection.execute(query).all():
        request = _read(purpose, asked)
        if request.subscriber == key or request.address.key == address_key:
            connection.execute(sa.update(_row).where(_row.c.id == number).values(asked=None))


def _reached(connection: Connection, condition: sa.ColumnElement[bool], limit: Limit, at: datetime) -> bool:
    some = sa.select(_row.c.id).where(condition, _row.c.at > at - limit.within).limit(limit.most).subquery()
    return connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one() >= limit.most


def _key_of(connection: Connection, address: Address) -> int:
    return int(connection.execute(sa.select(_who.c.id).where(_who.c.address_key == address.key)).scalar_one())


def _written(request: Request) -> str:
    wish = request.wish
    return json.dumps(
        {
            "address": request.address.address,
            "language": wish.language,
            "digests": wish.digests,
            "interests": str(wish.interests),
            "evidence": request.evidence,
            "ip": request.ip,
            "subscriber": request.subscriber,
        }
    )


def _read(purpose: str, text: str) -> Request:
    asked = json.loads(text)
    return Request(
        Purpose(purpose),
        Address(asked["address"], asked["address"].lower()),
        Wish(asked["language"], tuple(asked["digests"]), Interests.of(asked["interests"])),
        asked["evidence"],
        asked["ip"],
        asked["subscriber"],
    )
