"""When database, disk or box take nothing at the moment: a page that says so, and keeps what was written.

A form that could not be dealt with comes back as a page with one button that sends the very same again.
A log line tells of the trouble once in a while only: one line for each request would tell when people answered.
"""

import errno
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from flask import Flask, Response, request
from werkzeug.exceptions import Conflict, HTTPException, ServiceUnavailable

from app.core.errors import BrokenSeal, ConcurrentChange
from app.store.database import DatabaseUnavailable
from app.store.db_errors import BoxUndecryptable

RETRY_SECONDS = 30
QUIET_SECONDS = 60
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})
PRESSED = "go"
SECRETS = ("password", "digits", "secret")
SIGN_IN = "signin"
PROFILES = "saved_profiles"
CARRIED = frozenset(
    {"respondent", "self_assessment", PROFILES}
)  # "stay" in another language shows what was answered, and does nothing
FORM = "application/x-www-form-urlencoded"
FORM_WITH_FILE = "multipart/form-data"
TOO_MANY = 429
UNSAVED = frozenset({404, 409})
STAFF = "/staff/"
NOT_WRITTEN = frozenset({"csrf_token", "version", PRESSED})
ONCE = frozenset({"respondent", "vote"})  # what these pages send is taken once, however often it comes

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RetryForm:
    """A form that was sent in vain: where it goes, what it holds, and which button was pressed."""

    address: str
    fields: tuple[tuple[str, str], ...]
    pressed: str | None
    shared: bool
    once: bool
    elsewhere: str | None  # where the same may be read in another language, after `/fi/`; None where that would act


class LogThrottle:
    """Tells of one kind of trouble at most once a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._told: dict[str, float] = {}

    def should_log(self, trouble: str) -> bool:
        """Tell whether the same was not told just now; then it counts as told."""
        with self._lock:
            moment = self._clock()
            if moment - self._told.get(trouble, -QUIET_SECONDS) < QUIET_SECONDS:
                return False
            self._told[trouble] = moment
            return True

    def log(self, trouble: str) -> None:
        """Write a line, unless the same was written just now."""
        if self.should_log(trouble):
            _log.error("Requests cannot be dealt with: %s. They are told to try again.", trouble)


def retry_form(code: int) -> RetryForm | None:
    """Return the form that a request brought in vain, if a second try may mend the error.

    None where it has no form, holds a password, or came with a file.
    """
    if request.method != "POST" or not (code >= 500 or (code == TOO_MANY and request.blueprint in CARRIED)):
        return None
    if request.mimetype != FORM and not (request.blueprint == PROFILES and request.mimetype == FORM_WITH_FILE):
        return None
    fields = tuple(request.form.items(multi=True))
    if request.blueprint == SIGN_IN or any(word in name for name, _ in fields for word in SECRETS):
        return None
    return RetryForm(
        address=request.full_path.rstrip("?"),
        fields=tuple(field for field in fields if field[0] != PRESSED),
        pressed=request.form.get(PRESSED),
        shared=request.form.get("shared") == "yes",
        once=request.blueprint in ONCE,
        elsewhere=_elsewhere() if request.blueprint in CARRIED else None,
    )


def unsaved_form_fields(code: int) -> tuple[tuple[str, str], ...]:
    """Return what a form of the staff area held where it was not saved, so that its writer can copy it.

    Empty where the request was no form, or holds a password.
    """
    if request.method != "POST" or code not in UNSAVED or not request.path.startswith(STAFF):
        return ()
    if request.blueprint in {None, SIGN_IN}:
        return ()
    fields = [field for field in request.form.items(multi=True) if field[0] not in NOT_WRITTEN and field[1].strip()]
    if any(word in name for name, _ in fields for word in SECRETS):
        return ()
    return tuple(fields)


def _elsewhere() -> str:
    return request.path.split("/", 2)[2].removesuffix("/file")  # another language is no wish for a file


def register(app: Flask, answer: Callable[[HTTPException], Response]) -> None:
    """Answer 503 where database, disk or box take nothing here and now; `answer` makes the page.

    A form of the staff area whose subject somebody else removed or changed meanwhile is answered with 409.
    """
    log_throttle = LogThrottle()

    def unavailable() -> Response:
        return answer(ServiceUnavailable(retry_after=RETRY_SECONDS))

    def away(error: DatabaseUnavailable) -> Response:
        log_throttle.log(f"the database is away ({type(error.__cause__).__name__})")
        return unavailable()

    def unusable(error: BoxUndecryptable | BrokenSeal) -> Response:
        log_throttle.log(_reason(error))
        return unavailable()

    def full(error: OSError) -> Response:
        if error.errno not in NO_ROOM:
            raise error
        log_throttle.log(f"the disk takes nothing ({errno.errorcode[error.errno]})")
        return unavailable()

    def changed(error: ConcurrentChange) -> Response:
        if not request.path.startswith(STAFF):
            raise error
        return answer(Conflict())

    app.register_error_handler(DatabaseUnavailable, away)
    app.register_error_handler(ConcurrentChange, changed)
    app.register_error_handler(BoxUndecryptable, unusable)
    app.register_error_handler(BrokenSeal, unusable)
    app.register_error_handler(OSError, full)


def _reason(error: BoxUndecryptable | BrokenSeal) -> str:
    if isinstance(error, BrokenSeal):
        return f"the results of round {error.round_id} are not as sealed (./run flask results verify tells more)"
    return "a box does not open here (./run flask doctor tells why)"
