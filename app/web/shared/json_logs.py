"""Logs as JSON lines for a log collector; only requests of the staff area are logged.

Respondents were promised that no log tells of their requests. So a request is logged only if its view belongs to the
staff area, and what other requests cause carries no time: it would tell when somebody answered.
"""

import json
import logging
import sys
import time
from datetime import UTC, datetime

from flask import Flask, Response, current_app, g, has_request_context, request
from flask.logging import default_handler

from app.web.shared.private_logging import STAFF

FIELDS = ("endpoint", "method", "status", "milliseconds")

_requests = logging.getLogger("voimavara.requests")


class JsonFormatter(logging.Formatter):
    """One JSON object for each record: level, logger, message, and time, fields and exception where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line; control characters and line ends are escaped."""
        line: dict[str, object] = {
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if not has_request_context() or _is_staff():
            line = {"time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")} | line
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def register(app: Flask) -> None:
    """Write every log of this process as JSON lines, and one line for each request of the staff area."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    app.logger.removeHandler(default_handler)
    for server in logging.getLogger("gunicorn.error").handlers:
        server.setFormatter(JsonFormatter())
    _requests.setLevel(logging.INFO)
    app.before_request(_note_start)
    app.after_request(_log_request)


def _note_start() -> None:
    if _is_staff():
        g.request_began = time.perf_counter()


def _log_request(response: Response) -> Response:
    """Log a request of the staff area: which view, how it ended, how long it took; no address, no account, no words."""
    began = g.get("request_began")
    if began is not None:
        milliseconds = round(1000 * (time.perf_counter() - began), 1)
        fields = (request.endpoint, request.method, response.status_code, milliseconds)
        _requests.info("Request", extra=dict(zip(FIELDS, fields, strict=True)))
    return response


def _is_staff() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "__module__", "").startswith(STAFF)
