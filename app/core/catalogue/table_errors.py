"""What can be wrong with a catalogue that a person hands in: where, what, and what would be right."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class TableErrorCode(StrEnum):
    """One way in which a cell, a row or a file can be wrong."""

    UNREADABLE = "unreadable"
    TOO_BIG = "too_big"
    TOO_MANY_ROWS = "too_many_rows"
    EMPTY_FILE = "empty_file"
    MISSING_COLUMN = "missing_column"
    UNKNOWN_COLUMN = "unknown_column"
    REPEATED_COLUMN = "repeated_column"
    TOO_MANY_CELLS = "too_many_cells"
    FORMULA = "formula"
    MISSING = "missing"
    TOO_LONG = "too_long"
    UNPRINTABLE = "unprintable"
    NOT_A_NAME = "not_a_name"
    UNKNOWN_WORD = "unknown_word"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_DATE = "not_a_date"
    NOT_A_MOMENT = "not_a_moment"
    NOT_AN_ADDRESS = "not_an_address"
    NOT_PAIRS = "not_pairs"
    REPEATED = "repeated"
    ENDS_FIRST = "ends_first"
    NEEDS_BOTH_ENDS = "needs_both_ends"
    DISAGREES = "disagrees"
    OTHER_COURSE = "other_course"
    NO_OFFERING = "no_offering"
    NAMED_OTHERWISE = "named_otherwise"
    JOINED_TO_UNKNOWN = "joined_to_unknown"
    JOINED_TO_ITSELF = "joined_to_itself"
    JOINED_IN_A_CHAIN = "joined_in_a_chain"
    JOINED_ELSEWHERE = "joined_elsewhere"
    NOT_AN_EMAIL = "not_an_email"
    NO_SUCH_COMMUNITY = "no_such_community"
    SEVERAL_COMMUNITIES = "several_communities"
    NO_ROOM = "no_room"
    INVITED_ELSEWHERE = "invited_elsewhere"


@dataclass(frozen=True, slots=True, order=True)
class TableError:
    """One fault: the row as numbered in a sheet (1 is the header, 0 the file), the column, the value.

    `allowed` says what would have been right where that can be said shortly.
    """

    row: int
    column: str
    fault: TableErrorCode
    value: str = ""
    allowed: str = ""


class TableImportError(Exception):
    """The catalogue holds faults; nothing of it was stored."""

    def __init__(self, problems: Sequence[TableError]):
        super().__init__(f"{len(problems)} faults in the catalogue")
        self.problems = tuple(sorted(problems))
