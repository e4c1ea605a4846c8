"""Queue of SQLite writers, instead of retries until the lock is free.

SQLite waits with growing sleeps, so that under load some writers wait for seconds while others pass. Here
one thread of each process at a time waits for a lock file beside the database. The queue is best effort: a
writer that has waited too long continues and leaves the waiting to SQLite.
"""

import fcntl
import os
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import IO

MAX_WAIT_SECONDS = 20.0
RETRY_SECONDS = 0.001

_threads: defaultdict[str, threading.Semaphore] = defaultdict(threading.Semaphore)


@dataclass(slots=True)
class WriteSlot:
    """Permission to write; call `release` afterwards."""

    thread: threading.Semaphore | None
    file: IO[bytes] | None

    def release(self) -> None:
        """Let the next writer continue; can be called again."""
        if self.file is not None:
            self.file.close()
            self.file = None
        if self.thread is not None:
            self.thread.release()
            self.thread = None


def acquire_slot_or_give_up(database: str, *, max_wait: float = MAX_WAIT_SECONDS) -> WriteSlot:
    """Wait for permission to write to a database file, at most `max_wait` seconds.

    After that the slot is returned without its lock, as it is where the lock file cannot be opened: the writer then
    relies on SQLite's own timeout.
    """
    until = time.monotonic() + max_wait
    own = _threads[database]
    if not own.acquire(timeout=max_wait):
        return WriteSlot(None, None)
    try:
        file = os.fdopen(os.open(f"{database}.turn", os.O_RDWR | os.O_CREAT, 0o600), "rb")
    except OSError:  # full or read-only disk: SQLite reports it
        return WriteSlot(own, None)
    while not _locked(file):
        if time.monotonic() > until:
            file.close()
            return WriteSlot(own, None)
        time.sleep(RETRY_SECONDS)
    return WriteSlot(own, file)


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
