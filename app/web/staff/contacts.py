"""Addresses to invite by mail: check a list, then import it; kept until the round is counted."""

from dataclasses import dataclass

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.core.accounts import Permission
from app.core.audit import Deed
from app.core.catalogue.faults import Problem
from app.core.languages import Language
from app.core.rounds import Round, RoundId, RoundState
from app.services import accounts, contacts
from app.store.database import Session, transaction
from app.web.shared.access import account, allowed, require_place
from app.web.shared.door import now, settings
from app.web.shared.faults import sentence
from app.web.staff.handed_in import Addresses, TableImport
from app.web.staff.letter_forms import ContactsForm
from app.web.staff.rounds import find

blueprint = Blueprint("contacts", __name__, url_prefix="/staff/rounds")
ISSUE = Permission.ISSUE_CODES
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@blueprint.route("/<int:number>/contacts", methods=["GET", "POST"])
@allowed(ISSUE)
def import_(number: int) -> ResponseReturnValue:
    """Take a list in and check it; a clean one waits to be confirmed."""
    return _import(_round(number)).take_in()


@blueprint.get("/<int:number>/contacts/<int:handed>")
@allowed(ISSUE)
def preview(number: int, handed: int) -> ResponseReturnValue:
    """Show what a checked list would add."""
    return _import(_round(number)).show(handed)


@blueprint.post("/<int:number>/contacts/<int:handed>")
@allowed(ISSUE)
def confirm(number: int, handed: int) -> ResponseReturnValue:
    """Import a list that was checked, or give it up."""
    return _import(_round(number)).confirm(handed)


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


@dataclass(frozen=True, slots=True)
class _WaitingList:
    """Lists of addresses of one round that the account at hand has to confirm."""

    round: RoundId

    def put(self, session: Session, *, name: str, content: bytes) -> int:
        return contacts.hand_in(session, account().id, self.round, name=name, content=content, now=now())

    def find(self, session: Session, number: int) -> tuple[str, bytes] | None:
        return contacts.handed_in(session, number, account().id, self.round)

    def remove(self, session: Session, number: int) -> bool:
        return contacts.forget(session, number, account().id)


def _import(current: Round) -> TableImport[contacts.Checked]:
    language = Language(settings().default_language)

    def store(session: Session, content: bytes) -> contacts.Checked:
        done = contacts.import_list(session, current, content, language=language)
        subject = f"round:{current.id} addresses:{done.added}"
        accounts.record(session, account().id, Deed.CONTACTS_IMPORTED, subject, now=now())
        return done

    return TableImport(
        most_bytes=contacts.MOST_BYTES,
        waiting=_WaitingList(current.id),
        check=lambda session, content: contacts.check(session, current, content, language=language),
        store=store,
        form=ContactsForm,
        page=lambda form, problems: _import_page(current, form, problems),
        preview=lambda checked, name: render_template(
            "staff/letters/preview.html", round=current, checked=checked, name=name
        ),
        done=lambda checked: flash(
            ngettext("One new address imported.", "%(num)s new addresses imported.", checked.added), "success"
        ),
        addresses=Addresses(
            "contacts.import_", "contacts.preview", "letters.index", number="handed", shared={"number": current.id}
        ),
    )


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
