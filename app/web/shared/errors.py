"""Error handlers: pages that say what to do next, and repeat neither path nor input."""

from dataclasses import dataclass

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import lazy_gettext as _
from werkzeug.exceptions import HTTPException

from app.core.languages import Language
from app.web.shared import service_unavailable
from app.web.shared.access import ROOT
from app.web.shared.languages import language


@dataclass(frozen=True, slots=True)
class ErrorText:
    """Title of an error page and what the reader can do about the error."""

    title: str
    remedy: str


EXPLANATIONS = {
    400: ErrorText(_("The request could not be read"), _("Go back, check what you wrote and send it again.")),
    403: ErrorText(
        _("You have no access to this page"),
        _("Sign in with another account, or ask your administrator for access."),
    ),
    404: ErrorText(
        _("The page was not found"),
        _("Check the address, or start from the front page. Anything you have already sent is safe."),
    ),
    405: ErrorText(_("The page cannot be used this way"), _("Start from the front page.")),
    409: ErrorText(
        _("Someone else has changed this in the meantime"),
        _("It was removed or changed while you were working on it, so nothing was saved. Open it again and check."),
    ),
    413: ErrorText(_("The file or text you sent is too large"), _("Send a smaller file, or divide it into parts.")),
    429: ErrorText(
        _("Too many attempts in a short time"),
        _("Wait a minute and try again. No one is locked out permanently: your code still works."),
    ),
    500: ErrorText(
        _("Something went wrong on our side"),
        _("Try again in a moment. If you were answering, nothing was stored, and your code still works."),
    ),
    503: ErrorText(_("The service is temporarily unavailable"), _("Try again in a few minutes.")),
}
NOT_TAKEN = ErrorText(
    _("Answers cannot be received at the moment"),
    _(
        "No server that could count this survey is running, so your answers would be lost. Nothing was sent, and your "
        "code still works. You can leave this page open and press the button later, or come back another day."
    ),
)
KEPT = _("Nothing you wrote will be lost while this page stays open. Wait a minute, then press the button.")
UNSAVED = ErrorText(
    _("This is no longer here, or was changed"),
    _("Someone else removed or changed it while you were writing, so nothing was saved. Copy what you need below."),
)
OTHER = ErrorText(_("The page could not be shown"), _("Try again, or start from the front page."))


def register(app: Flask) -> None:
    """Register the handlers that answer every error of `app` with a page."""
    app.register_error_handler(HTTPException, _answer)
    service_unavailable.register(app, _answer)


def _answer(error: HTTPException) -> Response:
    if request.args.get("lang") in set(Language):  # the language switch of the error page leads here again
        g.language = Language(request.args["lang"])
    code = error.code or 500
    explained = EXPLANATIONS.get(code, OTHER)
    retry_form = service_unavailable.retry_form_of_request(code)
    unsaved = service_unavailable.unsaved_form_fields(code)
    if retry_form is not None and code >= 500:
        explained = ErrorText(explained.title, KEPT)
    if isinstance(error, service_unavailable.RoundKeyUnavailable):
        explained = NOT_TAKEN
    if unsaved:
        explained = UNSAVED
    front = f"{ROOT}/" if request.path.startswith(f"{ROOT}/") else f"/{language().value}/"
    answer = make_response(
        render_template("shared/error.html", error=explained, kept=retry_form, unsaved=unsaved, front=front), code
    )
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            answer.headers[name] = value
    return answer
