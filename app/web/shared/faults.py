"""Faults of a handed-in catalogue as sentences: where, what, and what to do."""

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from app.core.catalogue.faults import Fault, Problem


def sentence(problem: Problem) -> str:
    """Return one fault as a sentence with its row, its column and the remedy."""
    told = remedy(problem)
    if problem.row and problem.column:
        text: str = gettext(
            "Row %(row)s, column %(column)s: %(remedy)s", row=problem.row, column=problem.column, remedy=told
        )
        return text
    if problem.row:
        text = gettext("Row %(row)s: %(remedy)s", row=problem.row, remedy=told)
        return text
    return told


def remedy(problem: Problem) -> str:
    """Return what is wrong and what to do, without the place."""
    words = {"value": problem.value, "allowed": problem.allowed, "choices": _choices(problem)}
    return (str(REMEDIES[problem.fault]) % words).strip()


REMEDIES: dict[Fault, LazyString] = {
    Fault.UNREADABLE: _("The file cannot be read. Save it as XLSX, as CSV in UTF-8, or as JSON-LD and try again."),
    Fault.TOO_BIG: _("The file is too big; at most %(allowed)s. Split it and import the parts."),
    Fault.TOO_MANY_ROWS: _("The file has more than %(allowed)s rows. Split it and import the parts."),
    Fault.EMPTY_FILE: _("The file is empty. Start from the template."),
    Fault.MISSING_COLUMN: _("This column is missing. Add it as the template has it; its cells may be empty."),
    Fault.UNKNOWN_COLUMN: _("“%(value)s” is no column of this table. Correct its name or take it away."),
    Fault.REPEATED_COLUMN: _("This column stands twice. Keep one of them."),
    Fault.TOO_MANY_CELLS: _(
        "%(value)s cells where %(allowed)s fit. Put quotation marks around texts that hold the separator.",
    ),
    Fault.FORMULA: _("The cell holds a formula. Paste its value in its place."),
    Fault.MISSING: _("The cell is empty. Write a value. %(choices)s"),
    Fault.TOO_LONG: _("The text is too long. Shorten it to %(allowed)s characters."),
    Fault.UNPRINTABLE: _("The text holds signs that cannot be shown. Write it again."),
    Fault.NOT_A_NAME: _("“%(value)s” is not an identifier. Use letters a–z, digits, dot, hyphen and underscore."),
    Fault.UNKNOWN_WORD: _("“%(value)s” is not known. %(choices)s"),
    Fault.NOT_A_NUMBER: _("“%(value)s” is not the number that is asked for. Write digits only."),
    Fault.OUT_OF_RANGE: _("%(value)s is out of range; %(allowed)s."),
    Fault.NOT_A_DATE: _("“%(value)s” is not a date. Write it as 2027-01-31."),
    Fault.NOT_A_MOMENT: _("“%(value)s” is not a time. Write it as 2027-01-31T14:00."),
    Fault.NOT_AN_ADDRESS: _("“%(value)s” is not a web address. Write it whole, beginning with https://."),
    Fault.NOT_PAIRS: _("“%(value)s” is not a pair. Write for instance control:3|demands:1."),
    Fault.REPEATED: _("“%(value)s” stands twice. Keep one of them."),
    Fault.ENDS_FIRST: _("“%(value)s” is not after %(allowed)s. Correct one of them."),
    Fault.NEEDS_BOTH_ENDS: _("A session needs both a start and an end. Write the one that is missing."),
    Fault.DISAGREES: _(
        "“%(value)s” is not what row %(allowed)s says of the same course. Make them equal or leave this empty.",
    ),
    Fault.OTHER_COURSE: _(
        "The offering “%(value)s” belongs to the course “%(allowed)s” already. Give it another identifier.",
    ),
    Fault.NO_OFFERING: _("The row has no offering_id. Write one, or leave the offering's cells empty."),
    Fault.NAMED_OTHERWISE: _("“%(value)s” is called “%(allowed)s” further up. Write the same name in every row."),
    Fault.JOINED_TO_UNKNOWN: _(
        "There is no community “%(value)s”. Write the community_id of one in this table or in the service."
    ),
    Fault.JOINED_TO_ITSELF: _("A community cannot be joined to itself. Leave the cell empty."),
    Fault.JOINED_IN_A_CHAIN: _("“%(value)s” is itself joined to another. Join both to the same community."),
    Fault.JOINED_ELSEWHERE: _("“%(value)s” is in another municipality. Join communities of one municipality only."),
}


def _choices(problem: Problem) -> str:
    return str(gettext("Choose among: %(words)s.", words=problem.allowed)) if problem.allowed else ""
