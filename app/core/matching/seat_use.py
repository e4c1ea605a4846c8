"""Used seats of an offering: taken and completed, and completion rates for the next term.

They are numbers and never names: who took part is known to those who hold the course, not to this service.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from app.core.tables.cells import TableRow
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.tables.row_reader import RowReader

COLUMNS = ("offering_id", "taken", "completed")
MOST_SEATS = 10_000
# A course with so many seats of its own counts half by them and half by all courses.
PRIOR_SEATS = 20


@dataclass(frozen=True, slots=True)
class SeatUse:
    """One offering: seats granted (or offered, where none were allocated), taken, and completed."""

    offering: str
    course: str
    granted: int
    taken: int
    completed: int


@dataclass(frozen=True, slots=True)
class SeatUseTotals:
    """Sums over offerings whose numbers are known."""

    offerings: int
    granted: int
    taken: int
    completed: int

    @classmethod
    def sum_up(cls, uses: Iterable[SeatUse]) -> "SeatUseTotals":
        """Return the totals over several offerings."""
        listed = tuple(uses)
        return cls(
            len(listed),
            sum(use.granted for use in listed),
            sum(use.taken for use in listed),
            sum(use.completed for use in listed),
        )


@dataclass(frozen=True, slots=True)
class CompletionRates:
    """Which share of a course's seats is used up to the end, 0-1; 1 for all while no numbers are known."""

    overall: float = 1.0
    courses: Mapping[str, float] = field(default_factory=dict)

    def of_course(self, course: str) -> float:
        """Return the share for one course."""
        return self.courses.get(course, self.overall)


def completion_rates(uses: Iterable[SeatUse]) -> CompletionRates:
    """Return the shares of seats that are completed, those of single courses drawn towards that of all.

    Formula: (completed + m p) / (granted + m), p the share of all courses, m = PRIOR_SEATS; never above 1.
    """
    listed = tuple(uses)
    whole = SeatUseTotals.sum_up(listed)
    if not whole.granted:
        return CompletionRates()
    overall = min(1.0, whole.completed / whole.granted)
    by_course: dict[str, list[SeatUse]] = {}
    for use in listed:
        by_course.setdefault(use.course, []).append(use)
    sums = {course: SeatUseTotals.sum_up(of_course) for course, of_course in by_course.items()}
    return CompletionRates(
        overall,
        {
            course: min(1.0, (used.completed + PRIOR_SEATS * overall) / (used.granted + PRIOR_SEATS))
            for course, used in sums.items()
        },
    )


def read_taken_and_completed_seats(
    rows: Iterable[TableRow], known: Mapping[str, int], *, zone: tzinfo
) -> dict[str, tuple[int, int]]:
    """Read seats taken and completed by offering; `known` holds the seats of each offering.

    Raises TableImportError with every fault: an offering that is not in the catalogue or stands twice, more taken
    than there are seats, more completed than taken.
    """
    problems: list[TableError] = []
    result: dict[str, tuple[int, int]] = {}
    for row in rows:
        reader = RowReader(row, zone=zone, problems=problems)
        name = reader.read_identifier("offering_id")
        if name and name not in known:
            reader.add_error("offering_id", TableErrorCode.UNKNOWN_WORD, name)
        if name in result:
            reader.add_error("offering_id", TableErrorCode.REPEATED, name)
        taken = reader.read_whole_number("taken", most=known.get(name, MOST_SEATS), required=True) or 0
        completed = reader.read_whole_number("completed", most=taken, required=True) or 0
        result[name] = (taken, completed)
    if problems:
        raise TableImportError(problems)
    return result
