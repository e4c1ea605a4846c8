"""Addresses to invite by mail: check a list, then import it; kept until the round is counted."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.core.accounts import Permission
from app.core.audit import Deed
from app.core.catalogue.faults import CatalogueRefused, Problem
from app.core.languages import Language
from app.core.rounds import Round, RoundState
from app.services import accounts, contacts
from app.store.database import reading, transaction
from app.web.shared.access import account, allowed, require_place
from app.web.shared.door import now, settings
from app.web.shared.faults import sentence
from app.web.staff.handed_in import read_checked
from app.web.staff.letter_forms import ContactsForm
from app.web.staff.rounds import find

blueprint = Blueprint("contacts", __name__, url_prefix="/staff/rounds")
ISSUE = Permission.ISSUE_CODES
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@blueprint.route("/<int:number>/contacts", methods=["GET", "POST"])
@allowed(ISSUE)
def import_(number: int) -> ResponseReturnValue:
    """Take a list in and check it; a clean one waits to be confirmed."""
    current, form = _round(number), ContactsForm()
    if not form.validate_on_submit():
        return _import_page(current, form, ())
    language = _language()
    content, problems = read_checked(
        form.file,
        contacts.MOST_BYTES,
        lambda session, given: contacts.check(session, current, given, language=language),
    )
    if problems:
        return _import_page(current, form, problems)
    with transaction() as session:
        name = form.file.data.filename or ""
        handed = contacts.hand_in(session, account().id, current.id, name=name, content=content, now=now())
    return redirect(url_for("contacts.preview", number=number, handed=handed))


@blueprint.get("/<int:number>/contacts/<int:handed>")
@allowed(ISSUE)
def preview(number: int, handed: int) -> ResponseReturnValue:
    """Show what a checked list would add."""
    current = _round(number)
    with reading() as session:
        name, content = contacts.handed_in(session, handed, account().id, current.id) or abort(404)
        checked = contacts.check(session, current, content, language=_language())
    if checked.problems:  # something has changed since it was handed in
        return _import_page(current, ContactsForm(), checked.problems)
    return render_template("staff/letters/preview.html", round=current, checked=checked, name=name)


@blueprint.post("/<int:number>/contacts/<int:handed>")
@allowed(ISSUE)
def confirm(number: int, handed: int) -> ResponseReturnValue:
    """Import a list that was checked, or give it up."""
    current = _round(number)
    try:
        with transaction() as session:
            _name, content = contacts.handed_in(session, handed, account().id, current.id) or abort(404)
            contacts.forget(session, handed, account().id)
            if "give_up" in request.form:
                return redirect(url_for("letters.index", number=number))
            done = contacts.import_list(session, current, content, language=_language())
            subject = f"round:{number} addresses:{done.added}"
            accounts.record(session, account().id, Deed.CONTACTS_IMPORTED, subject, now=now())
    except CatalogueRefused as refused:
        return _import_page(current, ContactsForm(), refused.problems)
    flash(ngettext("One new address imported.", "%(num)s new addresses imported.", done.added), "success")
    return redirect(url_for("letters.index", number=number))


@blueprint.post("/<int:number>/contacts/forget")
@allowed(ISSUE)
def forget(number: int) -> ResponseReturnValue:
    """Delete the addresses that no letter was written to."""
    current = _round(number)
    with transaction() as session:
        contacts.forget_uninvited(session, current.id)
    flash(gettext("The addresses that had not been invited are deleted."), "success")
    return redirect(url_for("letters.index", number=number))


@blueprint.get("/<int:number>/contacts/template.<any(csv, xlsx):kind>")
@allowed(ISSUE)
def template(number: int, kind: str) -> ResponseReturnValue:
    """Hand out the empty list."""
    _round(number)
    headers = {"Content-Disposition": f"attachment; filename=contacts.{kind}"}
    return Response(contacts.template(kind=kind), mimetype=TYPES[kind], headers=headers)


def _import_page(current: Round, form: ContactsForm, problems: tuple[Problem, ...]) -> ResponseReturnValue:
    told = [sentence(one) for one in problems]
    page = render_template("staff/letters/contacts.html", round=current, form=form, problems=told, failing=bool(told))
    return page, 422 if problems or form.errors else 200


def _round(number: int) -> Round:
    """Return a round that may still get addresses; 409 once it has closed."""
    require_place(ISSUE)
    current = find(number)
    if current.state not in {RoundState.DRAFT, RoundState.OPEN}:
        abort(409)
    return current


def _language() -> Language:
    return Language(settings().default_language)
