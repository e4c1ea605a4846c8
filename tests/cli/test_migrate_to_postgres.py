"""An installation moves from SQLite to PostgreSQL whole, or not at all."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import flask_migrate
import psycopg
import pytest
from sqlalchemy import inspect, text

from app.config import ROOT
from app.store import migrate_to_postgres
from app.store.database import Base, database, standalone_engine
from app.store.db_errors import DatabaseUnavailable
from app.store.migrate_to_postgres import MigrationError
from tests.cli import installations
from tests.cli.installations import answer, count, is_unspent, lay_out, settings_of
from tests.loaded_demo import copied_demo

pytestmark = pytest.mark.postgresql


@pytest.fixture
def service_app(tmp_path):
    """An installation on SQLite."""
    with installations.service_app(tmp_path / "installation") as app:
        yield app


@pytest.fixture
def demo_app(tmp_path, loaded_demo):
    """An installation on SQLite with the demo."""
    copied_demo(loaded_demo, tmp_path / "installation")
    with installations.service_app(tmp_path / "installation") as app:
        yield app


@pytest.fixture
def moved(tmp_path, empty_postgresql):
    """The same installation on PostgreSQL; enter it after the move."""
    return lambda **chosen: installations.installation(tmp_path / "installation", empty_postgresql, **chosen)


def move(app, url):
    return app.test_cli_runner().invoke(args=["move", "--to", url])


def tables_of(url):
    engine = standalone_engine(url)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def file_of(app):
    return str(settings_of(app).instance / "voimavara.db")


def rows_of(app):
    with sqlite3.connect(file_of(app)) as connection:
        return {table: connection.execute(f'SELECT * FROM "{table}"').fetchall() for table in Base.metadata.tables}


def test_an_open_round_moves_and_is_answered_and_counted_on_postgresql(service_app, empty_postgresql, moved):
    round_id, codes = lay_out(service_app)
    for code in codes[:5]:
        answer(code)
    said = move(service_app, empty_postgresql)
    assert said.exit_code == 0, said.output
    assert "each is the same" in said.output
    with moved() as app:
        for code in codes[5:]:
            answer(code)
        assert not is_unspent(codes[0])
        made = count(app, round_id)
        assert (made.counted, made.unreadable, made.issued) == (12, 0, 12)
        later, _ = lay_out(app)
        assert later > round_id, "the counters of numbers go on where they stood"


@pytest.mark.slow
def test_the_demo_moves_row_by_row(demo_app, empty_postgresql, moved):
    before = rows_of(demo_app)
    said = move(demo_app, empty_postgresql)
    assert said.exit_code == 0, said.output
    with psycopg.connect(empty_postgresql.replace("+psycopg", "")) as connection:
        for table, rows in before.items():
            assert connection.execute(f'SELECT count(*) FROM "{table}"').fetchone() == (len(rows),), table
        for query in (
            "SELECT round_id, unit_id, number, content, blob FROM box ORDER BY 1, 2, 3, 4",
            "SELECT digest, spent, box FROM invitation ORDER BY 1",
            "SELECT round_id, digest, content FROM publication ORDER BY 1",
        ):
            with sqlite3.connect(file_of(demo_app)) as old:
                there = connection.execute(query).fetchall()
                assert there
                assert there == [tuple(row) for row in old.execute(query)]
        query = "SELECT round_id, level, unit_id, content FROM publication_part"  # the databases sort text differently
        with sqlite3.connect(file_of(demo_app)) as old:
            assert sorted(connection.execute(query).fetchall()) == sorted(tuple(row) for row in old.execute(query))
    assert rows_of(demo_app) == before
    with moved(clock=None) as app:
        told = app.test_cli_runner().invoke(args=["doctor"]).output
        assert "0 bad" in told, told
        assert app.test_client().get("/readyz").status_code == 200


def test_the_old_database_can_be_read_but_takes_no_ballot_any_more(service_app, empty_postgresql):
    _, codes = lay_out(service_app)
    move(service_app, empty_postgresql)
    with pytest.raises(DatabaseUnavailable) as refused:  # which a person reads as "try again in a while"
        answer(codes[0])
    assert "has moved" in str(refused.value.__cause__)
    assert is_unspent(codes[0])
    assert service_app.test_client().get("/readyz").status_code == 503
    assert "moved" in service_app.test_cli_runner().invoke(args=["doctor"]).output
    assert "can be written again" in service_app.test_cli_runner().invoke(args=["reopen"]).output
    answer(codes[0])


def test_nobody_writes_while_the_move_is_under_way(service_app, empty_postgresql, monkeypatch):
    lay_out(service_app)
    seen = []

    def look(table, rows):
        with (
            sqlite3.connect(file_of(service_app), timeout=0) as other,
            pytest.raises(sqlite3.OperationalError) as refused,
        ):
            other.execute("UPDATE round SET drawn = 0")
        seen.append(str(refused.value))

    monkeypatch.setattr("app.cli.migrate_to_postgres._print_progress", look)
    assert move(service_app, empty_postgresql).exit_code == 0
    assert set(seen) == {"database is locked"}


@pytest.mark.slow
def test_a_move_that_is_killed_leaves_both_as_they_were_and_can_be_repeated(service_app, empty_postgresql):
    lay_out(service_app)
    before = rows_of(service_app)
    environment = {**os.environ, "VOIMAVARA_INSTANCE": str(Path(file_of(service_app)).parent), "PYTHONPATH": str(ROOT)}
    environment |= {"VOIMAVARA_MOVE_TO": empty_postgresql, "PYTHONUNBUFFERED": "1"}
    command = [str(Path(sys.executable).parent / "flask"), "--app", "app", "move"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.split()[-1:] == ["box"]:
            process.send_signal(signal.SIGKILL)
            break
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    wait_for_the_end_of_others(empty_postgresql)
    assert tables_of(empty_postgresql) == []
    assert rows_of(service_app) == before
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE round SET drawn = drawn"))
    assert move(service_app, empty_postgresql).exit_code == 0


def wait_for_the_end_of_others(url):
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    end = time.monotonic() + 60
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        while connection.execute(query).fetchone() != (0,):
            assert time.monotonic() < end
            time.sleep(0.1)


def test_a_row_that_arrives_changed_stops_the_move(service_app, empty_postgresql):
    lay_out(service_app)
    new = standalone_engine(empty_postgresql)
    Base.metadata.create_all(new)
    with new.begin() as target:
        target.execute(text(CHANGES))
        target.execute(text("CREATE TRIGGER t BEFORE INSERT ON box FOR EACH ROW EXECUTE FUNCTION change()"))
    with (
        database.engine.connect() as source,
        new.connect() as target,
        pytest.raises(MigrationError, match="1 rows of the table box"),
    ):
        migrate_to_postgres.copy_and_verify_database(source, target, progress=lambda table, rows: None)
    new.dispose()


CHANGES = (
    "CREATE FUNCTION change() RETURNS trigger AS "
    "$$ BEGIN NEW.blob := set_byte(NEW.blob, 40, get_byte(NEW.blob, 40) # 1); RETURN NEW; END $$ LANGUAGE plpgsql"
)


@pytest.mark.parametrize(
    ("title", "word"), [("x" * 201, "too long"), ("Autumn\0", "fit PostgreSQL")], ids=["too long", "with a null"]
)
def test_a_value_that_postgresql_does_not_take_is_named_without_its_content(service_app, empty_postgresql, title, word):
    lay_out(service_app)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE round SET title = :title"), {"title": title})
    said = move(service_app, empty_postgresql)
    assert said.exit_code == 1
    assert "table round" in said.output
    assert word in said.output
    assert title not in said.output
    assert tables_of(empty_postgresql) == []
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE round SET title = 'Autumn'"))
    assert move(service_app, empty_postgresql).exit_code == 0


def test_what_is_no_empty_postgresql_is_refused(service_app, empty_postgresql, tmp_path):
    with psycopg.connect(empty_postgresql.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE somebody_elses (id INTEGER)")
    for url, word in {
        empty_postgresql: "not empty",
        f"sqlite:///{tmp_path}/other.db": "moves to PostgreSQL",
        "postgresql://nobody@127.0.0.1:1/nowhere": "cannot be reached",
        "mysql://nobody@127.0.0.1/x": "moves to PostgreSQL",
    }.items():
        said = move(service_app, url)
        assert said.exit_code == 1
        assert word in said.output
    assert tables_of(empty_postgresql) == ["somebody_elses"]


def test_a_database_behind_its_program_is_not_moved(service_app, empty_postgresql):
    flask_migrate.downgrade(revision="base")
    said = move(service_app, empty_postgresql)
    assert "db upgrade" in said.output
    assert tables_of(empty_postgresql) == []
