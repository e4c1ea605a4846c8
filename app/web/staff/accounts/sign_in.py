"""Sign in, sign out, and set a password with a one-time code."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, has_request_context, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import EmailField, PasswordField, StringField

from app.core.accounts import Account, Permission
from app.core.languages import Language
from app.services import accounts, authentication, second_factor
from app.store.database import read_session, write_session
from app.web.shared import access
from app.web.shared.access import current_account, public, requires
from app.web.shared.app_context import now, secret, settings
from app.web.shared.forms import Form, max_length, required

blueprint = Blueprint("signin", __name__, url_prefix="/staff")
ENDPOINTS_WITH_LANGUAGE = (
    "signin.sign_in",
    "signin.set_password_with_code",
    "signin.second_step",
    "single_signon.start",
)


@blueprint.app_url_defaults  # the URL of single sign-on is in another blueprint
def add_language_to_urls(endpoint: str, values: dict[str, Any]) -> None:
    """Keep the language that was chosen before signing in, in the URLs of the sign-in pages."""
    if endpoint in ENDPOINTS_WITH_LANGUAGE and has_request_context() and request.args.get("lang") in set(Language):
        values.setdefault("lang", request.args["lang"])


_HELD_UP = _(
    "Too many attempts. Wait 15 minutes, sign in with a browser that you have used here before, or ask your "
    "administrator for a one-time code that lets you in immediately."
)


class SignInForm(Form):
    """Form for e-mail address and password."""

    email = EmailField(_("E-mail address"), [required(), max_length(254)], render_kw={"autocomplete": "username"})
    password = PasswordField(
        _("Password"), [required(), max_length(256)], render_kw={"autocomplete": "current-password"}
    )


class SecondStepForm(Form):
    """Form for a code of the authenticator app, or a recovery code."""

    digits = StringField(
        _("Digits or recovery word"),
        [required(), max_length(40)],
        description=_("The six digits that your authenticator app shows now, or one of your recovery words."),
        render_kw={"autocomplete": "one-time-code", "autofocus": True},
    )


class SetPasswordWithCodeForm(Form):
    """The one-time code from the invitation, and a password of one's own choice."""

    code = StringField(_("One-time code"), [required(), max_length(100)], render_kw={"autocomplete": "off"})
    password = PasswordField(
        _("New password"),
        [required()],
        description=_("At least 12 characters. A sentence of your own works well."),
        render_kw={"autocomplete": "new-password"},
    )


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Ask for address and password, and open a session."""
    form = SignInForm()
    if form.validate_on_submit():
        attempt = access.sign_in_attempt_of_request(form.email.data)
        try:
            return _enter(attempt, form.password.data)
        except authentication.SignInRefused:
            form.form_errors.append(gettext("The e-mail address or the password is wrong. Check both."))
        except authentication.TooManyAttempts:
            form.form_errors.append(str(_HELD_UP))
            return _sign_in_page(form), 429
    return _sign_in_page(form), 200 if request.method == "GET" else 422


@blueprint.route("/second-step", methods=["GET", "POST"])
@public
def second_step() -> ResponseReturnValue:
    """Ask for the second factor of whoever gave the right password."""
    with read_session() as store:
        user = authentication.account_awaiting_second_step(store, access.session_token(), now=now())
    if user is None:
        return redirect(url_for("signin.sign_in"))
    form = SecondStepForm()
    if form.validate_on_submit():
        try:
            return _complete(user, form.digits.data)
        except second_factor.InvalidSecondFactor:
            with write_session() as store:
                authentication.record_failure(store, user, now=now())
            form.add_error(form.digits, _("These digits are wrong or were used before. Wait for the next ones."))
        except authentication.TooManyAttempts:
            form.form_errors.append(gettext("Too many attempts. Wait 15 minutes, then try again."))
    return render_template("staff/signin/second_step.html", form=form), 422 if form.errors else 200


@blueprint.post("/sign-out")
@requires(Permission.SEE_OWN_PAGE)
def sign_out() -> ResponseReturnValue:
    """End the session."""
    with write_session() as store:
        authentication.sign_out(store, access.session_token(), current_account().id, now=now())
    return access.clear_session_and_browser_data(redirect(url_for("signin.sign_in")))


@blueprint.route("/password", methods=["GET", "POST"])
@public
def set_password_with_code() -> ResponseReturnValue:
    """Set a password with a one-time code."""
    form = SetPasswordWithCodeForm()
    if not form.validate_on_submit():
        return render_template("staff/signin/password.html", form=form), 422 if form.errors else 200
    attempt = authentication.SignInAttempt("", request.remote_addr or "")
    try:
        with write_session() as store:
            authentication.count_one_time_code_attempt_or_refuse(store, attempt, secret=secret(), now=now())
        with write_session() as store:
            user = accounts.set_password_with_code(store, form.code.data, form.password.data, now=now())
            authentication.reset_one_time_code_attempts(store, attempt, secret=secret())
            # A user who was throttled because of others' guesses can sign in again from this client.
            authentication.reset_failures_and_trust_client(
                store, access.sign_in_attempt_of_request(user.email), secret=secret(), now=now()
            )
    except authentication.TooManyAttempts:
        form.form_errors.append(gettext("Too many attempts. Wait 15 minutes, then try again."))
    except accounts.AccountError as refused:
        form.add_error(form.code if refused.reason == "link_spent" else form.password, REASONS[refused.reason])
    else:
        flash(gettext("Your password has been set. You can now sign in."), "success")
        return access.set_known_browser_cookie(redirect(url_for("signin.sign_in")), user.email)
    return render_template("staff/signin/password.html", form=form), 422


def _sign_in_page(form: SignInForm) -> str:
    found_settings = settings()
    provider = (
        (found_settings.oidc_name or urlsplit(found_settings.oidc_issuer).hostname)
        if found_settings.has_single_sign_on
        else None
    )
    return render_template("staff/signin/sign_in.html", form=form, provider=provider)


REASONS = {
    "link_spent": _("The code has been used or has expired. Ask your administrator for a new one."),
    "password_short": _("Use at least 12 characters."),
    "password_long": _("Use at most 256 characters."),
    "password_plain": _(
        "This would be easy to guess. Use a sentence of your own that is not a saying and contains no names."
    ),
}


def _enter(attempt: authentication.SignInAttempt, password: str) -> ResponseReturnValue:
    with write_session() as store:
        authentication.count_attempt_or_refuse(store, attempt, secret=secret(), now=now())
    with read_session() as store:
        found_account, password_hash = authentication.account_and_hash(store, attempt.email)
    # The slow part runs outside any transaction, so that nobody waits for a lock.
    user = _checked(found_account, password_hash, password)
    with write_session() as store:
        authentication.discard_session(store, access.session_token())
        token = authentication.create_login_session_after_password(
            store, user, attempt, password, secret=secret(), now=now()
        )
        asks = second_factor.is_enabled(store, user.id)
    access.clear_form_session()
    target = request.args.get("next")
    onward = url_for("signin.second_step", next=target) if asks else access.safe_next_url(target)
    return access.set_known_browser_cookie(access.set_session_cookie(redirect(onward), token), user.email)


def _complete(user: Account, digits: str) -> ResponseReturnValue:
    attempt = authentication.second_step_attempt(user.id, request.remote_addr or "")
    with write_session() as store:
        authentication.count_attempt_or_refuse(store, attempt, secret=secret(), now=now())
    with write_session() as store:
        second_factor.verify_second_factor(store, user.id, digits, secret=secret(), now=now())
        authentication.reset_failures_and_trust_client(store, attempt, secret=secret(), now=now())
        token = authentication.create_login_session_after_second_step(store, access.session_token(), now=now())
    return access.set_session_cookie(redirect(access.safe_next_url(request.args.get("next"))), token)


def _checked(found_account: Account | None, password_hash: str | None, password: str) -> Account:
    try:
        return authentication.require_password_match(found_account, password_hash, password)
    except authentication.SignInRefused:
        with write_session() as store:
            authentication.record_failure(store, found_account, now=now())
        raise
