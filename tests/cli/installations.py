"""Installations with a migrated database and an open round, for what the command line does with the whole of one."""

from contextlib import contextmanager
from pathlib import Path

import flask_migrate
from sqlalchemy import text

from app.config import load_settings
from app.core.disclosure.policy import Policy
from app.factory import create_app
from app.services import answering, counting, rounds
from app.store.database import database, write_session
from tests.conftest import NOON
from tests.services.factories import AFTER, CLOSES, SECRET, opened

SENDER = "MarkedPassword"
OTHER = b"a secret of some other installation"


@contextmanager
def installation(instance: Path, url: str = "", *, clock=lambda: NOON, **chosen):
    """An application on a folder and a database of its own, whose secret is the one that rounds are laid out with."""
    instance.mkdir(exist_ok=True)
    if not (instance / "secret").exists():
        (instance / "secret").write_bytes(SECRET)
        (instance / "secret").chmod(0o600)
    app = create_app(load_settings({}, instance=instance, database_url=url, **chosen), clock=clock)
    with app.app_context():
        try:
            yield app
        finally:  # a test that fails must not leave its connections to the tests after it
            database.session.remove()
            database.engine.dispose()


@contextmanager
def service_app(instance: Path, url: str = "", **chosen):
    """The same with every table in it."""
    with installation(instance, url, **chosen) as app:
        flask_migrate.upgrade()
        yield app


@contextmanager
def stranger(tmp_path, service_app):
    """Another host on the same database, with a secret of its own."""
    (tmp_path / "stranger").mkdir(exist_ok=True)
    (tmp_path / "stranger" / "secret").write_bytes(OTHER)
    (tmp_path / "stranger" / "secret").chmod(0o600)
    with installation(tmp_path / "stranger", settings_of(service_app).effective_database_url) as app:
        yield app


def run(app, *words):
    said = app.test_cli_runner().invoke(args=list(words))
    return said.exit_code, said.output


def settings_of(app):
    return app.extensions["voimavara"].settings


def lay_out(app, people=12):
    """Open a round; return its number and its codes."""
    with write_session() as session:
        found = opened(session, settings_of(app).keys, alder=people)
        codes = rounds.issue_slip_codes(session, found, "alder", secret=SECRET, now=NOON)
    return found, list(codes)


def answer(code, value=3):
    with write_session() as session:
        ratings = {f"q{number}": value for number in range(6)}
        answering.submit(session, code, ratings=ratings, group=None, comment=None, secret=SECRET, now=NOON)


def count(app, round_id):
    with write_session() as session:
        rounds.close(session, round_id, now=CLOSES)
        keys = settings_of(app).keys
        return counting.count_round(session, round_id, policy=Policy(), secret=SECRET, now=AFTER, keys=keys)


def clean(app):
    with write_session() as session:
        counting.destroy_keys_and_wipe_remnants(session, now=AFTER, keys=settings_of(app).keys)


def is_unspent(code):
    with write_session() as session:
        try:
            answering.resolve_code(session, code, secret=SECRET, now=NOON)
        except answering.InvalidCode:
            return False
        return True


def number_of(query):
    with database.engine.connect() as connection:
        return connection.scalar(text(query))
