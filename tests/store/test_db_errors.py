"""Which faults say "try again", on the databases themselves."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.store import db_errors, read_only_mode, sqlite_write_queue
from app.store.database import (
    DatabaseUnavailable,
    database,
    extend_idle_timeout,
    read_session,
    standalone_engine,
    write_session,
)
from tests.databases import both_databases
from tests.postgresql import run_sql


@pytest.fixture
def database_kind():
    """A file that is taken away, filled up or held: SQLite. The server's own outages are in `tests/hosts`."""
    return "sqlite"


def run(statement):
    with write_session() as session:
        session.execute(text(statement))


@both_databases
def test_a_mistake_in_a_statement_is_no_outage(app):
    with pytest.raises(DBAPIError):
        run("SELECT * FROM nowhere")
    with pytest.raises(DBAPIError):
        run("INSERT INTO job_run (job) VALUES ('without its slot')")


def test_a_database_that_may_only_be_read_is_away_for_who_writes(app):
    run("PRAGMA query_only = ON")
    with pytest.raises(DatabaseUnavailable):
        run("DELETE FROM job_run")
    with read_session() as session:
        assert session.execute(text("SELECT count(*) FROM job_run")).scalar() == 0


def test_a_full_disk_is_an_outage_and_leaves_nothing_half_done(app):
    with write_session() as session:
        session.execute(text("CREATE TABLE tried (words TEXT)"))
        pages = session.execute(text("PRAGMA page_count")).scalar()
    run(f"PRAGMA max_page_count = {pages + 10}")
    with pytest.raises(DatabaseUnavailable), write_session() as session:
        session.execute(text("INSERT INTO tried VALUES ('first')"))
        session.execute(text("INSERT INTO tried VALUES (hex(zeroblob(200000)))"))
    run("PRAGMA max_page_count = 1000000")
    with read_session() as session:
        assert session.execute(text("SELECT count(*) FROM tried")).scalar() == 0


def test_a_database_that_another_process_holds_is_an_outage(app, database_url):
    run("PRAGMA busy_timeout = 10")
    holder = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable):
        run("DELETE FROM job_run")
    holder.close()
    run("DELETE FROM job_run")


def test_a_database_that_stands_still_is_an_outage_for_who_writes(app):
    with write_session() as session:
        read_only_mode.enter(session.connection(), "It was moved.")
    with pytest.raises(DatabaseUnavailable):
        run("INSERT INTO job_run (job, slot, began_at) VALUES ('x', '2026-01-01', '2026-01-01')")


def test_a_turn_that_cannot_be_written_down_hinders_nobody(tmp_path):
    path = tmp_path / "x.db"
    Path(f"{path}.turn").mkdir()
    for _ in range(2):  # a turn that was never given back would hold up the second
        turn = sqlite_write_queue.acquire_slot_or_give_up(str(path), max_wait=0.2)
        assert (turn.file, turn.thread is not None) == (None, True)
        turn.release()


@pytest.fixture
def postgresql(request):
    request.getfixturevalue("app")
    return request.getfixturevalue("database_url")


class TestPostgresql:
    pytestmark = pytest.mark.postgresql

    @pytest.fixture
    def database_kind(self):
        return "postgresql"

    def test_a_connection_that_broke_in_a_transaction_is_an_outage_and_the_next_one_works(self, postgresql):
        with pytest.raises(DatabaseUnavailable), write_session() as session:
            mine = session.execute(text("SELECT pg_backend_pid()")).scalar()
            run_sql(postgresql, f"SELECT pg_terminate_backend({mine})")
            session.execute(text("DELETE FROM job_run"))
        run("DELETE FROM job_run")

    def test_a_server_that_is_not_there_is_an_outage(self, postgresql):
        engine = standalone_engine("postgresql+psycopg://test@127.0.0.1:1/postgres")
        with pytest.raises(OperationalError) as caught, engine.connect():
            pass
        from_it = caught.value
        assert db_errors.is_transient(from_it)

    def test_a_database_that_may_only_be_read_is_away_for_who_writes(self, postgresql):
        with pytest.raises(DatabaseUnavailable), write_session() as session:
            session.execute(text("SET TRANSACTION READ ONLY"))
            session.execute(text("DELETE FROM job_run"))

    def test_nobody_waits_for_a_frozen_process_for_long(self, postgresql):
        engine = standalone_engine(postgresql)
        with engine.begin() as holder:
            holder.execute(text("LOCK TABLE job_run"))
            with pytest.raises(DatabaseUnavailable), write_session() as session:
                session.execute(text("SET LOCAL lock_timeout = 50"))  # in place of the fifteen seconds
                session.execute(text("DELETE FROM job_run"))
        with read_session() as session:
            assert session.execute(text("SHOW lock_timeout")).scalar() == "15s"
            assert session.execute(text("SHOW idle_in_transaction_session_timeout")).scalar() == "2min"
        engine.dispose()

    def test_who_computes_in_a_transaction_may_take_long(self, postgresql):
        with write_session() as session:
            extend_idle_timeout(session)
            assert session.execute(text("SHOW idle_in_transaction_session_timeout")).scalar() == "30min"
        with write_session() as session:
            assert session.execute(text("SHOW idle_in_transaction_session_timeout")).scalar() == "2min"


def test_a_pool_without_a_free_connection_is_an_outage(app):
    engine = database.engine
    held = [engine.connect() for _ in range(engine.pool.size() + engine.pool._max_overflow)]
    engine.pool._timeout = 0.05
    with pytest.raises(DatabaseUnavailable):
        run("SELECT 1")
    for one in held:
        one.close()
    run("SELECT 1")
