"""A real process on SQLite whose clock jumps eight days ahead: it closes nothing, and neither does the one after it."""

import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.config import ROOT
from app.core.rounds import RoundState
from app.services import rounds
from app.store.database import database, read_session, write_session
from tests.cli.installations import service_app, settings_of
from tests.hosts.servers import wait_until
from tests.services.factories import SECRET, plan, region

pytestmark = pytest.mark.slow
LAST_RUN = "SELECT max(began_at) FROM job_run WHERE job LIKE :job"


@contextmanager
def host(instance, offset):
    """Run a process; its clock is as many days ahead as the file says."""
    command = [sys.executable, "-m", "tests.hosts.jumping_clock", str(instance), str(offset)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        yield process
        assert process.poll() is None, "the process ended by itself"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def set_ahead(offset, days):
    """Set the clock of the process; the file is replaced as a whole, as the process may read it at any moment."""
    fresh = offset.with_suffix(".new")
    fresh.write_text(str(days))
    fresh.replace(offset)


def ask(statement, **values):
    with database.engine.connect() as connection:
        return connection.execute(text(statement), values).scalar()


def wait_for_turns(job):
    """Wait until a task has begun twice more."""
    for _ in range(2):
        before = ask(LAST_RUN, job=job)
        wait_until(lambda before=before: ask(LAST_RUN, job=job) != before)


def state(number):
    with read_session() as session:
        return rounds.get_round(session, number).state


def test_a_jump_closes_nothing_until_the_clock_is_set_back(tmp_path):
    offset = tmp_path / "offset"
    set_ahead(offset, 0)
    now = datetime.now(UTC)
    with service_app(tmp_path / "installation") as app:
        settings = settings_of(app)
        with write_session() as session:
            area = region(alder=12)
            number = plan(session, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=1))
            rounds.open_round(session, number, now=now, secret=SECRET, keys=settings.keys, region=area)
        with host(settings.instance, offset):
            wait_for_turns("close_due")
            set_ahead(offset, 8)
            wait_until(lambda: ask("SELECT count(*) FROM clock_check WHERE jumped_at IS NOT NULL"))
            wait_for_turns("finish_cleaning%")
            assert state(number) is RoundState.OPEN
        with host(settings.instance, offset):  # its clock is wrong from the start
            wait_for_turns("finish_cleaning%")
            assert state(number) is RoundState.OPEN
            assert list(settings.keys.glob("round-*.key"))
            set_ahead(offset, 0)
            wait_until(lambda: not ask("SELECT count(*) FROM clock_check WHERE jumped_at IS NOT NULL"))
            with write_session() as session:
                session.execute(text("UPDATE round SET closes_at = :last"), {"last": now - timedelta(seconds=1)})
            wait_until(lambda: state(number) is RoundState.COUNTED)
            wait_until(lambda: not list(settings.keys.glob("round-*.key")))
