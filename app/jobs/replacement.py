"""Replace service processes after a round was closed or counted.

Each process checks every two seconds whether it is due. The processes of a host are replaced one after the other:
the next one waits until the successor of the previous one has registered, so that the service stays available.
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
MAX_SECONDS_PER_PROCESS = 15.0  # time limit for each process before this one
BUSY_TIMEOUT_SECONDS = 5.0
MIN_POLLS_BEFORE_CLEANUP = 5  # polls by other due processes before an ended one is no longer waited for
REPLACEMENT_TIMEOUT_SECONDS = 600.0  # time limit for a server to replace a process that requested it

_log = logging.getLogger(__name__)


def unique_process_name(pid: int | None = None) -> str | None:
    """Return a unique name of a process: pid, and digests of boot id, container and start time.

    None if the process has ended or cannot be inspected.
    """
    pid = pid or os.getpid()
    try:
        started = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None
    return f"{pid}.{_system()}.{_container()}.{_short(started)}"


def may_be_running(name: str) -> bool:
    """Tell whether a process of this host may still be running; true in doubt."""
    pid, system, container, _start = name.split(".")
    if system != _system():
        return False  # this host was rebooted since
    if container != _container():
        return True  # pids of other containers are not visible here
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # The pid may have been reused. A process that hides from /proc is assumed to be the same.
    return unique_process_name(int(pid)) in (None, name)


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
    """End this worker after its requests; gunicorn starts another one."""
    os.kill(os.getpid(), signal.SIGTERM)


def reload_granian() -> None:
    """Make granian replace all its workers."""
    os.kill(os.getppid(), signal.SIGHUP)


def replacement_request() -> Callable[[], None] | None:
    """Return a function that asks the server to replace this process; None if no server would restart it."""
    if os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn"):
        return end_under_gunicorn
    return reload_granian if "granian" in sys.modules else None


@dataclass(slots=True)
class ProcessReplacer:
    """Replaces this process in its turn after a round was closed or counted; `busy` is held while a task runs."""

    app: Flask
    host: str
    busy: threading.Lock
    host_name: str = field(default_factory=platform.node)
    request: Callable[[], None] | None = field(default_factory=replacement_request)
    ended: threading.Event = field(default_factory=threading.Event)
    _own: ServiceProcess | None = None
    _served: bool = False
    _waited: float = 0.0
    _looks: int = 0

    def start(self) -> None:
        """Register this process before it serves, and start polling."""
        self.register_or_request_replacement()
        self._served = True
        threading.Thread(target=self._watch, name="replacement", daemon=True).start()

    def register_or_request_replacement(self) -> None:
        """Register if not done yet; request the replacement if it is due and this process's turn."""
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
                self.register_or_request_replacement()
            except Exception as error:  # the thread must go on, otherwise no process would be replaced any more
                _log.exception("Looking whether this process must be replaced failed: %s", type(error).__name__)

    def _register(self) -> None:
        name = unique_process_name() or f"{os.getpid()}.{_system()}.{_container()}.{_short('')}"
        with read_session() as session:
            if not processes.can_register(session):
                return
        with write_session() as session:
            self._own = processes.register_process(
                session, host=self.host, host_name=self.host_name, process=name, due=self._served, lives=may_be_running
            )

    def _is_due(self) -> bool:
        with read_session() as session:
            own_processes = processes.processes_of_host(session, self.host)
        own = next((service_process for service_process in own_processes if service_process.id == self._id), None)
        if own is None:  # the database was restored: later marks are unknown
            self._own = None
            return False
        if not own.due:
            self._confirm(own_processes)
        if not own.due or own.asked:
            return False
        before = [
            service_process for service_process in own_processes if service_process.due and service_process.id < own.id
        ]
        self._waited += POLL_SECONDS
        return not before or self._waited > MAX_SECONDS_PER_PROCESS * len(before)

    def _confirm(self, own_processes: tuple[ServiceProcess, ...]) -> None:
        """Delete ended processes after some polls: until then their successors may not serve yet.

        Usually a registering successor deletes them; granian starts the successor before it ends the old process.
        """
        self._looks = self._looks + 1 if any(service_process.due for service_process in own_processes) else 0
        if self._looks >= MIN_POLLS_BEFORE_CLEANUP:
            self._looks = 0
            with write_session() as session:
                processes.unregister_ended(session, host=self.host, lives=may_be_running)

    def _replace(self) -> None:
        if self.request is None:
            _log.error("A round was closed or counted. End this process and start it again: its server cannot do so.")
            self.ended.wait(REPLACEMENT_TIMEOUT_SECONDS)
            return
        if not self.busy.acquire(timeout=BUSY_TIMEOUT_SECONDS):
            return  # a task is running: try again at the next poll
        try:
            # Granian replaces all workers of this host at once: none of the others may ask again.
            self._note_asked(asked=True)
            self.request()
            self.ended.wait(REPLACEMENT_TIMEOUT_SECONDS)
            self._note_asked(asked=False)  # still running: ask again at the next poll
        finally:
            self.busy.release()

    def _note_asked(self, *, asked: bool) -> None:
        if self.request is reload_granian:
            with write_session() as session:
                processes.set_replacement_requested(session, self.host, asked=asked)

    @property
    def _id(self) -> str:
        return self._own.id if self._own is not None else ""
