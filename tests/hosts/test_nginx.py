"""The service as deploy/ sets it up: nginx with TLS before gunicorn, and granian in gunicorn's place."""

import re
import signal
import socket
from contextlib import suppress
from html import unescape
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlencode

import pytest

from app.store.database import database
from tests.hosts.nginx import EXAMPLE, NGINX, PAGES, Front
from tests.hosts.respondents import TYPE, fields_of
from tests.hosts.servers import PATIENCE, Host
from tests.web.open_round import is_unspent, open_round

MARK = "ACDEFGHJKMNPRTVW"
AGENT = "MarkedBrowser/9"
ADDRESS = "127.0.0.78"
MEGABYTE = 1024 * 1024
BEHIND = {"VOIMAVARA_PROXIES": "1", "VOIMAVARA_SECURE_COOKIES": "true", "LOG_LEVEL": "debug"}
pytestmark = pytest.mark.slow
needs_nginx = pytest.mark.skipif(NGINX is None, reason="no nginx here: apt install nginx-light")


@pytest.fixture
def code(app, session):
    """A code of a round that is open by the real clock too."""
    drawn = open_round(app, session, alder=24)[1]["alder"][0]
    session.execute(database.text("UPDATE round SET closes_at = '2999-01-01 00:00:00'"))
    session.commit()
    database.session.remove()
    return drawn


@pytest.fixture
def host(app, tmp_path, database_url):
    """A host on the test's own database and secret, not started yet."""
    made = Host(tmp_path, database_url)
    yield made
    made.kill()


@pytest.fixture
def front(host, tmp_path):
    made = Front(tmp_path / "front", host.port)
    yield made
    made.stop()


class Visit:
    """One person's browser: no cookies, marked headers, an address of its own."""

    def __init__(self, port, trust=None):
        self.port = port
        self.trust = trust

    def ask(self, method, path, fields=None, body=None, headers=None):
        """Make one request; return the answer and its text."""
        more = {"source_address": (ADDRESS, 0), "timeout": PATIENCE}
        plain = self.trust is None
        made = HTTPConnection if plain else HTTPSConnection
        connection = made("127.0.0.1", self.port, **more, **({} if plain else {"context": self.trust}))
        sent = {"User-Agent": AGENT, "Referer": f"https://127.0.0.1/{MARK}", **(headers or {})}
        if fields is not None:
            body = urlencode(fields)
            sent = sent | TYPE
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            connection.close()
        assert answer.headers.get("Set-Cookie") is None or path.startswith("/staff")
        return answer, text

    def answer_all(self, code):
        """Walk from the front page to the thanks; return the last page."""
        assert self.ask("GET", "/")[0].status == 302
        _, page = self.ask("GET", "/en/")
        assert "Your code" in page
        _, page = self.ask("POST", "/en/code", {"code": code, "go": "next"})
        pages = 0
        while "Check your answers</h1>" not in page:
            chosen = {name: "1" for name in re.findall(r'type="radio" id="[^"]*" name="(q\d+)"', page)}
            answer, page = self.ask("POST", "/en/answer", fields_of(page) | chosen | {"go": "next"})
            assert answer.status == 200, page
            pages += 1
            assert pages < 12
        answer, _ = self.ask("POST", "/en/send", fields_of(page) | {"go": "send"})
        assert answer.status == 303
        return unescape(self.ask("GET", answer.headers["Location"])[1])


def start(host, **more):
    """Start a host and wait for its first answer: on a busy machine a worker loads longer than nginx waits for it."""
    host.start(workers=1, **BEHIND, **more)
    assert Visit(host.port).ask("GET", "/healthz")[0].status == 200


def marks_in(written, *more):
    return [mark for mark in (MARK, AGENT, ADDRESS, *more) if mark in written]


@needs_nginx
def test_the_example_is_understood_by_nginx(front):
    status, told = front.check()
    assert status == 0, told
    assert "warn" not in told


@needs_nginx
def test_somebody_answers_through_nginx_with_tls_and_no_line_tells_of_it(app, session, host, front, code):
    start(host)
    front.start()
    visit = Visit(front.port, front.trust)
    answer, _ = Visit(front.plain).ask("GET", f"/en/?{MARK}")
    assert (answer.status, answer.headers["Location"]) == (301, f"https://127.0.0.1/en/?{MARK}")
    assert "Thank you, your answers have been sent" in visit.answer_all(code)
    assert not is_unspent(app, session, code)
    database.session.remove()
    answer, _ = visit.ask("POST", "/en/code", {"code": MARK})
    assert (answer.status, len(answer.headers.get_all("Strict-Transport-Security"))) == (400, 1)
    answer, _ = visit.ask("GET", "/staff/sign-in")
    assert "Secure" in answer.headers["Set-Cookie"]
    host.stop()
    front.stop()
    assert marks_in(host.log(), code, code.replace("-", "")) == []
    staff = [line for line in front.written().splitlines() if "/staff/sign-in" in line]
    others = "\n".join(line for line in front.written().splitlines() if "/staff/sign-in" not in line)
    assert len(staff) == 1  # the pages of staff are logged, and nothing else
    assert marks_in(others, code, code.replace("-", "")) == []


@needs_nginx
def test_where_nobody_answers_nginx_tells_how_nothing_is_lost(host, front, code):
    start(host)
    front.start()
    visit = Visit(front.port, front.trust)
    _, page = visit.ask("POST", "/en/code", {"code": code, "go": "next"})
    host.kill()
    answer, text = visit.ask("POST", "/en/send", fields_of(page) | {"go": "send", "step": "check"})
    assert (answer.status, answer.headers["Retry-After"], answer.headers["Cache-Control"]) == (502, "30", "no-store")
    assert answer.headers["Strict-Transport-Security"]
    assert all(f'<section lang="{one}">' in text for one in ("fi", "sv", "en"))
    start(host)
    answer, _ = visit.ask("POST", "/en/send", fields_of(page) | {"go": "send", "step": "check"})
    assert answer.status == 303  # the very same form, as a reload sends it


@needs_nginx
def test_staff_may_send_larger_files_than_respondents_and_nothing_lies_in_a_temporary_file(host, front):
    start(host)
    front.start()
    visit = Visit(front.port, front.trust)
    large = b"x" * (5 * MEGABYTE)
    answer, _ = visit.ask("POST", "/staff/catalogue/import", body=large)
    assert answer.status == 302  # to the sign-in: it came through
    for path, size in (("/staff/catalogue/import", 9 * MEGABYTE), ("/en/code", 65 * 1024)):
        answer, text = visit.ask("POST", path, body=b"x" * size)
        assert (answer.status, answer.headers["Cache-Control"]) == (413, "no-store")
        assert answer.headers["Strict-Transport-Security"]
        assert all(f'<section lang="{one}">' in text for one in ("fi", "sv", "en"))
        assert "The file or text you sent is too large" in text
        assert "nginx" not in text
    temporary = [path for kind in ("client_body", "proxy") for path in (front.folder / kind).rglob("*")]
    assert [path for path in temporary if path.is_file()] == []
    assert "buffered to a temporary file" not in front.written()


def test_granian_is_as_silent_as_gunicorn(app, session, host, code):
    host.start("granian", workers=1)
    visit = Visit(host.port)
    assert "Thank you, your answers have been sent" in visit.answer_all(code)
    assert visit.ask("GET", f"/en/{MARK}")[0].status == 404
    assert visit.ask("POST", "/en/code", {"code": MARK})[0].status == 400
    assert visit.ask("POST", "/en/code", body=b"x" * (65 * 1024), headers=TYPE)[0].status == 413
    session.execute(database.text("ALTER TABLE course RENAME TO gone"))
    session.commit()
    database.session.remove()
    assert visit.ask("GET", f"/courses/{MARK}")[0].status == 500
    host.process.send_signal(signal.SIGTERM)
    host.process.wait(PATIENCE)
    assert re.search("OperationalError|ProgrammingError", host.log())  # the crash is told, by its place
    assert marks_in(host.log(), code, code.replace("-", "")) == []


def test_the_example_is_adapted_where_it_must_be_and_nowhere_else():
    assert EXAMPLE.count("/etc/ssl/") == 2
    assert EXAMPLE.count("127.0.0.1:5000") == 1
    assert re.findall(f"alias {PAGES}(.*);", EXAMPLE) == ["resting.html", "too-large.html"]
    assert EXAMPLE.count(PAGES) == 2


@pytest.fixture
def frozen():
    """A port that accepts connections and never answers, as a frozen host does."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield listening.getsockname()[1]


@needs_nginx
def test_a_form_that_stores_nothing_goes_to_the_next_host_when_the_first_one_is_frozen(host, frozen, code, tmp_path):
    start(host)
    servers = f"server 127.0.0.1:{frozen} max_fails=0;\n    server 127.0.0.1:{host.port} max_fails=0;"
    example = EXAMPLE.replace("server 127.0.0.1:5000;", servers)
    made = Front(tmp_path / "two", host.port, example).start()
    try:
        visit = Visit(made.port, made.trust)
        pages = [visit.ask("POST", "/en/code", {"code": code, "go": "next"})[0].status for _ in range(2)]
        assert pages == [200, 200]  # one of them was for the frozen host
        sent = [visit.ask("POST", "/en/send", {"code": code})[0].status for _ in range(2)]
        assert set(sent) == {400, 504}  # a frozen host may have stored the answers: not repeated
    finally:
        made.stop()


@needs_nginx
def test_clients_that_send_their_headers_slowly_are_cut_off_and_hold_up_nobody(host, code, tmp_path):
    start(host)
    example = EXAMPLE.replace("client_header_timeout 10s", "client_header_timeout 3s").replace(
        "_addresses 200", "_addresses 5"
    )
    made = Front(tmp_path / "slow", host.port, example).start()
    slow = []
    try:
        for _ in range(60):
            with suppress(OSError):  # on a busy machine the first ones are cut off while the last ones connect
                one = socket.create_connection(("127.0.0.1", made.port), source_address=("127.0.0.99", 0))
                slow.append(made.trust.wrap_socket(one, server_hostname="127.0.0.1"))
                slow[-1].sendall(b"GET /en/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        assert len(slow) > 30
        answer, page = Visit(made.port, made.trust).ask("POST", "/en/code", {"code": code, "go": "next"})
        assert answer.status == 200 and "Begin" in page
        for one in slow:
            one.settimeout(PATIENCE)
            with suppress(OSError):  # cut off with or without a last message
                assert one.recv(1) in {b"", b"H"}
    finally:
        for one in slow:
            one.close()
        made.stop()


@needs_nginx
def test_one_address_has_a_limited_number_of_connections_and_another_is_not_held_up(host, frozen, tmp_path):
    example = EXAMPLE.replace("_addresses 200", "_addresses 5").replace("127.0.0.1:5000", f"127.0.0.1:{frozen}")
    made = Front(tmp_path / "many", frozen, example).start()
    held = []
    try:
        for _ in range(6):
            one = socket.create_connection(("127.0.0.1", made.port), source_address=("127.0.0.99", 0))
            held.append(made.trust.wrap_socket(one, server_hostname="127.0.0.1"))
            held[-1].sendall(b"GET /en/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        held[-1].settimeout(PATIENCE)
        assert held[-1].recv(64).startswith(b"HTTP/1.1 503 ")
        held[0].settimeout(0.2)
        with pytest.raises(TimeoutError):  # the first ones wait for the host
            held[0].recv(1)
    finally:
        for one in held:
            one.close()
        made.stop()
