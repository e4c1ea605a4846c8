"""Errors in an uploaded table or file: where, what, and what would be right.

Errors are codes with values; their sentences are made where they are shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NoReturn


class TableErrorCode(StrEnum):
    """One way in which a cell, a row or a file can be wrong."""

    UNREADABLE = "unreadable"
    OTHER_KIND = "other_kind"
    TOO_BIG = "too_big"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    TOO_MANY_PARTS = "too_many_parts"
    EMPTY_FILE = "empty_file"
    MISSING_COLUMN = "missing_column"
    UNKNOWN_COLUMN = "unknown_column"
    REPEATED_COLUMN = "repeated_column"
    TOO_MANY_CELLS = "too_many_cells"
    UNNAMED_COLUMN = "unnamed_column"
    FORMULA = "formula"
    CELL_ERROR = "cell_error"
    MISSING = "missing"
    TOO_LONG = "too_long"
    UNPRINTABLE = "unprintable"
    NOT_A_NAME = "not_a_name"
    IDENTIFIER_IS_DATE = "identifier_is_date"
    IDENTIFIER_IS_INEXACT = "identifier_is_inexact"
    LOOKS_LIKE = "looks_like"
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
    NO_ANSWERS = "no_answers"
    NO_COMMUNITIES = "no_communities"
    NOT_INVITED = "not_invited"
    NO_STAFF_GROUP = "no_staff_group"
    NO_OPTION = "no_option"
    NO_OPTION_OF_ITEM = "no_option_of_item"
    MORE_ANSWERED = "more_answered"
    NOT_A_PLACE_NAME = "not_a_place_name"
    NOT_A_COUNT = "not_a_count"
    NOT_REGISTERED = "not_registered"
    REGISTERED_ELSEWHERE = "registered_elsewhere"
    STANDS_ON_ROW = "stands_on_row"
    NO_RESPONDENT = "no_respondent"
    RESPONDENT_MOVED = "respondent_moved"
    NO_ITEM = "no_item"
    ANSWERED_TWICE = "answered_twice"
    NO_COLUMN_FOR_ITEM = "no_column_for_item"
    NO_SUCH_COLUMN = "no_such_column"
    NO_QUESTION = "no_question"
    NO_ANSWER_OF_QUESTION = "no_answer_of_question"
    NOTHING_TO_SCORE = "nothing_to_score"
    STRUCTURE_TOO_BIG = "structure_too_big"
    STRUCTURE_NOT_XML = "structure_not_xml"
    OTHER_STRUCTURE = "other_structure"
    STRUCTURE_IN_NO_LANGUAGE = "structure_in_no_language"
    TITLE_LENGTH = "title_length"
    TITLE_TAKEN = "title_taken"
    CLOSES_FIRST = "closes_first"
    TOLD_TOGETHER = "told_together"
    ANSWERED_HERE = "answered_here"
    TAKES_AWAY = "takes_away"
    NEEDS_REASON = "needs_reason"
    EMAIL_TAKEN = "email_taken"
    NO_PLACE = "no_place"
    SEVERAL_PLACES = "several_places"
    PRINCIPAL_NEEDS_COMMUNITY = "principal_needs_community"
    NO_PACKAGE = "no_package"
    PACKAGE_FORMAT = "package_format"
    PACKAGE_FILE_UNKNOWN = "package_file_unknown"
    PACKAGE_FILE_MISSING = "package_file_missing"
    PART_NOT_PERMITTED = "part_not_permitted"
    QUESTIONNAIRE_INVALID = "questionnaire_invalid"
    CHECKSUM_DIFFERS = "checksum_differs"
    CONTENT_UNREADABLE = "content_unreadable"
    OTHER_ROUND = "other_round"
    HAS_OWN_ROUNDS = "has_own_rounds"
    STORED_DIFFERENTLY = "stored_differently"
    ROW_REFUSED = "row_refused"
    NOT_JSON = "not_json"


@dataclass(frozen=True, slots=True, order=True)
class TableError:
    """One fault: the row as numbered in a sheet (1 is the header, 0 the file), the column, the value.

    `allowed` says what would have been right where that can be said shortly, `subject` is a third word of the
    sentence. `file` is empty where only one file was handed in. `count` tells how many rows have the same fault.
    """

    row: int
    column: str
    fault: TableErrorCode
    value: str = ""
    allowed: str = ""
    subject: str = ""
    file: str = ""
    count: int = 1

    def with_file_name(self, name: str) -> "TableError":
        """Return the same fault as one of a file of that name."""
        return self if self.file or not name else replace(self, file=name)

    def __str__(self) -> str:
        """Return place, code and values for a log; people read the sentence that a page or a command makes of it."""
        place = ", ".join(filter(None, (self.file, f"row {self.row}" if self.row else "", self.column)))
        values = ", ".join(filter(None, (self.value, self.allowed, self.subject)))
        return f"{place}: {self.fault.value}" + (f" ({values})" if values else "")


class TableImportError(Exception):
    """The files contain errors; nothing was stored."""

    def __init__(self, problems: Iterable[TableError]):
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.file, problem)))
        super().__init__("; ".join(map(str, self.problems[:5])))


def raise_table_error(
    fault: TableErrorCode, value: str = "", allowed: str = "", *, row: int = 0, column: str = ""
) -> NoReturn:
    """Raise TableImportError with one error."""
    raise TableImportError([TableError(row, column, fault, value, allowed)])


def summarize_repeated_errors(problems: Sequence[TableError]) -> tuple[TableError, ...]:
    """Return each fault once: the same fault of the same column and value is reported at its first row, with a count.

    >>> fault = TableErrorCode.NO_OPTION
    >>> errors = [TableError(row, "a", fault, "9") for row in (2, 3, 7)]
    >>> [(error.row, error.count) for error in summarize_repeated_errors(errors)]
    [(2, 3)]
    """
    counts: dict[TableError, int] = {}
    first: dict[TableError, int] = {}
    for problem in problems:
        same = replace(problem, row=min(problem.row, 1), count=0)
        counts[same] = counts.get(same, 0) + problem.count
        first.setdefault(same, problem.row)
    return tuple(replace(same, row=first[same], count=count) for same, count in counts.items())
