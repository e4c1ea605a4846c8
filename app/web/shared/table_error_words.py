"""Faults of a handed-in catalogue as sentences: where, what, and what to do."""

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _l

from app.core.catalogue.table_errors import TableError, TableErrorCode


def _(text: str, **words: object) -> str:
    return str(gettext(text, **words))


def sentence(problem: TableError) -> str:
    """Return one fault as a sentence with its row, its column and the remedy."""
    message = remedy(problem)
    if problem.row and problem.column:
        return _("Row %(row)s, column %(column)s: %(remedy)s", row=problem.row, column=problem.column, remedy=message)
    if problem.row:
        return _("Row %(row)s: %(remedy)s", row=problem.row, remedy=message)
    return message


def remedy(problem: TableError) -> str:
    """Return what is wrong and what to do, without the place."""
    words = {"value": problem.value, "allowed": problem.allowed, "choices": _choices(problem)}
    return (str(REMEDIES[problem.fault]) % words).strip()


REMEDIES: dict[TableErrorCode, LazyString] = {
    TableErrorCode.UNREADABLE: _l("The file cannot be read. Save it as XLSX, or as CSV in UTF-8, and try again."),
    TableErrorCode.TOO_BIG: _l("The file is too big; at most %(allowed)s. Split it and import the parts."),
    TableErrorCode.TOO_MANY_ROWS: _l("The file has more than %(allowed)s rows. Split it and import the parts."),
    TableErrorCode.EMPTY_FILE: _l("The file is empty. Start from the template."),
    TableErrorCode.MISSING_COLUMN: _l("This column is missing. Add it as the template has it; its cells may be empty."),
    TableErrorCode.UNKNOWN_COLUMN: _l("“%(value)s” is no column of this table. Correct its name or take it away."),
    TableErrorCode.REPEATED_COLUMN: _l("This column stands twice. Keep one of them."),
    TableErrorCode.TOO_MANY_CELLS: _l(
        "%(value)s cells where %(allowed)s fit. Put quotation marks around texts that hold the separator.",
    ),
    TableErrorCode.FORMULA: _l("The cell holds a formula. Paste its value in its place."),
    TableErrorCode.MISSING: _l("The cell is empty. Write a value. %(choices)s"),
    TableErrorCode.TOO_LONG: _l("The text is too long. Shorten it to %(allowed)s characters."),
    TableErrorCode.UNPRINTABLE: _l("The text holds signs that cannot be shown. Write it again."),
    TableErrorCode.NOT_A_NAME: _l(
        "“%(value)s” is not an identifier. Use letters a–z, digits, dot, hyphen and underscore."
    ),
    TableErrorCode.UNKNOWN_WORD: _l("“%(value)s” is not known. %(choices)s"),
    TableErrorCode.NOT_A_NUMBER: _l("“%(value)s” is not the number that is asked for. Write digits only."),
    TableErrorCode.OUT_OF_RANGE: _l("%(value)s is out of range; %(allowed)s."),
    TableErrorCode.NOT_A_DATE: _l("“%(value)s” is not a date. Write it as 2027-01-31."),
    TableErrorCode.NOT_A_MOMENT: _l("“%(value)s” is not a time. Write it as 2027-01-31T14:00."),
    TableErrorCode.NOT_AN_ADDRESS: _l("“%(value)s” is not a web address. Write it whole, beginning with https://."),
    TableErrorCode.NOT_PAIRS: _l("“%(value)s” is not a pair. Write for instance control:3|demands:1."),
    TableErrorCode.REPEATED: _l("“%(value)s” stands twice. Keep one of them."),
    TableErrorCode.ENDS_FIRST: _l("“%(value)s” is not after %(allowed)s. Correct one of them."),
    TableErrorCode.NEEDS_BOTH_ENDS: _l("A session needs both a start and an end. Write the one that is missing."),
    TableErrorCode.DISAGREES: _l(
        "“%(value)s” is not what row %(allowed)s says of the same course. Make them equal or leave this empty.",
    ),
    TableErrorCode.OTHER_COURSE: _l(
        "The offering “%(value)s” belongs to the course “%(allowed)s” already. Give it another identifier.",
    ),
    TableErrorCode.NO_OFFERING: _l("The row has no offering_id. Write one, or leave the offering's cells empty."),
    TableErrorCode.NAMED_OTHERWISE: _l(
        "“%(value)s” is called “%(allowed)s” further up. Write the same name in every row."
    ),
    TableErrorCode.JOINED_TO_UNKNOWN: _l(
        "There is no community “%(value)s”. Write the community_id of one in this table or in the service."
    ),
    TableErrorCode.JOINED_TO_ITSELF: _l("A community cannot be joined to itself. Leave the cell empty."),
    TableErrorCode.JOINED_IN_A_CHAIN: _l("“%(value)s” is itself joined to another. Join both to the same community."),
    TableErrorCode.JOINED_ELSEWHERE: _l(
        "“%(value)s” is in another municipality. Join communities of one municipality only."
    ),
    TableErrorCode.NOT_AN_EMAIL: _l(
        "“%(value)s” is not an e-mail address. Write it as name@example.org, without å, ä or ö."
    ),
    TableErrorCode.NO_SUCH_COMMUNITY: _l(
        "No community of this round is called “%(value)s”. Write its name or community_id as the service has it."
    ),
    TableErrorCode.SEVERAL_COMMUNITIES: _l(
        "Several communities are called “%(value)s”. Write the community_id instead."
    ),
    TableErrorCode.NO_ROOM: _l(
        "“%(value)s” has %(allowed)s places left for invitations by mail. Correct its head count before the round "
        "opens, or take addresses away; whoever has a printed slip needs no letter."
    ),
    TableErrorCode.INVITED_ELSEWHERE: _l(
        "“%(value)s” has been invited already as staff of %(allowed)s. Take the row away: everybody answers once."
    ),
}


def _choices(problem: TableError) -> str:
    return _("Choose among: %(words)s.", words=problem.allowed) if problem.allowed else ""
