"""Kill the count between any two steps: either nothing has happened, or all, and it can be finished."""

import multiprocessing
import os
import signal

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.core.rounds import RoundState
from app.services import counting, rounds
from app.services.counting import CountStage
from app.store import publications
from app.store.database import standalone_engine
from tests.attacks.scene import scene
from tests.databases import both_databases
from tests.services.factories import AFTER

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")]
VOTES = 14
FORK = multiprocessing.get_context("fork")


def kill_at(stage):
    def tell(reached, _number):
        if reached is stage:
            os.kill(os.getpid(), signal.SIGKILL)

    return tell


def count_and_clean(round_, tell):
    round_.engine = standalone_engine(round_.url)
    round_.count(progress=tell)
    round_.clean(progress=tell)


def count_and_die_after(round_, statement):
    round_.engine = standalone_engine(round_.url)
    done = 0

    @event.listens_for(round_.engine, "after_cursor_execute")
    def die(*_arguments):
        nonlocal done
        done += 1
        if done == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    round_.count()
    os._exit(0)


def in_a_process_of_its_own(work, *arguments):
    child = FORK.Process(target=work, args=arguments)
    child.start()
    child.join(60)
    return child.exitcode


@pytest.fixture
def closed(database_url, tmp_path):
    with scene(database_url, tmp_path / "keys", people=20) as round_:
        for person in range(VOTES):
            round_.answer(person, [3] * 24)
        round_.close()
        round_.engine.dispose()
        yield round_


def state(round_):
    with Session(round_.engine) as session:
        return rounds.get_round(session, round_.round_id).state


def published(round_):
    with Session(round_.engine) as session:
        return publications.find_including_replaced(session, round_.round_id)


def assert_finished(round_):
    """Whatever happened before, counting and cleaning now end as they would have at once."""
    round_.count()
    round_.clean()
    with Session(round_.engine) as session:
        certificate = counting.find_certificate(session, round_.round_id)
    assert (certificate.counted, certificate.cleaned_at) == (VOTES, AFTER)
    assert published(round_).counted == VOTES
    assert list(round_.keys.iterdir()) == []


@both_databases
@pytest.mark.parametrize("stage", [CountStage.OPENED, CountStage.PUBLISHED, CountStage.ERASED, CountStage.CERTIFIED])
def test_a_kill_within_the_count_leaves_the_round_as_it_was(closed, stage):
    assert in_a_process_of_its_own(count_and_clean, closed, kill_at(stage)) == -signal.SIGKILL
    assert state(closed) is RoundState.CLOSED
    assert published(closed) is None
    assert len(closed.opened(closed.blob(), closed.round_key())) == VOTES
    assert_finished(closed)


@both_databases
@pytest.mark.parametrize("stage", [CountStage.KEY_DESTROYED, CountStage.WIPED])
def test_a_kill_after_the_count_leaves_cleaning_to_be_finished(closed, stage):
    assert in_a_process_of_its_own(count_and_clean, closed, kill_at(stage)) == -signal.SIGKILL
    assert state(closed) is RoundState.COUNTED
    with Session(closed.engine) as session:
        assert counting.find_certificate(session, closed.round_id).cleaned_at is None
    assert_finished(closed)


@both_databases
def test_a_kill_after_any_statement_of_the_count_leaves_the_round_as_it_was(closed):
    statement = 1
    while in_a_process_of_its_own(count_and_die_after, closed, statement) == -signal.SIGKILL:
        assert state(closed) is RoundState.CLOSED
        assert published(closed) is None
        closed.engine.dispose()
        statement += 1
    assert statement > 12
    assert state(closed) is RoundState.COUNTED
    assert_finished(closed)
