"""The memory of a process is kept to itself: no core file, no debugger of the same account, no swap where allowed."""

import json
import resource
import subprocess
import sys

import pytest

from app.config import ROOT
from app.vault import memory

PROTECT = """
import json, resource
from app.vault import memory
held = memory.protect_memory()
status = open("/proc/self/status").read()
locked = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmLck")))
print(json.dumps([held.undumpable, held.no_core, held.locked, locked, resource.getrlimit(resource.RLIMIT_CORE)]))
"""
FLASK = """
import ctypes
from app.factory import create_app
create_app()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def run(program, *before, **environment):
    done = subprocess.run(
        [*before, sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def test_a_protected_process_leaves_no_core_and_no_debugger_in():
    undumpable, no_core, _locked, _size, limit = run(PROTECT)
    assert (undumpable, no_core, limit) == (True, True, [0, 0])


@pytest.mark.skipif(
    resource.getrlimit(resource.RLIMIT_MEMLOCK)[1] != resource.RLIM_INFINITY,
    reason="the limit on locked memory cannot be lifted here: run the tests with LimitMEMLOCK=infinity",
)
def test_memory_is_locked_where_there_is_no_limit_to_it():
    *_, locked, size, _limit = run(PROTECT, "sh", "-c", 'ulimit -l unlimited; exec "$@"', "sh")
    assert locked
    assert size > 0


def test_memory_is_left_unlocked_where_later_allocations_would_fail():
    *_, locked, size, _limit = run(PROTECT, "sh", "-c", 'ulimit -l 64; exec "$@"', "sh")
    assert (locked, size) == (False, 0)


@pytest.mark.slow
def test_whatever_makes_the_application_is_protected(tmp_path):
    assert run(FLASK, VOIMAVARA_INSTANCE=str(tmp_path)) == 0


def test_swap_is_told_of_only_where_memory_may_go_there(monkeypatch):
    monkeypatch.setattr(memory, "has_swap", lambda: True)
    monkeypatch.setattr(memory, "_may_lock_everything", lambda: False)
    monkeypatch.setattr(memory, "_group_forbids_swap", lambda: False)
    assert memory.can_be_swapped()
    monkeypatch.setattr(memory, "_group_forbids_swap", lambda: True)
    assert not memory.can_be_swapped()
