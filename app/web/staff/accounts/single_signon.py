"""Sign in through the municipality's identity provider, where one is configured."""

import logging
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from app import oidc
from app.core.accounts import AccountId, Permission, SignInMethod
from app.core.audit import AuditEvent
from app.oidc import (
    AuthRequest,
    AuthResponse,
    ClientRejected,
    ClocksDiffer,
    OidcClient,
    ProviderUnavailable,
    SignInDeclined,
    SignInNotVerified,
)
from app.services import accounts, authentication, second_factor, single_signon
from app.services.single_signon import (
    ClaimMissing,
    IdentityNotLinked,
    IdentityTaken,
    LinkedToOtherIdentity,
    NoMatchingAccount,
    UnverifiedEmail,
    VerificationUnknown,
)
from app.store.database import write_session
from app.web.shared import access
from app.web.shared.access import current_account, public, requires
from app.web.shared.app_context import now, settings
from app.web.shared.languages import language

blueprint = Blueprint("single_signon", __name__, url_prefix="/staff/provider")
ERRAND = "errand"
ONWARD = "onward"
CONNECTED = "connected"
_log = logging.getLogger(__name__)

FAILURES: dict[type[Exception], tuple[int, LazyString]] = {
    ProviderUnavailable: (
        502,
        _("The sign-in service of your organisation is not responding properly. Try again in a few minutes."),
    ),
    SignInDeclined: (403, _("The sign-in service of your organisation did not accept the sign-in.")),
    SignInNotVerified: (
        403,
        _("The answer of the sign-in service could not be verified, so no one was signed in. Start again."),
    ),
    ClientRejected: (
        502,
        _(
            "The sign-in service of your organisation does not accept this service. The service operator must check "
            "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET; a secret may have expired."
        ),
    ),
    IdentityNotLinked: (
        403,
        _(
            "Your organisation recognised you, but your account here is not connected with it yet. Sign in with the "
            "password of this service, open your account at the top and choose “Connect your account”."
        ),
    ),
    LinkedToOtherIdentity: (
        403,
        _(
            "The account with your address is connected with an earlier sign-in at your organisation. If it is yours, "
            "sign in with the password of this service and connect it again; otherwise ask your administrator."
        ),
    ),
    NoMatchingAccount: (
        403,
        _(
            "Your organisation recognised you, but you have not been invited to this service. Ask your administrator "
            "for access."
        ),
    ),
    UnverifiedEmail: (
        403,
        _("Your organisation has not confirmed your e-mail address. Ask its IT support to confirm it."),
    ),
    VerificationUnknown: (
        403,
        _(
            "The sign-in service of your organisation does not confirm e-mail addresses. The service operator must "
            "choose another claim (OIDC_CLAIM); the handbook tells which."
        ),
    ),
    ClaimMissing: (
        403,
        _(
            "The sign-in service of your organisation does not identify you in the expected way. The service "
            "operator must have it send the claim, or choose another claim (OIDC_CLAIM)."
        ),
    ),
    ClocksDiffer: (
        403,
        _(
            "The answer of the sign-in service could not be verified: its time does not match. Start again. If that "
            "does not help, the service operator must set the time of the server right."
        ),
    ),
    IdentityTaken: (
        403,
        _("Your sign-in at your organisation is connected with another account here. Ask your administrator."),
    ),
}


@blueprint.get("/")
@public
def start() -> ResponseReturnValue:
    """Redirect to the identity provider."""
    client = _client()
    if not _is_own_link():
        return redirect(url_for("signin.sign_in"))
    return _to_provider(client)


@blueprint.get("/connect")
@requires(Permission.SEE_OWN_PAGE)
def connect() -> ResponseReturnValue:
    """Redirect a signed-in person to the identity provider, to connect the account for later sign-ins."""
    client = _client()
    if not _is_own_link():
        return redirect(url_for("own_account.index"))
    return _to_provider(client, connected=current_account().id)


def _is_own_link() -> bool:
    return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")


def _to_provider(client: OidcClient, *, connected: AccountId | None = None) -> ResponseReturnValue:
    try:
        url, errand = oidc.start_authorization(client, language=language().value, now=now())
    except ProviderUnavailable as failed:
        return _failed(failed)
    if connected is None:
        access.clear_form_session()
    session[ERRAND] = errand.as_plain()
    session[ONWARD] = request.args.get("next")
    session[CONNECTED] = connected
    return redirect(url)


@blueprint.get("/back")
@public
def callback() -> ResponseReturnValue:
    """Sign in the person who returns from the identity provider, or link the account that asked for it.

    A response that is not valid does neither.
    """
    client = _client()
    stored_request = session.pop(ERRAND, None)
    onward = session.pop(ONWARD, None)
    connected = session.pop(CONNECTED, None)
    try:
        claims = oidc.fetch_verified_claims(client, _stored_auth_request(stored_request), _answer(), now=now())
        return _enter(claims, onward) if connected is None else _connect(claims, connected)
    except tuple(FAILURES) as failed:
        return _failed(failed)


def _enter(claims: dict[str, Any], onward: str | None) -> ResponseReturnValue:
    with write_session() as store:
        matched_account = single_signon.get_or_link_account_for_claims(store, claims, claim=settings().oidc_claim)
        authentication.discard_session(store, access.session_token())
        token = authentication.create_login_session(
            store, matched_account.id, device=access.device_of_request(), way=SignInMethod.PROVIDER, now=now()
        )
        asks = second_factor.is_enabled(store, matched_account.id)
    access.clear_form_session()
    target = url_for("signin.second_step", next=onward) if asks else access.safe_next_url(onward)
    return access.set_session_cookie(redirect(target), token)


def _connect(claims: dict[str, Any], connected: int) -> ResponseReturnValue:
    if current_account().id != connected:  # somebody else has signed in to this browser meanwhile
        raise SignInNotVerified("account")
    with write_session() as store:
        single_signon.link_account_to_provider(store, current_account(), claims)
        accounts.record_audit_event(
            store, current_account().id, AuditEvent.ACCOUNT_CHANGED, f"account:{connected} provider", now=now()
        )
    flash(gettext("From now on you can sign in through your organisation."), "success")
    return redirect(url_for("own_account.index"))


def _failed(failed: Exception) -> ResponseReturnValue:
    status, lazy_string = FAILURES[type(failed)]
    _log.warning("Single sign-on: %s %s", type(failed).__name__, failed)
    with write_session() as store:
        authentication.record_failure(store, None, now=now())
    return render_template("staff/signin/provider_failed.html", message=lazy_string), status


def _client() -> OidcClient:
    found_settings = settings()
    if not found_settings.has_single_sign_on:
        abort(404)
    redirect_to = f"{found_settings.base_url.rstrip('/')}{url_for('single_signon.callback')}"
    return OidcClient(
        found_settings.oidc_issuer,
        found_settings.oidc_client_id,
        found_settings.oidc_client_secret,
        redirect_to,
        found_settings.oidc_acr,
    )


def _stored_auth_request(stored_request: dict[str, Any] | None) -> AuthRequest:
    if stored_request is None:  # response to another browser, or one already used
        raise SignInNotVerified("browser")
    return AuthRequest(**stored_request)


def _answer() -> AuthResponse:
    asked = request.args
    return AuthResponse(asked.get("state", ""), asked.get("code", ""), asked.get("error", ""), asked.get("iss", ""))
