"""Let a process be replaced by its server once a round has been closed or counted.

Each process of the service looks every two seconds whether it is due. The processes of a host go one after the other:
the next one waits until the successor of the one before has registered, so that somebody always serves.
"""

import hashlib
import logging
import os
import platform
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from app.services import processes
from app.services.processes import ServiceProcess
from app.store.database import DatabaseUnavailable, read_session, write_session

POLL_SECONDS = 2.0
TURN_SECONDS = 15.0  # how long the processes before this one may take, each
JOBS_SECONDS = 5.0
LOOKS = 5  # at others that are due, before one that has ended is no longer waited for
PATIENCE = 600.0  # within which a server has replaced a process that asked for it

_log = logging.getLogger(__name__)


def process_name(pid: int | None = None) -> str | None:
    """Return a name of a process that no other has: its number, and digests of the system, the container, the start.

    None where the process has ended, or cannot be looked at.
    """
    pid = pid or os.getpid()
    try:
        started = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None
    return f"{pid}.{_system()}.{_container()}.{_short(started)}"


def lives(name: str) -> bool:
    """Tell whether a process of this host may still be running; in doubt it is."""
    pid, system, container, _start = name.split(".")
    if system != _system():
        return False  # this host was started anew since
    if container != _container():
        return True  # its number says nothing here
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # Another process may have been given the number. One that hides from /proc is taken for the same.
    return process_name(int(pid)) in (None, name)


def _system() -> str:
    return _short(_read("/proc/sys/kernel/random/boot_id"))


def _container() -> str:
    try:
        return _short(str(Path("/proc/self/ns/pid").readlink()))
    except OSError:
        return _short("")


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except OSError:
        return ""


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def end_under_gunicorn() -> None:
    """End this worker when its requests are answered; gunicorn puts another in its place."""
    os.kill(os.getpid(), signal.SIGTERM)


def reload_granian() -> None:
    """Let granian put new workers in the place of all of its workers."""
    os.kill(os.getppid(), signal.SIGHUP)


def ask_server() -> Callable[[], None] | None:
    """Return what lets the server of this process replace it; None where nothing would start it again."""
    if os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn"):
        return end_under_gunicorn
    return reload_granian if "granian" in sys.modules else None


@dataclass(slots=True)
class Replacement:
    """Watches whether this process must be replaced; `busy` is held while a job is being done."""

    app: Flask
    host: str
    busy: threading.Lock
    host_name: str = field(default_factory=platform.node)
    ask: Callable[[], None] | None = field(default_factory=ask_server)
    ended: threading.Event = field(default_factory=threading.Event)
    _own: ServiceProcess | None = None
    _served: bool = False
    _waited: float = 0.0
    _looks: int = 0

    def start(self) -> None:
        """Register this process, before it serves, and watch from then on."""
        self.look()
        self._served = True
        threading.Thread(target=self._watch, name="replacement", daemon=True).start()

    def look(self) -> None:
        """Register where this was not possible before; ask to be replaced where it is due and its turn."""
        with self.app.app_context():
            try:
                if self._own is None:
                    self._register()
                elif self._is_due():
                    self._replace()
            except DatabaseUnavailable:
                return

    def _watch(self) -> None:
        while not self.ended.wait(POLL_SECONDS):
            try:
                self.look()
            except Exception as error:  # it must not end unnoticed: no process would ever be replaced again
                _log.exception("Looking whether this process must be replaced failed: %s", type(error).__name__)

    def _register(self) -> None:
        name = process_name() or f"{os.getpid()}.{_system()}.{_container()}.{_short('')}"
        with read_session() as session:
            if not processes.is_laid_out(session):
                return
        with write_session() as session:
            self._own = processes.register(
                session, host=self.host, host_name=self.host_name, process=name, due=self._served, lives=lives
            )

    def _is_due(self) -> bool:
        with read_session() as session:
            here = processes.of_host(session, self.host)
        own = next((service_process for service_process in here if service_process.id == self._id), None)
        if own is None:  # the database was put back to an earlier state: what was marked since is not known
            self._own = None
            return False
        if not own.due:
            self._confirm(here)
        if not own.due or own.asked:
            return False
        before = [service_process for service_process in here if service_process.due and service_process.id < own.id]
        self._waited += POLL_SECONDS
        return not before or self._waited > TURN_SECONDS * len(before)

    def _confirm(self, here: tuple[ServiceProcess, ...]) -> None:
        """Forget the processes that have ended, some looks later: until then their successors may not serve yet.

        Most are forgotten by a successor that registers; granian starts it before it ends the old one.
        """
        self._looks = self._looks + 1 if any(service_process.due for service_process in here) else 0
        if self._looks >= LOOKS:
            self._looks = 0
            with write_session() as session:
                processes.forget_ended(session, host=self.host, lives=lives)

    def _replace(self) -> None:
        if self.ask is None:
            _log.error("A round was closed or counted. End this process and start it again: its server cannot do so.")
            self.ended.wait(PATIENCE)
            return
        if not self.busy.acquire(timeout=JOBS_SECONDS):
            return  # a job is being done: ask again at the next look
        try:
            # Granian replaces all workers of this host at once: none of the others may ask again.
            self._note_asked(asked=True)
            self.ask()
            self.ended.wait(PATIENCE)
            self._note_asked(asked=False)  # still here: ask again at the next look
        finally:
            self.busy.release()

    def _note_asked(self, *, asked: bool) -> None:
        if self.ask is reload_granian:
            with write_session() as session:
                processes.note_asked(session, self.host, asked=asked)

    @property
    def _id(self) -> str:
        return self._own.id if self._own is not None else ""
