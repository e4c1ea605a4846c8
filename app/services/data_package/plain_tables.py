"""Parts of a data package that are plain tables: each row is checked cell by cell before it is stored."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, NoReturn

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.data_package import DataPart
from app.core.tables.cells import ReadLimits, TableRow
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.tables.headers import NO, YES
from app.core.tables.row_reader import RowReader, escape_formula, unescape_formula
from app.core.text import bad_characters_with_positions, match_key
from app.render.tabular_files import Value, csv_bytes
from app.services.data_package.archive import Files
from app.services.data_package.package import ImportContext, PartFormat
from app.services.data_package.round_choice import exported_round_ids
from app.store import escalations, plans, rounds, seats, supply, table_rows, weights
from app.store.table_rows import CellKind, TableColumn, Values
from app.store.tabular_reader import read_table, require_columns

LIMITS = ReadLimits(size=50_000_000, rows=500_000)
LONGEST = 1_000_000  # characters of a text without a limit of its own
_NUMBER = re.compile(r"-?[0-9]{1,15}")
_TABLES: Mapping[DataPart, tuple[str, ...]] = {
    DataPart.SUPPORT: ("support", "shared_staff"),
    DataPart.OTHER_SURVEYS: ("other_survey", "scale_match"),
    DataPart.WEIGHTS: ("weights_version",),
    DataPart.SEATS: (
        "seat_wish",
        "seat_unsuitable_day",
        "allocation",
        "seat_override",
        "seat_use",
        "course_participation",
        "supply_plan",
    ),
    DataPart.FOLLOW_UP: (
        "pulse_unit",
        "followup_pace",
        "followup_step",
        "followup_reminder",
        "plan",
        "plan_action",
        "plan_change",
        "escalation",
        "network_consent",
    ),
}

# Only finished plans: one that waits would be computed anew where it is imported.
_ONLY: Mapping[tuple[str, str], str] = {("supply_plan", "state"): "done"}
# Columns that packages of earlier versions lack; their cells are empty then.
_LATER = frozenset({("escalation", "answer_translations")})


def table_part_format(part: DataPart) -> PartFormat:
    """Return how a part of plain tables is exported and imported."""
    tables = _TABLES[part]

    def export(session: Session) -> Files:
        return {_file(part, table): _export(session, table) for table in tables}

    def load(session: Session, files: Files, _context: ImportContext) -> tuple[int, int]:
        changed = 0
        unchanged = 0
        for table in tables:
            name = _file(part, table)
            if name not in files:
                raise TableImportError([TableError(0, "", TableErrorCode.PACKAGE_FILE_MISSING, name)])
            new, same = _load(session, table, name, files[name])
            changed += new
            unchanged += same
        _require_readable(session, part)
        return changed, unchanged

    return PartFormat(part, export, load)


def _file(part: DataPart, table: str) -> str:
    return f"{part}/{table}.csv"


def _export(session: Session, table: str) -> bytes:
    columns = table_rows.columns(table)
    addresses = {number: address for address, number in table_rows.open_accounts_by_address(session).items()}
    header: Sequence[Value] = [column.name for column in columns]
    lines: list[Sequence[Value]] = [header]
    for values in table_rows.rows_by_key(session, table, rounds=exported_round_ids(session)).values():
        if all(_is_allowed(table, column.name, values[column.name]) for column in columns):
            lines.append([_cell(column, values[column.name], addresses) for column in columns])
    return csv_bytes(lines)


def _is_allowed(table: str, column: str, value: Any) -> bool:
    return (table, column) not in _ONLY or bool(value == _ONLY[table, column])


def _cell(column: TableColumn, value: Any, addresses: Mapping[AccountId, str]) -> Value:
    written = table_rows.cell(column, value, addresses=addresses)
    return escape_formula(written) if isinstance(written, str) else written


@dataclass(slots=True)
class _TableImport:
    """What the rows of one table are checked against."""

    table: str
    columns: Sequence[TableColumn]
    accounts: Mapping[str, AccountId]
    references: Mapping[str, frozenset[Any]]
    stored: Mapping[table_rows.Key, Values]
    problems: list[TableError] = field(default_factory=list)
    new: list[tuple[int, Values]] = field(default_factory=list)
    seen: set[table_rows.Key] = field(default_factory=set)
    unchanged: int = 0


def _load(session: Session, table: str, name: str, content: bytes) -> tuple[int, int]:
    read = read_table(content, name=name, limits=LIMITS)
    columns = table_rows.columns(table)
    later = [column.name for column in columns if (table, column.name) in _LATER]
    require_columns(read, [column.name for column in columns if column.name not in later], allowed=later)
    run = _TableImport(
        table=table,
        columns=columns,
        accounts=table_rows.open_accounts_by_address(session),
        references={
            column.reference: table_rows.values_of_referenced_column(session, column.reference)
            for column in columns
            if column.reference and column.kind is not CellKind.ACCOUNT
        },
        stored=table_rows.rows_by_key(session, table),
    )
    for row in read.rows:
        _read_row(run, row)
    if run.problems:
        raise TableImportError(problem.with_file_name(name) for problem in run.problems)
    try:
        table_rows.insert_rows(session, table, [values for _number, values in run.new])
    except table_rows.RowRejected as refused:
        row_number = run.new[refused.place][0]
        problem = TableError(row_number, "", TableErrorCode.ROW_REFUSED, file=name)
        raise TableImportError([problem]) from refused
    return len(run.new), run.unchanged


def _read_row(run: _TableImport, row: TableRow) -> None:
    before = len(run.problems)
    reader = RowReader(row, zone=UTC, problems=run.problems)
    values = {column.name: _value(reader, column, run) for column in run.columns}
    if len(run.problems) > before:
        return
    key = table_rows.key_of(run.table, values)
    shown = ", ".join(map(str, key))
    if key in run.seen:
        reader.add_error(run.columns[0].name, TableErrorCode.REPEATED, shown)
    elif key not in run.stored:
        run.new.append((row.number, values))
    elif run.stored[key] == values:
        run.unchanged += 1
    else:
        reader.add_error(run.columns[0].name, TableErrorCode.STORED_DIFFERENTLY, shown)
    run.seen.add(key)


def _value(reader: RowReader, column: TableColumn, run: _TableImport) -> Any:
    text = unescape_formula(reader.row.cells.get(column.name, ""))
    if not text and column.kind is not CellKind.TEXT:
        if not column.may_be_empty:
            reader.add_error(column.name, TableErrorCode.MISSING)
        return None
    value = _READERS[column.kind](reader, column, text, run)
    if not _is_allowed(run.table, column.name, value):
        reader.add_error(column.name, TableErrorCode.UNKNOWN_WORD, text, _ONLY[run.table, column.name])
    if column.reference in run.references and value is not None and value not in run.references[column.reference]:
        reader.add_error(column.name, TableErrorCode.UNKNOWN_WORD, text)
    return value


def _text(reader: RowReader, column: TableColumn, text: str, _run: _TableImport) -> str | None:
    longest = column.longest or LONGEST
    bad = bad_characters_with_positions(text)
    if bad:
        place, name = bad[0]
        reader.add_error(column.name, TableErrorCode.UNPRINTABLE, name, str(place))
    if len(text) > longest:
        reader.add_error(column.name, TableErrorCode.TOO_LONG, text, str(longest))
    if not text and column.is_key:
        reader.add_error(column.name, TableErrorCode.MISSING)
    return None if not text and column.may_be_empty else text


def _choice(reader: RowReader, column: TableColumn, text: str, _run: _TableImport) -> str:
    if text not in column.choices:
        reader.add_error(column.name, TableErrorCode.UNKNOWN_WORD, text, ", ".join(column.choices))
    return text


def _number(reader: RowReader, column: TableColumn, text: str, _run: _TableImport) -> int | None:
    if not _NUMBER.fullmatch(text):
        reader.add_error(column.name, TableErrorCode.NOT_A_NUMBER, text)
        return None
    return int(text)


def _flag(reader: RowReader, column: TableColumn, text: str, _run: _TableImport) -> bool:
    word = match_key(text)
    if word not in YES | NO:
        reader.add_error(column.name, TableErrorCode.UNKNOWN_WORD, text, "yes, no")
    return word in YES


def _moment(reader: RowReader, column: TableColumn, _text: str, _run: _TableImport) -> Any:
    return reader.read_datetime(column.name)


def _day(reader: RowReader, column: TableColumn, _text: str, _run: _TableImport) -> Any:
    return reader.read_date(column.name)


def _json(reader: RowReader, column: TableColumn, text: str, _run: _TableImport) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        reader.add_error(column.name, TableErrorCode.NOT_JSON, text)
        return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _account(reader: RowReader, column: TableColumn, text: str, run: _TableImport) -> AccountId | None:
    number = run.accounts.get(text)
    if number is None:
        reader.add_error(column.name, TableErrorCode.UNKNOWN_WORD, text)
    return number


_READERS: Mapping[CellKind, Callable[[RowReader, TableColumn, str, _TableImport], Any]] = {
    CellKind.TEXT: _text,
    CellKind.CHOICE: _choice,
    CellKind.NUMBER: _number,
    CellKind.FLAG: _flag,
    CellKind.MOMENT: _moment,
    CellKind.DAY: _day,
    CellKind.JSON: _json,
    CellKind.ACCOUNT: _account,
}


def _require_readable(session: Session, part: DataPart) -> None:
    """Read back what was stored, as the pages do: JSON may be well-formed and still hold something else."""
    session.expire_all()
    try:
        _READ_BACK.get(part, _nothing)(session)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        problem = TableError(0, "", TableErrorCode.CONTENT_UNREADABLE, part.value, repr(error)[:120])
        raise TableImportError([problem]) from error


def _nothing(_session: Session) -> None:
    """Read nothing: every cell of this part was checked."""


def _read_weights(session: Session) -> None:
    weights.versions(session)


def _read_seats(session: Session) -> None:
    seats.seat_requests(session)
    for key in table_rows.rows_by_key(session, "allocation"):
        seats.find_allocation(session, key[0])
    for key in table_rows.rows_by_key(session, "supply_plan"):
        supply.QUEUE.find_task(session, key[0])


def _read_follow_up(session: Session) -> None:
    for each_round in rounds.rounds(session):
        for unit, plan in plans.plans_by_unit(session, each_round.id).items():
            plan.actions  # noqa: B018
            plans.changes(session, each_round.id, unit)
    escalations.escalations(session)


_READ_BACK: Mapping[DataPart, Callable[[Session], None]] = {
    DataPart.WEIGHTS: _read_weights,
    DataPart.SEATS: _read_seats,
    DataPart.FOLLOW_UP: _read_follow_up,
}
