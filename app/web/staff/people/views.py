"""Accounts of staff: add, grant and revoke roles, issue one-time codes, end sessions, close."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from app.core.accounts import Account, AccountId, Grant, Permission, Role
from app.core.languages import Language
from app.core.text import sort_key
from app.render.mail_messages import sender_details
from app.services import accounts, authentication, mail, organisations, second_factor
from app.services.mail import MailContext
from app.store.database import Session, read_session, write_session
from app.web.shared.access import current_account, has_permission_at, require_permission_at, requires
from app.web.shared.app_context import now, secret, settings
from app.web.shared.sorting import SortOrder, requested_order, sort_rows
from app.web.staff.people.forms import GrantForm, NewAccountForm, parse_place_value, place_names_by_value, place_value

blueprint = Blueprint("people", __name__, url_prefix="/staff/people")
EDIT = Permission.EDIT_ACCOUNTS
SORT_KEYS = {
    "name": lambda person: sort_key(person.name),
    "email": lambda person: person.email,
}


@blueprint.get("/")
@requires(EDIT)
def index() -> ResponseReturnValue:
    """List the accounts that the current account may administer; `?show=waiting`: those without a password."""
    with read_session() as session:
        result = accounts.accounts(session)
    found_accounts = [each_account for each_account in result if may_administer(each_account)]
    waiting = [person for person in found_accounts if not person.has_password and not person.closed]
    only_waiting = request.args.get("show") == "waiting"
    order = requested_order(SORT_KEYS, SortOrder("name"))
    return render_template(
        "staff/people/index.html",
        people=sort_rows(waiting if only_waiting else found_accounts, order, SORT_KEYS),
        waiting=len(waiting),
        only_waiting=only_waiting,
        order=order,
        places=_places(),
    )


@blueprint.route("/add", methods=["GET", "POST"])
@requires(EDIT)
def add() -> ResponseReturnValue:
    """Add an account and show the one-time code for its owner."""
    form = NewAccountForm(_places())
    if form.validate_on_submit():
        try:
            return _add(form)
        except accounts.AccountError as refused:
            form.add_error(
                form.email if refused.reason == "email_taken" else form.place, account_error_sentence(refused)
            )
    return render_template("staff/people/add.html", form=form), 422 if form.errors else 200


@blueprint.get("/<int:person>")
@requires(EDIT)
def show(person: int) -> ResponseReturnValue:
    """Show one account with its roles."""
    found_account = get_person_or_error(person)
    return _person_page(found_account, GrantForm(_places()))


@blueprint.post("/<int:person>/grant")
@requires(EDIT)
def grant(person: int) -> ResponseReturnValue:
    """Give an account a role at a place."""
    found_account = get_person_or_error(person)
    form = GrantForm(_places())
    try:
        if form.validate_on_submit():
            with write_session() as session:
                anew = accounts.grant_role(
                    session, found_account.id, _asked(session, form), by=current_account().id, now=now()
                )
            if anew:
                message = gettext(
                    "This role has wider access than the earlier ones, and the person who managed the account until "
                    "now may know its password. %(name)s starts again: provide a one-time code.",
                    name=found_account.name,
                )
                flash(message, "warning")
            return redirect(url_for("people.show", person=person))
    except accounts.AccountError as refused:
        form.add_error(form.place, account_error_sentence(refused))
    return _person_page(found_account, form), 422


@blueprint.post("/<int:person>/revoke")
@requires(EDIT)
def revoke(person: int) -> ResponseReturnValue:
    """Revoke a role; nobody can revoke their own administrator role."""
    found_account = get_person_or_error(person)
    old = next(
        (each_grant for each_grant in found_account.grants if _grant_value(each_grant) == request.form.get("grant")),
        None,
    ) or abort(422)
    if found_account.id == current_account().id and old.role is Role.ADMINISTRATOR:
        flash(gettext("Only another administrator can remove this role from you."), "error")
        return redirect(url_for("people.show", person=person))
    with write_session() as session:
        accounts.revoke_role(session, found_account.id, old, by=current_account().id, now=now())
    return redirect(url_for("people.show", person=person))


@blueprint.post("/<int:person>/invite")
@requires(EDIT)
def create_one_time_code(person: int) -> ResponseReturnValue:
    """Show a new one-time code, once."""
    found_account = get_person_or_error(person)
    with write_session() as session:
        code = accounts.unlink_and_create_password_code(session, found_account.id, now=now())
    return one_time_code_page(found_account.email, code)


@blueprint.post("/<int:person>/invite/letter")
@requires(EDIT)
def invite_by_mail(person: int) -> ResponseReturnValue:
    """Send a new one-time link by mail; nobody but the person sees it."""
    found_account = get_person_or_error(person)
    if not settings().smtp_url or found_account.closed:
        abort(409)
    with write_session() as session:
        queue_one_time_link_message(session, found_account)
    flash(gettext("An e-mail with a link is sent to %(email)s within a minute.", email=found_account.email), "success")
    return redirect(url_for("people.show", person=person))


@blueprint.post("/<int:person>/second-step/off")
@requires(EDIT)
def second_step_off(person: int) -> ResponseReturnValue:
    """Switch a person's second step off, for instance when the phone is lost."""
    found_account = get_person_or_error(person)
    with write_session() as session:
        second_factor.disable(session, found_account.id, by=current_account().id, now=now())
    flash(
        gettext("%(name)s signs in with the password only until a new second step is set up.", name=found_account.name)
    )
    return redirect(url_for("people.show", person=person))


@blueprint.route("/<int:person>/close", methods=["GET", "POST"])
@requires(EDIT)
def close(person: int) -> ResponseReturnValue:
    """Close an account after asking once more."""
    found_account = get_person_or_error(person)
    if found_account.id == current_account().id:
        flash(gettext("Only another administrator can close your account."), "error")
        return redirect(url_for("people.show", person=person))
    if request.method == "GET":
        return render_template("staff/people/close.html", person=found_account)
    with write_session() as session:
        accounts.close(session, found_account.id, by=current_account().id, now=now())
    flash(gettext("%(name)s can no longer sign in.", name=found_account.name), "success")
    return redirect(url_for("people.index"))


@blueprint.post("/<int:person>/reopen")
@requires(EDIT)
def reopen(person: int) -> ResponseReturnValue:
    """Open a closed account again."""
    found_account = get_person_or_error(person)
    with write_session() as session:
        accounts.reopen(session, found_account.id, by=current_account().id, now=now())
    return redirect(url_for("people.show", person=person))


@blueprint.post("/<int:person>/sessions/end")
@requires(EDIT)
def end_one_or_all_sessions(person: int) -> ResponseReturnValue:
    """Sign a person out: of one session where it is named, else everywhere."""
    found_account = get_person_or_error(person)
    handle = request.form.get("handle")
    with write_session() as session:
        if handle:
            authentication.end_session(session, found_account.id, handle, by=current_account().id, now=now())
        else:
            accounts.end_sessions(session, found_account.id, by=current_account().id, now=now())
    return redirect(url_for("people.show", person=person))


def _add(form: NewAccountForm) -> ResponseReturnValue:
    with write_session() as session:
        added = accounts.add(
            session,
            email=form.email.data,
            name=form.name.data,
            language=Language(form.language.data),
            grants=[_asked(session, form)],
            by=current_account().id,
            now=now(),
        )
        if settings().smtp_url:
            queue_one_time_link_message(session, accounts.find_account(session, added) or abort(404))
        else:
            code = accounts.unlink_and_create_password_code(session, added, now=now())
            return one_time_code_page(form.email.data, code)
    flash(gettext("An e-mail with a link is sent to %(email)s within a minute.", email=form.email.data), "success")
    return redirect(url_for("people.show", person=added))


def queue_one_time_link_message(session: Session, found_account: Account) -> None:
    """Put a message with a one-time link into the outbox."""
    code = accounts.unlink_and_create_password_code(session, found_account.id, now=now())
    context = MailContext(head=sender_details(settings()), secret=secret(), now=now())
    mail.queue_account_message(session, found_account, code, until=now() + accounts.LINK_LASTS, context=context)


def _asked(session: Any, form: GrantForm) -> Grant:
    """Return the grant that a form asks for; 403 unless the account at hand may give it there."""
    municipality, community = parse_place_value(form.place.data)
    asked = accounts.resolve_grant(session, Role(form.role.data), municipality=municipality, community=community)
    require_permission_at(EDIT, municipality=asked.municipality, community=asked.community)
    return asked


def _places() -> dict[str, str]:
    with read_session() as session:
        return place_names_by_value(organisations.municipalities(session), organisations.communities(session))


def _person_page(found_account: Account, form: GrantForm) -> str:
    with read_session() as session:
        second_step = second_factor.is_enabled(session, found_account.id)
        visits = authentication.account_sessions(session, found_account.id, now=now())
    return render_template(
        "staff/people/show.html",
        person=found_account,
        form=form,
        places=_places(),
        has_second_step=second_step,
        visits=visits,
        now=now(),
        has_server=bool(settings().smtp_url),
    )


def one_time_code_page(email: str, code: str) -> ResponseReturnValue:
    """Show a one-time code, once."""
    address = f"{settings().base_url.rstrip('/')}{url_for('signin.set_password_with_code')}"
    return render_template("staff/people/code.html", email=email, code=code, address=address)


def get_person_or_error(person: int) -> Account:
    """Return an account; 404 if there is none, 403 if the current account may not administer it."""
    with read_session() as session:
        found_account = accounts.find_account(session, AccountId(person)) or abort(404)
    if not may_administer(found_account):
        abort(403)
    return found_account


def may_administer(person: Account) -> bool:
    """Tell whether all roles of `person` lie where the account at hand is administrator.

    Otherwise an administrator of one municipality could take over the region's coordinator.
    """
    return all(
        has_permission_at(EDIT, municipality=each_grant.municipality, community=each_grant.community)
        for each_grant in person.grants
    )


def _grant_value(grant: Grant) -> str:
    return f"{grant.role.value} {place_value(grant)}"


def account_error_sentence(refused: accounts.AccountError) -> LazyString:
    """Return why a change of an account was refused, as a sentence with the remedy."""
    if refused.reason == "email_taken":
        return _("Another account has this address. Open it and give it the role.")
    if refused.reason == "principal_needs_community":
        return _("A principal is assigned to one community. Choose it.")
    if refused.reason == "no_successor":
        return _("The role can be transferred to another person whose account is open. Open the account first.")
    return _("That community or municipality no longer exists. Choose another.")
