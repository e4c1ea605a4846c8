"""Leader election: one of several processes runs the scheduled tasks.

The lock only saves the others the work. The rows of `store.jobs` keep a task from running twice, so a leader that
froze and continues does no harm.
"""

import fcntl
import logging
import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.lazy import lazy_module
from app.store.database import SERVER_KEEPALIVE_SETTINGS, apply_session_settings

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = lazy_module("psycopg")

ADVISORY_LOCK_ID = 7_301_999
IDLE_SESSION_TIMEOUT = timedelta(minutes=3)

_log = logging.getLogger(__name__)


class LeaderLock(Protocol):
    """A lock that one process holds at a time, released when the process dies."""

    def acquire(self) -> bool:
        """Return whether this process leads, trying to acquire the lock; never raises."""

    def release(self) -> None:
        """Release the lock."""


class NeverLeads:
    """Lock of a host whose scheduled tasks are switched off."""

    def acquire(self) -> bool:
        """Return False: another host leads."""
        return False

    def release(self) -> None:
        """Do nothing."""


def leader_lock(database: str) -> LeaderLock:
    """Return the lock for the database at this URL."""
    kind, _, rest = database.partition(":///")
    if kind == "sqlite":
        return FileLock(Path(f"{rest}.jobs"))
    return PostgresLock(database.replace("postgresql+psycopg://", "postgresql://"))


class FileLock:
    """File lock beside a SQLite file, released by the kernel when the process dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Return whether this process leads."""
        if self._descriptor is not None:
            return True
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            _log.warning("The file of the jobs' lock cannot be opened: %s", type(error).__name__)
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Release the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class PostgresLock:
    """Advisory lock on a connection of its own: a pooled connection would keep the lock.

    The server ends a connection that is idle for `silent`: then the leader froze, and another process shall lead.
    """

    def __init__(self, address: str, *, silent: timedelta = IDLE_SESSION_TIMEOUT) -> None:
        self._address = address
        self._silent = silent
        self._connection: psycopg.Connection[Any] | None = None
        self._mine = False

    def acquire(self) -> bool:
        """Return whether this process leads."""
        try:
            if self._connection is None:
                self._connection = self._connect()
            if self._mine:
                self._connection.execute("SELECT 1")
            else:
                row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", (ADVISORY_LOCK_ID,)).fetchone()
                self._mine = row is not None and bool(row[0])
        except psycopg.Error as error:
            _log.warning("The connection that holds the jobs' lock is lost: %s", type(error).__name__)
            self.release()
        return self._mine

    def release(self) -> None:
        """Release the lock."""
        connection = self._connection
        self._connection = None
        self._mine = False
        if connection is not None:
            connection.close()

    def __repr__(self) -> str:
        """Return a text without the address, which may contain a password."""
        return f"PostgresLock(mine={self._mine})"

    def _connect(self) -> "psycopg.Connection[Any]":
        # Detect a lost host within about ten seconds, not after the system default of two hours.
        connection = psycopg.connect(
            self._address,
            autocommit=True,
            connect_timeout=3,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=2,
            tcp_user_timeout=10_000,
            application_name="voimavara jobs",
        )
        idle_session_timeout = round(self._silent.total_seconds() * 1000)
        apply_session_settings(connection, {"idle_session_timeout": idle_session_timeout, **SERVER_KEEPALIVE_SETTINGS})
        return connection
