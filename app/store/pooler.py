"""Detect connection poolers such as PgBouncer: only session pooling is supported.

The lock of the jobs and the time limits of statements belong to a session. Where a pooler hands one session to
several clients in turn, two processes hold the lock at once; where it drops the settings of a session, a frozen process
keeps its locks for ever. Neither shows until it does harm, so it is looked for at the start.
"""

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.store.database import LOCK_TIMEOUT_MILLISECONDS

SHARED = (
    "The database is reached through a pooler that hands one session to several connections (PgBouncer: pool_mode = "
    "transaction or statement). Connect to PostgreSQL itself, or set pool_mode = session for this database"
)
DROPPED = (
    "The database is reached through a pooler that drops the settings of a session (its time limits). Connect to "
    "PostgreSQL itself, or through PgBouncer with pool_mode = session"
)
_STATE = text("SELECT pg_backend_pid(), (SELECT setting FROM pg_settings WHERE name = 'lock_timeout')")
STATEMENT_POOLING = "statement pooling mode"  # what PgBouncer says of a transaction where it hands over statements


class UnsuitablePooler(Exception):
    """The connection pooler in front of the database breaks what the service relies on; the text says what to do."""


def require_session_pooling(engine: Engine) -> None:
    """Raise UnsuitablePooler if connections share a database session; an unreachable database is accepted."""
    try:
        fault = pooling_fault(engine)
    except SQLAlchemyError:
        return
    if fault:
        raise UnsuitablePooler(fault)


def pooling_fault(engine: Engine) -> str:
    """Return what is wrong with the connection pooler and how to fix it; empty without a pooler or with a suitable one.

    A database that cannot be reached raises SQLAlchemyError.
    """
    if engine.dialect.name != "postgresql":
        return ""
    try:
        return _fault_of_sessions(engine)
    except SQLAlchemyError as error:
        if STATEMENT_POOLING in str(error):
            return SHARED
        raise


def _fault_of_sessions(engine: Engine) -> str:
    with engine.connect() as first:
        process, setting = _state(first)
        first.rollback()  # it stays connected, and a pooler may now give its session to the next
        with engine.connect() as second:
            other, _setting = _state(second)
    if process == other:
        return SHARED
    return DROPPED if setting != str(LOCK_TIMEOUT_MILLISECONDS) else ""


def _state(connection: Connection) -> tuple[int, str]:
    """Return the server process behind a connection, and the limit that the connection asked for."""
    process, setting = connection.execute(_STATE).one()
    return int(process), str(setting)
