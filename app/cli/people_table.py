"""`flask people import FILE`: many people from one table, all of it or nothing."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import click

from app.core.accounts import Account, Grant, Role
from app.core.languages import Language
from app.core.mail import ADDRESS
from app.render.letters import letterhead
from app.services import accounts, mail
from app.services.accounts import AccountError
from app.services.imports.csv_reader import AnswerImportError, CellError, CsvRow, CsvTable, read_csv, require_columns
from app.services.mail import MailContext
from app.store.database import Session, write_session
from app.web.shared.app_context import now, secret, settings

NEEDED = ("email", "name", "role")
ALLOWED = ("municipality", "community", "language")
_COLUMNS = {"no_place": "municipality or community", "principal_needs_community": "community"}


def import_people(file: Path, reasons: Mapping[str, str], *, letters: bool) -> tuple[tuple[str, str], ...]:
    """Add everybody whom a table names, or give them the role that it says; return who begins with which code.

    Who is there already with that role stays as they are, so that a table can be brought in again. With `letters`
    each code goes by mail and none is returned. Raises AnswersRefused with every bad row; nothing was stored then.
    """
    if letters and not settings().smtp_url:
        raise click.ClickException("No letter can be sent: SMTP_URL is empty. Without --letters the codes are printed.")
    with write_session() as session:
        csv_table = read_csv(file.read_bytes(), name=file.name)
        require_columns(csv_table, NEEDED, allowed=ALLOWED)
        faults: list[CellError] = []
        begin: list[Account] = []
        for line in csv_table.lines:
            seen = list(_faults(csv_table, line))
            try:
                begin += () if seen else _import_row(session, line, now=now())
            except AccountError as refused:
                column = _COLUMNS.get(refused.reason, "email")
                seen = [CellError(csv_table.name, line.number, column, reasons[refused.reason])]
            faults += seen
        if faults:
            raise AnswerImportError(faults)
        return tuple(_invited(session, begin, letters=letters))


def _faults(csv_table: CsvTable, line: CsvRow) -> Iterator[CellError]:
    """Return what can be told of a row without looking at what is stored."""
    if not ADDRESS.fullmatch(line.cells["email"]):
        yield CellError(csv_table.name, line.number, "email", "Write an e-mail address such as name@example.org.")
    if not line.cells["name"]:
        yield CellError(csv_table.name, line.number, "name", "Write the person's name.")
    for column, known in (("role", Role), ("language", Language)):
        words = [item.value for item in known]
        message = line.cells.get(column, "")
        if message not in words and (message or column in NEEDED):
            yield CellError(csv_table.name, line.number, column, f"Choose among: {', '.join(words)}.")


def _import_row(session: Session, line: CsvRow, *, now: datetime) -> Iterator[Account]:
    cells = line.cells
    role = Role(cells["role"])
    community = cells.get("community") or None
    grant = accounts.grant_at(session, role, municipality=cells.get("municipality") or None, community=community)
    account = accounts.by_email(session, cells["email"])
    if account is None:
        language = Language(cells.get("language") or Language.FI)
        named = cells["name"]
        accounts.add(session, email=cells["email"], name=named, language=language, grants=[grant], by=None, now=now)
    if account is None or _needs_invitation(session, account, grant, now=now):
        added = accounts.by_email(session, cells["email"])
        assert added is not None, "it was added just now"
        yield added


def _needs_invitation(session: Session, account: Account, grant: Grant, *, now: datetime) -> bool:
    if account.closed:
        raise AccountError("email_taken")
    return grant not in account.grants and accounts.grant(session, account.id, grant, by=None, now=now)


def _invited(session: Session, begin: list[Account], *, letters: bool) -> Iterator[tuple[str, str]]:
    context = MailContext(head=letterhead(settings()), secret=secret(), now=now())
    for each_account in {account.id: account for account in begin}.values():
        code = accounts.create_invitation(session, each_account.id, now=now())
        if letters:
            mail.write_account_letter(session, each_account, code, until=now() + accounts.LINK_LASTS, context=context)
        else:
            yield each_account.email, code
