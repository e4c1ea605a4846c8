"""Transfer a community to a successor, and end the predecessor's roles in the same step."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import EmailField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from app.core.accounts import Account, AccountId, Grant, Permission
from app.core.languages import Language
from app.services import accounts, organisations
from app.store.database import Session, read_session, write_session
from app.web.shared.access import current_account, require_permission_at, requires
from app.web.shared.app_context import now, settings
from app.web.shared.forms import Form, email, max_length, required
from app.web.staff.people.views import (
    account_error_sentence,
    get_person_or_error,
    may_administer,
    one_time_code_page,
    queue_one_time_link_message,
)

blueprint = Blueprint("role_transfer", __name__, url_prefix="/staff/people")
EDIT = Permission.EDIT_ACCOUNTS


class SuccessorForm(Form):
    """Form for the successor; name and language are used only where the e-mail address has no account yet."""

    email = EmailField(
        _("E-mail address of the successor"), [required(), max_length(254), email()], render_kw={"autocomplete": "off"}
    )
    name = StringField(
        _("Name"),
        [required(), max_length(120)],
        description=_("If the account already exists, its name does not change."),
    )
    language = SelectField(
        _("Language"), choices=[SelectChoice(each_language.value, each_language.own_name) for each_language in Language]
    )


@blueprint.route("/<int:person>/hand-over/<community>", methods=["GET", "POST"])
@requires(EDIT)
def hand_over(person: int, community: str) -> ResponseReturnValue:
    """Ask who takes over, then move the role in one step."""
    old = get_person_or_error(person)
    grant = next((grant for grant in old.grants if grant.community == community), None) or abort(404)
    require_permission_at(EDIT, municipality=grant.municipality, community=grant.community)
    form = SuccessorForm()
    if form.validate_on_submit():
        try:
            return _hand_over(old, grant, form)
        except accounts.AccountError as refused:
            form.add_error(form.email, account_error_sentence(refused))
    with read_session() as session:
        place = next(
            (
                each_community.name
                for each_community in organisations.communities(session)
                if each_community.id == community
            ),
            community,
        )
    page = render_template("staff/people/hand_over.html", person=old, form=form, place=place)
    return page, 422 if form.errors else 200


def _hand_over(old: Account, grant: Grant, form: SuccessorForm) -> ResponseReturnValue:
    code = None
    with write_session() as session:
        heir = _successor(session, form)
        accounts.transfer_role(session, old, grant, heir.id, by=current_account().id, now=now())
        heir = accounts.find_account(session, heir.id) or abort(404)
        if not heir.has_password:
            code = _invite(session, heir)
    if code is not None:
        return one_time_code_page(heir.email, code)
    flash(gettext("%(heir)s has taken over from %(name)s.", heir=heir.name, name=old.name), "success")
    return redirect(url_for("people.show", person=heir.id))


def _successor(session: Session, form: SuccessorForm) -> Account:
    """Return the account with this address, or a new one; 403 for one that others handle."""
    found_account = accounts.find_account_by_email(session, form.email.data)
    if found_account is None:
        added = _add(session, form)
        found_account = accounts.find_account(session, added)
    if found_account is None or not may_administer(found_account):
        abort(403)
    return found_account


def _add(session: Session, form: SuccessorForm) -> AccountId:
    language = Language(form.language.data)
    return accounts.add(
        session,
        email=form.email.data,
        name=form.name.data,
        language=language,
        grants=[],
        by=current_account().id,
        now=now(),
    )


def _invite(session: Session, heir: Account) -> str | None:
    """Write to the successor where messages go out; return a code for the page where none do."""
    if settings().smtp_url:
        queue_one_time_link_message(session, heir)
        return None
    return accounts.unlink_and_create_password_code(session, heir.id, now=now())
