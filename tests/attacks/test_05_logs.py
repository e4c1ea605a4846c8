"""Attack 5: read every log that real servers wrote, at their most talkative, after marked requests."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from app.config import ROOT
from app.store.database import standalone_engine

MARK = "ACDEFGHJKMNPRTVW"
AGENT = "MarkedBrowser/9"
PATIENCE = 180  # seconds: a busy machine is no fault of the logs
ADDRESS = "127.0.0.77"  # whoever asks does so from this address, which is nobody else's
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = pytest.mark.slow
TALKATIVE = """
exec(open({original!r}).read())
accesslog, errorlog = "-", "-"
del pre_request
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, "the server did not start"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server does not answer")


class Servers:
    """Gunicorn with a database of its own, and nginx before it if asked for; all that they write is kept."""

    def __init__(self, folder, url, *, settings=ROOT / "deploy" / "gunicorn.conf.py"):
        self.folder = folder
        self.url = url
        self.settings = settings
        self.port = free_port()
        self.running = []

    def start(self):
        environment = {
            "PATH": os.environ["PATH"],
            "BIND": f"127.0.0.1:{self.port}",
            "WORKERS": "1",
            "LOG_LEVEL": "debug",
            "VOIMAVARA_INSTANCE": str(self.folder / "instance"),
            "VOIMAVARA_DATABASE_URL": self.url,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [sys.executable, "-m", "gunicorn", "--config", str(self.settings), "app.factory:serve()"]
        self._run(command, "gunicorn.log", self.port, env=environment, cwd=ROOT)

    def start_nginx(self, configuration):
        front = free_port()
        (self.folder / "logs").mkdir()
        (self.folder / "site.conf").write_text(adapted(configuration, front, self.port, self.folder), encoding="utf-8")
        places = "\n".join(
            f"{kind}_temp_path {self.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {self.folder}/pid; error_log {self.folder}/logs/main.log notice;\n"
            f"events {{}}\nhttp {{ access_log {self.folder}/logs/access.log; {places} include site.conf; }}\n",
            encoding="utf-8",
        )
        command = [NGINX, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        self._run(command, "nginx.log", front, cwd=self.folder)
        return front

    def _run(self, command, log, port, **options):
        with (self.folder / log).open("wb") as file:
            process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, **options)
        self.running.append(process)
        wait_for(port, process)

    def stop(self):
        for process in self.running:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)

    def written(self):
        """Everything that the servers wrote into any file but the database."""
        found = [path for path in self.folder.rglob("*") if path.is_file() and "instance" not in path.parts]
        return b"\n".join(path.read_bytes() for path in found if path.suffix != ".conf").decode(errors="replace")


def adapted(configuration, front, back, folder):
    """The example with this machine's ports, and without the certificate that nobody has here."""
    changed = re.sub(r"listen 443 ssl;", f"listen 127.0.0.1:{front};", configuration)
    changed = re.sub(r"listen 80;", f"listen 127.0.0.1:{free_port()};", changed)
    changed = re.sub(r" *ssl_\w+ .*\n", "", changed)
    changed = changed.replace("127.0.0.1:5000", f"127.0.0.1:{back}")
    changed = changed.replace("/usr/share/voimavara/", f"{ROOT}/deploy/")
    return changed.replace("/var/log/nginx", f"{folder}/logs")


@pytest.fixture
def servers(app, tmp_path, database_url):
    folder = tmp_path / "servers"
    folder.mkdir()
    made = Servers(folder, database_url)
    yield made
    made.stop()


def ask(port, method, path, fields=None):
    """Make one marked request from the marked address; return the status."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE, source_address=(ADDRESS, 0))
    headers = {"User-Agent": AGENT, "Cookie": f"x={MARK}", "Referer": f"http://127.0.0.1/{MARK}"}
    if fields:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.request(method, path, urlencode(fields) if fields else None, headers)
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    return answer.status


def malformed(port):
    """Send what no browser sends, with marks in it."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE, source_address=(ADDRESS, 0)) as one:
        one.sendall(f"GET /fi/{MARK} HTTP/9.9\r\nX {MARK}\r\n\r\n".encode())
        return one.recv(100)


def force_everything(port, url):
    """Force every kind of answer; return the statuses that came."""
    statuses = [ask(port, "GET", "/fi/"), ask(port, "GET", f"/fi/{MARK}"), ask(port, "GET", f"/fi/?code={MARK}")]
    statuses += [ask(port, "POST", "/fi/send", {"code": MARK, "paper": MARK})]
    statuses += [ask(port, "GET", f"/fi/self-assessment?place={MARK}")]
    statuses += [ask(port, "POST", "/fi/self-assessment/answer", {"marks": MARK, "place": MARK, "go": MARK})]
    statuses += [ask(port, "POST", "/fi/code", {"code": MARK}) for _ in range(31)]
    malformed(port)
    engine = standalone_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE course RENAME TO gone"))
    engine.dispose()
    return {*statuses, ask(port, "GET", f"/courses/{MARK}")}


def marks_in(written):
    return [mark for mark in (MARK, AGENT, ADDRESS) if mark in written]


def test_gunicorn_writes_no_mark_at_its_most_talkative(servers, database_url):
    servers.start()
    assert force_everything(servers.port, database_url) == {200, 303, 400, 404, 429, 500}
    servers.stop()
    written = servers.written()
    assert "Booting worker" in written
    assert "OperationalError" in written or "ProgrammingError" in written  # the crash is told, by its place
    assert not marks_in(written)


@pytest.mark.skipif(NGINX is None, reason="no nginx here: apt install nginx-light")
def test_nginx_with_the_example_writes_no_mark(servers, database_url):
    servers.start()
    front = servers.start_nginx((ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8"))
    assert force_everything(front, database_url) == {200, 303, 400, 404, 429, 500}
    servers.running[0].send_signal(signal.SIGTERM)
    servers.running[0].wait(60)
    assert ask(front, "GET", f"/fi/{MARK}") == 502
    assert not marks_in(servers.written())
    ask(front, "GET", "/staff/sign-in")
    servers.stop()
    assert "/staff/sign-in" in servers.written()  # the attack reads the right files


def test_the_attack_finds_marks_where_gunicorn_is_left_to_itself(servers, tmp_path):
    original = str(ROOT / "deploy" / "gunicorn.conf.py")
    servers.settings = tmp_path / "talkative.conf.py"
    servers.settings.write_text(TALKATIVE.format(original=original), encoding="utf-8")
    servers.start()
    ask(servers.port, "GET", f"/fi/{MARK}")
    servers.stop()
    assert set(marks_in(servers.written())) == {MARK, AGENT, ADDRESS}


@pytest.mark.skipif(NGINX is None, reason="no nginx here: apt install nginx-light")
def test_the_attack_finds_marks_where_nginx_is_not_silenced(servers):
    servers.start()
    example = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    front = servers.start_nginx(example.replace("access_log off;", "").replace("error_log /dev/null;", ""))
    ask(front, "GET", f"/fi/{MARK}")
    servers.stop()
    assert set(marks_in(servers.written())) == {MARK, AGENT, ADDRESS}
