"""The contacts for support of one municipality, which its staff read in their own feedback."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import TextAreaField

from app.core.accounts import Permission
from app.core.support import LONGEST, Support
from app.services import organisations, support
from app.store.database import reading, transaction
from app.web.shared.access import account, allowed, require_place
from app.web.shared.door import now
from app.web.shared.forms import Form, at_most, optional
from app.web.shared.support_words import SUPPORT

blueprint = Blueprint("support", __name__, url_prefix="/staff/organisations")
EDIT = Permission.EDIT_ORGANISATIONS


class SupportForm(Form):
    """One text for each who can be turned to."""


@blueprint.route("/support/<municipality>", methods=["GET", "POST"])
@allowed(EDIT)
def edit(municipality: str) -> ResponseReturnValue:
    """Change how a municipality's people of support are reached."""
    with reading() as session:
        known = next((one for one in organisations.municipalities(session) if one.id == municipality), None)
        stored = support.of(session, municipality)
    place = known or abort(404)
    require_place(EDIT, municipality=place.id)
    form = _form(stored)
    if form.validate_on_submit():
        with transaction() as session:
            words = {who: form[who.value].data or "" for who in Support}
            support.save(session, place.id, words, by=account().id, now=now())
        flash(gettext("%(name)s saved.", name=place.name), "success")
        return redirect(url_for("organisations.index"))
    page = render_template("staff/support/edit.html", form=form, municipality=place)
    return page, 422 if form.errors else 200


def _form(stored: dict[Support, str]) -> SupportForm:
    fields = {
        who.value: TextAreaField(
            SUPPORT[who],
            [optional(), at_most(LONGEST)],
            description=_("Name, telephone, e-mail, hours: whatever helps. Leave empty what there is not."),
            render_kw={"rows": 2},
        )
        for who in Support
    }
    shape: Any = type("SupportForm", (SupportForm,), fields)
    form: SupportForm = shape(data={who.value: words for who, words in stored.items()})
    return form
