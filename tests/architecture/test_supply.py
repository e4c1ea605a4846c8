"""What the service is made of: licences listed, weaknesses asked after, and no part of it talks to strangers."""

import ast
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from app.config import ROOT
from app.web.shared.security_headers import POLICY
from tests import advisories, licences
from tests.mailbox import free_port

FREE = re.compile(r"MIT|Apache|BSD|PSF|ISC|Zlib|CC0|Unlicense|MPL|LGPL")


def test_the_list_of_licences_is_that_of_the_pins():
    rows = re.findall(r"^\| ([a-z0-9._-]+) \| ([^|]+) \| ([^|]+) \| (\w+) \|$", licences.PAGE.read_text(), re.MULTILINE)
    assert {name: (set(versions.split(", ")), use) for name, versions, _, use in rows} == licences.pins()
    assert not [name for name, _, licence, _ in rows if licence == "UNKNOWN"]


def test_the_list_tells_what_each_package_here_tells_of_itself():
    written = licences.PAGE.read_text()
    assert not [line for line in licences.page().splitlines() if "numpy" not in line and line not in written]


def test_what_is_served_may_be_used_without_giving_the_service_away():
    rows = [line.split(" | ") for line in licences.PAGE.read_text().splitlines() if line.endswith("| served |")]
    assert len(rows) > 50
    assert not [row for row in rows if not FREE.search(row[2]) or re.search(r"(?<!L)GPL", row[2])]


class Advisories(BaseHTTPRequestHandler):
    """A list of known weaknesses on loopback, with one package in it."""

    weak = "segno"
    status = 200

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = [WEAKNESS] if asked["package"]["name"] == self.weak else []
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(json.dumps({"vulns": found} if found else {}).encode())

    def log_message(self, *_anything):
        pass


WEAKNESS = {
    "id": "MADE-UP-1",
    "summary": "made up",
    "details": "made up",
    "affected": [{"package": {"name": "segno", "ecosystem": "PyPI"}, "versions": ["1.6.6"]}],
}


@pytest.fixture
def listed():
    kind = type("Listed", (Advisories,), {})
    server = HTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kind, f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()


@pytest.fixture
def pins(tmp_path):
    path = tmp_path / "pins.txt"
    names = ("segno==1.6.6", "click==8.5.1")
    path.write_text("".join(f"{one} --hash=sha256:{hashlib.sha256(one.encode()).hexdigest()}\n" for one in names))
    return path


def judged(pins, url, tmp_path):
    return advisories.judge(pins, "-s", "osv", "--osv-url", url, "--cache-dir", str(tmp_path / "cache"))


def test_a_known_weakness_of_a_pinned_package_stops_the_check(pins, listed, tmp_path):
    code, said = judged(pins, listed[1], tmp_path)
    assert code == 1
    assert "segno 1.6.6: MADE-UP-1" in said


def test_no_known_weakness_is_said_with_the_number_of_packages(pins, listed, tmp_path):
    listed[0].weak = "nothing"
    assert judged(pins, listed[1], tmp_path) == (0, "2 pinned packages, none with a known weakness.")


@pytest.mark.parametrize("how", ["away", "out of order"])
def test_where_the_list_cannot_be_reached_nothing_is_claimed(pins, listed, tmp_path, how):
    kind, url = listed
    kind.status = 503
    code, said = judged(pins, f"http://127.0.0.1:{free_port()}/" if how == "away" else url, tmp_path)
    assert code == 0
    assert said.startswith("NOT CHECKED")
    assert "none" not in said.lower().replace("nonetype", "") and "No known" not in said


def test_the_check_before_a_change_lands_asks_for_weaknesses_and_for_bandits_rules():
    assert '"$VENV/bin/python" -m tests.advisories' in (ROOT / "run").read_text()
    assert "./run check" in (ROOT / ".ci" / "run").read_text()
    assert re.search(r'select = \[[^\]]*"S"', (ROOT / "pyproject.toml").read_text())


# Who may open a connection: the post, the provider of single sign-on, and `doctor`, which asks this service's own
# public address when a person runs it; the name of this host is no connection.
TALKERS = {
    "app/cli/doctor/public_address.py": {"http", "ssl"},
    "app/mailer.py": {"smtplib", "ssl"},
    "app/oidc.py": {"authlib", "requests", "joserfc"},
    "app/jobs/scheduler.py": {"socket"},
}
NETWORK = {
    *("socket", "ssl", "smtplib", "ftplib", "poplib", "imaplib", "telnetlib", "xmlrpc", "socketserver", "asyncio"),
    *("requests", "urllib3", "httpx", "aiohttp", "httplib2", "pycurl", "websocket", "websockets", "paramiko"),
    *("authlib", "joserfc", "http", "grpc", "boto3", "sentry_sdk"),
}
MODULES = sorted((ROOT / "app").rglob("*.py"))


def imported(source):
    """The top names of what a module imports, and `urllib.request` by its whole name."""
    for node in ast.walk(ast.parse(source)):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        for name in names:
            yield "urllib.request" if name.startswith("urllib.request") else name.partition(".")[0]


def talks(source):
    return set(imported(source)) & (NETWORK | {"urllib.request"})


def test_only_the_post_and_the_provider_of_single_sign_on_talk_to_other_hosts():
    found = {str(path.relative_to(ROOT)): talks(path.read_text(encoding="utf-8")) for path in MODULES}
    assert {name: parts for name, parts in found.items() if parts} == TALKERS
    timetable = (ROOT / "app" / "jobs" / "scheduler.py").read_text()
    assert set(re.findall(r"socket\.(\w+)", timetable)) == {"gethostname"}


@pytest.mark.parametrize(
    "source",
    [
        "import requests",
        "from urllib import request",
        "from urllib.request import urlopen",
        "import http.client",
        "def f():\n    import socket",
        "from authlib.integrations import requests_client",
    ],
)
def test_the_search_would_find_a_talker(source):
    assert talks(source)


def test_the_content_policy_names_no_other_host_and_opens_nothing():
    for part in POLICY.split("; "):
        name, *allowed = part.split()
        assert set(allowed) <= ({"'self'", "data:"} if name == "img-src" else {"'self'", "'none'"}), part
    assert POLICY.startswith("default-src 'none'")
