"""Keep addresses, paths and times of requests out of all logs.

Servers and frameworks write down addresses, paths and times by themselves. Respondents were promised
that no such line exists, so it is stopped at the source, for every page and at every level.
"""

import logging
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

from flask import Flask, request

from app.web.shared.service_unavailable import LogThrottle
from app.web.shared.text_requests import UnicodeNormalisingRequest

ErrorInfo = tuple[type, BaseException, TracebackType | None] | tuple[None, None, None]

STAFF = "app.web.staff"
View = TypeVar("View", bound=Callable[..., Any])


class RequestLogFilter(logging.Filter):
    """Drop or anonymise log lines in which a server describes one request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass start and stop messages; replace the messages that describe a request."""
        text = str(record.msg)
        if record.name == "werkzeug":
            return " - - [" not in text
        if text.startswith("Invalid request from"):
            record.msg = "A request could not be understood."
            record.args = ()
        if text.startswith("Error handling request"):
            record.msg = "An error while a request was handled."
            record.args = ()
        return record.levelno > logging.DEBUG


class PrivateLoggingFlask(Flask):
    """An application whose error log names the page's code, never its address; all of its pages are plain functions."""

    request_class = UnicodeNormalisingRequest

    def ensure_sync(self, func: View) -> View:
        """Return a page's function as it is: none of ours is a coroutine, and asking costs at every hook."""
        return func

    def __init__(self, *named: Any, **chosen: Any) -> None:
        """Make the application; the same error of a page outside the staff area is logged once a minute."""
        super().__init__(*named, **chosen)
        self._log_throttle = LogThrottle()

    def log_exception(self, exc_info: ErrorInfo) -> None:
        """Log where an error came up. Outside the staff area not even its message: it may quote an answer.

        And not for each request: the lines would be a list of the moments at which people answer.
        """
        view = self.view_functions.get(request.endpoint or "")
        if getattr(view, "__module__", "").startswith(STAFF):
            self.logger.error("An error in %s", request.endpoint, exc_info=exc_info)
            return
        kind, _, where = exc_info
        lines = "".join(traceback.format_tb(where))
        if self._log_throttle.mark_logged_if_due(lines):
            self.logger.error("%s in %s\n%s", kind.__name__ if kind else "An error", request.endpoint, lines)


def filter_server_request_logs() -> None:
    """Add the filter to the loggers of werkzeug and gunicorn."""
    for name in ("werkzeug", "gunicorn.error"):
        logger = logging.getLogger(name)
        if not any(isinstance(filter_type, RequestLogFilter) for filter_type in logger.filters):
            logger.addFilter(RequestLogFilter())
