"""Before the database is made, and where it cannot be used, a verb says so instead of falling over."""

import secrets

import flask_migrate
import pytest
from flask_migrate import cli as migrations
from sqlalchemy import text

from app.config import load_settings
from app.factory import create_app
from app.store.database import database, write_session
from tests.postgresql import run_sql


@pytest.fixture
def run(tmp_path):
    app = create_app(load_settings({}, instance=tmp_path / "fresh"))
    return lambda *words: app.test_cli_runner().invoke(args=words)


@pytest.mark.parametrize("words", [("people", "list"), ("round", "list"), ("results", "export", "1")])
def test_a_verb_names_the_remedy(run, words):
    done = run(*words)
    assert done.exit_code == 1
    assert "flask db upgrade" in done.output


def test_an_empty_template_needs_no_database(run):
    assert run("organisations", "template").output.lstrip("\ufeff").startswith("region;")


VERBS = [
    ("people", "list"),
    ("round", "open", "1"),
    ("secret", "accept", "--yes"),
    ("demo", "load"),
    ("backup",),
    ("db", "upgrade"),
]


def told(app, words):
    """What a verb ends with; `db` is hung in by a package, so it is asked for as that does."""
    command = migrations.db if words[0] == "db" else None
    runner = app.test_cli_runner()
    with app.app_context():
        done = runner.invoke(command, words[1:]) if command else runner.invoke(args=words)
        database.session.remove()
        database.engine.dispose()
    assert done.exit_code == 1, (words, done.output, done.exception)
    assert isinstance(done.exception, SystemExit), words  # no trace
    return done.output


@pytest.mark.parametrize("words", VERBS)
def test_where_nothing_answers_a_verb_ends_with_the_reason(tmp_path, words):
    away = "postgresql+psycopg://somebody:aPassword@127.0.0.1:1/somewhere"
    output = told(create_app(load_settings({}, instance=tmp_path / "fresh", database_url=away)), words)
    assert "the database cannot be used: connection" in output
    assert "./run flask doctor" in output
    assert "aPassword" not in output


def test_the_doctor_tells_the_reason_as_well(tmp_path):
    away = "postgresql+psycopg://somebody:aPassword@127.0.0.1:1/somewhere"
    output = told(create_app(load_settings({}, instance=tmp_path / "fresh", database_url=away)), ("doctor",))
    assert "port 1 failed: Connection refused" in output
    assert "docs/operations.md" in output
    assert "aPassword" not in output


@pytest.mark.postgresql
def test_a_database_that_belongs_to_another_account_is_told(tmp_path, empty_postgresql):
    role = f"stranger_{secrets.token_hex(6)}"  # roles belong to the whole server, which other tests share
    run_sql(empty_postgresql, f"CREATE ROLE {role} LOGIN")
    try:
        url = empty_postgresql.replace("test@", f"{role}@")
        app = create_app(load_settings({}, instance=tmp_path / "fresh", database_url=url))
        assert "permission denied for schema public" in told(app, ("db", "upgrade"))
    finally:
        run_sql(empty_postgresql, f"DROP ROLE {role}")


@pytest.mark.parametrize(("stands", "remedy"), [("0005", "./run flask db upgrade"), ("9999", "use the newer one")])
def test_a_verb_of_another_age_than_the_database_is_refused(tmp_path, stands, remedy):
    app = create_app(load_settings({}, instance=tmp_path / "fresh"))
    with app.app_context():
        flask_migrate.upgrade()
        with write_session() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :stands"), {"stands": stands})
        database.session.remove()
        database.engine.dispose()
    assert remedy in told(app, ("people", "list"))
