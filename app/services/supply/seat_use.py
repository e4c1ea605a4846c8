"""Used seats: entered by hand or imported as a table; numbers only, no names."""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.matching.seat_use import COLUMNS, read_taken_and_completed_seats
from app.core.tables.cells import TableRow
from app.render.tabular_files import table_file
from app.store import courses, seat_use, tabular_reader

EMPTY = ("", "")


def save_seat_use(
    session: Session, cells: Mapping[str, tuple[str, str]], *, zone: tzinfo, by: AccountId | None, now: datetime
) -> int:
    """Store seats taken and completed by offering, as entered in a form; two empty cells delete the numbers.

    Returns how many offerings have numbers; raises TableImportError with every fault and stores nothing.
    """
    filled = [(offering, pair) for offering, pair in cells.items() if (pair[0].strip(), pair[1].strip()) != EMPTY]
    rows = [
        TableRow(number, dict(zip(COLUMNS, (offering, *pair), strict=True)))
        for number, (offering, pair) in enumerate(filled, start=1)
    ]
    numbers = read_taken_and_completed_seats(rows, _known(session), zone=zone)
    emptied = dict.fromkeys(cells.keys() - numbers.keys())
    seat_use.set_seat_use(session, {**emptied, **numbers}, by=by, now=now)
    return len(numbers)


def import_seat_use(session: Session, content: bytes, *, zone: tzinfo, by: AccountId | None, now: datetime) -> int:
    """Import a table, all of it or nothing; offerings that it does not name keep their numbers.

    Returns how many offerings it names; raises TableImportError with every fault.
    """
    table = tabular_reader.read_table(content)
    tabular_reader.require_columns(table, COLUMNS)
    numbers = read_taken_and_completed_seats(table.rows, _known(session), zone=zone)
    seat_use.set_seat_use(session, numbers, by=by, now=now)
    return len(numbers)


def export_seat_use(session: Session, *, kind: str = "csv") -> bytes:
    """Return the table to fill in, `csv` or `xlsx`: a row for each offering with the numbers that are known."""
    entered = seat_use.taken_and_completed_seats_by_offering(session)
    rows = [
        (offering.external_id, *entered.get(offering.external_id, EMPTY))
        for course in courses.courses(session)
        for offering in course.offerings
    ]
    return table_file(kind, "seats", [COLUMNS, *rows])


def _known(session: Session) -> dict[str, int]:
    return {
        offering.external_id: offering.capacity for course in courses.courses(session) for offering in course.offerings
    }
