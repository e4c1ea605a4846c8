from datetime import UTC, datetime, timedelta

import flask_migrate
import pytest
from sqlalchemy import text

from app.config import VERSION, load_settings
from app.factory import create_app
from app.store import clock_skew, schema_revision
from app.store.database import database, write_session
from app.web.shared import health


@pytest.fixture
def bare(tmp_path):
    app = create_app(load_settings({}, instance=tmp_path / "bare"))
    with app.app_context():
        yield app
        database.session.remove()
        database.engine.dispose()


def test_a_process_that_lives_says_so(bare):
    assert bare.test_client().get("/healthz").text == "alive\n"


def test_a_process_is_ready_once_its_database_has_every_table(bare):
    before = bare.test_client().get("/readyz")
    assert (before.status_code, before.headers["Retry-After"]) == (503, "10")
    assert "migrations" in before.text
    flask_migrate.upgrade()
    ready = bare.test_client().get("/readyz")
    assert (ready.status_code, ready.text) == (200, f"ready\nversion {VERSION}\n")


def test_a_process_that_was_overtaken_says_that_the_database_is_newer(bare):
    flask_migrate.upgrade()
    with write_session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    answer = bare.test_client().get("/readyz")
    assert (answer.status_code, answer.text) == (503, "The database is newer than this process.\n")


def test_a_lost_database_is_a_503_and_no_crash(tmp_path, caplog):
    url = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"
    app = create_app(load_settings({}, instance=tmp_path / "lost", database_url=url))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "cannot be reached" in answer.text
    assert app.test_client().get("/healthz").status_code == 200


@pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (20, 200), (-20, 200), (40, 503), (-8 * 86_400, 503)])
def test_a_host_with_a_wrong_clock_is_not_ready(app, session, monkeypatch, caplog, seconds, status):
    session.execute(text("CREATE TABLE alembic_version (version_num varchar(32))"))
    head = schema_revision.head_revision(health.MIGRATIONS)
    session.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
    session.commit()
    monkeypatch.setattr(clock_skew, "host_now", lambda: datetime.now(UTC) + timedelta(seconds=seconds))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == status
    assert ("seconds" in answer.text) == (status == 503)
    assert ("Let both follow the same time servers" in caplog.text) == (status == 503)
