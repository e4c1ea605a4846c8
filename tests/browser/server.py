"""The server of a test: it ends every answer, whatever the browser does, before the test ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from threading import Thread

from werkzeug.serving import WSGIRequestHandler, make_server

IDLE_SECONDS = 10  # a connection that a browser opened in advance and never used


class _Rest(BufferedReader):
    """What a browser sends: nothing more once it has turned away.

    Before the server closes an answer it reads what is left of the request. Were that an error, the answer
    and the file in it would never be closed.
    """

    def read(self, size: int | None = -1) -> bytes:
        try:
            return super().read(size)
        except ConnectionError:
            return b""


class _Handler(WSGIRequestHandler):
    timeout = IDLE_SECONDS

    def setup(self) -> None:
        super().setup()
        self.rfile = _Rest(self.rfile.detach())


@contextmanager
def serving(app) -> Iterator[str]:
    """Yield the address of a server that runs an application; no request outlives the block.

    One that did would hold a connection of the database, and give it back to a pool that is closed already.
    """
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Handler)
    server.daemon_threads = False  # else nobody waits for them
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
