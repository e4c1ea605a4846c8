"""Classify database errors: temporarily unavailable, or changed concurrently."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, IntegrityError, NoResultFound, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError

from app.core.errors import ConcurrentChange
from app.lazy import lazy_module

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = lazy_module("psycopg")

_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
_SPOILING = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY})
_STANDS_STILL = sqlite3.SQLITE_CONSTRAINT_TRIGGER  # see store.read_only_mode
# Classes of SQLSTATE: connection, insufficient resources (full disk), operator intervention, system error.
_CLASSES = ("08", "53", "57", "58")
_READ_ONLY = "25006"
_SERIALIZATION = "40001"
_DEADLOCK = "40P01"
_LOCKED = "55P03"
_IDLE = "25P03"
_DENIED = "42501"  # tables or the schema belong to another account
# A parent row is gone or the key exists. The code checks both beforehand, so it happened concurrently.
_TAKEN_OR_GONE = frozenset(
    {
        sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        "23503",
        "23505",
    }
)
_CODES = frozenset({_READ_ONLY, _SERIALIZATION, _DEADLOCK, _LOCKED, _IDLE})


class DatabaseUnavailable(SQLAlchemyError):
    """The database cannot be used at the moment; the same request may be repeated."""


class BoxUndecryptable(Exception):
    """A box cannot be decrypted by this process: a newer version created it, or it was damaged.

    Nothing was changed and the code is unspent; another process may accept the same request.
    """


class NoHostWithRoundKey(Exception):
    """No host that is alive can open the round: nothing was stored, and the code is unspent."""

    def __init__(self, round_id: int) -> None:
        self.round_id = round_id
        super().__init__(f"No host that is alive can open round {round_id}.")


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise DatabaseUnavailable for transient errors, ConcurrentChange for rows that are gone or already exist.

    Other errors are not changed.
    """
    try:
        yield
    except SQLAlchemyError as error:
        if is_transient(error):
            message = "The database cannot be used at this moment; nothing was done."
            raise DatabaseUnavailable(message) from error
        if is_missing_or_duplicate_row(error):
            message = "A row was removed or added by somebody else; nothing was done."
            raise ConcurrentChange(message) from error
        raise


def is_missing_or_duplicate_row(error: SQLAlchemyError) -> bool:
    """Tell whether a required row is gone, or a row to insert already exists.

    Missing or invalid values are programming errors and not among these.
    """
    if isinstance(error, NoResultFound | ObjectDeletedError | StaleDataError):
        return True
    fault = error.orig if isinstance(error, IntegrityError) else None
    code = fault.sqlstate if isinstance(fault, psycopg.Error) else getattr(fault, "sqlite_errorcode", None)
    return code in _TAKEN_OR_GONE


def is_transient(error: SQLAlchemyError) -> bool:
    """Tell whether an error is caused by the database's state and not by the request."""
    if isinstance(error, NoneFree):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or _passes(error.orig)


def unavailable_reason(error: SQLAlchemyError) -> str | None:
    """Return the database's message why it cannot be used; None if the request is at fault.

    For operators: the message names hosts, accounts and tables, never a password.
    """
    cause = error.__cause__ if isinstance(error, DatabaseUnavailable) else error
    if isinstance(cause, NoneFree):
        return "every connection is in use"
    if not isinstance(cause, DBAPIError) or not (is_transient(cause) or _is_denied(cause.orig)):
        return None
    return " ".join(str(cause.orig).split()).rstrip(".")


def invalidates_connection(fault: object) -> bool:
    """Tell whether a connection must not be reused after an error, although the error may pass.

    An SQLite file that was opened read-only stays read-only for that connection, and a PostgreSQL session keeps its
    initial settings.
    """
    if isinstance(fault, sqlite3.Error):
        return getattr(fault, "sqlite_errorcode", 0) & 0xFF in _SPOILING
    return isinstance(fault, psycopg.Error) and fault.sqlstate == _READ_ONLY


def _is_denied(fault: object) -> bool:
    return isinstance(fault, psycopg.Error) and fault.sqlstate == _DENIED


def _passes(fault: object) -> bool:
    if isinstance(fault, sqlite3.Error):
        code = getattr(fault, "sqlite_errorcode", 0)
        return code & 0xFF in _SQLITE or code == _STANDS_STILL
    if not isinstance(fault, psycopg.Error):
        return False
    code = fault.sqlstate
    if code is None:  # no error code: the server sent no reply
        return isinstance(fault, psycopg.OperationalError)
    return code in _CODES or code.startswith(_CLASSES)
