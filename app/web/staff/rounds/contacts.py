"""E-mail addresses to invite: check a list, then import it; kept until the count."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.core.languages import Language
from app.core.rounds import Round, RoundState
from app.core.tables.errors import TableError
from app.services import accounts, contacts
from app.store.database import Session, write_session
from app.web.shared.access import current_account, require_permission_at, requires
from app.web.shared.app_context import now, settings
from app.web.shared.table_error_words import error_sentences, notice_sentence
from app.web.shared.table_files import send_table_file
from app.web.staff.imports.tables import ImportEndpoints, TableImport
from app.web.staff.rounds.message_forms import ContactImportForm
from app.web.staff.rounds.views import get_round_or_404

blueprint = Blueprint("contacts", __name__, url_prefix="/staff/rounds")
ISSUE = Permission.ISSUE_CODES


@blueprint.route("/<int:number>/contacts", methods=["GET", "POST"])
@requires(ISSUE)
def upload_and_check(number: int) -> ResponseReturnValue:
    """Take a list in and check it; a clean one waits to be confirmed."""
    return _import(_round(number)).handle_upload()


@blueprint.get("/<int:number>/contacts/<int:handed>")
@requires(ISSUE)
def preview(number: int, handed: int) -> ResponseReturnValue:
    """Show what a checked list would add."""
    return _import(_round(number)).show_preview(handed)


@blueprint.post("/<int:number>/contacts/<int:handed>")
@requires(ISSUE)
def confirm(number: int, handed: int) -> ResponseReturnValue:
    """Import a list that was checked, or give it up."""
    return _import(_round(number)).confirm(handed)


@blueprint.post("/<int:number>/contacts/forget")
@requires(ISSUE)
def delete_uninvited(number: int) -> ResponseReturnValue:
    """Delete the contacts that no message was written to."""
    round_ = _round(number)
    with write_session() as session:
        contacts.delete_uninvited(session, round_.id)
    flash(gettext("The addresses that had not been invited have been deleted."), "success")
    return redirect(url_for("messages.index", number=number))


@blueprint.get("/<int:number>/contacts/template.<any(csv, xlsx):kind>")
@requires(ISSUE)
def template(number: int, kind: str) -> ResponseReturnValue:
    """Send the empty contact table."""
    _round(number)
    return send_table_file(contacts.empty_import_table(kind=kind), kind=kind, name="contacts")


def _import(round_: Round) -> TableImport[contacts.CheckedContacts]:
    language = Language(settings().default_language)

    def store(session: Session, content: bytes) -> contacts.CheckedContacts:
        done = contacts.import_contacts(session, round_, content, language=language)
        subject = f"round:{round_.id} addresses:{done.added}"
        accounts.record_audit_event(session, current_account().id, AuditEvent.CONTACTS_IMPORTED, subject, now=now())
        return done

    return TableImport(
        most_bytes=contacts.MOST_BYTES,
        upload_kind=contacts.upload_kind_for_round(round_.id),
        check=lambda session, content: contacts.check_import(session, round_, content, language=language),
        store=store,
        form=ContactImportForm,
        page=lambda form, problems: _import_page(round_, form, problems),
        preview=lambda checked, name: render_template(
            "staff/messages/preview.html",
            round=round_,
            checked=checked,
            name=name,
            notices=list(map(notice_sentence, checked.notices)),
        ),
        done=lambda checked: flash(
            ngettext("One new address imported.", "%(num)s new addresses imported.", checked.added), "success"
        ),
        addresses=ImportEndpoints(
            "contacts.upload_and_check",
            "contacts.preview",
            "messages.index",
            number="handed",
            shared={"number": round_.id},
        ),
    )


def _import_page(round_: Round, form: ContactImportForm, problems: tuple[TableError, ...]) -> ResponseReturnValue:
    lines = error_sentences(problems)
    page = render_template("staff/messages/contacts.html", round=round_, form=form, problems=lines, failing=bool(lines))
    return page, 422 if problems or form.errors else 200


def _round(number: int) -> Round:
    """Return a round that may still get addresses; 409 once it has closed."""
    require_permission_at(ISSUE)
    round_ = get_round_or_404(number)
    if round_.state not in {RoundState.DRAFT, RoundState.OPEN}:
        abort(409)
    return round_
