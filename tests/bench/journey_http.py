"""Cost of one respondent over real HTTP: processor time of all processes of a server and its database, and memory."""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

from app.config import ROOT
from tests.bench.browsing import Browser
from tests.bench.floor import make_table
from tests.bench.measuring import Figure
from tests.bench.parallel import SERVERS, database_of, serving
from tests.bench.worlds import demo

CLIENTS = 4
WARMING = 40
JOURNEYS = 40
MOST_CODES = 250
MOST_TIMES = {"SQLite": 1.5, "PostgreSQL": 2.0}
MOST_MEGABYTES = 260
DEFAULT = "gunicorn"
REPLACING_SECONDS = 60
STARTING_SECONDS = 60
STANDING_STILL = 0.03  # processor time in a second of a server that only waits
TICKS = os.sysconf("SC_CLK_TCK")
LIMITS = """
A journey is eleven or twelve requests on a connection that stays open; the client's own time is not counted. The floor
is bare Flask behind the same server with the same settings, which renders as many pages and stores one answer durably.
The floor's pages are fetched, ours but one are forms that are sent: to read them is part of our cost and not of the
floor's. With PostgreSQL a journey sends ten messages to the database: eight statements, BEGIN and COMMIT; reading needs
neither of the two, and a connection is asked whether it lives only after five seconds without use. In process, where
the floor took 4,140 µs on a busy machine (2,040 µs on an idle one), a journey took 11,800 µs. Of these the database is
4,300 µs: 975 µs psycopg and 1,430 µs SQLAlchemy for the eight statements, 400 µs for three times a connection and the
commit, and 1,500 µs the server's processes, whose dearest statements are the check of the catalogue (120 µs) and to
lock and to store the box (80 µs each). The rest is what SQLite has too: 680 µs to read eleven forms, 540 µs to verify
ten tickets, 400 µs argon2id, 310 µs to seal the box, 200 µs to fill in pages; Flask, Werkzeug and the own feedback are
what remains, as in the floor. Even if the database cost nothing, a journey would be 1.8 times the floor there. Over
HTTP the server adds the same to both, so gunicorn, which adds most, has the lowest ratio, and granian with its low
floor the highest, though its journeys cost less. Four runs on a busy machine gave 1.98 to 2.18 times the floor with
PostgreSQL and gunicorn, 2.36 to 2.89 before statements were put together; with granian three gave 2.3 to 2.8. Nothing
is measured until every worker has started. PSS counts a page that processes share once: gunicorn makes the application
before it starts its workers, so both use the same copy, while granian's workers each make their own. Gunicorn is the
default: it needs least memory, for about a tenth more processor time. Workers are replaced when a round was closed or
counted, one after the other, and never after a number of requests; while one starts, the other has twice as much to do.
The longest journey is wall-clock time: on a machine with as many programs at work as stated above, most of it is
waiting for them.
"""


def measure(tiny: bool = False) -> list[Figure]:
    """Measure journeys and memory for every server on every database, and journeys while the workers are replaced."""
    found = []
    unspent = list(islice(demo().codes, MOST_CODES))
    for kind in ("SQLite", "PostgreSQL"):
        with database_of(kind) as (url, floor_url, folder):
            _lay_out(url, folder)
            make_table(floor_url)
            codes = iter(unspent)
            for server in SERVERS:
                found += _journeys(kind, server, url, floor_url, folder, codes, tiny=tiny)
            if kind == "SQLite":
                found.append(_replaced(url, folder, codes, tiny=tiny))
    return found


def _lay_out(url: str, folder: Path) -> None:
    """Put a copy of the demo into the folder, and move it where the database is another one."""
    shutil.rmtree(folder / "instance")
    shutil.copytree(demo().instance, folder / "instance")
    if url.startswith("postgresql"):
        environment = {**os.environ, "VOIMAVARA_INSTANCE": str(folder / "instance"), "VOIMAVARA_MOVE_TO": url}
        command = [sys.executable, "-m", "flask", "--app", "app", "move"]
        subprocess.run(command, check=True, cwd=ROOT, env=environment, capture_output=True)


def _journeys(
    kind: str, server: str, url: str, floor_url: str, folder: Path, codes: Iterator[str], *, tiny: bool
) -> list[Figure]:
    # The system counts processor time in hundredths of a second: a few journeys of the floor may take none of them.
    warming, number = (2, 20) if tiny else (WARMING, JOURNEYS)
    elsewhere = _postmaster(folder)
    with _own(server, url, folder) as port:
        root = _listening(port)
        _wait_until_started(root)
        _all(warming, lambda browser: journey(browser, next(codes)), port)
        before = _seconds(root, *elsewhere)
        requests = _all(number, lambda browser: journey(browser, next(codes)), port)
        seconds = (_seconds(root, *elsewhere) - before) / number
        megabytes = _megabytes(root)
    with serving(server, "tests.bench.floor:serve", BENCH_DATABASE=floor_url) as port:
        root = _listening(port)
        _wait_until_started(root)
        _all(warming, lambda browser: floor_journey(browser, requests), port)
        before = _seconds(root, *elsewhere)
        _all(number, lambda browser: floor_journey(browser, requests), port)
        floor = (_seconds(root, *elsewhere) - before) / number
    where = f"{kind}, {server}"
    return [
        Figure(
            f"{where}: journey of {requests} requests, all processes",
            1000 * seconds,
            "ms",
            1000 * floor,
            most_times=MOST_TIMES[kind],
        ),
        Figure(f"{where}: memory of the server and two workers after {number} journeys", megabytes, "MB", most=260),
    ]


def _replaced(url: str, folder: Path, codes: Iterator[str], *, tiny: bool) -> Figure:
    """Let people answer while both workers are replaced, one after the other, as after a count."""
    longest = 0.0
    stop = threading.Event()

    def answer() -> None:
        nonlocal longest
        browser = HttpBrowser(port)
        with closing(browser.connection):
            while not stop.is_set():
                begun = time.perf_counter()
                journey(browser, next(codes))
                longest = max(longest, time.perf_counter() - begun)
                stop.wait(0.7)  # the four of them begin about six journeys a second

    with _own(DEFAULT, url, folder) as port:
        root = _listening(port)
        people = [threading.Thread(target=answer) for _ in range(1 if tiny else CLIENTS)]
        for person in people:
            person.start()
        for worker in _children(root):
            os.kill(worker, signal.SIGTERM)
            _wait_for(lambda worker=worker: worker not in _children(root) and len(_children(root)) >= 2)
            time.sleep(2)  # in which the new one becomes ready
        stop.set()
        for person in people:
            person.join()
    return Figure(f"SQLite, {DEFAULT}: longest journey while both workers are replaced", longest, "s", most=2)


def _wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + REPLACING_SECONDS
    while not holds():
        assert time.monotonic() < end, "the worker was not replaced"
        time.sleep(0.05)


def _wait_until_started(root: int) -> None:
    """Wait until every worker has started: the first answers while the others still import, which is no journey."""
    before = -1.0
    end = time.monotonic() + STARTING_SECONDS
    while (now := _seconds(root)) - before > STANDING_STILL:
        assert time.monotonic() < end, "the server did not come to rest"
        before = now
        time.sleep(1)


@contextmanager
def _own(server: str, url: str, folder: Path) -> Iterator[int]:
    settings = {"VOIMAVARA_INSTANCE": folder / "instance", "VOIMAVARA_DATABASE_URL": url}
    with serving(server, "app.factory:serve", **settings) as port:
        yield port


class HttpBrowser(Browser):
    """A browser that keeps one connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        super().__init__(app=None)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, method, url, body):
        """Send one request; begin anew where the server has closed a connection that was idle."""
        headers = {
            "Accept-Language": "fi",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            answer = self._answer(method, url, body, headers)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.connection.close()
            answer = self._answer(method, url, body, headers)
        named = [(name.title(), value) for name, value in answer.getheaders()]  # granian writes small letters
        return f"{answer.status} {answer.reason}", named, answer.read()

    def _answer(self, method, url, body, headers):
        self.connection.request(method, url, body, headers)
        return self.connection.getresponse()


def journey(browser: Browser, code: str) -> int:
    """Let one person answer from the front page to the own feedback; return the number of requests."""
    before = browser.requests
    browser.cookies.clear()
    browser.get("/fi/")
    browser.post("/fi/code", {"code": code, "go": "next"})
    while 'formaction="/fi/send"' not in browser.text:
        browser.post("/fi/answer", browser.fields() | {"go": "next"})
    browser.post("/fi/send", browser.fields() | {"go": "send", "profile": "yes"})
    return browser.requests - before


def floor_journey(browser: Browser, requests: int) -> int:
    """Ask the floor for as many pages and send one answer."""
    for number in range(requests - 2):
        browser.get(f"/page/{number}")
    browser.post("/send", {"sheet": "3" * 28})
    return requests


def _all(number: int, work: Callable[[Browser], int], port: int) -> int:
    """Let some people do the same at once, `number` times in all; return the requests of one."""
    clients = min(CLIENTS, number)
    failed = []
    found = []

    def answer(times: int) -> None:
        try:
            browser = HttpBrowser(port)
            with closing(browser.connection):
                found.extend(work(browser) for _ in range(times))
        except Exception as error:  # told by the thread that waits
            failed.append(error)

    people = [threading.Thread(target=answer, args=(number // clients,)) for _ in range(clients)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    if failed:
        raise failed[0]
    return found[0]


def _listening(port: int) -> int:
    """Return the first process of the server that listens on a port."""
    children = _children(os.getpid())
    return next(child for child in children if str(port).encode() in _words(child))


def _words(process: int) -> bytes:
    """Return the command line of a process and its settings."""
    folder = Path(f"/proc/{process}")
    return (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()


def _postmaster(folder: Path) -> tuple[int, ...]:
    return tuple(int(path.read_text().split()[0]) for path in folder.glob("pg/data/postmaster.pid"))


def _children(process: int) -> list[int]:
    lists = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for one in lists for child in one.read_text(encoding="ascii").split()]


def _tree(process: int) -> list[int]:
    return [process, *(one for child in _children(process) for one in _tree(child))]


def _seconds(*roots: int) -> float:
    """Return the processor time of processes, of what they started, and of what of it has ended."""
    ticks = 0
    for process in (one for root in roots for one in _tree(root)):
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / TICKS


def _megabytes(root: int) -> float:
    """Return the memory of a process and of what it started; a page that several share counts once (PSS)."""
    total = 0
    for process in _tree(root):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024
