"""A pooler between this service and PostgreSQL, such as PgBouncer: only one that keeps sessions apart will do.

The lock of the jobs and the time limits of statements belong to a session. Where a pooler hands one session to
several clients in turn, two processes hold the lock at once; where it drops the settings of a session, a frozen process
keeps its locks for ever. Neither shows until it does harm, so it is looked for at the start.
"""

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.store.database import LOCK_TIMEOUT_MILLISECONDS

SHARED = (
    "The database is reached through a pooler that hands one session to several connections (PgBouncer: pool_mode = "
    "transaction). Connect to PostgreSQL itself, or set pool_mode = session for this database"
)
DROPPED = (
    "The database is reached through a pooler that drops the settings of a session (PgBouncer: "
    "ignore_startup_parameters = options). Connect to PostgreSQL itself, or through a pooler that passes options on"
)
_STATE = text("SELECT pg_backend_pid(), (SELECT setting FROM pg_settings WHERE name = 'lock_timeout')")


class UnsuitablePooler(Exception):
    """The pooler before the database breaks what the service relies on; the text says what to do."""


def require_session_pooling(engine: Engine) -> None:
    """Raise UnsuitablePooler where connections do not have sessions of their own; a database that is away passes."""
    try:
        fault = pooling_fault(engine)
    except SQLAlchemyError:
        return
    if fault:
        raise UnsuitablePooler(fault)


def pooling_fault(engine: Engine) -> str:
    """Return what a pooler does wrong, with its remedy; nothing without a pooler, or with one that is right."""
    if engine.dialect.name != "postgresql":
        return ""
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
