"""Authentication of staff, and the permission check before every page of the staff area.

Both cookies of this area are sent under `/staff` only: whoever is signed in and opens the answering
pages in the same browser is not known there, not even in passing.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from urllib.parse import unquote

from flask import Blueprint, Flask, abort, current_app, g, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from werkzeug import Response

from app.core.accounts import Account, DeviceKind, LoginSession, Permission, SignInMethod, device_from_user_agent
from app.core.languages import Language
from app.services import authentication, second_factor
from app.store.database import read_session, write_session
from app.web.shared import audit_hooks
from app.web.shared.app_context import now, secret, settings
from app.web.shared.form_sessions import StaffFormSessions

ROOT = "/staff"
MOST_DECODINGS = 5
LARGEST_REQUEST = 8 * 1024 * 1024
_OPEN = "open to all"
_MARK = "staff_permission"

View = TypeVar("View", bound=Callable[..., Any])


class UnguardedRoute(Exception):
    """A view of the staff area has no required permission, or its URL lies outside the area."""


def requires(permission: Permission) -> Callable[[View], View]:
    """Declare the permission that a view needs."""
    return lambda view: _marked(view, permission)


def public(view: View) -> View:
    """Declare that a view of the staff area needs no sign-in, such as the sign-in page itself."""
    return _marked(view, _OPEN)


def current_account() -> Account:
    """Return the account that is signed in; 401 if nobody is."""
    found_account: Account | None = g.get("account")
    if found_account is None:
        abort(401)
    return found_account


def require_permission_at(
    permission: Permission, *, municipality: str | None = None, community: str | None = None
) -> None:
    """Refuse with 403 unless the account has the permission there; no place means the whole region."""
    if not has_permission_at(permission, municipality=municipality, community=community):
        abort(403)


def has_permission_at(permission: Permission, *, municipality: str | None = None, community: str | None = None) -> bool:
    """Tell whether the account has the permission there; no place means the whole region."""
    if municipality is None and community is None:
        return current_account().may_everywhere(permission)
    return current_account().may(permission, municipality=municipality, community=community)


def install_access_control(app: Flask, blueprints: Iterable[Blueprint]) -> None:
    """Set up sessions, CSRF protection and the permission check for every view of these blueprints.

    Raises UnguardedRoute.
    """
    secure = app.extensions["voimavara"].settings.secure_cookies
    app.config.update(
        SESSION_COOKIE_NAME="__Secure-voimavara-form" if secure else "voimavara-form",
        SESSION_COOKIE_PATH=ROOT,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        WTF_CSRF_CHECK_DEFAULT=False,  # only the pages of this area have a cookie that could be abused
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a slow writer must not lose a form
        WTF_CSRF_SSL_STRICT=False,  # no page sends a referrer, so none can be asked for
    )
    app.session_interface = StaffFormSessions(ROOT)
    CSRFProtect(app)
    names = {blueprint.name for blueprint in blueprints}
    for name in names:
        app.before_request_funcs.setdefault(name, []).append(_check_access)
        app.after_request_funcs.setdefault(name, []).append(audit_hooks.record_read_or_refusal)
        app.template_context_processors[name].append(lambda: {"account": g.get("account")})
    for rule in app.url_map.iter_rules():
        if rule.endpoint.rpartition(".")[0] in names:
            _require_mark(app, rule.endpoint, rule.rule)


def permission_of(app: Flask, endpoint: str) -> Permission | None:
    """Return the permission that an endpoint of the staff area needs; None if it is public."""
    mark = getattr(app.view_functions[endpoint], _MARK)
    return None if mark is _OPEN else mark


def set_session_cookie(response: Response, token: str) -> Response:
    """Set the cookie with the token of the new login session."""
    response.set_cookie(_cookie(), token, path=ROOT, httponly=True, samesite="Lax", secure=settings().secure_cookies)
    return response


def html_response(html: str) -> Response:
    """Return HTML as a response, so that cookies can be set on it."""
    return make_response(html)


def clear_session_and_browser_data(response: Response) -> Response:
    """Delete the session cookie and what the browser stored of the pages."""
    session.clear()
    response.delete_cookie(_cookie(), path=ROOT, httponly=True, samesite="Lax", secure=settings().secure_cookies)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def session_token() -> str:
    """Return the session token that the browser sent; an empty string if none."""
    return request.cookies.get(_cookie(), "")


def current_login_session() -> LoginSession:
    """Return the current login session; 401 if nobody is signed in."""
    found_login_session: LoginSession | None = g.get("visit")
    if found_login_session is None:
        abort(401)
    return found_login_session


def sign_in_attempt_of_request(email: str) -> authentication.SignInAttempt:
    """Return the sign-in attempt of this request: e-mail, address and device."""
    known = request.cookies.get(f"{_cookie()}-known", "")
    return authentication.SignInAttempt(email, request.remote_addr or "", device_of_request(), known)


def device_of_request() -> DeviceKind:
    """Return the kind of device that sent the request; the user agent itself is not kept."""
    return device_from_user_agent(request.headers.get("User-Agent", ""))


def set_known_browser_cookie(response: Response, email: str) -> Response:
    """Set the cookie of a known browser, which is not delayed when others guess; it grants no access."""
    token = authentication.known_browser_token(email, secret=secret(), now=now())
    max_age = int(authentication.FAMILIAR_FOR.total_seconds())
    safe = settings().secure_cookies
    response.set_cookie(
        f"{_cookie()}-known", token, max_age=max_age, path=f"{ROOT}/sign-in", httponly=True, samesite="Lax", secure=safe
    )
    return response


def clear_form_session() -> None:
    """Clear the form session that the browser had before it signed in."""
    session.clear()


def safe_next_url(target: str | None) -> str:
    """Return the URL to open after signing in: `target` if it lies in the staff area, else the home page.

    Every redirect to an address that a request brought along goes through here.
    """
    return target if target is not None and _is_own(target) else url_for("home.index")


def _is_own(target: str) -> bool:
    """Tell whether an address leads into this area however a browser or a front reads it.

    Browsers resolve `..` and `%2e%2e`, drop tabs and line ends, and take a backslash for a slash; some fronts
    decode a path twice. So the path is looked at after every decoding, until nothing is left to decode.
    """
    path = target.split("#", 1)[0].split("?", 1)[0]
    if "//" in target or not _is_plain(target):
        return False
    for _decoding in range(MOST_DECODINGS):
        if not (path.startswith(f"{ROOT}/") and _is_plain(path) and "//" not in path and not _climbs(path)):
            return False
        decoded = unquote(path)
        if decoded == path:
            return True
        path = decoded
    return False


def _is_plain(text: str) -> bool:
    """Tell whether a text holds no backslash and no control character."""
    return "\\" not in text and all(sign.isprintable() for sign in text)


def _climbs(path: str) -> bool:
    """Tell whether a path has a segment `.` or `..`, with or without a parameter after a semicolon."""
    return any(segment.split(";", 1)[0].strip() in {".", ".."} for segment in path.split("/"))


def _check_access() -> ResponseReturnValue | None:
    request.max_content_length = LARGEST_REQUEST
    _refuse_what_is_no_text()
    needed = permission_of(current_app, request.endpoint or "")
    user = _recognise()
    if needed is not None and user is None:
        target = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("signin.sign_in", next=target))
    if request.method not in ("GET", "HEAD") and request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(403)
    if current_app.config["WTF_CSRF_ENABLED"]:
        current_app.extensions["csrf"].protect()
    if needed is None or user is None:
        return None
    audit_hooks.attach_audit_entry(user, needed)
    if not user.may(needed):
        abort(403)
    return _second_step_first(user)


def _refuse_what_is_no_text() -> None:
    """Refuse the sign that PostgreSQL keeps in no text: looking for it would be an error of the service."""
    names = (file.filename or "" for several in request.files.listvalues() for file in several)
    texts = (text for several in request.values.listvalues() for text in several)
    if any("\0" in item for item in (request.path, *names, *texts)):
        abort(400)


def _second_step_first(user: Account) -> ResponseReturnValue | None:
    """Lead those who must take a second step, and have none yet, to where it is set up."""
    on_the_way = request.blueprint in ("own_account", "signin") or request.endpoint == "home.choose_language"
    if not settings().second_step_required or current_login_session().method is not SignInMethod.PASSWORD or on_the_way:
        return None
    with read_session() as store:
        is_on = second_factor.is_enabled(store, user.id)
    return None if is_on else redirect(url_for("own_account.set_up_second_step"))


def _recognise() -> Account | None:
    token = session_token()
    if not token:
        return None
    with read_session() as store:
        result = authentication.resolve_session_token(store, token, now=now())
    if result is None:
        return None
    g.account, g.visit, due = result
    asked = request.args.get("lang")
    g.language = Language(asked) if asked in set(Language) else Language(g.account.language)
    if due:
        with write_session() as store:
            authentication.update_session_last_seen(store, token, now=now())
    return g.account  # type: ignore[no-any-return]


def _cookie() -> str:
    return "__Secure-voimavara" if settings().secure_cookies else "voimavara"


def _marked(view: View, mark: object) -> View:
    setattr(view, _MARK, mark)
    return view


def _require_mark(app: Flask, endpoint: str, rule: str) -> None:
    if not hasattr(app.view_functions[endpoint], _MARK) or not rule.startswith(f"{ROOT}/"):
        message = f"{endpoint} ({rule}) needs @requires(Permission.…) beside its URL, and a URL under {ROOT}/"
        raise UnguardedRoute(message)
