"""Gunicorn settings. Requests are not logged: no address, path or time."""

import os
import resource

# Core files are disabled in the arbiter, because the workers inherit its limits when they start.
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

# Each worker creates its own application: database connections and the scheduler thread do not survive a fork.
preload_app = False

# A request line contains address, path and time. Respondents were promised that none of them is stored.
accesslog = None
loglevel = os.environ.get("LOG_LEVEL", "info")
control_socket_disable = True
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")


def pre_request(worker: object, request: object) -> None:
    """Log nothing: the default hook logs the path at level debug."""
