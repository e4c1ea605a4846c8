"""A real PgBouncer before the test server, for as long as a block lasts."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL

from tests.mailbox import free_port
from tests.postgresql import unprivileged

START_SECONDS = 20
CONFIGURATION = """
[databases]
{database} = host=127.0.0.1 port={server_port} dbname={database} user={user}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = 25
ignore_startup_parameters = extra_float_digits{ignored}
"""


def program() -> str | None:
    """Return the path of PgBouncer, or None where it is not installed."""
    return shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")


@contextmanager
def pgbouncer(url: URL, *, mode: str, ignores_options: bool) -> Iterator[str]:
    """Run PgBouncer before a PostgreSQL database; yield the address through it."""
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer"))
    port = free_port()
    text = CONFIGURATION.format(
        database=url.database,
        server_port=url.port,
        user=url.username,
        port=port,
        mode=mode,
        ignored=", options" if ignores_options else "",
    )
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(text, encoding="utf-8")
    folder.chmod(0o755)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(program()), str(configuration)], cwd=folder, stdout=log, stderr=log, **unprivileged()
        )
    try:
        _wait(port, process, folder / "log")
        yield url.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(START_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(log.read_text())
