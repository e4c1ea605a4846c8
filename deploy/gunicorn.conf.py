"""Gunicorn settings. Requests are not logged: no address, path or time."""

import importlib
import os
import resource
import sys

# Core files are disabled in the arbiter, because the workers inherit its limits when they start.
resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))

bind = os.environ.get("BIND", "127.0.0.1:5000")
worker_class = "gthread"
workers = int(os.environ.get("WORKERS", "2"))
threads = int(os.environ.get("THREADS", "16"))
timeout = 60
graceful_timeout = 30
keepalive = 5
# Workers are replaced one at a time after a round was closed or counted, never by the number of their requests: several
# would reach it within seconds of one another, and memory does not grow with requests.
max_requests = 0

# Each worker completes its own application: database connections and the scheduler thread do not survive a fork. What
# may be shared is made before (`on_starting`).
preload_app = False

# A request line contains address, path and time. Respondents were promised that none of them is stored.
accesslog = None
loglevel = os.environ.get("LOG_LEVEL", "info")
control_socket_disable = True
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")


def pre_request(worker: object, request: object) -> None:
    """Log nothing: the default hook logs the path at level debug."""


SERVED = "app.factory:serve()"


def on_starting(server: object) -> None:
    """Create the application before the workers start: they share its memory."""
    if getattr(server, "app").app_uri == SERVED:  # noqa: B009 - gunicorn has no types
        factory = importlib.import_module("app.factory")
        factory.preload_app()


def on_reload(server: object) -> None:
    """Read program and settings anew at the signal HUP, as workers without a common start would."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "app"]:
        del sys.modules[name]
    on_starting(server)
