"""Protect the process memory from debuggers, core files and swap.

Answers are in memory in plain text. Works on Linux only. Settings of the service manager (`LimitCORE=0`,
`MemorySwapMax=0`) apply in addition.
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
    """Protection of the process memory.

    `undumpable`: no debugger of the same account and no core file can read it. `no_core`: the core file size limit is
    0.
    `locked`: it is never written to swap.
    """

    undumpable: bool
    no_core: bool
    locked: bool


def protect_memory() -> Protection:
    """Protect the process memory as far as the system allows; return the result. Can be called again."""
    no_core = _forbid_core()
    if not sys.platform.startswith("linux"):
        return Protection(undumpable=False, no_core=no_core, locked=False)
    system = ctypes.CDLL(None, use_errno=True)
    system.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    undumpable = system.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) == 0
    # With a low limit, locking would make later allocations fail: then swap must be disabled from outside.
    flags = _LOCK_NOW | _LOCK_LATER | _LOCK_ON_FAULT
    locked = _may_lock_everything() and system.mlockall(flags) == 0
    return Protection(undumpable, no_core, locked)


def has_swap() -> bool:
    """Tell whether this host has swap."""
    try:
        return len(Path("/proc/swaps").read_text(encoding="ascii").splitlines()) > 1
    except OSError:
        return False


def can_be_swapped() -> bool:
    """Tell whether the process memory may be swapped: neither locked nor forbidden by its control group."""
    return has_swap() and not _may_lock_everything() and not _group_forbids_swap()


def _forbid_core() -> bool:
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):  # a seccomp filter may forbid it where the limit is set from outside
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
