"""Servers as real processes: the application under gunicorn or granian, and a PostgreSQL that can be stopped."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from app.config import ROOT
from tests import postgresql

PATIENCE = 180  # seconds: a busy machine is no fault of the service
DURABLE = ("autovacuum=off", "max_connections=100", "shared_buffers=32MB")


def free_port(address="127.0.0.1"):
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def wait_until(true, seconds=PATIENCE, pause=0.1):
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(pause)
    return found


def answers(address, port):
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True


class Host:
    """One host of the service: a folder of its own, and a server with some workers."""

    def __init__(
        self,
        folder,
        database_url,
        *,
        address="127.0.0.1",
        port=None,
        enter=(),
        application="app.factory",
        instance=None,
    ):
        self.folder = Path(folder)
        self.database_url = database_url
        self.address = address
        self.port = port or free_port()
        self.enter = tuple(enter)
        self.application = application
        self.process = None
        self.folder.mkdir(parents=True, exist_ok=True)
        self.instance = instance or self.folder / "instance"

    def start(self, server="gunicorn", *, before=(), workers=2, **variables):
        """Start the server and wait for it; `before` goes before its command, such as a limit."""
        environment = {
            "PATH": os.environ["PATH"],
            "BIND": f"{self.address}:{self.port}",
            "WORKERS": str(workers),
            "LOG_LEVEL": "info",
            "VOIMAVARA_INSTANCE": str(self.instance),
            "VOIMAVARA_DATABASE_URL": self.database_url,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [*self.enter, *before, sys.executable, "-m", *self._arguments(server, workers)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment | variables,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(lambda: self._is_up(), seconds=PATIENCE)
        return self

    def _arguments(self, server, workers):
        if server == "gunicorn":
            return ["gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.conf.py"), f"{self.application}:serve()"]
        return [
            *("granian", "--interface", "wsgi", "--factory", "--no-ws", "--host", self.address),
            *("--port", str(self.port), "--workers", str(workers), "--blocking-threads", "8"),
            *("--respawn-interval", "15", "--workers-kill-timeout", "30"),
            *("--log-level", "debug", "--working-dir", str(ROOT), f"{self.application}:serve"),
        ]

    def _is_up(self):
        assert self.process.poll() is None, self.log()
        return answers(self.address, self.port)

    def workers(self):
        """The processes of the workers."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(word) for word in listed.split()]

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def stop(self):
        """End the server in good order."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)

    def kill(self):
        """End the server and its workers at once, whatever they are doing."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            # A worker that is still dying holds the socket: whoever asks would be let in and get no answer.
            wait_until(lambda: not answers(self.address, self.port))


class Postgres:
    """A server of its own that writes for good, and can be stopped and started."""

    def __init__(self, folder, *, address="127.0.0.1", subnet=None):
        self.folder = Path(folder)
        self.address = address
        self.port = free_port(address)
        account = postgresql.unprivileged()
        if postgresql.binaries() is None:
            (pytest.fail if os.environ.get("REQUIRE_PG") == "1" else pytest.skip)("no PostgreSQL here")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._programs = postgresql._readable(postgresql.binaries(), self.folder, account)
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(self.folder)}
        self._options = {"cwd": self.folder, "env": environment, **account}
        if account:
            os.chown(self.folder, account["user"], account["group"])
        words = ("-D", "data", "-U", "test", "--auth=trust", "-E", "UTF8", "--no-locale", "--no-sync")
        subprocess.run([self._programs / "initdb", *words], check=True, stdout=subprocess.DEVNULL, **self._options)
        if subnet:
            with (self.folder / "data" / "pg_hba.conf").open("a") as rules:
                rules.write(f"host all all {subnet} trust\n")
        self.process = None

    @property
    def url(self):
        return f"postgresql+psycopg://test@{self.address}:{self.port}/postgres"

    def start(self):
        settings = [word for one in (*DURABLE, f"listen_addresses={self.address}") for word in ("-c", one)]
        command = [self._programs / "postgres", "-D", "data", "-p", str(self.port), "-k", self.folder, *settings]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, **self._options)
        wait_until(self._is_up)
        return self

    def stop(self, how=signal.SIGQUIT):
        """Stop at once, as if the power had failed; SIGINT lets it end its work."""
        self.process.send_signal(how)
        self.process.wait(PATIENCE)

    def ask(self, statement):
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            made = connection.execute(statement)
            return made.fetchall() if made.description else []

    def remove(self):
        if self.process is not None and self.process.poll() is None:
            self.stop(signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _is_up(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            self.ask("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True
