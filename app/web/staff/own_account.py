"""One's own account: the second step at sign-in, and ending every session."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import StringField

from app.core.accounts import Permission
from app.render.squares import square_address
from app.services import accounts, second_factor
from app.store.database import reading, transaction
from app.vault.second_factor import address
from app.web.shared import access
from app.web.shared.access import account, allowed
from app.web.shared.door import now, secret, settings
from app.web.shared.forms import Form, at_most, required

blueprint = Blueprint("own_account", __name__, url_prefix="/staff/account")
OWN = Permission.SEE_OWN_PAGE


class DigitsForm(Form):
    """What the phone shows."""

    digits = StringField(
        _("Digits that the authenticator shows now"), [required(), at_most(40)], render_kw={"autocomplete": "off"}
    )


@blueprint.get("/")
@allowed(OWN)
def index() -> ResponseReturnValue:
    """Show the account at hand and whether it has a second step."""
    with reading() as session:
        is_on = second_factor.is_on(session, account().id)
        left = second_factor.words_left(session, account().id)
    return render_template("staff/account/index.html", is_on=is_on, words_left=left, form=DigitsForm())


@blueprint.route("/second-step", methods=["GET", "POST"])
@allowed(OWN)
def set_up() -> ResponseReturnValue:
    """Show the square to scan, and put the second step to use when the phone shows the right digits."""
    form = DigitsForm()
    with transaction() as session:
        if second_factor.is_on(session, account().id):
            return redirect(url_for("own_account.index"))
        shared = second_factor.waiting(session, account().id, secret=secret())
        shared = shared or second_factor.begin(session, account().id, secret=secret())
    if form.validate_on_submit():
        try:
            with transaction() as session:
                words = second_factor.confirm(session, account().id, form.digits.data, secret=secret(), now=now())
        except second_factor.DigitsRefused:
            form.complain(form.digits, _("These digits are wrong. Check the phone's clock and try the next ones."))
        else:
            return render_template("staff/account/words.html", words=words)
    square = square_address(address(shared, email=account().email, service=settings().service_name))
    page = render_template("staff/account/second_step.html", form=form, square=square, shared=shared)
    return page, 422 if form.errors else 200


@blueprint.post("/second-step/off")
@allowed(OWN)
def switch_off() -> ResponseReturnValue:
    """Switch the second step off, with the second step."""
    form = DigitsForm()
    try:
        with transaction() as session:
            second_factor.require(session, account().id, form.digits.data or "", secret=secret(), now=now())
            second_factor.switch_off(session, account().id, by=account().id, now=now())
    except second_factor.DigitsRefused:
        flash(gettext("These digits are wrong or were used before. Wait for the next ones."), "error")
    else:
        flash(gettext("Signing in asks for the password alone."), "success")
    return redirect(url_for("own_account.index"))


@blueprint.post("/sessions/end")
@allowed(OWN)
def end_sessions() -> ResponseReturnValue:
    """Sign out everywhere, here too."""
    with transaction() as session:
        accounts.end_sessions(session, account().id, by=account().id, now=now())
    return access.forget(redirect(url_for("signin.sign_in")))
