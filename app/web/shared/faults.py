"""Faults of a handed-in catalogue as sentences: where, what, and what to do."""

from collections.abc import Callable

from flask_babel import gettext as _

from app.core.catalogue.faults import Fault, Problem


def sentence(problem: Problem) -> str:
    """Return one fault as a sentence with its row, its column and the remedy."""
    told = REMEDIES[problem.fault](problem)
    if problem.row and problem.column:
        return _("Row %(row)s, column %(column)s: %(remedy)s", row=problem.row, column=problem.column, remedy=told)
    if problem.row:
        return _("Row %(row)s: %(remedy)s", row=problem.row, remedy=told)
    return told


def remedy(problem: Problem) -> str:
    """Return what is wrong and what to do, without the place."""
    return REMEDIES[problem.fault](problem)


REMEDIES: dict[Fault, Callable[[Problem], str]] = {
    Fault.UNREADABLE: lambda p: _(
        "The file cannot be read. Save it as XLSX, as CSV in UTF-8, or as JSON-LD and try again."
    ),
    Fault.TOO_BIG: lambda p: _("The file is too big; at most %(most)s. Split it and import the parts.", most=p.allowed),
    Fault.TOO_MANY_ROWS: lambda p: _(
        "The file has more than %(most)s rows. Split it and import the parts.", most=p.allowed
    ),
    Fault.EMPTY_FILE: lambda p: _("The file is empty. Start from the template."),
    Fault.MISSING_COLUMN: lambda p: _("This column is missing. Add it as the template has it; its cells may be empty."),
    Fault.UNKNOWN_COLUMN: lambda p: _(
        "“%(value)s” is no column of the catalogue. Correct its name or take it away.", value=p.value
    ),
    Fault.REPEATED_COLUMN: lambda p: _("This column stands twice. Keep one of them."),
    Fault.TOO_MANY_CELLS: lambda p: _(
        "%(value)s cells where %(most)s fit. Put quotation marks around texts that hold the separator.",
        value=p.value,
        most=p.allowed,
    ),
    Fault.FORMULA: lambda p: _("The cell holds a formula. Paste its value in its place."),
    Fault.MISSING: lambda p: _("The cell is empty. Write a value. %(allowed)s", allowed=_one_of(p)).strip(),
    Fault.TOO_LONG: lambda p: _("The text is too long. Shorten it to %(most)s characters.", most=p.allowed),
    Fault.UNPRINTABLE: lambda p: _("The text holds signs that cannot be shown. Write it again."),
    Fault.NOT_A_NAME: lambda p: _(
        "“%(value)s” is not an identifier. Use letters a–z, digits, dot, hyphen and underscore.", value=p.value
    ),
    Fault.UNKNOWN_WORD: lambda p: _("“%(value)s” is not known. %(allowed)s", value=p.value, allowed=_one_of(p)),
    Fault.NOT_A_NUMBER: lambda p: _(
        "“%(value)s” is not the number that is asked for. Write digits only.", value=p.value
    ),
    Fault.OUT_OF_RANGE: lambda p: _("%(value)s is out of range; %(allowed)s.", value=p.value, allowed=p.allowed),
    Fault.NOT_A_DATE: lambda p: _("“%(value)s” is not a date. Write it as 2027-01-31.", value=p.value),
    Fault.NOT_A_MOMENT: lambda p: _("“%(value)s” is not a time. Write it as 2027-01-31T14:00.", value=p.value),
    Fault.NOT_AN_ADDRESS: lambda p: _(
        "“%(value)s” is not a web address. Write it whole, beginning with https://.", value=p.value
    ),
    Fault.NOT_PAIRS: lambda p: _("“%(value)s” is not a pair. Write for instance control:3|demands:1.", value=p.value),
    Fault.REPEATED: lambda p: _("“%(value)s” stands twice. Keep one of them.", value=p.value),
    Fault.ENDS_FIRST: lambda p: _(
        "“%(value)s” is not after %(start)s. Correct one of them.", value=p.value, start=p.allowed
    ),
    Fault.NEEDS_BOTH_ENDS: lambda p: _("A session needs both a start and an end. Write the one that is missing."),
    Fault.DISAGREES: lambda p: _(
        "“%(value)s” is not what row %(row)s says of the same course or offering. Make them equal or leave this empty.",
        value=p.value,
        row=p.allowed,
    ),
    Fault.OTHER_COURSE: lambda p: _(
        "The offering “%(value)s” belongs to the course “%(course)s” already. Give it another identifier.",
        value=p.value,
        course=p.allowed,
    ),
    Fault.NO_OFFERING: lambda p: _("The row has no offering_id. Write one, or leave the offering's cells empty."),
}


def _one_of(problem: Problem) -> str:
    return _("Choose among: %(words)s.", words=problem.allowed) if problem.allowed else ""
