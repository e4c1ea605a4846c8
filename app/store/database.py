"""Database access: declarative base, engine configuration, sessions and connections.

Use `write_session()` to write and `read_session()` to read. On SQLite a writing transaction starts with
BEGIN IMMEDIATE: pysqlite would otherwise start it as a read and silently lose concurrent updates.
"""

import contextlib
import os
import select
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, DateTime, Dialect, Engine, MetaData, Table, create_engine, event, inspect, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeDecorator

from app.lazy import lazy_module
from app.store import db_errors, sqlite_write_queue
from app.store.db_errors import DatabaseUnavailable

if TYPE_CHECKING:
    import psycopg
    from psycopg import pq
else:
    psycopg = lazy_module("psycopg")
    pq = lazy_module("psycopg.pq")

__all__ = [
    "BINARY_RESULTS",
    "NAMING_CONVENTION",
    "Base",
    "DatabaseUnavailable",
    "Executor",
    "Session",
    "UtcDateTime",
    "chunked",
    "configure_engine",
    "conflict_insert",
    "database",
    "execute_and_count_rows",
    "extend_idle_timeout",
    "has_column",
    "has_table",
    "has_tables",
    "init_app",
    "is_postgresql",
    "pad_to_power_of_two",
    "read_connection",
    "read_session",
    "standalone_engine",
    "write_connection",
    "write_session",
]

_Value = TypeVar("_Value")
Executor = Session | Connection  # anything with `.execute()`

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

IDLE_TIMEOUT_MILLISECONDS = 2 * 60 * 1000
LONG_IDLE_TIMEOUT_MILLISECONDS = 30 * 60 * 1000
LOCK_TIMEOUT_MILLISECONDS = 15 * 1000
# Detect a broken network connection: both ends send keepalives and give up after about twenty seconds.
KEEPALIVE_OPTIONS = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 20_000}
PING_AFTER_IDLE_SECONDS = 5.0
MAX_BOUND_VALUES = 1000  # a statement may name 65,535 values on PostgreSQL and half as many on SQLite
SERVER_KEEPALIVE_SETTINGS = {"tcp_keepalives_idle": 10, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 2}
# A process that froze in a transaction must not keep its locks for ever, nor block all threads of other processes.
SESSION_SETTINGS = {
    "idle_in_transaction_session_timeout": IDLE_TIMEOUT_MILLISECONDS,
    "lock_timeout": LOCK_TIMEOUT_MILLISECONDS,
    **SERVER_KEEPALIVE_SETTINGS,
}

_WRITE_SLOT = "turn"
_IDLE_SINCE = "idle_since"
_AUTOCOMMIT_READS = "autocommit_reads"
BINARY_RESULTS = {"in_bytes": True}  # execution options for large binary results: text format doubles their size


class UtcDateTime(TypeDecorator[datetime]):
    """A datetime in UTC. SQLite drops time zones, so naive values are rejected and UTC is added on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; ValueError for a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"{value!r} has no time zone"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Add UTC to naive datetimes from SQLite."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Declarative base of all tables."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    registry = registry(metadata=metadata, type_annotation_map={datetime: UtcDateTime})


database = SQLAlchemy(metadata=Base.metadata, disable_autonaming=True)


def init_app(app: Flask, url: str) -> None:
    """Configure the database of an application."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _options(url)
    _create_sqlite_file(url)
    database.init_app(app)
    with app.app_context():
        configure_engine(database.engine)


def standalone_engine(url: str) -> Engine:
    """Return an engine outside an application, configured in the same way."""
    _create_sqlite_file(url)
    engine = create_engine(url, **_options(url))
    configure_engine(engine)
    return engine


def _options(url: str) -> dict[str, Any]:
    options: dict[str, Any] = {"hide_parameters": True}  # error texts are logged
    if url.startswith("sqlite"):
        return options | {"connect_args": {"timeout": 30}}
    arguments = {"connect_timeout": 5, **KEEPALIVE_OPTIONS}
    return options | {
        "pool_use_lifo": True,  # reuses few connections, and with them their prepared statements
        "pool_size": 8,
        "max_overflow": 12,  # sixteen threads, and the scheduler
        "pool_timeout": 15,
        "connect_args": arguments,
    }


def _create_sqlite_file(url: str) -> None:
    # SQLite would create the file readable for all users; the WAL file takes its mode.
    path = make_url(url).database
    if url.startswith("sqlite") and path and path != ":memory:":
        with contextlib.suppress(OSError):  # full or read-only disk: SQLite reports it on the first write
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def configure_engine(engine: Engine) -> None:
    """Register event listeners for transactions, pragmas and error recovery; can be called twice."""
    if not event.contains(engine, "handle_error", _on_error):
        event.listen(engine, "handle_error", _on_error)
    if engine.dialect.name == "sqlite" and not event.contains(engine, "connect", _on_connect):
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        event.listen(engine, "checkin", _on_checkin)
        event.listen(engine, "invalidate", _on_checkin)  # an invalidated connection releases its write slot
    if engine.dialect.name == "postgresql" and not event.contains(engine, "before_cursor_execute", _on_execute):
        event.listen(engine, "before_cursor_execute", _on_execute)
        event.listen(engine, "connect", _on_postgresql_connect)
        event.listen(engine, "begin", _on_postgresql_begin)
        event.listen(engine, "checkout", _on_postgresql_checkout)
        event.listen(engine, "checkin", _on_postgresql_checkin)


def _on_error(context: ExceptionContext) -> None:
    if db_errors.invalidates_connection(context.original_exception):
        context.is_disconnect = True
        if context.engine is not None and context.dialect.name == "sqlite":
            # One connection from when the file could only be read keeps the whole process from writing, be it
            # idle, or be it closed but for a cursor that an error still holds.
            if context.execution_context is not None:
                context.execution_context.cursor.close()
            context.engine.dispose()


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, see _on_begin
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "temp_store=MEMORY"):
        try:
            connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()  # an open connection would keep the process in read-only mode
            raise


def _on_postgresql_connect(connection: Any, _record: object) -> None:
    connection.autocommit = True
    apply_session_settings(connection, SESSION_SETTINGS)
    connection.autocommit = False


def apply_session_settings(connection: Any, settings: Mapping[str, int]) -> None:
    """Apply settings to the session of a psycopg connection in autocommit mode.

    A statement does it, not the `options` of the connection: PgBouncer refuses or drops those.
    """
    calls = ", ".join(["set_config(%s, %s, false)"] * len(settings))
    connection.execute(f"SELECT {calls}", [word for name, value in settings.items() for word in (name, str(value))])


def _on_postgresql_begin(connection: Connection) -> None:
    # Each statement of a transaction at READ COMMITTED has a snapshot of its own anyway: for reading, BEGIN and
    # ROLLBACK would only be two more messages to the server.
    if connection.get_execution_options().get(_AUTOCOMMIT_READS):
        driver: Any = connection.connection.dbapi_connection
        driver.autocommit = True


def _on_postgresql_checkout(connection: Any, record: Any, _proxy: object) -> None:
    """Replace a connection that the server has closed since it was used last.

    Takes the place of `pool_pre_ping`, which asks the server each time. The operating system knows without asking
    whether a connection has ended; only after a pause, or where something waits to be read, is the server asked.
    """
    idle_since = record.info.pop(_IDLE_SINCE, None)
    if idle_since is None:  # it is new
        return
    is_recent = time.monotonic() - idle_since < PING_AFTER_IDLE_SECONDS
    if not (is_recent and _is_quiet(connection)) and not _answers(connection):
        raise InvalidatePoolError


def _is_quiet(connection: Any) -> bool:
    """Tell whether nothing waits to be read: neither the end of the connection nor a message of the server."""
    try:
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        return not poll.poll(0)
    except (OSError, psycopg.Error):  # closed on this side
        return False


def _answers(connection: Any) -> bool:
    try:
        connection.autocommit = True  # else a transaction would be begun
        connection.execute("SELECT 1")
        connection.autocommit = False
    except psycopg.Error:
        return False
    return True


def _on_postgresql_checkin(connection: Any, record: Any) -> None:
    record.info[_IDLE_SINCE] = time.monotonic()
    if connection is None or not connection.autocommit:
        return
    try:
        connection.autocommit = False
    except psycopg.Error as error:  # never leave a connection in the pool that would store half of a transaction
        record.invalidate(error)


def _on_begin(connection: Connection) -> None:
    only_reads = connection.get_execution_options().get("only_reads", False)
    path = connection.engine.url.database
    if not only_reads and path and path != ":memory:" and _WRITE_SLOT not in connection.info:
        connection.info[_WRITE_SLOT] = sqlite_write_queue.acquire_slot_or_give_up(path)
    if only_reads:  # opens no file yet, so it cannot fail with an error that the engine must handle
        connection.connection.cursor().execute("BEGIN")
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _on_execute(_connection: Any, cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    if context.execution_options.get("in_bytes"):
        cursor.format = pq.Format.BINARY


def _on_checkin(_connection: Any, record: Any, _fault: object = None) -> None:
    if _WRITE_SLOT in record.info:
        record.info.pop(_WRITE_SLOT).release()


@contextmanager
def write_session() -> Iterator[Session]:
    """Yield the application's session; commit at the end, roll back on any error.

    Raises DatabaseUnavailable if the database cannot be used. Then nothing was written, or, if the connection broke
    during the commit, possibly everything.
    """
    session = database.session()
    with db_errors.translate_errors():
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


@contextmanager
def read_session() -> Iterator[Session]:
    """Yield a session for reading that takes no locks and is never committed.

    Raises DatabaseUnavailable if the database cannot be read.
    """
    session = database.session()
    with db_errors.translate_errors():
        if not session.in_transaction():
            session.connection(execution_options={"only_reads": True})
        try:
            yield session
        finally:
            session.rollback()


@contextmanager
def dry_run_session() -> Iterator[Session]:
    """Yield a session that may write and is always rolled back, to try an import.

    Raises DatabaseUnavailable if the database cannot be used.
    """
    session = database.session()
    with db_errors.translate_errors():
        session.rollback()  # a transaction that only reads could not write
        try:
            yield session
        finally:
            session.rollback()


def extend_idle_timeout(session: Session) -> None:
    """Allow this transaction to be idle for longer between statements, while it computes."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {LONG_IDLE_TIMEOUT_MILLISECONDS}"))


@contextmanager
def write_connection() -> Iterator[Connection]:
    """Yield a connection in a transaction, for the hot path of answering: a session would double its cost.

    Raises DatabaseUnavailable like `write_session`.
    """
    with db_errors.translate_errors(), database.engine.begin() as connection:
        yield connection


@contextmanager
def read_connection() -> Iterator[Connection]:
    """Yield a read-only connection that takes no locks; raises DatabaseUnavailable like `read_session`.

    On PostgreSQL each statement is a transaction of its own.
    """
    with db_errors.translate_errors(), database.engine.connect() as connection:
        yield connection.execution_options(only_reads=True, **{_AUTOCOMMIT_READS: True})


def is_postgresql(session: Executor) -> bool:
    """Tell whether the database is PostgreSQL."""
    bind = session.get_bind() if isinstance(session, Session) else session
    return bind.dialect.name == "postgresql"


def pad_to_power_of_two(values: Iterable[_Value]) -> list[_Value]:
    """Return values for an IN list, repeating the last one until the length is a power of two.

    The server plans a statement for each length of the list.

    >>> pad_to_power_of_two("abc")
    ['a', 'b', 'c', 'c']
    """
    items = list(values)
    return items + items[-1:] * ((1 << (len(items) - 1).bit_length()) - len(items)) if items else items


def has_tables() -> bool:
    """Tell whether the application's database has tables, from any migration."""
    with read_connection() as connection:
        return inspect(connection).has_table("account")


_COLUMNS_SEEN: WeakKeyDictionary[Engine, set[Column[Any]]] = WeakKeyDictionary()
_TABLES_SEEN: WeakKeyDictionary[Engine, set[str]] = WeakKeyDictionary()


def has_column(session: Executor, column: Column[Any]) -> bool:
    """Tell whether the database has a column of a later migration; the answer is cached once it is true.

    A new version may serve before the database is migrated. Respondents must be able to answer meanwhile, so their
    statements check before they use a column that an older database lacks.
    """
    engine = session.get_bind().engine if isinstance(session, Session) else session.engine
    seen = _COLUMNS_SEEN.setdefault(engine, set())
    if column in seen:
        return True
    connection = session.connection() if isinstance(session, Session) else session
    if column.name in {existing["name"] for existing in inspect(connection).get_columns(column.table.name)}:
        seen.add(column)
        return True
    return False


def has_table(session: Executor, table: Table) -> bool:
    """Tell whether the database has a table of a later migration; remembered like a column, see `has_column`."""
    engine = session.get_bind().engine if isinstance(session, Session) else session.engine
    seen = _TABLES_SEEN.setdefault(engine, set())
    if table.name in seen:
        return True
    connection = session.connection() if isinstance(session, Session) else session
    if inspect(connection).has_table(table.name):
        seen.add(table.name)
        return True
    return False


def chunked(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    """Yield values in lists short enough to be bound in one statement.

    >>> [len(some) for some in chunked(range(2500))]
    [1000, 1000, 500]
    """
    rest = iter(values)
    while some := list(islice(rest, MAX_BOUND_VALUES)):
        yield some


def execute_and_count_rows(session: Executor, statement: UpdateBase) -> int:
    """Execute an UPDATE or DELETE and return how many rows it changed; loaded objects are not synchronised."""
    result: Any = session.execute(statement, execution_options={"synchronize_session": False})
    return int(result.rowcount)


def conflict_insert(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that may have an ON CONFLICT clause."""
    return postgresql.insert(table) if is_postgresql(session) else sqlite.insert(table)
