"""`flask people add|import|export|list|grant|revoke|password|second-step-off|close`: manage accounts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.languages import with_english_messages
from app.cli.output import write_output
from app.cli.people_table import import_people_and_create_codes
from app.cli.table_errors import print_errors_and_make_exception
from app.cli.texts import SingleLineText
from app.core.accounts import Account, Grant, Role
from app.core.languages import Language
from app.core.tables.errors import TableImportError
from app.services import accounts, second_factor
from app.services.accounts.people_table import export_people
from app.store.database import read_session, write_session
from app.web.shared.app_context import now, settings

people = AppGroup("people", help="People who sign in, and what they may do.")

_role = click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
_municipality = click.option("--municipality", help="The municipality's id; without it the whole region.")
_community = click.option("--community", help="The community's id.")

_REASONS = {
    "email_taken": "Another account has this e-mail address.",
    "no_grant": "The account has no such role there; see `flask people list`.",
    "no_place": "There is no such municipality or community; see `flask organisations list`.",
    "principal_needs_community": "A principal's place is one community: give --community.",
    "link_spent": "The code has been used or is too old.",
    "password_short": "Use at least 12 characters.",
    "password_long": "Use at most 256 characters.",
    "password_plain": "Use more than a few different characters, and not only digits.",
}


@people.command("add")
@click.argument("email")
@click.option("--name", type=SingleLineText(), required=True)
@_role
@_municipality
@_community
@click.option(
    "--language", type=click.Choice([language.value for language in Language]), default="fi", show_default=True
)
def add(*, email: str, name: str, role: str, municipality: str | None, community: str | None, language: str) -> None:
    """Add EMAIL and print a one-time code with which its owner sets a password."""
    with _errors_as_messages(), write_session() as session:
        found_grant = accounts.resolve_grant(session, Role(role), municipality=municipality, community=community)
        added = accounts.add(
            session, email=email, name=name, language=Language(language), grants=[found_grant], by=None, now=now()
        )
        code = accounts.unlink_and_create_password_code(session, added, now=now())
    _print_code(email, code)


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--letters", is_flag=True, help="Send each a message with a link instead of printing codes.")
@with_english_messages
def import_(file: Path, letters: bool) -> None:
    """Add everybody whom FILE names, or give them the role it says: all of it or nothing.

    FILE is CSV or XLSX with the columns email, name and role, and as needed municipality, community and language.
    """
    try:
        begin = import_people_and_create_codes(file, letters=letters)
    except TableImportError as refused:
        raise print_errors_and_make_exception(refused) from refused
    for email, code in begin:
        click.echo(f"{email}\t{code}")


@people.command("export")
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output without it.")
def export(kind: str, output: Path | None) -> None:
    """Write everybody with an open account, a row for each role; importing it again changes nothing."""
    with read_session() as session:
        content = export_people(session, kind=kind)
    write_output(content, output)


@people.command("list")
def list_people() -> None:
    """List every account with its roles."""
    with read_session() as session:
        found_accounts = accounts.accounts(session)
    for account in found_accounts:
        state = "closed" if account.closed else "active" if account.has_password else "invited"
        roles = ", ".join(_describe(grant) for grant in account.grants) or "no role"
        click.echo(f"{account.email}\t{account.name}\t{state}\t{roles}")


@people.command("grant")
@click.argument("email")
@_role
@_municipality
@_community
def grant(*, email: str, role: str, municipality: str | None, community: str | None) -> None:
    """Grant EMAIL a role; print a new one-time code if the role reaches further than the previous ones."""
    code = None
    with _errors_as_messages(), write_session() as session:
        found_grant = accounts.resolve_grant(session, Role(role), municipality=municipality, community=community)
        account = _find(accounts.find_account_by_email(session, email))
        if accounts.grant_role(session, account.id, found_grant, by=None, now=now()):
            code = accounts.unlink_and_create_password_code(session, account.id, now=now())
    if code is not None:
        _print_code(email, code)


@people.command("revoke")
@click.argument("email")
@_role
@_municipality
@_community
def revoke(*, email: str, role: str, municipality: str | None, community: str | None) -> None:
    """Take a role from EMAIL."""
    with _errors_as_messages(), write_session() as session:
        found_grant = accounts.resolve_grant(session, Role(role), municipality=municipality, community=community)
        accounts.revoke_role(
            session, _find(accounts.find_account_by_email(session, email)).id, found_grant, by=None, now=now()
        )


@people.command("password")
@click.argument("email")
@click.option("--ask", is_flag=True, help="Ask for the password here instead of printing a one-time code.")
def set_password_or_print_code(*, email: str, ask: bool) -> None:
    """Print a one-time code for EMAIL, or set its password here; ends its sessions when set."""
    chosen = click.prompt("Password", hide_input=True, confirmation_prompt=True) if ask else None
    with _errors_as_messages(), write_session() as session:
        account = _find(accounts.find_account_by_email(session, email))
        if chosen is not None:
            accounts.set_password(session, account.id, chosen, by=None, now=now())
            return
        code = accounts.unlink_and_create_password_code(session, account.id, now=now())
    _print_code(email, code)


@people.command("second-step-off")
@click.argument("email")
def second_step_off(email: str) -> None:
    """Switch EMAIL's second step off: the phone is lost, and the recovery words too."""
    with write_session() as session:
        account = _find(accounts.find_account_by_email(session, email))
        second_factor.disable(session, account.id, by=None, now=now())
    click.echo(f"{email} signs in with the password alone now; the next step is to set the second step up anew.")


@people.command("close")
@click.argument("email")
def close(*, email: str) -> None:
    """Close EMAIL's account and end its sessions."""
    with _errors_as_messages(), write_session() as session:
        accounts.close(session, _find(accounts.find_account_by_email(session, email)).id, by=None, now=now())


@contextmanager
def _errors_as_messages() -> Iterator[None]:
    try:
        yield
    except accounts.AccountError as refused:
        raise click.ClickException(_REASONS[refused.reason]) from refused


def _find(account: Account | None) -> Account:
    if account is None:
        message = "No account has this e-mail address; see `flask people list`."
        raise click.ClickException(message)
    return account


def _describe(grant: Grant) -> str:
    place = grant.community or grant.municipality
    return f"{grant.role} of {place}" if place else grant.role.value


def _print_code(email: str, code: str) -> None:
    click.echo(f"{email} sets a password within seven days at {settings().base_url}/staff/password")
    click.echo(f"One-time code: {code}")
