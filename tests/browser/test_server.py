"""The server of the browser tests leaves nothing open: neither a file nor a connection of the database."""

import gc
import socket
import struct
import time
import warnings
from contextlib import closing
from threading import Event
from urllib.parse import urlsplit

from app.store.database import database, read_session
from tests.browser.server import serving
from tests.databases import both_databases

RESET = struct.pack("ii", 1, 0)  # on closing, tell the other side at once that nothing is read any more
STATIC = "/static/parts.css"


def ask(address, path):
    place = urlsplit(address)
    connection = socket.create_connection((place.hostname, place.port), timeout=10)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
    return connection


def test_a_file_is_closed_when_the_browser_turns_away_in_mid_answer(app):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always", ResourceWarning)
        with serving(app) as address:
            for _ in range(20):
                with closing(ask(address, STATIC)) as connection:
                    assert connection.recv(9) == b"HTTP/1.1 "
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        gc.collect()
    assert [str(one.message) for one in seen if "static" in str(one.message)] == []


@both_databases
def test_no_request_outlives_the_server(app):
    begun = Event()

    def slowly():
        with read_session() as session:
            session.execute(database.text("SELECT 1"))
            begun.set()
            time.sleep(1)
            return "done"

    app.add_url_rule("/slowly", "slowly", slowly)
    with serving(app) as address, closing(ask(address, "/slowly")):
        assert begun.wait(10)
        assert database.engine.pool.checkedout() > 0
    assert database.engine.pool.checkedout() == 0
