"""Accounts and roles as a table, one row per role: export, and import atomically."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from app.core.accounts import Account, AccountId, Grant, Role
from app.core.languages import Language
from app.core.mail import ADDRESS
from app.core.tables.cells import TableNotice, TableRow
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.tables.headers import PEOPLE, column_name_resolver
from app.core.tables.names import NameIndex
from app.core.tables.row_reader import RowReader, escape_formula
from app.render.tabular_files import Value, table_file
from app.services import accounts
from app.services.accounts import AccountError
from app.store import organisations
from app.store.tabular_reader import read_table, require_columns

NEEDED = ("email", "name", "role")
ALLOWED = ("municipality", "community", "language")
LONGEST_NAME = 120
_FAULTS = {
    "email_taken": ("email", TableErrorCode.EMAIL_TAKEN),
    "no_place": ("community", TableErrorCode.NO_PLACE),
    "principal_needs_community": ("community", TableErrorCode.PRINCIPAL_NEEDS_COMMUNITY),
}


@dataclass(frozen=True, slots=True)
class PeopleImport:
    """What an import of people did: who needs a one-time code, and how many rows changed something or nothing."""

    begin: tuple[Account, ...]
    changed: int
    unchanged: int
    notices: tuple[TableNotice, ...] = ()


@dataclass(slots=True)
class _PeopleReader:
    """The people of one table, read row by row; `problems` collects every fault."""

    session: Session
    by: AccountId | None
    now: datetime
    may_lack_role: bool
    problems: list[TableError] = field(default_factory=list)
    municipalities: NameIndex[str] = field(init=False)
    communities: NameIndex[str] = field(init=False)
    changed: int = 0

    def __post_init__(self) -> None:
        self.municipalities = NameIndex(
            (one.id, one.name, one.id) for one in organisations.municipalities(self.session)
        )
        self.communities = NameIndex((one.id, one.name, one.id) for one in organisations.communities(self.session))

    def import_row(self, row: TableRow) -> Iterator[Account]:
        """Add the person of a row, or give them the role that it says; yield whoever has to begin with a code."""
        before = len(self.problems)
        reader = RowReader(row, zone=UTC, problems=self.problems)
        email = reader.read_one_line_text("email", longest=254, required=True)
        if email and not ADDRESS.fullmatch(email):
            reader.add_error("email", TableErrorCode.NOT_AN_EMAIL, email)
        name = reader.read_one_line_text("name", longest=LONGEST_NAME, required=True)
        role = None if self.may_lack_role and not reader.stripped_cell("role") else reader.read_choice("role", Role)
        language = reader.read_choice("language", Language, default=Language.FI)
        municipality = self._place(reader, "municipality", self.municipalities)
        community = self._place(reader, "community", self.communities)
        if len(self.problems) > before:
            return
        try:
            grants = []
            if role is not None:
                grants = [accounts.resolve_grant(self.session, role, municipality=municipality, community=community)]
            yield from self._add(email, name, language, grants)
        except AccountError as refused:
            column, fault = _FAULTS[refused.reason]
            reader.add_error(column, fault, reader.stripped_cell(column))

    def _place(self, reader: RowReader, column: str, known: NameIndex[str]) -> str | None:
        text = reader.read_one_line_text(column, longest=LONGEST_NAME)
        matches = known.all_matches(text) if text else ()
        if text and len(matches) != 1:
            fault = TableErrorCode.SEVERAL_PLACES if matches else TableErrorCode.NO_PLACE
            reader.add_error(column, fault, text)
        return matches[0] if len(matches) == 1 else None

    def _add(self, email: str, name: str, language: Language, grants: list[Grant]) -> Iterator[Account]:
        account = accounts.find_account_by_email(self.session, email)
        if account is not None:
            yield from self._grant(account, grants)
            return
        accounts.add(self.session, email=email, name=name, language=language, grants=grants, by=self.by, now=self.now)
        added = accounts.find_account_by_email(self.session, email)
        assert added is not None, "it was added just now"
        self.changed += 1
        yield added

    def _grant(self, account: Account, grants: list[Grant]) -> Iterator[Account]:
        if account.closed:
            raise AccountError("email_taken")
        new = [grant for grant in grants if grant not in account.grants]
        self.changed += bool(new)
        for grant in new:
            if accounts.grant_role(self.session, account.id, grant, by=self.by, now=self.now):
                yield account


def export_people(session: Session, *, kind: str = "csv") -> bytes:
    """Return every open account as the table that imports it, a row for each role; importing it changes nothing.

    An account without a role has one row with an empty role. Passwords and second factors are not exported.
    """
    rows: list[list[Value]] = [[*NEEDED, *ALLOWED]]
    for account in sorted(accounts.accounts(session), key=lambda account: account.email):
        if not account.closed:
            rows += sorted(_cells(account, grant) for grant in account.grants or (None,))
    return table_file(kind, "people", rows)


def import_people(
    session: Session,
    content: bytes,
    *,
    name: str,
    by: AccountId | None,
    now: datetime,
    may_lack_role: bool = False,
) -> PeopleImport:
    """Add everybody whom a table names, or give them the role that it says, in the caller's transaction.

    Who is there already with that role stays as they are, so that a table can be brought in again. With
    `may_lack_role` a row without a role adds an account without one. Raises TableImportError with every bad row.
    """
    table = read_table(content, name=name, rename=column_name_resolver(PEOPLE))
    require_columns(table, NEEDED, allowed=ALLOWED)
    reader = _PeopleReader(session, by, now, may_lack_role)
    begin = {account.id: account for row in table.rows for account in reader.import_row(row)}
    if reader.problems:
        raise TableImportError(problem.with_file_name(name) for problem in reader.problems)
    unchanged = len(table.rows) - reader.changed
    return PeopleImport(tuple(begin.values()), reader.changed, unchanged, table.notices)


def _cells(account: Account, grant: Grant | None) -> list[Value]:
    role = grant.role.value if grant else ""
    municipality = grant.municipality or "" if grant else ""
    community = grant.community or "" if grant else ""
    return [account.email, escape_formula(account.name), role, municipality, community, account.language]
