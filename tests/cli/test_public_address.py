"""The doctor looks at the public address as a browser would: a real TLS server on this host plays it."""

import contextlib
import http.server
import re
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest

from app.cli.doctor.findings import Severity
from app.cli.doctor.public_address import RENEW_BEFORE, check_public_address
from app.config import load_settings
from tests.hosts.nginx import make_certificate

NOW = datetime.now(UTC)


@contextlib.contextmanager
def serving(folder, body):
    """An https server with a certificate of one day for 127.0.0.1; yields its address."""
    make_certificate(folder)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/healthz" else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "survey.example.pem", folder / "survey.example.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def findings(tmp_path, address, moment=NOW):
    settings = load_settings({}, instance=tmp_path / "instance", base_url=address)
    return [(one.state, one.what) for one in check_public_address(settings, moment)]


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "survey.example.pem"))


@pytest.mark.usefixtures("trusted")
def test_a_certificate_that_expires_soon_is_bad_and_the_service_answers(tmp_path):
    with serving(tmp_path, b"alive\n") as address:
        (expiry, what), (service, _) = findings(tmp_path, address)
        assert (expiry, service) == (Severity.BAD, Severity.GOOD)
        assert re.search(r"\b[01] more days", what)
        assert findings(tmp_path, address, NOW - RENEW_BEFORE)[0][0] is Severity.GOOD
        assert findings(tmp_path, address, NOW - RENEW_BEFORE + timedelta(days=2))[0][0] is Severity.BAD


@pytest.mark.usefixtures("trusted")
def test_an_address_that_leads_to_something_else_is_told(tmp_path):
    with serving(tmp_path, b"It works!") as address:
        assert findings(tmp_path, address)[1][0] is Severity.ODD


def test_a_certificate_that_no_browser_accepts_is_bad(tmp_path):
    with serving(tmp_path, b"alive\n") as address:
        [(state, what)] = findings(tmp_path, address)
    assert state is Severity.BAD
    assert "Browsers reject the certificate of 127.0.0.1" in what


def test_an_address_where_nobody_answers_is_to_look_at(tmp_path):
    with serving(tmp_path, b"") as address:
        pass
    [(state, what)] = findings(tmp_path, address)
    assert state is Severity.ODD
    assert "cannot be reached" in what


@pytest.mark.parametrize("address", ["http://127.0.0.1:5000", "http://survey.example", "https://"])
def test_without_an_https_address_nothing_is_asked(tmp_path, address):
    assert findings(tmp_path, address) == []
