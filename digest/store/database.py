"""Opening a database, and the two ways of using it: reading and writing.

    open_database ─▶ Engine ─▶ with engine.connect()  readers see one moment
                           └─▶ with writing(engine)   one transaction, committed at its end or not at all

Whatever the database or the way to it does wrong leaves here as OutsideFailure.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, ExceptionContext
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from digest import clock
from digest.errors import OutsideFailure, Refused
from digest.store.tables import REVISION

CHUNK: Final = 1000  # rows in one transaction of bulk work
_PAUSE: Final = 0.02  # seconds between chunks: SQLite's queue of writers is unfair
_ROOM: Final = "PRAGMA cache_size = -65536"  # kB; the driver's usual 2 MB is an index of 50,000 addresses
_PATIENCE: Final = 10_000  # milliseconds that SQLite waits for another writer
_MIGRATING: Final = 0x646967657374  # key of PostgreSQL's advisory lock: "digest"
_FORMS: Final = "Write sqlite:///var/digest.db or postgresql+psycopg://user:password@host/name."


def open_database(url: str, newsroom: Path) -> Engine:
    """Return the database at `url`, created where there is none yet.

    A relative SQLite path starts at the newsroom's folder. Raises Refused when the tables are of another version of
    the program, OutsideFailure when the database cannot be reached.
    """
    engine = connect(url, newsroom)
    if file := _file(engine):
        _make_folder(file.parent)
    if _revision(engine) is None:
        migrate(engine)
    _refuse_other_versions(engine)
    return engine


def open_for_reading(url: str, newsroom: Path) -> Engine | None:
    """Return the database at `url`, or None when nothing was ever stored; nothing is created. Raises as above."""
    engine = connect(url, newsroom)
    if ((file := _file(engine)) and not file.exists()) or _revision(engine) is None:
        engine.dispose()
        return None
    _refuse_other_versions(engine)
    return engine


def connect(url: str, newsroom: Path) -> Engine:
    """Return the way to the database, whatever tables it has; raises Refused for a URL that leads nowhere."""
    try:
        parsed = sa.make_url(url)
    except ArgumentError:
        raise Refused("database.url is not the URL of a database", _FORMS) from None
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return _sqlite(parsed.set(database=str(newsroom.absolute() / parsed.database)))
        case "postgresql":
            return _postgresql(parsed)
    raise Refused(f"database.url {parsed.render_as_string()!r} cannot be used", _FORMS)


def migrate(engine: Engine) -> None:
    """Bring the tables to the program's version; does nothing when they are. Two at once wait for each other."""
    from alembic import command  # noqa: PLC0415 - takes longer to load than most commands to run
    from alembic.config import Config  # noqa: PLC0415

    steps = Config()
    steps.set_main_option("script_location", "digest.store:migrations")
    steps.set_main_option("path_separator", "os")
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATING)))
        steps.attributes["connection"] = connection
        command.upgrade(steps, "head")


def is_current(engine: Engine) -> bool:
    """Return whether the tables are of the program's version."""
    return _revision(engine) == REVISION


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that may write from its first statement on.

    On SQLite it waits for other writers at its start: one that began by reading would fail at its first write.
    """
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


class Statement:
    """A statement that is run so often that SQLAlchemy's way to it would take longer than the database does.

    Its parameters are given as the driver takes them: moments as text, states as plain text.
    """

    def __init__(self, clause: sa.UpdateBase | sa.Select[Any]) -> None:
        self._clause = clause
        self._compiled: dict[str, tuple[str, list[str] | None]] = {}  # by dialect: SQL, names in the driver's order

    def run(self, connection: Connection, *rows: Mapping[str, object]) -> sa.CursorResult[Any]:
        """Run it once for each of `rows`, which gives the parameters."""
        sql, names = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        given = [tuple([row[name] for name in names]) if names else dict(row) for row in rows]
        return connection.exec_driver_sql(sql, given[0] if len(given) == 1 else given)

    def _compile(self, dialect: sa.Dialect) -> tuple[str, list[str] | None]:
        compiled = self._clause.compile(dialect=dialect)
        order = getattr(compiled, "positiontup", None)
        self._compiled[dialect.name] = str(compiled), list(order) if order else None
        return self._compiled[dialect.name]


def wipe(engine: Engine) -> None:
    """Let nothing that was erased stay in SQLite's log of writes; PostgreSQL's VACUUM does that in its own time."""
    if engine.dialect.name == "sqlite":
        # Readers may hinder it; the next writer's checkpoint does it then.
        with engine.connect() as connection, suppress(sqlite3.Error):
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # in no transaction


def alone(connection: Connection, table: sa.Table) -> None:
    """Keep other writers of `table` out until the transaction ends; SQLite has but one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))


def alongside(connection: Connection, table: sa.Table) -> None:
    """Wait until nobody is `alone` with `table`: who locked a row of it first would never let them in."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"LOCK TABLE {table.name} IN ROW EXCLUSIVE MODE"))


def insert(connection: Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that can say what to do ON CONFLICT, which each dialect has of its own."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def make_room(connection: Connection) -> None:
    """Let bulk work keep the pages of a large index in memory: addresses come in no order, and each is a page."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_ROOM)


def insert_many(
    connection: Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
) -> None:
    """Insert rows of columns in the table's order, whose values are as the driver stores them: moments as text.

    SQLAlchemy would look at each value of each row anew, which takes longer than SQLite needs to store it.
    """
    statement = sa.insert(table).inline().compile(dialect=connection.dialect, column_keys=list(columns))
    if not statement.positiontup:
        connection.exec_driver_sql(str(statement), [dict(zip(columns, row, strict=True)) for row in rows])
    elif statement.positiontup == list(columns):
        connection.exec_driver_sql(str(statement), list(rows))
    else:
        raise ValueError(f"{columns} are not in the order of {table.name}: {statement.positiontup}")


def pause(engine: Engine, since: float) -> None:
    """Let other writers in between two chunks of bulk work, of which the former ended at `since` (monotonic)."""
    left = since + _PAUSE - clock.monotonic()
    if engine.dialect.name == "sqlite" and left > 0:
        clock.sleep(left)


def _sqlite(url: sa.URL) -> Engine:
    engine = sa.create_engine(url, hide_parameters=True)  # no addresses in logs
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    sa.event.listen(engine, "handle_error", _in_our_words)
    return engine


def _postgresql(url: sa.URL) -> Engine:
    try:
        # A server that was restarted is met with a new connection.
        engine = sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise Refused(
            f"PostgreSQL needs the package {error.name}, which is not installed",
            "Run `pip install 'newsroom-digest[postgres]'`.",
        ) from error
    sa.event.listen(engine, "handle_error", _in_our_words)
    return engine


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:  # noqa: ANN401 - the driver's own
    connection.isolation_level = None  # the driver would begin transactions itself, and too late
    for setting in (
        f"busy_timeout = {_PATIENCE}",
        "journal_mode = WAL",  # readers and the writer do not wait for each other
        "synchronous = FULL",  # what was committed survives a power loss
        "foreign_keys = ON",
        "secure_delete = ON",  # what was erased is overwritten
    ):
        connection.execute(f"PRAGMA {setting}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _in_our_words(context: ExceptionContext) -> OutsideFailure | None:
    """Return what to raise instead; None leaves the faults of our own statements as they are."""
    error = context.sqlalchemy_exception
    if not isinstance(error, OperationalError) and type(error) is not DatabaseError:
        return None
    where = context.engine.url.render_as_string() if context.engine else "the database"
    said = " ".join(str(context.original_exception).split())
    return OutsideFailure(
        f"{where} failed: {said}",
        "Check that it can be reached and written, that the disk is not full and no other program keeps it locked.",
    )


def _file(engine: Engine) -> Path | None:
    return Path(engine.url.database) if engine.dialect.name == "sqlite" and engine.url.database else None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutsideFailure(
            f"the database's folder {folder} cannot be made: {error.strerror}", "Create it, or change database.url."
        ) from error


def _revision(engine: Engine) -> str | None:
    """Return the number of the newest migration that was run, or None when none was."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _refuse_other_versions(engine: Engine) -> None:
    found = _revision(engine)
    if found == REVISION:
        return
    engine.dispose()
    remedy = (
        "Run `digest migrate` to bring it there."
        if (found or "") < REVISION
        else "Use the version of Digest that made it, or a newer one."
    )
    raise Refused(f"the database is at revision {found}, the program wants {REVISION}", remedy)
