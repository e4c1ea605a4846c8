"""No test leaves anything behind in what all tests of a process share.

A test that changes the environment, a server's settings or a logger lets another one pass or fail by the order in
which they run. Before and after every test this plugin reads what is shared, and fails the test that changed it.
"""

import gc
import locale
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from importlib import import_module
from pathlib import Path

import pytest

from app.config import ROOT
from tests import postgresql

MADE_BY_TOOLS = {"__pycache__", ".pytest_cache", ".hypothesis", ".mypy_cache", ".ruff_cache", ".import_linter_cache"}
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGCHLD)
SETS_LOGGERS = ("alembic", "app.core.bounces", "psycopg", "requests")  # at their import, which the application puts off
State = dict[str, object]
_FROZEN = [gc.get_freeze_count() > 0]  # asking for the count at each test would walk all the frozen objects each time


def pytest_configure() -> None:
    """Set what a library would set at its first use, so that the test that comes first is not blamed for it."""
    logging.getLogger("werkzeug").setLevel(logging.INFO)
    for library in SETS_LOGGERS:
        import_module(library)
    gc.freeze = _recorded(gc.freeze, frozen=True)
    gc.unfreeze = _recorded(gc.unfreeze, frozen=False)


def _recorded(change: Callable[[], None], *, frozen: bool) -> Callable[[], None]:
    """Return `gc.freeze` or `gc.unfreeze`, which then notes that it was called."""

    @wraps(change)
    def recorded() -> None:
        change()
        _FROZEN[0] = frozen

    return recorded


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Return a line for each entry that a test added, removed or changed.

    >>> differences({"a": 1, "b": 2}, {"b": 3, "c": 4})
    ['a: removed (was 1)', 'b: 2 became 3', 'c: added (4)']
    """
    lines = []
    for name in sorted({*before, *after}):
        if name not in after:
            lines.append(f"{name}: removed (was {before[name]!r})")
        elif name not in before:
            lines.append(f"{name}: added ({after[name]!r})")
        elif before[name] != after[name]:
            lines.append(f"{name}: {before[name]!r} became {after[name]!r}")
    return lines


def shared_state() -> State:
    """Return what all tests of this process share, by name."""
    return {
        **{f"environment variable {name}": value for name, value in _environment()},
        **{f"signal {one.name}": signal.getsignal(one) for one in SIGNALS},
        **{f"file {name}": True for name in _files()},
        **{f"thread {one.name}": one.ident for one in threading.enumerate() if not one.daemon},
        **_loggers(),
        **_process(),
        **_servers(),
    }


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail the test that leaves something changed in what other tests share."""
    before = shared_state()
    known = set(postgresql.SHARED)
    yield
    for url in postgresql.SHARED.keys() - known:  # started in this test: compare with how it was at its start
        before |= postgresql.SHARED[url]
    lines = differences(before, shared_state())
    assert not lines, "left behind for other tests: " + "; ".join(lines)


def _environment() -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST")


def _files() -> list[str]:
    here = [entry.name for entry in os.scandir(ROOT) if entry.name not in MADE_BY_TOOLS]
    return [*here, *(f"instance/{entry.name}" for entry in os.scandir(ROOT / "instance"))]


def _loggers() -> State:
    """Return how each logger is set; one that was never set is as good as one that does not exist yet."""
    found: State = {}
    for name, logger in (("root", logging.getLogger()), *logging.Logger.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger):
            handlers = [one for one in logger.handlers if not type(one).__module__.startswith("_pytest")]
            state = (logger.level, logger.disabled, logger.propagate, handlers)
            if name == "root" or state != (logging.NOTSET, False, True, []):
                found[f"logger {name}"] = state
    return found


def _process() -> State:
    return {
        "working directory": str(Path.cwd()),
        "file mode mask": _mask(),
        "locale": locale.setlocale(locale.LC_ALL),
        "time zone": time.tzname,
        "clock": time.time.__module__,
        "garbage collection": (gc.isenabled(), gc.get_threshold(), _FROZEN[0]),
        "import path": list(sys.path),
        "socket timeout": socket.getdefaulttimeout(),
        "exception hooks": (sys.excepthook, threading.excepthook),
    }


def _mask() -> str:
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii", errors="replace").splitlines() if status.exists() else []
    return next((line for line in lines if line.startswith("Umask:")), "")


def _servers() -> State:
    found: State = {}
    for url in postgresql.SHARED:
        found |= postgresql.server_state(url)
    return found
