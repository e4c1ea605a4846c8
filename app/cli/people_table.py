"""`flask people import FILE`: many people from one table, all of it or nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from app.cli.table_errors import print_notices
from app.core.accounts import Account, Grant, Role
from app.core.languages import Language
from app.core.mail import ADDRESS
from app.core.tables.cells import TableRow
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.tables.headers import PEOPLE, column_names
from app.core.tables.names import NameIndex
from app.core.tables.row_reader import RowReader
from app.render.letters import letterhead
from app.services import accounts, mail, organisations
from app.services.accounts import AccountError
from app.services.mail import MailContext
from app.store.database import Session, write_session
from app.store.tabular_reader import read_table, require_columns
from app.web.shared.app_context import now, secret, settings

NEEDED = ("email", "name", "role")
ALLOWED = ("municipality", "community", "language")
LONGEST_NAME = 120
_FAULTS = {
    "email_taken": ("email", TableErrorCode.EMAIL_TAKEN),
    "no_place": ("community", TableErrorCode.NO_PLACE),
    "principal_needs_community": ("community", TableErrorCode.PRINCIPAL_NEEDS_COMMUNITY),
}


class PeopleTable:
    """The people of one table, read row by row; `problems` collects every fault."""

    def __init__(self, session: Session):
        self.session = session
        self.problems: list[TableError] = []
        self.municipalities = NameIndex((one.id, one.name, one.id) for one in organisations.municipalities(session))
        self.communities = NameIndex((one.id, one.name, one.id) for one in organisations.communities(session))

    def import_row(self, row: TableRow, *, now: datetime) -> Iterator[Account]:
        """Add the person of a row, or give them the role that it says; yield whoever has to begin with a code."""
        before = len(self.problems)
        reader = RowReader(row, zone=UTC, problems=self.problems)
        email = reader.line("email", longest=254, required=True)
        if email and not ADDRESS.fullmatch(email):
            reader.add_error("email", TableErrorCode.NOT_AN_EMAIL, email)
        name = reader.line("name", longest=LONGEST_NAME, required=True)
        role = reader.word("role", Role)
        language = reader.word("language", Language, default=Language.FI)
        municipality = self._place(reader, "municipality", self.municipalities)
        community = self._place(reader, "community", self.communities)
        if len(self.problems) > before:
            return
        try:
            grant = accounts.grant_at(self.session, role, municipality=municipality, community=community)
            yield from self._add(email, name, language, grant, now=now)
        except AccountError as refused:
            column, fault = _FAULTS[refused.reason]
            reader.add_error(column, fault, reader.raw(column))

    def _place(self, reader: RowReader, column: str, known: NameIndex[str]) -> str | None:
        text = reader.line(column, longest=LONGEST_NAME)
        matches = known.find(text) if text else ()
        if text and len(matches) != 1:
            fault = TableErrorCode.SEVERAL_PLACES if matches else TableErrorCode.NO_PLACE
            reader.add_error(column, fault, text)
        return matches[0] if len(matches) == 1 else None

    def _add(self, email: str, name: str, language: Language, grant: Grant, *, now: datetime) -> Iterator[Account]:
        account = accounts.by_email(self.session, email)
        if account is None:
            accounts.add(self.session, email=email, name=name, language=language, grants=[grant], by=None, now=now)
        if account is None or _needs_invitation(self.session, account, grant, now=now):
            added = accounts.by_email(self.session, email)
            assert added is not None, "it was added just now"
            yield added


def import_people(file: Path, *, letters: bool) -> tuple[tuple[str, str], ...]:
    """Add everybody whom a table names, or give them the role that it says; return who begins with which code.

    Who is there already with that role stays as they are, so that a table can be brought in again. With `letters`
    each code goes by mail and none is returned. Raises TableImportError with every bad row; nothing was stored then.
    """
    if letters and not settings().smtp_url:
        raise click.ClickException("No letter can be sent: SMTP_URL is empty. Without --letters the codes are printed.")
    table = read_table(file.read_bytes(), name=file.name, rename=column_names(PEOPLE))
    require_columns(table, NEEDED, allowed=ALLOWED)
    with write_session() as session:
        people = PeopleTable(session)
        begin = [account for row in table.rows for account in people.import_row(row, now=now())]
        if people.problems:
            raise TableImportError(problem.in_file(file.name) for problem in people.problems)
        print_notices(table.notices)
        return tuple(_invited(session, begin, letters=letters))


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
