"""Support contacts of a municipality, shown to staff with their own feedback."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import TextAreaField

from app.core.accounts import Permission
from app.core.support import LONGEST, SupportContactKind
from app.services import organisations, support
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, require_permission_at, requires
from app.web.shared.app_context import now
from app.web.shared.forms import Form, max_length, optional
from app.web.shared.support_words import SUPPORT

blueprint = Blueprint("support", __name__, url_prefix="/staff/organisations")
EDIT = Permission.EDIT_ORGANISATIONS


class SupportContactsForm(Form):
    """Form with the contact details of each kind of support."""


@blueprint.route("/support/<municipality>", methods=["GET", "POST"])
@requires(EDIT)
def edit(municipality: str) -> ResponseReturnValue:
    """Edit the contact details of a municipality's support services."""
    with read_session() as session:
        known = next(
            (
                each_municipality
                for each_municipality in organisations.municipalities(session)
                if each_municipality.id == municipality
            ),
            None,
        )
        stored = support.support_contacts_by_kind(session, municipality)
    place = known or abort(404)
    require_permission_at(EDIT, municipality=place.id)
    form = _form(stored)
    if form.validate_on_submit():
        with write_session() as session:
            words = {support_kind: form[support_kind.value].data or "" for support_kind in SupportContactKind}
            support.save_support_contacts(session, place.id, words, by=current_account().id, now=now())
        flash(gettext("%(name)s saved.", name=place.name), "success")
        return redirect(url_for("organisations.index"))
    page = render_template("staff/support/edit.html", form=form, municipality=place)
    return page, 422 if form.errors else 200


def _form(stored: dict[SupportContactKind, str]) -> SupportContactsForm:
    fields = {
        support_kind.value: TextAreaField(
            SUPPORT[support_kind],
            [optional(), max_length(LONGEST)],
            description=_("Name, telephone, e-mail, hours: whatever helps. Leave empty what you do not have."),
            render_kw={"rows": 2},
        )
        for support_kind in SupportContactKind
    }
    shape: Any = type("SupportForm", (SupportContactsForm,), fields)
    form: SupportContactsForm = shape(data={support_kind.value: words for support_kind, words in stored.items()})
    return form
