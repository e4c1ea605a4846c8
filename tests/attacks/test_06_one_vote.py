"""Attack 6: answer twice with one code, at once or after a kill."""

import itertools
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter

import pytest
from sqlalchemy import event, func, select

from app.services.answering import InvalidCode
from app.store.database import standalone_engine
from app.store.invitations import InvitationRow
from tests.attacks import mutants
from tests.attacks.scene import scene
from tests.databases import both_databases

MOST_STATEMENTS = 20  # far more than an answer takes: the loop ends also where nothing is ever kept
POSTS = 50
STATEMENTS = {"sqlite": 5, "postgresql": 5}


def posted_at_once(round_, posts=POSTS):
    """Post the same code from many threads, each with a connection of its own; return what each was told."""
    outcomes = []
    gate = threading.Barrier(posts)

    def post():
        gate.wait()
        try:
            round_.answer(0, [1, 2, 3])
        except InvalidCode:
            outcomes.append("refused")
        else:
            outcomes.append("accepted")

    threads = [threading.Thread(target=post) for _ in range(posts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)


def ballots(round_):
    return len(round_.opened(round_.blob(), round_.round_key()))


def spent(round_):
    with round_.transaction() as session:
        return session.scalar(select(func.count()).where(InvitationRow.spent.is_(True)))


@both_databases
def test_fifty_posts_at_once_are_one_vote(database_url, tmp_path):
    with scene(database_url, tmp_path / "keys") as round_:
        assert posted_at_once(round_) == {"accepted": 1, "refused": POSTS - 1}
        assert (ballots(round_), spent(round_)) == (1, 1)


@both_databases
def test_the_attack_votes_often_where_spent_is_not_checked(database_url, tmp_path, monkeypatch):
    mutants.without_checking_spent(monkeypatch)
    with scene(database_url, tmp_path / "keys") as round_:
        assert posted_at_once(round_, posts=5) == {"accepted": 5}
        assert ballots(round_) == 5


@both_databases
def test_many_codes_at_once_are_as_many_votes(database_url, tmp_path):
    with scene(database_url, tmp_path / "keys") as round_:
        threads = [threading.Thread(target=round_.answer, args=(person, [1])) for person in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (ballots(round_), spent(round_)) == (30, 30)


def answer_and_stop_after(round_, statement, ready):
    """In a process of its own: answer, and stand still after so many statements, until killed."""
    round_.engine = standalone_engine(round_.url)
    done = 0

    @event.listens_for(round_.engine, "after_cursor_execute")
    def stop(*_arguments):
        nonlocal done
        done += 1
        if done == statement:
            ready.set()
            time.sleep(60)

    round_.answer(0, [1, 2, 3])
    ready.set()
    time.sleep(60)


@both_databases
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_kill_in_mid_transaction_leaves_both_or_neither(database_url, tmp_path):
    outcomes = []
    context = multiprocessing.get_context("fork")
    with scene(database_url, tmp_path / "keys") as round_:
        round_.engine.dispose()
        for statement in itertools.count(1):
            ready = context.Event()
            child = context.Process(target=answer_and_stop_after, args=(round_, statement, ready))
            child.start()
            assert ready.wait(30)
            os.kill(child.pid, signal.SIGKILL)
            child.join()
            outcomes.append((spent(round_), ballots(round_)))
            if outcomes[-1] != (0, 0) or statement == MOST_STATEMENTS:
                break
            round_.engine.dispose()
        assert set(outcomes[:-1]) == {(0, 0)}
        assert outcomes[-1] == (1, 1)
        assert len(outcomes) >= 5  # the kill hit between all statements, and then after the commit
