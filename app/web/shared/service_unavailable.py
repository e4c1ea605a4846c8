"""Page shown while database, disk or box is unavailable; it keeps the submitted form.

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

from app.core.errors import ConcurrentChange, PublicationSealMismatch
from app.store.database import DatabaseUnavailable
from app.store.db_errors import BoxUndecryptable, NoHostWithRoundKey

RETRY_SECONDS = 30
QUIET_SECONDS = 60
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})
PRESSED = "go"
SECRETS = ("password", "digits", "secret")
SIGN_IN = "signin"
PROFILES = "saved_profiles"
CARRIED = frozenset(
    {"respondent", "self_assessment", PROFILES}
)  # "stay" in another language shows the given answers and changes nothing
FORM = "application/x-www-form-urlencoded"
FORM_WITH_FILE = "multipart/form-data"
TOO_MANY = 429
UNSAVED = frozenset({404, 409})
STAFF = "/staff/"
NOT_WRITTEN = frozenset({"csrf_token", "version", PRESSED})
ONCE = frozenset({"respondent", "vote"})  # submissions of these pages are accepted once, however often they are sent

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RetryForm:
    """A form that could not be processed: its URL, its fields and the button that was pressed."""

    address: str
    fields: tuple[tuple[str, str], ...]
    pressed: str | None
    shared: bool
    once: bool
    elsewhere: str | None  # path of this page in another language, after `/fi/`; None if a request would change data


class RoundKeyUnavailable(ServiceUnavailable):
    """No running server has the key of the round, so no ballots are accepted."""


class LogThrottle:
    """Logs each kind of problem at most once a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._logged_at: dict[str, float] = {}

    def mark_logged_if_due(self, trouble: str) -> bool:
        """Tell whether the problem was not logged within the last minute, and remember it as logged."""
        with self._lock:
            moment = self._clock()
            if moment - self._logged_at.get(trouble, -QUIET_SECONDS) < QUIET_SECONDS:
                return False
            self._logged_at[trouble] = moment
            return True

    def log(self, trouble: str) -> None:
        """Log the problem, unless it was logged within the last minute."""
        if self.mark_logged_if_due(trouble):
            _log.error("Requests cannot be dealt with: %s. They are told to try again.", trouble)


def retry_form_of_request(code: int) -> RetryForm | None:
    """Return the form that a failed request sent, if sending it again may succeed.

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
    """Return the fields of a staff form that was not saved, so that its writer can copy them.

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
    return request.path.split("/", 2)[2].removesuffix("/file")  # switching the language must not download the file


def register(app: Flask, answer: Callable[[HTTPException], Response]) -> None:
    """Register handlers that answer 503 where the database, the disk or the ballot box is unavailable.

    `answer` makes the page.

    A form of the staff area whose subject somebody else removed or changed meanwhile is answered with 409.
    """
    log_throttle = LogThrottle()

    def unavailable() -> Response:
        return answer(ServiceUnavailable(retry_after=RETRY_SECONDS))

    def away(error: DatabaseUnavailable) -> Response:
        log_throttle.log(f"the database is away ({type(error.__cause__).__name__})")
        return unavailable()

    def unusable(error: BoxUndecryptable | PublicationSealMismatch) -> Response:
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
    app.register_error_handler(NoHostWithRoundKey, _without_key_holder(log_throttle, answer))
    app.register_error_handler(PublicationSealMismatch, unusable)
    app.register_error_handler(OSError, full)


def _without_key_holder(
    log_throttle: LogThrottle, answer: Callable[[HTTPException], Response]
) -> Callable[[NoHostWithRoundKey], Response]:
    def without_key(error: NoHostWithRoundKey) -> Response:
        log_throttle.log(f"no host that is alive can open round {error.round_id} (./run flask doctor tells more)")
        return answer(RoundKeyUnavailable(retry_after=RETRY_SECONDS))

    return without_key


def _reason(error: BoxUndecryptable | PublicationSealMismatch) -> str:
    if isinstance(error, PublicationSealMismatch):
        return f"the results of round {error.round_id} are not as sealed (./run flask results verify tells more)"
    return "a box does not open here (./run flask doctor tells why)"
