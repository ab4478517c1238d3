"""The same empty store on both databases, and the people and editions that most tests need."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from digest.addresses import parse_address
from digest.audience.admission import NewSubscriber
from digest.audience.subscriber import Consent
from digest.editions.edition import Edition, State
from digest.store import tables
from digest.store.database import open_database
from digest.store.deliveries import Deliveries
from digest.store.editions import Editions
from digest.store.subscribers import Subscribers

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
FRIDAY = date(2026, 11, 27)


@pytest.fixture(scope="session")
def postgres(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_database(postgres_url, tmp_path_factory.mktemp("newsroom"))
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        engine = open_database("sqlite:///var/digest.db", tmp_path)
        yield engine
        engine.dispose()
        return
    engine = request.getfixturevalue("postgres")
    with engine.begin() as connection:
        for table in reversed(tables.METADATA.sorted_tables):
            connection.execute(sa.delete(table))
    yield engine


@pytest.fixture
def editions(engine: Engine) -> Editions:
    return Editions(engine)


@pytest.fixture
def deliveries(engine: Engine) -> Deliveries:
    return Deliveries(engine)


@pytest.fixture
def subscribers(engine: Engine) -> Subscribers:
    return Subscribers(engine, hash_key=b"h" * 32)


@pytest.fixture
def newcomer() -> Callable[..., NewSubscriber]:
    """Return what makes a confirmed subscriber of the weekly digest, or of what is asked for."""

    def make(name: str = "ana", **differences: object) -> NewSubscriber:
        usual = NewSubscriber(
            address=parse_address(f"{name}@paper.example"),
            language="en",
            digests=("weekly",),
            state=Consent.CONFIRMED,
            source="staff",
            evidence="asked at the press conference",
        )
        return replace(usual, **differences)  # type: ignore[arg-type]

    return make


@pytest.fixture
def join(subscribers: Subscribers, newcomer: Callable[..., NewSubscriber]) -> Callable[..., int]:
    """Return what puts somebody on the list and gives their key."""

    def put(name: str, **differences: object) -> int:
        who, _ = subscribers.add(newcomer(name, **differences), NOON)
        assert who
        return who.key

    return put


@pytest.fixture
def approved(editions: Editions) -> Callable[..., Edition]:
    """Return what makes an edition that is approved."""

    def make(day: date = FRIDAY, digest: str = "weekly", content: str = "aa") -> Edition:
        at = datetime.combine(day, NOON.time(), UTC)
        built = editions.move(editions.add(digest, day, at), State.BUILT, content_sha=content)
        return editions.move(built, State.APPROVED, approved_by="eva@newsroom.example", approved_at=at)

    return make


@pytest.fixture
def sending(editions: Editions, approved: Callable[..., Edition]) -> Callable[..., Edition]:
    """Return what makes an edition whose rows are made, with everybody who may be mailed."""

    def make(**differences: Any) -> Edition:  # noqa: ANN401 - passed on
        edition = approved(**differences)
        editions.prepare(edition, [], (), lambda _: False, NOON)
        found = editions.by_key(edition.key)
        assert found
        return found

    return make


@pytest.fixture
def suppress(engine: Engine) -> Callable[[int], None]:
    """Return what puts a subscriber's address on the suppression list and leaves the subscriber as they are."""

    def put(key: int) -> None:
        with engine.begin() as connection:
            hashed = sa.select(tables.subscriber.c.address_hash).where(tables.subscriber.c.id == key)
            connection.execute(
                sa.insert(tables.suppression).values(address_hash=hashed.scalar_subquery(), reason="5.1.1", at=NOON)
            )

    return put
