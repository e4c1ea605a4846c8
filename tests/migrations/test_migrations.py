"""Migrations make exactly the tables that the code knows, go both ways, and lose no row."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from app.config import ROOT, load_settings
from app.factory import create_app
from app.store import pg_statistics
from app.store.database import Base, database, standalone_engine
from tests.databases import both_databases

MIGRATIONS = ROOT / "migrations"


@pytest.fixture
def empty_url(database_kind, request, tmp_path):
    """The address of a database without a table."""
    return (
        request.getfixturevalue("empty_postgresql") if database_kind == "postgresql" else f"sqlite:///{tmp_path}/e.db"
    )


@pytest.fixture
def service_app(empty_url, tmp_path):
    """An application on an empty database."""
    app = create_app(load_settings({}, instance=tmp_path / "instance", database_url=empty_url))
    with app.app_context():
        yield app
        database.session.remove()
        database.engine.dispose()


def checks(engine):
    """Name every CHECK of every table, since the comparison below does not look at them."""
    found = inspect(engine)
    return {(table, check["name"]) for table in found.get_table_names() for check in found.get_check_constraints(table)}


@both_databases
def test_the_newest_migration_makes_the_tables_that_the_code_knows(service_app, database_url):
    flask_migrate.upgrade()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    laid_out = standalone_engine(database_url)
    assert checks(database.engine) == checks(laid_out)
    laid_out.dispose()


UNSAMPLED = """
SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE attstattarget = 0 AND relnamespace = 'public'::regnamespace AND attnum > 0
"""


@pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_a_migrated_server_samples_no_more_than_a_new_one(service_app, database_url):
    flask_migrate.upgrade()
    wanted = {(table, column) for table, columns in pg_statistics.UNSAMPLED.items() for column in columns}
    laid_out = standalone_engine(database_url)
    for engine in (database.engine, laid_out):
        with engine.connect() as connection:
            assert {tuple(row) for row in connection.execute(text(UNSAMPLED))} == wanted
    laid_out.dispose()


@both_databases
def test_migrations_go_up_and_down_and_up_again(service_app):
    flask_migrate.upgrade()
    full = set(inspect(database.engine).get_table_names())
    flask_migrate.downgrade(revision="base")
    assert set(inspect(database.engine).get_table_names()) == {"alembic_version"}
    flask_migrate.upgrade()
    assert set(inspect(database.engine).get_table_names()) == full > {"account", "round"}


def test_migrations_are_numbered_and_know_nothing_of_the_application():
    files = sorted((MIGRATIONS / "versions").glob("*.py"))
    assert [path.name[:4] for path in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    for path in files:
        assert "app." not in path.read_text()
        assert "import app" not in path.read_text()


STEP = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{revision}", "{down}", None, None


def upgrade():
    {upgrade}


def downgrade():
    raise NotImplementedError
"""
CHANGE_PARENT = """how = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("account", recreate=how) as table:
        table.add_column(sa.Column("more", sa.Integer()))"""
BREAK_OFF = 'op.create_table("half", sa.Column("id", sa.Integer()))\n    op.execute("SELECT * FROM nowhere")'


@pytest.fixture
def more_steps(tmp_path):
    """A copy of the migrations with one that changes a parent table, and one that breaks off in the middle."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    last = max(path.name[:4] for path in (folder / "versions").glob("*.py"))
    for number, (down, upgrade) in {"9001": (last, CHANGE_PARENT), "9002": ("9001", BREAK_OFF)}.items():
        (folder / "versions" / f"{number}_x.py").write_text(STEP.format(revision=number, down=down, upgrade=upgrade))
    return str(folder)


def fill():
    """Put a parent with a child that goes with it when it is deleted."""
    with database.engine.begin() as connection:
        row = "(1, 'someone@example.org', 'Someone', 'fi', '2026-11-24 12:00:00+00')"
        connection.execute(text(f"INSERT INTO account (id, email, name, language, made_at) VALUES {row}"))
        connection.execute(text("INSERT INTO account_grant (account_id, role) VALUES (1, 'trustee')"))


@both_databases
def test_a_change_of_a_parent_table_keeps_its_children(service_app, more_steps):
    flask_migrate.upgrade()
    fill()
    flask_migrate.upgrade(directory=more_steps, revision="9001")
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM account_grant")) == 1
        assert connection.scalar(text("SELECT count(*) FROM account WHERE more IS NULL")) == 1


@both_databases
def test_a_migration_that_breaks_off_leaves_everything_as_it_was(service_app, more_steps):
    flask_migrate.upgrade()
    before = set(inspect(database.engine).get_table_names())
    with pytest.raises(Exception, match="nowhere"):
        flask_migrate.upgrade(directory=more_steps)
    assert set(inspect(database.engine).get_table_names()) == before
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) < "9001"


@both_databases
def test_four_starters_at_once_and_a_fifth_that_finds_nothing_to_do(empty_url, tmp_path):
    environment = {
        **os.environ,
        "VOIMAVARA_DATABASE_URL": empty_url,
        "VOIMAVARA_INSTANCE": str(tmp_path / "instance"),
        "PYTHONPATH": str(ROOT),
    }
    command = [str(Path(sys.executable).parent / "flask"), "--app", "app", "db", "upgrade"]
    options = {"env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    starters = [subprocess.Popen(command, **options) for _ in range(4)]
    for starter in starters:
        said, _ = starter.communicate(timeout=600)
        assert starter.returncode == 0, said
    fifth = subprocess.run(command, timeout=600, **options)
    assert (fifth.returncode, fifth.stdout) == (0, "")
    engine = standalone_engine(empty_url)
    assert "account" in inspect(engine).get_table_names()
    engine.dispose()
