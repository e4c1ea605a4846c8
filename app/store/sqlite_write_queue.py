"""Queue the writers of an SQLite file, instead of letting each retry until the lock is free.

SQLite's own waiting sleeps longer and longer, so that under load some writers wait for seconds while
others pass. Here each process lets one of its threads at a time stand at a lock beside the database. The
line is a courtesy, no guarantee: whoever has waited too long goes on and leaves it to SQLite.
"""

import fcntl
import os
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import IO

PATIENCE = 20.0
RETRY_SECONDS = 0.001

_threads: defaultdict[str, threading.Semaphore] = defaultdict(threading.Semaphore)


@dataclass(slots=True)
class WriteSlot:
    """One writer's turn; give it back with `end`."""

    thread: threading.Semaphore | None
    file: IO[bytes] | None

    def end(self) -> None:
        """Let the next one write; safe to call again."""
        if self.file is not None:
            self.file.close()
            self.file = None
        if self.thread is not None:
            self.thread.release()
            self.thread = None


def acquire_slot(database: str, *, patience: float = PATIENCE) -> WriteSlot:
    """Wait for this writer's turn at a database file, at most `patience` seconds."""
    until = time.monotonic() + patience
    own = _threads[database]
    if not own.acquire(timeout=patience):
        return WriteSlot(None, None)
    try:
        file = os.fdopen(os.open(f"{database}.turn", os.O_RDWR | os.O_CREAT, 0o600), "rb")
    except OSError:  # a full or read-only disk: SQLite itself will say so
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
