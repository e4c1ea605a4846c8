"""A pooler before PostgreSQL, as PgBouncer is one: it lends server sessions by transaction, or for a client's life."""

import secrets
import socket
import struct
import threading
from contextlib import contextmanager

SSL, GSS = 80877103, 80877104


def _read(connection, size):
    found = b""
    while len(found) < size:
        part = connection.recv(size - len(found))
        if not part:
            raise ConnectionError
        found += part
    return found


def _message(connection):
    kind = _read(connection, 1)
    size = _read(connection, 4)
    return kind, kind + size + _read(connection, struct.unpack("!I", size)[0] - 4)


class Pooler:
    def __init__(self, port, *, by_transaction):
        self.port = port
        self.by_transaction = by_transaction
        self.idle = []
        self.open = []

    def serve(self, client):
        try:
            self._serve(client)
        except OSError:
            client.close()

    def _serve(self, client):
        startup = self._startup(client)
        server = self._server(startup)
        client.sendall(self.greeting)
        key = struct.pack("!cIII", b"K", 12, secrets.randbits(31), secrets.randbits(31))
        client.sendall(key + b"Z\0\0\0\5I")
        if self.by_transaction:
            self.idle.append(server)
            server = None
        while True:
            kind, whole = _message(client)
            if kind == b"X":
                client.close()
                return
            server = server or self._server(startup)
            server.sendall(whole)
            if kind in b"QS" and self._answer(server, client) and self.by_transaction:
                self.idle.append(server)
                server = None

    def _startup(self, client):
        while True:
            size, number = struct.unpack("!II", _read(client, 8))
            body = _read(client, size - 8)
            if number not in (SSL, GSS):
                break
            client.sendall(b"N")
        return struct.pack("!II", size, number) + body

    def _server(self, startup):
        if self.idle:
            return self.idle.pop()
        server = socket.create_connection(("127.0.0.1", self.port))
        self.open.append(server)
        server.sendall(startup)
        self.greeting = b""
        while True:
            kind, whole = _message(server)
            if kind == b"Z":
                return server
            if kind in b"RS":
                self.greeting += whole

    def _answer(self, server, client):
        """Pass on what the server says; tell whether its transaction is over."""
        while True:
            kind, whole = _message(server)
            client.sendall(whole)
            if kind == b"Z":
                return whole.endswith(b"I")


@contextmanager
def pooler(port, **how):
    """Yield the port of a pooler before the server at a port of this machine."""
    found = Pooler(port, **how)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept():
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                found.open.append(client)
                threading.Thread(target=found.serve, args=(client,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for connection in found.open:
                connection.close()
