import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

from digest.audience.interests import EVERYTHING
from digest.delivery.rows import Recipient
from digest.errors import OutsideFailure, Refused
from digest.store import tables
from digest.store.database import (
    connect,
    is_current,
    migrate,
    open_database,
    open_for_reading,
    writing,
)
from digest.store.deliveries import Deliveries
from digest.store.subscribers import Subscribers
from digest.store.tables import METADATA, REVISION, Moment

URL = "sqlite:///var/digest.db"
NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
_OPEN = """
import pathlib, sys
from digest.store.database import open_database
open_database(sys.argv[1], pathlib.Path())
"""


def test_a_fresh_database_is_created_in_the_newsroom_with_all_tables(tmp_path: Path) -> None:
    engine = open_database(URL, tmp_path)
    assert (tmp_path / "var" / "digest.db").exists()
    assert is_current(engine)
    engine.dispose()


def test_the_migrations_give_exactly_the_tables(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_migrations_give_exactly_the_constraints(engine: Engine, tmp_path: Path) -> None:
    made_at_once = sa.create_engine(f"sqlite:///{tmp_path}/at-once.db")
    METADATA.create_all(made_at_once)
    if engine.dialect.name == "sqlite":
        assert _definitions(engine) == _definitions(made_at_once)
    assert _checks(engine) == _checks(made_at_once)
    made_at_once.dispose()


def _definitions(engine: Engine) -> set[str]:
    """Return the statements that made the tables and indexes, but for what Moment and Text have in common."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name NOT LIKE 'alembic%'").scalars()
        return {" ".join(sql.split()) for sql in rows if sql and "sqlite_" not in sql}


def _checks(engine: Engine) -> set[tuple[str, str | None]]:
    found = sa.inspect(engine)
    return {(table, check["name"]) for table in METADATA.tables for check in found.get_check_constraints(table)}


def test_the_program_wants_the_newest_migration() -> None:
    steps = Config()
    steps.set_main_option("script_location", "digest.store:migrations")
    steps.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(steps).get_current_head() == REVISION


def _at_revision(engine: Engine, revision: str) -> None:
    """Bring a database without tables to that revision."""
    steps = Config()
    steps.set_main_option("script_location", "digest.store:migrations")
    steps.set_main_option("path_separator", "os")
    with writing(engine) as connection:
        steps.attributes["connection"] = connection
        command.upgrade(steps, revision)


_OLD_ROWS = """
INSERT INTO edition (id, digest, slot_date, seq, slot_at, state, content_sha, dated) VALUES
    (1, 'weekly', '2026-11-27', 1, '2026-11-27T08:00:00Z', 'sending', 'aa', '2026-11-27T08:00:00Z');
INSERT INTO subscriber (id, address, address_key, address_hash, state, language, created_at) VALUES
    (1, 'ana@paper.example', 'ana@paper.example', 'a', 'confirmed', 'en', '2026-11-01T08:00:00Z'),
    (2, 'ben@paper.example', 'ben@paper.example', 'b', 'confirmed', 'es', '2026-11-01T08:00:00Z');
INSERT INTO delivery (edition_id, subscriber_id, state, at) VALUES
    (1, 1, 'sent', '2026-11-27T08:00:00Z'), (1, 2, 'due', '2026-11-27T08:00:00Z')
"""


@pytest.fixture
def old_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Give a database as the first release left it in the middle of a mailing."""
    if request.param == "sqlite":
        engine = connect(URL, tmp_path)
        (tmp_path / "var").mkdir()
    else:
        url = sa.make_url(request.getfixturevalue("postgres_url"))
        admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {url.database}_old"))
        engine = connect(url.set(database=f"{url.database}_old").render_as_string(hide_password=False), tmp_path)
    _at_revision(engine, "0001")
    with writing(engine) as connection:
        for rows in _OLD_ROWS.split(";"):
            connection.exec_driver_sql(rows)
    yield engine
    engine.dispose()
    if request.param == "postgres":
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {url.database}_old"))
        admin.dispose()


@pytest.mark.parametrize("old_database", ["sqlite", "postgres"], indirect=True)
def test_a_mailing_under_way_goes_on_in_the_language_of_each_reader_after_the_migration(old_database: Engine) -> None:
    assert not is_current(old_database)
    migrate(old_database)
    assert is_current(old_database)
    assert Deliveries(old_database).due(1, NOON, 9) == [Recipient(2, "ben@paper.example", "es", 0)]
    with old_database.connect() as connection:
        variants = connection.execute(sa.select(tables.delivery.c.variant)).scalars().all()
        assert sorted(variants) == ["en", "es"]
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    known = Subscribers(old_database, hash_key=b"h" * 32).by_key(2)
    assert known
    assert (known.language, known.interests) == ("es", EVERYTHING)


def test_migrating_twice_does_nothing(engine: Engine) -> None:
    migrate(engine)
    assert is_current(engine)


@pytest.mark.parametrize(("revision", "remedy"), [("0000", "digest migrate"), ("9999", "newer")])
def test_a_database_of_another_version_is_refused_with_the_remedy(tmp_path: Path, revision: str, remedy: str) -> None:
    engine = open_database(URL, tmp_path)
    with writing(engine) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    assert not is_current(engine)
    engine.dispose()
    for opening in (open_database, open_for_reading):
        with pytest.raises(Refused, match=remedy) as refused:
            opening(URL, tmp_path)
        assert f"at revision {revision}, the program wants {REVISION}" in refused.value.message


def test_reading_where_nothing_was_stored_creates_nothing(tmp_path: Path) -> None:
    assert open_for_reading(URL, tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_reading_an_existing_database_works(tmp_path: Path) -> None:
    open_database(URL, tmp_path).dispose()
    engine = open_for_reading(URL, tmp_path)
    assert engine
    assert is_current(engine)
    engine.dispose()


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "sqlite:///:memory:", "mysql://localhost/digest"])
def test_a_url_that_leads_nowhere_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(Refused, match="Write sqlite:///"):
        open_database(url, tmp_path)


def test_an_unreachable_server_is_an_outside_failure_that_hides_the_password(tmp_path: Path) -> None:
    with pytest.raises(OutsideFailure) as failure:
        open_database(f"postgresql+psycopg://digest:s3cret@/digest?host={tmp_path}", tmp_path)
    assert "s3cret" not in str(failure.value)
    assert str(tmp_path) in failure.value.message


def test_a_file_that_is_no_database_is_an_outside_failure(tmp_path: Path) -> None:
    (tmp_path / "digest.db").write_text("dear diary, " * 100)
    with pytest.raises(OutsideFailure, match="not a database"):
        open_database("sqlite:///digest.db", tmp_path)


def test_a_folder_that_cannot_be_made_is_an_outside_failure(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")
    with pytest.raises(OutsideFailure, match="cannot be made"):
        open_database(URL, tmp_path)


def test_a_database_that_stays_locked_is_an_outside_failure(tmp_path: Path) -> None:
    engine = open_database(URL, tmp_path)
    with writing(engine), engine.connect() as other:
        other.exec_driver_sql("PRAGMA busy_timeout = 20")
        with pytest.raises(OutsideFailure, match="locked"):
            other.execute(sa.insert(tables.notice), {"key": "a", "at": None})
    engine.dispose()


def test_sqlite_is_set_to_survive_a_power_loss_and_to_keep_its_promises(tmp_path: Path) -> None:
    engine = open_database(URL, tmp_path)
    with engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    engine.dispose()


def test_what_breaks_in_the_middle_leaves_nothing_behind(engine: Engine) -> None:
    def breaking() -> None:
        with writing(engine) as connection:
            connection.execute(sa.insert(tables.heartbeat), {"name": "scheduler", "at": NOON})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaking()
    with engine.connect() as connection:
        assert connection.execute(sa.select(tables.heartbeat)).all() == []


def test_processes_that_open_a_fresh_database_at_once_all_get_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/digest.db"
    opening = [sys.executable, "-c", _OPEN, url]
    started = [subprocess.Popen(opening, stderr=subprocess.PIPE) for _ in range(4)]
    said = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, said
    engine = open_for_reading(url, tmp_path)
    assert engine
    assert is_current(engine)
    engine.dispose()


def test_a_moment_is_kept_in_utc_to_the_second_and_never_without_a_zone(engine: Engine) -> None:
    madrid = NOON.astimezone(ZoneInfo("Europe/Madrid"))
    assert Moment().process_bind_param(madrid, engine.dialect) == "2026-11-27T12:00:00Z"
    assert Moment().process_result_value("2026-11-27T12:00:00Z", engine.dialect) == NOON
    with pytest.raises(ValueError, match="no time zone"):
        Moment().process_bind_param(NOON.replace(tzinfo=None), engine.dialect)


def test_connecting_alone_makes_no_tables(tmp_path: Path) -> None:
    engine = connect("sqlite:///digest.db", tmp_path)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
