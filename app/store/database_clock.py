"""Current time of the database: one clock for all hosts.

Codes expire, rounds open, close and are counted by it, so a host whose own clock is wrong refuses no code and closes
nothing early. With SQLite the host's clock is the only one.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.store import clock_skew

MAX_AGE = timedelta(minutes=1)
RETRY_AFTER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the database's clock said, and this host's timer at that moment, in seconds."""

    database_now: datetime
    timer: float


def seconds_since_boot() -> float:
    """Return seconds since this host was started; nobody can set this timer, and it goes on while the host sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class DatabaseClock:
    """The present time, read from PostgreSQL once a minute and carried on by a timer in between.

    Safe with threads: one of them reads, the others go on with the last reading. While the database cannot be reached,
    the last reading is carried on; before the first one, the host's clock is used: nothing is stored or refused then.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_shared = engine.dialect.name == "postgresql"
        self._reading: _Reading | None = None
        self._next_attempt = 0.0
        self._busy = Lock()

    def __call__(self) -> datetime:
        """Return the present time, with a time zone."""
        if not self._is_shared:
            return clock_skew.host_now()
        timer = seconds_since_boot()
        if timer >= self._next_attempt:
            self._read(timer)
        if self._reading is None:
            return clock_skew.host_now()
        return self._reading.database_now + timedelta(seconds=seconds_since_boot() - self._reading.timer)

    def _read(self, timer: float) -> None:
        # Only who has no reading waits for one.
        if not self._busy.acquire(blocking=self._reading is None):
            return
        try:
            if timer < self._next_attempt:  # another thread was first
                return
            self._next_attempt = timer + RETRY_AFTER.total_seconds()
            self._reading = self._ask()
            self._next_attempt = timer + MAX_AGE.total_seconds()
        except SQLAlchemyError:  # the caller's own statement will report the error
            return
        finally:
            self._busy.release()

    def _ask(self) -> _Reading:
        with self._engine.connect() as connection:
            before = seconds_since_boot()
            database_now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            reading = _Reading(database_now, (before + seconds_since_boot()) / 2)
            connection.detach()  # close it instead of returning it to the pool
            return reading
