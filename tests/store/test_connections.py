"""What a pooled connection to PostgreSQL costs, and that it is safe to use again."""

import time

import pytest
from sqlalchemy import event, text

from app.store import database as module
from app.store.database import database, read_connection, read_session, write_connection
from tests.postgresql import run_sql

pytestmark = pytest.mark.postgresql
PID = text("SELECT pg_backend_pid()")
IN_TRANSACTION = text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL OR now() <> statement_timestamp()")


@pytest.fixture
def database_kind():
    return "postgresql"


@pytest.fixture
def pings(monkeypatch):
    made = []
    really = module._answers
    monkeypatch.setattr(module, "_answers", lambda connection: made.append(connection) or really(connection))
    return made


def pid():
    with read_connection() as connection:
        return connection.execute(PID).scalar()


def connection_and_pid(statement="SELECT 1"):
    """Return the driver's connection that was used last, and its server process."""
    with read_connection() as connection:
        connection.execute(text(statement))
        return connection.connection.dbapi_connection, connection.execute(PID).scalar()


def wait_for_news(driver):
    """Wait until something has arrived on a connection that nobody reads."""
    end = time.monotonic() + 20
    while module._is_quiet(driver):
        assert time.monotonic() < end, "nothing arrived"
        time.sleep(0.01)


def test_a_connection_used_a_moment_ago_is_used_again_without_asking_the_server(app, pings):
    assert pid() == pid()
    assert pings == []


def test_a_connection_that_the_server_closed_is_replaced_before_it_is_used(app, database_url):
    driver, first = connection_and_pid()
    run_sql(database_url, f"SELECT pg_terminate_backend({first})")
    wait_for_news(driver)
    with write_connection() as connection:
        assert connection.execute(PID).scalar() != first


def test_after_a_pause_the_server_is_asked(app, pings, monkeypatch):
    first = pid()
    monkeypatch.setattr(module, "PING_AFTER_IDLE_SECONDS", 0.0)
    assert pid() == first
    assert len(pings) == 1


def test_a_message_that_waits_on_a_connection_is_no_reason_to_close_it(app, database_url, pings):
    driver, first = connection_and_pid("LISTEN news")
    run_sql(database_url, "NOTIFY news")
    wait_for_news(driver)
    assert pid() == first
    assert len(pings) == 1


def test_a_connection_that_does_not_answer_is_replaced(app, monkeypatch):
    first = pid()
    monkeypatch.setattr(module, "PING_AFTER_IDLE_SECONDS", 0.0)
    monkeypatch.setattr(module, "_answers", lambda _connection: False)
    assert pid() != first


def test_reading_begins_no_transaction_and_the_next_writer_has_one(app):
    with read_connection() as connection:
        first = connection.execute(PID).scalar()
        time.sleep(0.01)
        assert not connection.execute(IN_TRANSACTION).scalar()
    with pytest.raises(ZeroDivisionError), write_connection() as connection:
        assert connection.execute(PID).scalar() == first
        connection.execute(text("DELETE FROM job_run"))
        connection.execute(text("INSERT INTO job_run (job, slot, began_at) VALUES ('x', '2026-01-01', '2026-01-01')"))
        raise ZeroDivisionError
    with read_session() as session:
        assert session.execute(text("SELECT count(*) FROM job_run")).scalar() == 0


def test_a_connection_that_cannot_leave_autocommit_is_thrown_away(app):
    """Otherwise the next writer would store half of what belongs together."""
    with app.app_context():
        engine = database.engine
    first = pid()

    def spoil(connection, _record):
        connection.autocommit = True
        connection.execute("BEGIN")  # within a transaction the driver refuses to change it

    event.listen(engine, "checkin", spoil, insert=True)
    try:
        assert pid() == first
    finally:
        event.remove(engine, "checkin", spoil)
    assert pid() != first
