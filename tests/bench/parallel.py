"""Thirty-two concurrent respondents on real servers and both databases, compared with the rate of the floor."""

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

from app.config import ROOT, load_settings
from app.factory import create_app
from app.store.database import database
from tests.bench.floor import make_table
from tests.bench.loading import Load, load, post
from tests.bench.measuring import Figure
from tests.bench.worlds import open_round
from tests.postgresql import cluster, run_sql

CLIENTS = 32
SENDINGS = 1_200
TURNS = 3
# the region of whose count the other benchmark tells
COMMUNITIES = 300
SIZE = 40
DURABLE = ("max_connections=200",)
MARKS = "3" * 28
LIMITS = """
Concurrent submissions share one transaction, usually eight or nine of them. On SQLite only this matters: the writers
of the floor wait for one another. On PostgreSQL processor time is the limit. With granian, which has the least
overhead, a submission costs 0.9 ms of it where the floor costs 0.4: a quarter of a millisecond to read the form with
its signed ticket and to answer, 0.3 for the transaction (0.07 of that for sealing), 0.15 for the database, and the
rest for threads that wait and wake. Eight runs on an idle machine gave 0.42 to 0.54 of the floor's rate with granian,
most of them less than half; three gave 0.60 to 0.66 with gunicorn, the default server. If all respondents belong to
twenty communities of 120 instead of 300 of 40, they wait for one another's boxes, and the rate is a tenth lower.
Clients, servers, database and floor share the cores: the rates allow a comparison, they do not predict a larger
machine.
"""
SERVERS = {
    "gunicorn": ("gunicorn", "--config", "deploy/gunicorn.conf.py", "{app}()"),
    "granian": (
        *("granian", "--interface", "wsgi", "--factory", "--no-ws", "--port", "{port}", "--workers", "2"),
        *("--blocking-threads", "16", "--log-level", "error", "{app}"),
    ),
}


def measure(tiny: bool = False) -> list[Figure]:
    """Measure submissions each second for every server on every database, in turns with the floor."""
    found = []
    for kind in ("SQLite", "PostgreSQL"):
        with database_of(kind) as (url, floor_url, folder):
            found += _on(kind, url, floor_url, folder, turns=1 if tiny else TURNS, sendings=40 if tiny else SENDINGS)
    return found


def _on(kind: str, url: str, floor_url: str, folder: Path, *, turns: int, sendings: int) -> list[Figure]:
    app = create_app(load_settings({}, instance=folder / "instance", database_url=url))
    needed = len(SERVERS) * turns * sendings
    sheets = open_round(app, communities=min(COMMUNITIES, -(-needed // SIZE)), size=SIZE)
    with app.app_context():
        database.engine.dispose()  # the servers have connections of their own
    random.Random(1).shuffle(sheets)
    own = iter([_sending(*sheet) for sheet in sheets])
    make_table(floor_url)
    least = post("/send", urlencode({"code": sheets[0][0], "paper": sheets[0][1], "sheet": MARKS}).encode())
    found = []
    for server in SERVERS:
        with (
            serving(
                server, "app.factory:serve", VOIMAVARA_INSTANCE=folder / "instance", VOIMAVARA_DATABASE_URL=url
            ) as p,
            serving(server, "tests.bench.floor:serve", BENCH_DATABASE=floor_url) as q,
        ):
            loads = [
                (load(p, list(islice(own, sendings)), CLIENTS, b"303"), load(q, [least] * sendings, CLIENTS, b"303"))
                for _ in range(turns)
            ]
        found += _figures(f"{kind}, {server}", [one for one, _ in loads], [one for _, one in loads])
    return found


def _figures(where: str, own: list[Load], floor: list[Load]) -> list[Figure]:
    calm = min(own, key=lambda one: one.tail)
    rate = max(one.rate for one in own)
    least = max(one.rate for one in floor)
    return [
        Figure(f"{where}: submissions with {CLIENTS} clients", rate, "a second", least, least_times=0.5),
        Figure(f"{where}: slowest of a hundred, floor: the median", calm.slowest, "ms", calm.median, most_times=10),
    ]


def _sending(code: str, paper: str) -> bytes:
    fields = {"code": code, "paper": paper, "marks": MARKS, "group": "0", "step": "check", "go": "send"}
    return post("/fi/send", urlencode(fields).encode())


@contextmanager
def database_of(kind: str) -> Iterator[tuple[str, str, Path]]:
    """Yield the address of an empty database, that of one for the floor, and a folder."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="bench"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        (folder / "instance").mkdir()
        if kind == "SQLite":
            yield f"sqlite:///{folder}/instance/voimavara.db", f"sqlite:///{folder}/floor.db", folder
            return
        (folder / "pg").mkdir()
        folder.chmod(0o755)
        server = stack.enter_context(cluster(folder / "pg", DURABLE))
        for name in ("own", "floor"):
            run_sql(server, f"CREATE DATABASE {name}")
        own, floor = (server.rsplit("/", 1)[0] + f"/{name}" for name in ("own", "floor"))
        yield own, floor, folder


@contextmanager
def serving(server: str, app: str, **environment: object) -> Iterator[int]:
    """Run an application on one of the servers; yield its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = {"BIND": f"127.0.0.1:{port}", "LOG_LEVEL": "error", "WORKERS": "2", "THREADS": "16", **environment}
    words = [word.format(app=app, port=port) for word in SERVERS[server]]
    words[0] = str(Path(sys.executable).with_name(words[0]))
    process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, **{name: str(one) for name, one in told.items()}})
    try:
        _answered(port)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:  # a server that waits for idle connections; nothing is lost with it
            process.kill()
            process.wait()


def _answered(port: int) -> None:
    """Wait until the application answers: a port is open before it does."""
    end = time.monotonic() + 60
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                connection.sendall(b"GET /nowhere HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
                assert connection.recv(4) == b"HTTP"
                return
        except OSError:
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.1)
