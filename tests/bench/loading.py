"""Many clients at once on one machine: each keeps its connection and sends the next request when it has its answer."""

import selectors
import socket
import time
from collections import deque
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Load:
    """How many answers came each second, and how long they took, in milliseconds."""

    rate: float
    median: float
    slowest: float  # of a hundred, the one that all but one are faster than

    @property
    def tail(self) -> float:
        """How many times the median the ninety-ninth of a hundred takes."""
        return self.slowest / self.median


def load(port: int, requests: list[bytes], clients: int, expected: bytes) -> Load:
    """Send the requests over as many connections as there are clients; every answer must have the `expected` status."""
    waiting = deque(requests)
    took = []
    chosen = selectors.DefaultSelector()
    for _ in range(min(clients, len(requests))):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chosen.register(connection, selectors.EVENT_READ)
        chosen.modify(connection, selectors.EVENT_READ, _send(connection, waiting))
    begun = time.perf_counter()
    while chosen.get_map():
        for key, _ in chosen.select(60):
            sent, so_far = key.data
            answer = so_far + key.fileobj.recv(65536)
            assert len(answer) > len(so_far), "the server hung up"
            if not _whole(answer):
                chosen.modify(key.fileobj, selectors.EVENT_READ, (sent, answer))
                continue
            took.append(time.perf_counter() - sent)
            assert answer.split(b" ", 2)[1] == expected, answer[:300]
            if waiting:
                chosen.modify(key.fileobj, selectors.EVENT_READ, _send(key.fileobj, waiting))
            else:
                chosen.unregister(key.fileobj)
                key.fileobj.close()
    rate = len(took) / (time.perf_counter() - begun)
    return Load(rate, *(1000 * float(one) for one in np.percentile(took, (50, 99))))


def post(path: str, body: bytes) -> bytes:
    """Return a form's request as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _send(connection: socket.socket, waiting: deque[bytes]) -> tuple[float, bytes]:
    request = waiting.popleft()
    begun = time.perf_counter()
    connection.sendall(request)
    return begun, b""


def _whole(answer: bytes) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return len(body) >= int(length.split(b":")[1])
