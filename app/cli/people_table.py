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
        sheet = read_csv(file.read_bytes(), name=file.name)
        require_columns(sheet, NEEDED, allowed=ALLOWED)
        faults: list[CellError] = []
        begin: list[Account] = []
        for line in sheet.lines:
            seen = list(_faults(sheet, line))
            try:
                begin += () if seen else _import_row(session, line, now=now())
            except AccountError as refused:
                column = _COLUMNS.get(refused.reason, "email")
                seen = [CellError(sheet.name, line.number, column, reasons[refused.reason])]
            faults += seen
        if faults:
            raise AnswerImportError(faults)
        return tuple(_invited(session, begin, letters=letters))


def _faults(sheet: CsvTable, line: CsvRow) -> Iterator[CellError]:
    """Return what can be told of a row without looking at what is stored."""
    if not ADDRESS.fullmatch(line.cells["email"]):
        yield CellError(sheet.name, line.number, "email", "Write an e-mail address such as name@example.org.")
    if not line.cells["name"]:
        yield CellError(sheet.name, line.number, "name", "Write the person's name.")
    for column, known in (("role", Role), ("language", Language)):
        words, said = [one.value for one in known], line.cells.get(column, "")
        if said not in words and (said or column in NEEDED):
            yield CellError(sheet.name, line.number, column, f"Choose among: {', '.join(words)}.")


def _import_row(session: Session, line: CsvRow, *, now: datetime) -> Iterator[Account]:
    cells = line.cells
    role, community = Role(cells["role"]), cells.get("community") or None
    given = accounts.grant_at(session, role, municipality=cells.get("municipality") or None, community=community)
    found = accounts.by_email(session, cells["email"])
    if found is None:
        language, named = Language(cells.get("language") or Language.FI), cells["name"]
        accounts.add(session, email=cells["email"], name=named, language=language, grants=[given], by=None, now=now)
    if found is None or _needs_invitation(session, found, given, now=now):
        added = accounts.by_email(session, cells["email"])
        assert added is not None, "it was added just now"
        yield added


def _needs_invitation(session: Session, found: Account, given: Grant, *, now: datetime) -> bool:
    if found.closed:
        raise AccountError("email_taken")
    return given not in found.grants and accounts.grant(session, found.id, given, by=None, now=now)


def _invited(session: Session, begin: list[Account], *, letters: bool) -> Iterator[tuple[str, str]]:
    desk = MailContext(head=letterhead(settings()), secret=secret(), now=now())
    for one in {account.id: account for account in begin}.values():
        code = accounts.create_invitation(session, one.id, now=now())
        if letters:
            mail.write_account_letter(session, one, code, until=now() + accounts.LINK_LASTS, desk=desk)
        else:
            yield one.email, code
