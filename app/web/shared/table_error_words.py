"""Messages for errors and notices of an uploaded table: where, what, and what to do."""

from collections.abc import Iterable

from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _l

from app.core.tables.cells import NoticeCode, TableNotice
from app.core.tables.errors import TableError, TableErrorCode, summarize_repeated_errors


def _(text: str, **words: object) -> str:
    return str(gettext(text, **words))


def error_sentences(problems: Iterable[TableError]) -> list[str]:
    """Return the errors as sentences; one that many rows share appears once, with the number of rows."""
    return [error_sentence(problem) for problem in summarize_repeated_errors(tuple(problems))]


def error_sentence(problem: TableError) -> str:
    """Return an error as a sentence with its file, its row, its column and the remedy."""
    message = error_message_without_location(problem)
    if problem.count > 1:
        rows = ngettext("(in %(num)s row)", "(in %(num)s rows)", problem.count)
        message = f"{message} {rows}"
    if problem.file:
        return _in_file(problem, message)
    if problem.row and problem.column:
        return _("Row %(row)s, column %(column)s: %(remedy)s", row=problem.row, column=problem.column, remedy=message)
    if problem.row:
        return _("Row %(row)s: %(remedy)s", row=problem.row, remedy=message)
    return message


def _in_file(problem: TableError, message: str) -> str:
    row = [_("row %(row)s", row=problem.row)] if problem.row else []
    column = [_("column %(column)s", column=problem.column)] if problem.column else []
    return f"{', '.join([problem.file, *row, *column])}: {message}"


def error_message_without_location(problem: TableError) -> str:
    """Return what is wrong and what to do, without the place."""
    words = {
        "value": problem.value,
        "allowed": problem.allowed or _NOTHING_ALLOWED.get(problem.fault, ""),
        "subject": problem.subject,
        "choices": _choices(problem),
    }
    return (str(REMEDIES[problem.fault]) % words).strip()


def notice_sentence(table_notice: TableNotice) -> str:
    """Return a notice about a file that was accepted nevertheless, as a sentence."""
    return str(NOTICES[table_notice.code]) % {"value": table_notice.value}


NOTICES: dict[NoticeCode, LazyString] = {
    NoticeCode.HIDDEN_ROWS: _l("Hidden or filtered rows were read as well: %(value)s."),
    NoticeCode.OTHER_SHEETS: _l("Only the first sheet was read; the workbook also has: %(value)s."),
    NoticeCode.ENCODING: _l("The file is not UTF-8 and was read as %(value)s. Check the letters å, ä and ö."),
}
_NOTHING_ALLOWED: dict[TableErrorCode, LazyString] = {
    TableErrorCode.NO_STAFF_GROUP: _l("none: the questionnaire has no staff groups"),
    TableErrorCode.NO_ANSWER_OF_QUESTION: _l("none: no such question"),
}
REMEDIES: dict[TableErrorCode, LazyString] = {
    TableErrorCode.UNREADABLE: _l("The file cannot be read. Save it as XLSX, or as CSV in UTF-8, and try again."),
    TableErrorCode.OTHER_KIND: _l(
        "This is another kind of file (such as .xls, .ods, PDF, a web page, or a workbook with a password). Save it as "
        "XLSX without a password, or as CSV."
    ),
    TableErrorCode.TOO_BIG: _l("The file is too big; at most %(allowed)s. Split it and import the parts."),
    TableErrorCode.TOO_MANY_ROWS: _l("The file has more than %(allowed)s rows. Split it and import the parts."),
    TableErrorCode.TOO_MANY_COLUMNS: _l("The table has %(value)s columns; at most %(allowed)s are read."),
    TableErrorCode.TOO_MANY_PARTS: _l(
        "The workbook has more than %(allowed)s cells, most of them perhaps empty. Copy the filled cells to a new "
        "workbook and import that."
    ),
    TableErrorCode.EMPTY_FILE: _l("The file is empty. Start from the template."),
    TableErrorCode.MISSING_COLUMN: _l("This column is missing. Add it as in the template; its cells may be empty."),
    TableErrorCode.UNKNOWN_COLUMN: _l("“%(value)s” is not a column of this table. Correct its name or remove it."),
    TableErrorCode.REPEATED_COLUMN: _l("This column appears twice. Keep one of them."),
    TableErrorCode.TOO_MANY_CELLS: _l(
        "%(value)s cells, but only %(allowed)s fit. Put quotation marks around texts that contain the separator.",
    ),
    TableErrorCode.UNNAMED_COLUMN: _l(
        "Column %(allowed)s contains “%(value)s” but has no name. Write its name in the first row, or empty the column."
    ),
    TableErrorCode.CELL_ERROR: _l("The cell shows an error (%(value)s). Write the value instead."),
    TableErrorCode.FORMULA: _l("The cell contains a formula. Paste its value instead."),
    TableErrorCode.MISSING: _l("This is empty. Write a value. %(choices)s"),
    TableErrorCode.TOO_LONG: _l("The text is too long. Shorten it to %(allowed)s characters."),
    TableErrorCode.UNPRINTABLE: _l(
        "Character %(allowed)s of the text (%(value)s) cannot be shown. Write the text again without it."
    ),
    TableErrorCode.NOT_A_NAME: _l(
        "“%(value)s” is not an identifier. Use letters a–z, digits, dot, hyphen and underscore."
    ),
    TableErrorCode.IDENTIFIER_IS_DATE: _l(
        "The spreadsheet has turned this identifier into a date (%(value)s). Format the column as text and write the "
        "identifier again."
    ),
    TableErrorCode.IDENTIFIER_IS_INEXACT: _l(
        "The spreadsheet has turned this identifier into a number and lost digits (%(value)s). Format the column as "
        "text and write the identifier again."
    ),
    TableErrorCode.LOOKS_LIKE: _l(
        "“%(value)s” looks like “%(allowed)s”, which is another identifier. If both mean the same, write “%(allowed)s” "
        "(format the column as text); if not, choose an identifier that cannot be confused with it."
    ),
    TableErrorCode.UNKNOWN_WORD: _l("“%(value)s” is not known. %(choices)s"),
    TableErrorCode.NOT_A_NUMBER: _l("“%(value)s” is not a valid number. Write digits only."),
    TableErrorCode.OUT_OF_RANGE: _l("%(value)s is out of range; %(allowed)s."),
    TableErrorCode.NOT_A_DATE: _l("“%(value)s” is not a date. Write it as 2027-01-31."),
    TableErrorCode.NOT_A_MOMENT: _l("“%(value)s” is not a time. Write it as 2027-01-31T14:00."),
    TableErrorCode.NOT_AN_ADDRESS: _l(
        "“%(value)s” is not a web address. Write the whole address, beginning with https://."
    ),
    TableErrorCode.NOT_PAIRS: _l("“%(value)s” is not a pair. Write for example control:3|demands:1."),
    TableErrorCode.REPEATED: _l("“%(value)s” appears twice. Keep one of them."),
    TableErrorCode.ENDS_FIRST: _l("“%(value)s” is not after %(allowed)s. Correct one of them."),
    TableErrorCode.NEEDS_BOTH_ENDS: _l("A session needs both a start and an end. Write the one that is missing."),
    TableErrorCode.DISAGREES: _l(
        "“%(value)s” differs from what row %(allowed)s says about the same course. Make them equal or leave this "
        "empty.",
    ),
    TableErrorCode.OTHER_COURSE: _l(
        "The offering “%(value)s” already belongs to the course “%(allowed)s”. Give it another identifier.",
    ),
    TableErrorCode.NO_OFFERING: _l("The row has no offering_id. Write one, or leave the offering's cells empty."),
    TableErrorCode.NAMED_OTHERWISE: _l(
        "“%(value)s” has the name “%(allowed)s” on an earlier row. Write the same name on every row."
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
        "No community of this round is called “%(value)s”. Write its name or community_id as it is in the service."
    ),
    TableErrorCode.SEVERAL_COMMUNITIES: _l(
        "Several communities are called “%(value)s”. Write the community_id instead."
    ),
    TableErrorCode.NO_ROOM: _l(
        "E-mail invitations can be sent to only %(allowed)s more people of “%(value)s”. Correct its head count "
        "before the round opens, or remove addresses; people who have a printed slip need no message."
    ),
    TableErrorCode.INVITED_ELSEWHERE: _l(
        "“%(value)s” has already been invited as staff of %(allowed)s. Remove the row: everyone answers once."
    ),
    TableErrorCode.NO_ANSWERS: _l("the file contains no answers"),
    TableErrorCode.NO_COMMUNITIES: _l("the file contains no community"),
    TableErrorCode.NOT_INVITED: _l("“%(value)s” is not on the invitation list; correct the name or add a row there"),
    TableErrorCode.NO_STAFF_GROUP: _l("“%(value)s” is not a staff group; leave it empty or use %(allowed)s"),
    TableErrorCode.NO_OPTION: _l("“%(value)s” is not an option; use %(allowed)s or leave it empty"),
    TableErrorCode.NO_OPTION_OF_ITEM: _l(
        "“%(value)s” is not an option of “%(subject)s”; use %(allowed)s or leave it empty"
    ),
    TableErrorCode.MORE_ANSWERED: _l(
        "%(subject)s: %(value)s answered but %(allowed)s were invited; correct the number"
    ),
    TableErrorCode.NOT_A_PLACE_NAME: _l("the name must have 1–%(allowed)s characters and no “/”"),
    TableErrorCode.NOT_A_COUNT: _l("“%(value)s” is not a whole number of 1 or more"),
    TableErrorCode.NOT_REGISTERED: _l("“%(value)s” is not registered; import it first, or let new ones be registered"),
    TableErrorCode.REGISTERED_ELSEWHERE: _l("“%(value)s” is registered in “%(allowed)s”; correct one of the two"),
    TableErrorCode.STANDS_ON_ROW: _l("“%(value)s” is already on row %(allowed)s"),
    TableErrorCode.NO_RESPONDENT: _l("each respondent needs an identifier of their own (a number or a word)"),
    TableErrorCode.RESPONDENT_MOVED: _l(
        "respondent “%(value)s” had “%(allowed)s” on an earlier row; a respondent can have only one %(subject)s"
    ),
    TableErrorCode.NO_ITEM: _l("the questionnaire has no item “%(value)s”"),
    TableErrorCode.ANSWERED_TWICE: _l("respondent “%(value)s” has already answered “%(allowed)s”"),
    TableErrorCode.NO_COLUMN_FOR_ITEM: _l("no column contains this item; export with question codes as headings"),
    TableErrorCode.NO_SUCH_COLUMN: _l("there is no such column"),
    TableErrorCode.NO_QUESTION: _l("the survey has no question with this code"),
    TableErrorCode.NO_ANSWER_OF_QUESTION: _l(
        "“%(value)s” is not an answer to this question; its answers are %(allowed)s"
    ),
    TableErrorCode.NOTHING_TO_SCORE: _l(
        "the survey has no array or five-point choice question to score; name the list questions to score (--item)"
    ),
    TableErrorCode.STRUCTURE_TOO_BIG: _l("larger than 20 MB; this is not a structure file"),
    TableErrorCode.STRUCTURE_NOT_XML: _l("it cannot be read as XML (%(value)s)"),
    TableErrorCode.OTHER_STRUCTURE: _l(
        "this is not a LimeSurvey survey structure but “%(value)s”; export the survey as “Survey structure (*.lss)”"
    ),
    TableErrorCode.STRUCTURE_IN_NO_LANGUAGE: _l("the survey is in none of the languages fi, sv and en"),
    TableErrorCode.TITLE_LENGTH: _l("the title must have 1–%(allowed)s characters"),
    TableErrorCode.TITLE_TAKEN: _l("there is already a round “%(value)s”; choose another title"),
    TableErrorCode.CLOSES_FIRST: _l("the round cannot close before it opens"),
    TableErrorCode.TOLD_TOGETHER: _l(
        "the results of “%(value)s” cover the same people and period (%(allowed)s). Read together, the two would "
        "reveal what a few people answered (small groups that would be revealed: %(subject)s). Leave these "
        "communities out of the files"
    ),
    TableErrorCode.ANSWERED_HERE: _l(
        "“%(value)s” was answered in this service by the same people in the same period (%(allowed)s), and its "
        "results remain. Leave these communities out of the files"
    ),
    TableErrorCode.TAKES_AWAY: _l(
        "this import would replace “%(value)s”, which also contains %(allowed)s: add their answers to the files"
    ),
    TableErrorCode.NEEDS_REASON: _l(
        "“%(value)s” covers the same people and period (%(allowed)s). To replace it, give the reason"
    ),
    TableErrorCode.EMAIL_TAKEN: _l("Another account has this e-mail address."),
    TableErrorCode.NO_PLACE: _l("There is no municipality or community “%(value)s”. Write its name or its identifier."),
    TableErrorCode.SEVERAL_PLACES: _l(
        "Several communities or municipalities are called “%(value)s”. Write the identifier instead."
    ),
    TableErrorCode.PRINCIPAL_NEEDS_COMMUNITY: _l(
        "A principal is assigned to one community. Write its name or identifier."
    ),
    TableErrorCode.NO_PACKAGE: _l("This is not a data package. Choose the ZIP file from an export, unchanged."),
    TableErrorCode.PACKAGE_FORMAT: _l(
        "The data package has format %(value)s; this version reads format %(allowed)s. Use the same version of the "
        "service in both installations."
    ),
    TableErrorCode.PACKAGE_FILE_UNKNOWN: _l("“%(value)s” does not belong to a data package. Export the package again."),
    TableErrorCode.PACKAGE_FILE_MISSING: _l("The data package lacks the file “%(value)s”. Export the package again."),
    TableErrorCode.PART_NOT_PERMITTED: _l(
        "The package contains the part “%(value)s”, which your role may not import. Ask for a package without it, or "
        "ask a person with that role to import it."
    ),
    TableErrorCode.QUESTIONNAIRE_INVALID: _l("The questionnaire is not valid: %(value)s"),
    TableErrorCode.CHECKSUM_DIFFERS: _l(
        "The content was changed after the export: its checksum differs. Export the package again."
    ),
    TableErrorCode.CONTENT_UNREADABLE: _l(
        "“%(value)s” cannot be read (%(allowed)s). Export the package again with this version of the service."
    ),
    TableErrorCode.OTHER_ROUND: _l(
        "The results do not belong to round %(value)s: round, questionnaire or communities differ. Export the package "
        "again."
    ),
    TableErrorCode.HAS_OWN_ROUNDS: _l(
        "This installation already has other rounds. Rounds can be imported only into an installation without rounds, "
        "so that results of the same people cannot be combined."
    ),
    TableErrorCode.STORED_DIFFERENTLY: _l(
        "“%(value)s” is already stored with other content. Import into an installation without it."
    ),
    TableErrorCode.ROW_REFUSED: _l(
        "The row contradicts other rows or stored data: a value is out of range, or a row that it refers to is missing."
    ),
    TableErrorCode.NOT_JSON: _l("The content is not valid JSON. Export the package again."),
}


def _choices(problem: TableError) -> str:
    return _("Choose from: %(words)s.", words=problem.allowed) if problem.allowed else ""
