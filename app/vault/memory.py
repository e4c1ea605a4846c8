"""Keep the memory of this process to itself: no debugger of the same account, no core file, no swap.

Answers pass through memory in the clear. What is asked for here is asked of Linux; elsewhere nothing is done. A
server's own settings (`LimitCORE=0`, `MemorySwapMax=0`) hold besides, where the service is started by one.
"""

import ctypes
import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

_PR_GET_DUMPABLE = 3
_PR_SET_DUMPABLE = 4
_LOCK_NOW = 1
_LOCK_LATER = 2
_LOCK_ON_FAULT = 4


@dataclass(frozen=True, slots=True)
class Protection:
    """How the memory of a process is protected.

    `undumpable`: neither a debugger of the same account nor a core file reads it. `no_core`: the limit for core files
    is 0. `locked`: nothing of it is ever written to swap.
    """

    undumpable: bool
    no_core: bool
    locked: bool


def protect() -> Protection:
    """Protect the memory of this process as far as the system allows; return what holds. Safe to call again."""
    no_core = _forbid_core()
    if not sys.platform.startswith("linux"):
        return Protection(undumpable=False, no_core=no_core, locked=False)
    system = ctypes.CDLL(None, use_errno=True)
    system.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    undumpable = system.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) == 0
    # Where the limit is narrow, a lock would make later allocations fail: then the swap must be forbidden from outside.
    flags = _LOCK_NOW | _LOCK_LATER | _LOCK_ON_FAULT
    locked = _may_lock_everything() and system.mlockall(flags) == 0
    return Protection(undumpable, no_core, locked)


def swaps() -> bool:
    """Tell whether this host has swap, to which memory that is not locked may be written."""
    try:
        return len(Path("/proc/swaps").read_text(encoding="ascii").splitlines()) > 1
    except OSError:
        return False


def may_swap() -> bool:
    """Tell whether memory of this process may be written to swap: neither locked nor forbidden by its control group."""
    return swaps() and not _may_lock_everything() and not _group_forbids_swap()


def _forbid_core() -> bool:
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):  # a filter of system calls may forbid it, where the limit is set from outside
        return resource.getrlimit(resource.RLIMIT_CORE)[0] == 0
    return True


def _may_lock_everything() -> bool:
    return resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY


def _group_forbids_swap() -> bool:
    try:
        group = Path(f"/proc/{os.getpid()}/cgroup").read_text(encoding="ascii").rpartition("::")[2].strip()
        return Path(f"/sys/fs/cgroup{group}/memory.swap.max").read_text(encoding="ascii").strip() == "0"
    except OSError:
        return False
