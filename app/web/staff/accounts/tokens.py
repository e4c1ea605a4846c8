"""API tokens: let a program read what the account may read."""

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from app.core.accounts import Permission
from app.services import tokens
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, requires
from app.web.shared.app_context import now, settings
from app.web.shared.forms import Form, max_length, required

blueprint = Blueprint("tokens", __name__, url_prefix="/staff/account/tokens")
OWN = Permission.EXPORT_RESULTS


class TokenForm(Form):
    """Form for the name of a program and how long its token is valid."""

    name = StringField(
        _("Name of the program"), [required(), max_length(80)], description=_("For example: monthly report")
    )
    days = SelectField(
        _("Valid for"),
        choices=[SelectChoice("30", _("30 days")), SelectChoice("90", _("90 days")), SelectChoice("365", _("A year"))],
        default="90",
    )


@blueprint.get("/")
@requires(OWN)
def index() -> ResponseReturnValue:
    """List the tokens of the account at hand, and offer to make one."""
    return _page(TokenForm())


@blueprint.post("/")
@requires(OWN)
def create() -> ResponseReturnValue:
    """Create a token and show it, once."""
    form = TokenForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        with write_session() as session:
            lasts = timedelta(days=int(form.days.data))
            token_text = tokens.create_token(
                session, current_account().id, form.name.data.strip(), lasts=lasts, now=now()
            )
    except tokens.TooManyTokens:
        form.add_error(form.name, _("You already have ten tokens. First withdraw one that is not needed."))
        return _page(form), 422
    address = settings().base_url.rstrip("/") + url_for("programs.rounds")
    return render_template("staff/tokens/word.html", word=token_text, address=address)


@blueprint.post("/<int:token>/withdraw")
@requires(OWN)
def withdraw(token: int) -> ResponseReturnValue:
    """Revoke a token of the current account."""
    with write_session() as session:
        if not tokens.revoke_token(session, current_account().id, token, now=now()):
            abort(404)
    flash(gettext("The token has been withdrawn. Programs that used it can no longer read anything."), "success")
    return redirect(url_for("tokens.index"))


def _page(form: TokenForm) -> str:
    with read_session() as session:
        own = tokens.tokens_of_account(session, current_account().id)
    return render_template("staff/tokens/index.html", form=form, tokens=own, now=now())
