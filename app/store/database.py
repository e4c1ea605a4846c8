"""The database: one base for every table, one way to begin, honest time zones.

`transaction()` is for what writes, `reading()` for what only reads. On SQLite a writing transaction
begins IMMEDIATE: pysqlite would otherwise read first and lose another process's update in silence.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, DateTime, Dialect, Engine, MetaData, Table, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import TypeDecorator

from app.lazy import lazy_module
from app.store import db_errors, sqlite_write_queue
from app.store.db_errors import DatabaseUnavailable

if TYPE_CHECKING:
    from psycopg import pq
else:
    pq = lazy_module("psycopg.pq")

__all__ = [
    "IN_BYTES",
    "NAMES",
    "Base",
    "DatabaseUnavailable",
    "Executor",
    "Session",
    "UtcDateTime",
    "chunked",
    "configure_engine",
    "database",
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
Executor = Session | Connection  # whom a plain statement may be told to

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

FROZEN_MILLISECONDS = 2 * 60 * 1000
LONG_MILLISECONDS = 30 * 60 * 1000
LOCKED_MILLISECONDS = 15 * 1000
# A cut cable says nothing by itself: both ends ask, and give up after some twenty seconds.
ALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 20_000}
AT_ONCE = 1000  # a statement may name 65,535 values on PostgreSQL and half as many on SQLite
SERVER_ALIVE = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=2"

_WRITE_SLOT = "turn"
IN_BYTES = {"in_bytes": True}  # execution options of what fetches many bytes: as text each would come as two letters


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite drops time zones, so a naive value is refused and UTC is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn into UTC; a moment without a zone is an error."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"{value!r} has no time zone"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Put UTC back on what SQLite returns bare."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMES)
    registry = registry(metadata=metadata, type_annotation_map={datetime: UtcDateTime})


database = SQLAlchemy(metadata=Base.metadata, disable_autonaming=True)


def init_app(app: Flask, url: str) -> None:
    """Give an application its database."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _options(url)
    _sqlite_url(url)
    database.init_app(app)
    with app.app_context():
        configure_engine(database.engine)


def standalone_engine(url: str) -> Engine:
    """Return an engine outside any application, prepared in the same way."""
    _sqlite_url(url)
    engine = create_engine(url, **_options(url))
    configure_engine(engine)
    return engine


def _options(url: str) -> dict[str, Any]:
    options: dict[str, Any] = {"hide_parameters": True}  # an error's text ends in a log
    if url.startswith("sqlite"):
        return options | {"connect_args": {"timeout": 30}}
    # A process that froze in the middle of a transaction must not keep its locks for ever, nor may the
    # others wait for it until every thread of theirs does.
    wanted = f"-c idle_in_transaction_session_timeout={FROZEN_MILLISECONDS} -c lock_timeout={LOCKED_MILLISECONDS}"
    arguments = {"connect_timeout": 5, "options": f"{wanted} {SERVER_ALIVE}", **ALIVE}
    return options | {
        "pool_pre_ping": True,
        "pool_use_lifo": True,  # few connections are used much: what they have prepared is used again
        "pool_size": 8,
        "max_overflow": 12,  # sixteen threads, and the timetable's
        "pool_timeout": 15,
        "connect_args": arguments,
    }


def _sqlite_url(url: str) -> None:
    # SQLite would make the file readable for every account of the machine; its WAL takes the file's mode.
    path = make_url(url).database
    if url.startswith("sqlite") and path and path != ":memory:":
        with contextlib.suppress(OSError):  # a disk that takes nothing now: SQLite will say so to whoever writes
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def configure_engine(engine: Engine) -> None:
    """Make SQLite begin, check and forget as PostgreSQL would, and either recover by itself; safe to call twice."""
    if not event.contains(engine, "handle_error", _on_error):
        event.listen(engine, "handle_error", _on_error)
    if engine.dialect.name == "sqlite" and not event.contains(engine, "connect", _on_connect):
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        event.listen(engine, "checkin", _on_checkin)
        event.listen(engine, "invalidate", _on_checkin)  # a connection that is thrown away holds up nobody
    if engine.dialect.name == "postgresql" and not event.contains(engine, "before_cursor_execute", _on_execute):
        event.listen(engine, "before_cursor_execute", _on_execute)


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
            connection.close()  # left open, it would keep the whole process from noticing that writing works again
            raise


def _on_begin(connection: Connection) -> None:
    only_reads = connection.get_execution_options().get("only_reads", False)
    path = connection.engine.url.database
    if not only_reads and path and path != ":memory:" and _WRITE_SLOT not in connection.info:
        connection.info[_WRITE_SLOT] = sqlite_write_queue.acquire_slot(path)
    if only_reads:  # this touches no file yet, so nothing can fail that the engine would have to be told of
        connection.connection.cursor().execute("BEGIN")
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _on_execute(_connection: Any, cursor: Any, _statement: str, _told: Any, context: Any, _many: bool) -> None:
    if context.execution_options.get("in_bytes"):
        cursor.format = pq.Format.BINARY


def _on_checkin(_connection: Any, record: Any, _fault: object = None) -> None:
    if _WRITE_SLOT in record.info:
        record.info.pop(_WRITE_SLOT).end()


@contextmanager
def write_session() -> Iterator[Session]:
    """Yield the session of the application at hand; commit at the end, roll back on any error.

    Raises DatabaseUnavailable where the database is in no state to do it; nothing was done then, or, if the
    connection broke in the very commit, all of it.
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
    """Yield a session that only reads and takes no lock; nothing in it is ever committed.

    Raises DatabaseUnavailable where the database is in no state to be read.
    """
    session = database.session()
    with db_errors.translate_errors():
        if not session.in_transaction():
            session.connection(execution_options={"only_reads": True})
        try:
            yield session
        finally:
            session.rollback()


def extend_idle_timeout(session: Session) -> None:
    """Let this transaction pause between its statements for longer than others may: it computes meanwhile."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {LONG_MILLISECONDS}"))


@contextmanager
def write_connection() -> Iterator[Connection]:
    """Yield a bare connection for the path that everybody takes at once: a session would double its cost.

    Raises DatabaseUnavailable as `write_session` does.
    """
    with db_errors.translate_errors(), database.engine.begin() as connection:
        yield connection


@contextmanager
def read_connection() -> Iterator[Connection]:
    """Yield a bare connection that only reads and takes no lock; raises DatabaseUnavailable as `read_session` does."""
    with db_errors.translate_errors(), database.engine.connect() as connection:
        yield connection.execution_options(only_reads=True)


def is_postgresql(session: Executor) -> bool:
    """Tell whether a statement may be written as PostgreSQL alone reads it."""
    bind = session.get_bind() if isinstance(session, Session) else session
    return bind.dialect.name == "postgresql"


def pad_to_power_of_two(values: Iterable[_Value]) -> list[_Value]:
    """Return values for an IN list, the last one again until they are a power of two.

    A list of each length is a statement of its own, which a server would have to plan anew.

    >>> pad_to_power_of_two("abc")
    ['a', 'b', 'c', 'c']
    """
    given = list(values)
    return given + given[-1:] * ((1 << (len(given) - 1).bit_length()) - len(given)) if given else given


def has_tables() -> bool:
    """Tell whether the database of the application at hand was made, by whatever migration."""
    with read_connection() as connection:
        return inspect(connection).has_table("account")


_COLUMNS_SEEN: WeakKeyDictionary[Engine, set[Column[Any]]] = WeakKeyDictionary()
_TABLES_SEEN: WeakKeyDictionary[Engine, set[str]] = WeakKeyDictionary()


def has_column(session: Executor, column: Column[Any]) -> bool:
    """Tell whether the database has a column of a later migration; remembered per engine once it is there.

    A process of a new version may serve before the database is migrated. Respondents must get through meanwhile, so
    statements on their way ask here before they name a column that an older database lacks.
    """
    engine = session.get_bind().engine if isinstance(session, Session) else session.engine
    seen = _COLUMNS_SEEN.setdefault(engine, set())
    if column in seen:
        return True
    connection = session.connection() if isinstance(session, Session) else session
    if column.name in {found["name"] for found in inspect(connection).get_columns(column.table.name)}:
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
    """Yield values in lists that are short enough to be named in one statement.

    >>> [len(some) for some in chunked(range(2500))]
    [1000, 1000, 500]
    """
    rest = iter(values)
    while some := list(islice(rest, AT_ONCE)):
        yield some
