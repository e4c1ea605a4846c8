"""Real processes, killed and frozen: nothing twice, nothing missed."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from app.config import ROOT
from app.store.database import standalone_engine
from tests.databases import both_databases

pytestmark = pytest.mark.slow


@pytest.fixture
def marks(database_url):
    """The slots that were done, and by which process."""
    engine = standalone_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mark (slot VARCHAR(40), process INTEGER)"))

    def read():
        with engine.begin() as connection:
            return [
                (datetime.fromisoformat(slot), process)
                for slot, process in connection.execute(text("SELECT * FROM mark ORDER BY slot"))
            ]

    yield read
    engine.dispose()


@pytest.fixture
def hosts(database_url, tmp_path, marks):
    """Two processes on one database, at work."""
    command = [sys.executable, "-m", "tests.jobs.host", database_url, str(tmp_path / "instance")]
    processes = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) for _ in range(2)]
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def wait_until(true, seconds=180):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def of(marks, process):
    return [slot for slot, done_by in marks() if done_by == process.pid]


def leader_and_other(hosts, marks):
    wait_until(lambda: len(marks()) >= 2)
    first = marks()[0][1]
    return sorted(hosts, key=lambda process: process.pid != first)


def assert_none_twice(marks):
    twice = {slot: times for slot, times in Counter(slot for slot, _ in marks()).items() if times > 1}
    assert not twice


@both_databases
def test_when_the_leader_is_killed_the_other_goes_on(hosts, marks):
    leader, other = leader_and_other(hosts, marks)
    assert not of(marks, other)
    leader.kill()
    wait_until(lambda: len(of(marks, other)) >= 3)
    assert_none_twice(marks)
    done = [slot for slot, _ in marks()]
    assert max(later - earlier for earlier, later in itertools.pairwise(done)) <= timedelta(seconds=3)


@both_databases
def test_when_the_leader_freezes_the_other_steps_in_and_nothing_is_done_twice(hosts, marks):
    leader, other = leader_and_other(hosts, marks)
    os.kill(leader.pid, signal.SIGSTOP)
    wait_until(lambda: len(of(marks, other)) >= 2)
    before = len(of(marks, leader))
    os.kill(leader.pid, signal.SIGCONT)
    wait_until(lambda: len(of(marks, leader)) > before)
    wait_until(lambda: len(marks()) >= 10)
    assert_none_twice(marks)
