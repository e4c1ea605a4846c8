"""The present time is the database's, whatever this host's clock says; in between a timer of the host carries it on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import event, text

from app.config import load_settings
from app.factory import create_command_app
from app.store import clock_skew, database_clock
from app.store.database import standalone_engine
from app.store.database_clock import MAX_AGE, RETRY_AFTER, DatabaseClock

POSTGRESQL_ONLY = pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
NEAR = timedelta(seconds=5)
DAYS = pytest.mark.parametrize("days", [8, -8])


@pytest.fixture
def engine(database_url):
    one = standalone_engine(database_url)
    yield one
    one.dispose()


@pytest.fixture
def asked(engine):
    """The statements that ask for the time."""
    seen = []

    @event.listens_for(engine, "after_cursor_execute")
    def note(_connection, _cursor, statement, *_rest):
        if "clock_timestamp" in statement:
            seen.append(statement)

    return seen


@pytest.fixture
def timer(monkeypatch):
    """This host's timer, which the test moves."""

    class Timer:
        seconds = 1000.0

    monkeypatch.setattr(database_clock, "seconds_since_boot", lambda: Timer.seconds)
    return Timer


def set_host_clock(monkeypatch, skew):
    monkeypatch.setattr(clock_skew, "host_now", lambda: datetime.now(UTC) + skew)


def database_now(engine):
    with engine.connect() as connection:
        return connection.execute(text("SELECT clock_timestamp()")).scalar_one()


@POSTGRESQL_ONLY
@DAYS
def test_the_time_is_that_of_the_database_on_a_host_that_is_days_off(engine, monkeypatch, days):
    set_host_clock(monkeypatch, timedelta(days=days))
    clock = DatabaseClock(engine)
    assert abs(clock() - database_now(engine)) < NEAR
    assert clock().utcoffset() is not None


@POSTGRESQL_ONLY
@DAYS
def test_a_jump_of_the_hosts_clock_changes_nothing_between_two_readings(engine, monkeypatch, days):
    clock = DatabaseClock(engine)
    before = clock()
    set_host_clock(monkeypatch, timedelta(days=days))
    assert timedelta() <= clock() - before < NEAR


@POSTGRESQL_ONLY
def test_it_is_read_once_a_minute_and_carried_on_in_between(engine, asked, timer):
    clock = DatabaseClock(engine)
    first = clock()
    timer.seconds += 59
    assert clock() - first == timedelta(seconds=59)
    assert len(asked) == 1
    timer.seconds += 2
    assert abs(clock() - first) < NEAR  # the database's clock did not go on by a minute
    assert len(asked) == 2


@POSTGRESQL_ONLY
def test_while_the_database_is_away_the_last_reading_goes_on_and_it_is_asked_every_few_seconds(
    engine, timer, monkeypatch
):
    clock = DatabaseClock(engine)
    first = clock()
    attempts = []

    def fail(*_arguments, **_keywords):
        attempts.append(timer.seconds)
        raise clock_error

    clock_error = database_clock.SQLAlchemyError("away")
    with monkeypatch.context() as away:
        away.setattr(engine, "connect", fail)
        for seconds in (MAX_AGE.total_seconds(), 1, RETRY_AFTER.total_seconds()):
            timer.seconds += seconds
            assert clock() - first == timedelta(seconds=timer.seconds - 1000)
    assert len(attempts) == 2
    timer.seconds += RETRY_AFTER.total_seconds()
    assert abs(clock() - first) < NEAR


def test_before_the_first_reading_the_hosts_clock_is_all_there_is():
    clock = DatabaseClock(standalone_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere"))
    assert abs(clock() - datetime.now(UTC)) < NEAR


@POSTGRESQL_ONLY
def test_of_many_threads_one_reads_and_all_have_the_time(engine, asked):
    clock = DatabaseClock(engine)
    ready = Barrier(8)

    def read():
        ready.wait(10)
        return clock()

    with ThreadPoolExecutor(8) as threads:
        found = [task.result() for task in [threads.submit(read) for _ in range(8)]]
    assert max(found) - min(found) < NEAR
    assert len(asked) == 1


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_file_has_no_clock_of_its_own(engine, monkeypatch, asked):
    set_host_clock(monkeypatch, timedelta(days=8))
    assert abs(DatabaseClock(engine)() - datetime.now(UTC) - timedelta(days=8)) < NEAR
    assert asked == []


@POSTGRESQL_ONLY
@DAYS
def test_an_application_and_its_commands_go_by_it(database_url, tmp_path, monkeypatch, days):
    set_host_clock(monkeypatch, timedelta(days=days))
    app = create_command_app(load_settings({}, instance=tmp_path / "instance", database_url=database_url))
    assert abs(app.extensions["voimavara"].clock() - datetime.now(UTC)) < NEAR
