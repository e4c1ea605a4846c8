"""Own account: sessions, password and second factor."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import PasswordField, StringField
from wtforms.validators import StopValidation

from app.core.accounts import Permission
from app.render.qr_codes import qr_data_uri
from app.services import accounts, authentication, second_factor
from app.store.database import read_session, write_session
from app.vault.second_factor import provisioning_uri
from app.web.shared import access, audit_hooks
from app.web.shared.access import current_account, requires
from app.web.shared.app_context import now, secret, settings
from app.web.shared.forms import Form, max_length, required
from app.web.staff.accounts.sign_in import REASONS

blueprint = Blueprint("own_account", __name__, url_prefix="/staff/account")
OWN = Permission.SEE_OWN_PAGE


class AuthenticatorCodeForm(Form):
    """Form for a code of the authenticator app."""

    digits = StringField(
        _("Digits that the authenticator app shows now"),
        [required(), max_length(40)],
        render_kw={"autocomplete": "off"},
    )


class CurrentPasswordField(PasswordField):
    """The current password, asked for again before the sign-in of an account is changed."""

    def __init__(self, **more: object):
        super().__init__(
            _("Your password"), [required(), max_length(256)], render_kw={"autocomplete": "current-password"}, **more
        )

    def pre_validate(self, form: Form) -> None:
        """Reject a wrong password; each attempt counts towards the limit of failed sign-ins."""
        if not self.data:
            return
        audit_hooks.skip_audit_of_next_commit()
        sign_in_attempt = access.sign_in_attempt_of_request(current_account().email)
        try:
            with write_session() as session:
                authentication.count_attempt_or_refuse(session, sign_in_attempt, secret=secret(), now=now())
        except authentication.TooManyAttempts:
            raise StopValidation(gettext("Too many attempts. Wait 15 minutes, then try again.")) from None
        with read_session() as session:
            right = accounts.password_matches_or_unset(session, current_account().id, self.data)
        with write_session() as session:
            if right:
                authentication.reset_failures_and_trust_client(session, sign_in_attempt, secret=secret(), now=now())
            else:
                authentication.record_failure(session, current_account(), now=now())
        if not right:
            raise StopValidation(gettext("This is not your password."))


class SecondStepSetupForm(AuthenticatorCodeForm):
    """Form for a code of the authenticator app and the current password."""

    password = CurrentPasswordField()


class NewPasswordForm(Form):
    """Form for the current and the new password."""

    password = CurrentPasswordField()
    new = PasswordField(
        _("New password"),
        [required(), max_length(256)],
        description=_("At least 12 characters. A sentence of your own works well."),
        render_kw={"autocomplete": "new-password"},
    )


@blueprint.get("/")
@requires(OWN)
def index() -> ResponseReturnValue:
    """Show the current account, its sessions, and whether it has a second step."""
    with read_session() as session:
        is_on = second_factor.is_enabled(session, current_account().id)
        left = second_factor.count_unused_recovery_words(session, current_account().id)
        visits = authentication.account_sessions(session, current_account().id, now=now())
    return render_template(
        "staff/account/index.html",
        is_on=is_on,
        words_left=left,
        form=AuthenticatorCodeForm(),
        visits=visits,
        here=access.current_login_session().handle,
        now=now(),
        required=settings().second_step_required,
        has_single_sign_on=settings().has_single_sign_on,
    )


@blueprint.route("/password", methods=["GET", "POST"])
@requires(OWN)
def password() -> ResponseReturnValue:
    """Set another password; every other session ends."""
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            with write_session() as session:
                accounts.set_password(session, current_account().id, form.new.data, by=current_account().id, now=now())
                token = authentication.replace_all_sessions(session, access.current_login_session(), now=now())
        except accounts.AccountError as refused:
            form.add_error(form.new, REASONS[refused.reason])
        else:
            flash(gettext("Your password has been changed, and all other sessions have ended."), "success")
            return access.set_session_cookie(redirect(url_for("own_account.index")), token)
    return render_template("staff/account/password.html", form=form), 422 if form.errors else 200


@blueprint.route("/second-step", methods=["GET", "POST"])
@requires(OWN)
def set_up_second_step() -> ResponseReturnValue:
    """Show the QR code to scan, and enable the second step when the code of the authenticator app is right."""
    form = SecondStepSetupForm() if current_account().has_password else AuthenticatorCodeForm()
    with write_session() as session:
        audit_hooks.skip_audit_of_next_commit()
        if second_factor.is_enabled(session, current_account().id):
            return redirect(url_for("own_account.index"))
        shared = second_factor.unconfirmed_secret(session, current_account().id, secret=secret())
        shared = shared or second_factor.begin_setup(session, current_account().id, secret=secret())
    if form.validate_on_submit():
        try:
            with write_session() as session:
                words = second_factor.confirm_setup(
                    session, current_account().id, form.digits.data, secret=secret(), now=now()
                )
                token = authentication.replace_all_sessions(session, access.current_login_session(), now=now())
        except second_factor.InvalidSecondFactor:
            form.add_error(form.digits, _("These digits are wrong. Check the phone's clock and try the next ones."))
        else:
            return access.set_session_cookie(
                access.html_response(render_template("staff/account/words.html", words=words)), token
            )
    square = qr_data_uri(provisioning_uri(shared, email=current_account().email, service=settings().service_name))
    page = render_template("staff/account/second_step.html", form=form, square=square, shared=shared)
    return page, 422 if form.errors else 200


@blueprint.post("/second-step/off")
@requires(OWN)
def switch_off_second_step() -> ResponseReturnValue:
    """Switch the second step off, with the second step; every other session ends."""
    form = AuthenticatorCodeForm()
    attempt = authentication.second_step_attempt(current_account().id, request.remote_addr or "")
    answer = redirect(url_for("own_account.index"))
    audit_hooks.skip_audit_of_next_commit()
    try:
        with write_session() as session:  # counted before the check, so that nobody can try all codes
            authentication.count_attempt_or_refuse(session, attempt, secret=secret(), now=now())
        with write_session() as session:
            second_factor.verify_second_factor(
                session, current_account().id, form.digits.data or "", secret=secret(), now=now()
            )
            authentication.reset_failures_and_trust_client(session, attempt, secret=secret(), now=now())
            second_factor.disable(session, current_account().id, by=current_account().id, now=now())
            token = authentication.replace_all_sessions(session, access.current_login_session(), now=now())
    except authentication.TooManyAttempts:
        flash(gettext("Too many attempts. Wait 15 minutes, then try again."), "error")
        return answer
    except second_factor.InvalidSecondFactor:
        with write_session() as session:
            authentication.record_failure(session, current_account(), now=now())
        flash(gettext("These digits are wrong or were used before. Wait for the next ones."), "error")
        return answer
    flash(gettext("Signing in now requires only the password."), "success")
    return access.set_session_cookie(answer, token)


@blueprint.post("/sessions/end")
@requires(OWN)
def end_one_or_all_sessions() -> ResponseReturnValue:
    """Sign out everywhere, here too; or end the one session that was named."""
    handle = request.form.get("handle")
    if handle and handle != access.current_login_session().handle:
        with write_session() as session:
            authentication.end_session(session, current_account().id, handle, by=current_account().id, now=now())
        return redirect(url_for("own_account.index"))
    with write_session() as session:
        accounts.end_sessions(session, current_account().id, by=current_account().id, now=now())
    return access.clear_session_and_browser_data(redirect(url_for("signin.sign_in")))
