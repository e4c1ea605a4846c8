"""Gunicorn's settings. Nothing here writes down who asked for what, from where, or when."""

import os
import resource

# The arbiter sees no request, but its workers inherit what holds for it from their first moment on.
resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))

bind = os.environ.get("BIND", "127.0.0.1:5000")
worker_class = "gthread"
workers = int(os.environ.get("WORKERS", "2"))
threads = int(os.environ.get("THREADS", "16"))
timeout = 60
graceful_timeout = 30
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000

# Each worker puts its own application together: an engine's connections and the timetable's thread
# do not survive a fork.
preload_app = False

# A request line bears address, path and time; respondents were promised none of these is kept.
accesslog = None
loglevel = os.environ.get("LOG_LEVEL", "info")
control_socket_disable = True
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")


def pre_request(worker: object, request: object) -> None:
    """Say nothing: the default would write the path at level debug."""
