"""A pooler that breaks what belongs to a session is refused at the start, and named by the doctor."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, make_url, text

from app import factory
from app.cli.doctor.database import check_database
from app.config import ROOT, load_settings
from app.factory import create_app
from app.jobs.leader import PostgresLock
from app.store.database import database, standalone_engine
from app.store.pooler import DROPPED, SHARED, UnsuitablePooler, pooling_fault, require_session_pooling
from tests.hosts.servers import wait_until
from tests.store import pgbouncer
from tests.store.poolers import pooler

needs_pgbouncer = pytest.mark.skipif(
    pgbouncer.program() is None, reason="PgBouncer is not installed: sudo apt install pgbouncer"
)


def plain(url):
    return url.render_as_string(hide_password=False)


@pytest.mark.postgresql
@pytest.mark.parametrize(("by_transaction", "fault"), [(True, SHARED), (False, "")])
def test_only_a_pooler_that_keeps_sessions_apart_will_do(empty_postgresql, by_transaction, fault):
    url = make_url(empty_postgresql)
    with pooler(url.port, by_transaction=by_transaction) as port:
        engine = standalone_engine(plain(url.set(port=port)))
        assert pooling_fault(engine) == fault
        if fault:
            with pytest.raises(UnsuitablePooler, match="Connect to PostgreSQL itself"):
                require_session_pooling(engine)
        engine.dispose()


@pytest.mark.postgresql
def test_sessions_without_the_time_limits_are_found(empty_postgresql):
    engine = create_engine(empty_postgresql)
    assert pooling_fault(engine) == DROPPED
    engine.dispose()


@pytest.mark.postgresql
def test_without_a_pooler_nothing_is_found(empty_postgresql, tmp_path):
    for url in (empty_postgresql, f"sqlite:///{tmp_path / 'v.db'}"):
        engine = standalone_engine(url)
        assert pooling_fault(engine) == ""
        require_session_pooling(engine)
        engine.dispose()


def test_a_database_that_is_away_is_no_pooler():
    engine = standalone_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    require_session_pooling(engine)
    engine.dispose()


@pytest.mark.postgresql
def test_the_start_refuses_and_the_doctor_names_it(empty_postgresql, tmp_path, monkeypatch, caplog):
    url = make_url(empty_postgresql)
    with pooler(url.port, by_transaction=True) as port:
        settings = load_settings({}, instance=tmp_path, database_url=plain(url.set(port=port)))
        app = create_app(settings)
        with app.app_context():
            (found,) = check_database(settings, datetime.now(UTC))
            assert "pool_mode = transaction" in found.what
            database.engine.dispose()
        monkeypatch.setattr(factory, "create_app", lambda: app)
        with pytest.raises(SystemExit):
            factory.serve()
        assert "pool_mode = transaction" in caplog.text
        with app.app_context():
            database.session.remove()
            database.engine.dispose()


@needs_pgbouncer
@pytest.mark.postgresql
@pytest.mark.parametrize("ignores_options", [True, False])
@pytest.mark.parametrize(("mode", "fault"), [("transaction", SHARED), ("statement", SHARED), ("session", "")])
def test_a_real_pgbouncer_is_refused_unless_it_keeps_sessions(empty_postgresql, mode, fault, ignores_options):
    with pgbouncer.pgbouncer(make_url(empty_postgresql), mode=mode, ignores_options=ignores_options) as address:
        engine = standalone_engine(address)
        assert pooling_fault(engine) == fault
        engine.dispose()


def in_a_process(*words, **environment):
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, "FLASK_APP": "app", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@needs_pgbouncer
@pytest.mark.postgresql
@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_the_service_does_not_start_behind_a_real_pgbouncer_that_shares_sessions(empty_postgresql, tmp_path, mode):
    with pgbouncer.pgbouncer(make_url(empty_postgresql), mode=mode, ignores_options=False) as address:
        own = {"VOIMAVARA_INSTANCE": str(tmp_path), "VOIMAVARA_DATABASE_URL": address}
        started = in_a_process("-c", "from app.factory import serve; serve()", **own)
        assert started.returncode == factory.NOT_BEGUN
        assert "set pool_mode = session for this database" in started.stderr
        assert "Traceback" not in started.stderr
        seen = in_a_process("-m", "flask", "doctor", **own)
        assert seen.returncode == 1
        assert "set pool_mode = session for this database" in " ".join(seen.stdout.split())


@needs_pgbouncer
@pytest.mark.postgresql
def test_behind_a_real_pgbouncer_that_keeps_sessions_everything_of_a_session_holds(empty_postgresql, tmp_path):
    with pgbouncer.pgbouncer(make_url(empty_postgresql), mode="session", ignores_options=False) as address:
        own = {"VOIMAVARA_INSTANCE": str(tmp_path), "VOIMAVARA_DATABASE_URL": address}
        upgraded = in_a_process("-m", "flask", "db", "upgrade", **own)
        assert upgraded.returncode == 0, upgraded.stderr
        engine = standalone_engine(address)
        with engine.connect() as connection:
            assert connection.execute(text("SHOW lock_timeout")).scalar() == "15s"
            connection.rollback()
            assert connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar() == "2min"
        engine.dispose()
        libpq = address.replace("+psycopg", "")
        first = PostgresLock(libpq)
        second = PostgresLock(libpq)
        try:
            assert first.acquire()
            assert not second.acquire()
            assert first._connection.execute("SHOW idle_session_timeout").fetchone() != ("0",)
            first.release()
            wait_until(second.acquire)  # the pooler resets the session after the client has left
        finally:
            first.release()
            second.release()
