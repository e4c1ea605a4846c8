"""A count whose boxes are shared out over processes: the same figures, and an end of any process changes nothing."""

import multiprocessing
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.disclosure.policy import Policy
from app.core.rounds import RoundError, RoundFault, RoundState
from app.services import counting, rounds
from app.services.counting import BoxDamaged, CountStage, box_processes
from app.store import publications
from app.store.boxes import BoxRow
from app.store.database import standalone_engine
from tests.databases import both_databases
from tests.services.factories import AFTER, SECRET
from tests.services.test_counting import answered_and_closed

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")]
FORK = multiprocessing.get_context("fork")
BALLOTS = 141


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys"


@pytest.fixture
def closed(session, keys, monkeypatch):
    """A closed round of two units in three boxes, each unit a batch of its own."""
    monkeypatch.setattr(box_processes, "SLOTS_PER_BATCH", 1)
    return answered_and_closed(session, keys)


def count(session, round_id, keys, **keywords):
    arguments = {"policy": Policy(), "secret": SECRET, "now": AFTER, "keys": keys, "processes": 2}
    return counting.count_round(session, round_id, **(arguments | keywords))


def worker_processes(parent):
    """Return the processes that open boxes for a process."""
    listed = Path(f"/proc/{parent}/task").glob("*/children")
    children = {int(child) for threads in listed for child in threads.read_text(encoding="ascii").split()}
    return {child for child in children if b"box_sums_worker" in Path(f"/proc/{child}/cmdline").read_bytes()}


def assert_as_it_was(session, round_id):
    session.rollback()
    assert rounds.get_round(session, round_id).state is RoundState.CLOSED
    assert publications.find_including_replaced(session, round_id) is None
    assert counting.find_certificate(session, round_id) is None


@both_databases
def test_processes_count_the_same_to_the_last_bit_and_are_gone_afterwards(session, keys, closed):
    seen = set()
    steps = []

    def watch(stage, number):
        seen.update(worker_processes(os.getpid()))
        steps.append((stage, number))

    alone = count(session, closed, keys, processes=0)
    session.rollback()
    shared = count(session, closed, keys, progress=watch)
    assert shared == alone  # with the digest of the publication
    assert (shared.counted, shared.unreadable) == (BALLOTS, 0)
    assert len(seen) == 2
    assert worker_processes(os.getpid()) == set()
    assert [number for stage, number in steps if stage is CountStage.OPENED] == [1, 2, 3]


@both_databases
def test_a_killed_process_leaves_the_round_as_it_was_and_the_next_count_finishes(session, keys, closed):
    killed = []

    def kill_one(stage, _number):
        if stage is CountStage.OPENED and not killed:
            killed.extend(worker_processes(os.getpid()))
            for process in killed:
                os.kill(process, signal.SIGKILL)

    with pytest.raises(RoundError) as caught:  # one process, with the second unit still before it
        count(session, closed, keys, progress=kill_one, processes=1)
    assert caught.value.fault is RoundFault.COUNT_INTERRUPTED
    assert len(killed) == 1
    assert worker_processes(os.getpid()) == set()
    assert_as_it_was(session, closed)
    assert count(session, closed, keys).counted == BALLOTS


def test_a_process_that_cannot_start_leaves_the_round_as_it_was(session, keys, closed, monkeypatch):
    monkeypatch.setattr(box_processes, "_WORKER", "app.vault.nothing_of_this_name")
    with pytest.raises(RoundError) as caught:
        count(session, closed, keys)
    assert caught.value.fault is RoundFault.COUNT_INTERRUPTED
    assert_as_it_was(session, closed)


def test_a_box_that_was_changed_is_named_by_the_process_that_found_it(session, keys, closed):
    session.execute(update(BoxRow).where(BoxRow.unit_id == "birch", BoxRow.number == 1).values(blob=b"x" * 7000))
    with pytest.raises(BoxDamaged, match="slots"):
        count(session, closed, keys)
    assert worker_processes(os.getpid()) == set()
    assert_as_it_was(session, closed)


def _count_and_die(url, round_id, keys, told):
    def die(stage, number):
        if stage is CountStage.OPENED and number == 1:
            told.send(sorted(worker_processes(os.getpid())))
            os.kill(os.getpid(), signal.SIGKILL)

    with Session(standalone_engine(url)) as session:
        count(session, round_id, keys, progress=die)


def _is_running(process):
    with suppress(FileNotFoundError):
        state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(") ")[2]
        return not state.startswith(("Z", "X"))
    return False


@both_databases
def test_when_the_whole_count_is_killed_its_processes_end_by_themselves(session, keys, closed, database_url):
    session.get_bind().dispose()
    there, here = FORK.Pipe()
    child = FORK.Process(target=_count_and_die, args=(database_url, closed, keys, here))
    child.start()
    workers = there.recv()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    assert len(workers) == 2
    until = time.monotonic() + 20
    while any(map(_is_running, workers)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(_is_running, workers)), "they hold ballots and the key"
    assert_as_it_was(session, closed)
    assert count(session, closed, keys).counted == BALLOTS


def test_a_process_is_told_no_setting_of_this_one(session, keys, closed, monkeypatch):
    """Settings hold passwords, and the process needs none."""
    monkeypatch.setenv("SECRET_KEY", "not for others")
    seen = []

    def look(stage, _number):
        if stage is CountStage.OPENED and not seen:
            seen.extend(_environment(process) for process in worker_processes(os.getpid()))

    count(session, closed, keys, progress=look)
    # Protected processes show their environment to nobody; then there is nothing to see either.
    assert len(seen) == 2 and not any("SECRET_KEY" in names for names in seen)


def _environment(process):
    try:
        return Path(f"/proc/{process}/environ").read_bytes().decode()
    except PermissionError:
        return ""


@pytest.mark.parametrize(
    ("slots", "cores", "expected"), [(1_000, 8, 0), (40_000, 8, 2), (1_000_000, 1, 0), (10**7, 3, 3), (10**7, 64, 8)]
)
def test_as_many_processes_as_are_useful(monkeypatch, slots, cores, expected):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(cores)))
    assert box_processes.choose_process_count(slots) == expected
