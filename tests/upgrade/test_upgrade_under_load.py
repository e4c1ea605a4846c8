"""A new version takes over while people answer: every ballot that was confirmed is counted.

The installation is one of the first day. What serves it and what takes over are real processes; the
step from one version to the next is every migration there is, and one more that rewrites the very
tables into which people write meanwhile.
"""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import inspect, text

from app.config import ROOT
from app.store.database import database
from tests.cli import installations
from tests.cli.installations import count, settings_of
from tests.databases import both_databases
from tests.migrations import first_installation as first
from tests.upgrade.respondents import Respondents

pytestmark = pytest.mark.slow
PATIENCE = 120
REWRITES = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", "{last}", None, None


def upgrade():
    how = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    for name in ("invitation", "box", "round"):
        with op.batch_alter_table(name, recreate=how) as table:
            table.add_column(sa.Column("more", sa.Integer(), nullable=True))
    op.execute("UPDATE invitation SET more = 1")
"""


@pytest.fixture
def old_house(database_kind, request, tmp_path):
    url = request.getfixturevalue("empty_postgresql") if database_kind == "postgresql" else ""
    with installations.installation(tmp_path / "installation", url) as app:
        flask_migrate.upgrade(revision="0001")
        first.load(database.engine, settings_of(app).keys)
        yield app


@pytest.fixture
def servers(old_house, tmp_path):
    made = Servers(settings_of(old_house), tmp_path)
    yield made
    made.end()


class Servers:
    """Gunicorn of one version after another, on one installation."""

    def __init__(self, settings, folder):
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "WORKERS": "2",
            "VOIMAVARA_INSTANCE": str(settings.instance),
            "VOIMAVARA_DATABASE_URL": settings.effective_database_url,
            "VOIMAVARA_JOBS": "true",
        }
        self.folder = folder
        self.running = []

    def start(self):
        """Start one more and return its port once it answers."""
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "app.factory:serve()"]
        with (self.folder / f"log-{port}").open("wb") as log:
            environment = self.environment | {"BIND": f"127.0.0.1:{port}"}
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        self.running.append(process)
        end = time.monotonic() + PATIENCE
        while not answers(port):
            assert process.poll() is None, (self.folder / f"log-{port}").read_text()
            assert time.monotonic() < end
            time.sleep(0.1)
        return port

    def stop_oldest(self):
        """Ask the oldest to end as an init system does, and wait until what it had begun is done."""
        process = self.running.pop(0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0

    def upgrade(self, *words):
        command = [str(Path(sys.executable).parent / "flask"), "--app", "app", "db", "upgrade", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr

    def end(self):
        for process in self.running:
            process.kill()
            process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@pytest.fixture
def one_more_step(tmp_path):
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder)
    last = max(path.name[:4] for path in (folder / "versions").glob("*.py"))
    (folder / "versions" / "9001_x.py").write_text(REWRITES.format(last=last))
    return str(folder)


@both_databases
def test_every_confirmed_ballot_is_counted_though_versions_change_meanwhile(old_house, servers, one_more_step):
    people = Respondents(first.codes(), servers.start())
    people.start()
    people.more()
    servers.upgrade()
    people.more()
    servers.upgrade("--directory", one_more_step)
    people.more()
    new = servers.start()
    people.more()
    people.port = new
    servers.stop_oldest()
    people.more()
    people.finish()
    assert not people.faults
    assert "more" in {column["name"] for column in inspect(database.engine).get_columns("box")}
    with database.engine.connect() as connection:
        spent = connection.scalar(text("SELECT count(*) FROM invitation WHERE spent"))
    assert len(people.confirmed) + len(people.uncertain) + first.SPENT == spent == 128
    made = count(old_house, first.OPEN_ROUND)
    assert (made.counted, made.unreadable) == (128, 0)
    print(f"{len(people.confirmed)} confirmed, {len(people.uncertain)} that lost their answer on the way")
