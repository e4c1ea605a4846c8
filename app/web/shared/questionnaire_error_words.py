"""Messages for errors in an uploaded questionnaire: where, what, and what to do."""

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _l

from app.core.instruments import QuestionnaireError, QuestionnaireErrorCode


def error_sentence(problem: QuestionnaireError) -> str:
    """Return an error as a sentence with the file, its line and the remedy."""
    values = {"file": problem.file, "line": problem.line, "remedy": error_message_without_location(problem)}
    return str(gettext("%(file)s, line %(line)s: %(remedy)s", **values))


def error_message_without_location(problem: QuestionnaireError) -> str:
    """Return what is wrong and what to do, without the place."""
    return str(REMEDIES[problem.fault]) % dict(problem.words)


REMEDIES: dict[QuestionnaireErrorCode, LazyString] = {
    QuestionnaireErrorCode.NOT_TOML: _l("not valid TOML at column %(column)s: %(reason)s"),
    QuestionnaireErrorCode.ENDS_TOO_SOON: _l("not valid TOML at the end of the file: %(reason)s"),
    QuestionnaireErrorCode.NO_FILE: _l("there is no such file"),
    QuestionnaireErrorCode.NOT_UTF8: _l("not UTF-8: save the file in that encoding"),
    QuestionnaireErrorCode.UNKNOWN_KEY: _l("'%(key)s' is not known here; known are %(known)s"),
    QuestionnaireErrorCode.NOT_A_TEXT: _l("'%(key)s' must be a text in quotation marks, and not empty"),
    QuestionnaireErrorCode.NOT_A_NAME: _l(
        "'%(key)s' must be a letter followed by at most 39 letters, digits or underscores"
    ),
    QuestionnaireErrorCode.NOT_A_NUMBER: _l("'%(key)s' must be a whole number"),
    QuestionnaireErrorCode.NOT_TRUE_OR_FALSE: _l("'%(key)s' must be true or false"),
    QuestionnaireErrorCode.NOT_A_CHOICE: _l("'%(key)s' must be one of %(known)s"),
    QuestionnaireErrorCode.NOT_TEXTS: _l("'%(key)s' must be a list of texts in quotation marks"),
    QuestionnaireErrorCode.NOT_TABLES: _l("'%(key)s' must be written as tables with two brackets on each side"),
    QuestionnaireErrorCode.NOT_A_TABLE: _l("'%(key)s' must be a table"),
    QuestionnaireErrorCode.NOT_IN_LANGUAGES: _l("'%(key)s' must be given in each language: %(known)s"),
    QuestionnaireErrorCode.LACKS_A_LANGUAGE: _l("'%(key)s' lacks a text in '%(language)s'"),
    QuestionnaireErrorCode.OTHER_LANGUAGE: _l(
        "'%(key)s' has a text in '%(language)s', which is not among the file's languages"
    ),
    QuestionnaireErrorCode.WRONG_LANGUAGES: _l("'languages' must list each language once, out of %(known)s"),
    QuestionnaireErrorCode.OPTIONS_COUNT: _l("a set of options needs 2 to 11 labels, the lowest first"),
    QuestionnaireErrorCode.COUNT_WITH_LABELS: _l(
        "'count' is for a published instrument without labels; leave it out and write 'labels'"
    ),
    QuestionnaireErrorCode.NOT_LABELS: _l("'labels' must be a list such as [{ fi = …, sv = …, en = … }, …]"),
    QuestionnaireErrorCode.NO_OPTIONS: _l("there is no table [options.%(name)s]"),
    QuestionnaireErrorCode.NO_THEMES: _l("a questionnaire needs at least one [[themes]] with its [[themes.items]]"),
    QuestionnaireErrorCode.NO_SCALES: _l("a questionnaire needs at least one [[scales]]"),
    QuestionnaireErrorCode.TOO_MANY_ITEMS: _l(
        "a questionnaire can have at most %(most)s items; this one has %(count)s"
    ),
    QuestionnaireErrorCode.TOO_MANY_GROUPS: _l(
        "at most %(most)s staff groups are allowed; this questionnaire has %(count)s"
    ),
    QuestionnaireErrorCode.NAME_OF_AN_ITEM: _l("'%(name)s' is also the name of an item; give the scale another name"),
    QuestionnaireErrorCode.USED_TWICE: _l("%(key)s '%(name)s' is used twice"),
    QuestionnaireErrorCode.EMPTY_THEME: _l("the theme '%(name)s' has no [[themes.items]]"),
    QuestionnaireErrorCode.LONG_THEME: _l("a theme is one page of at most %(most)s items; '%(name)s' has %(count)s"),
    QuestionnaireErrorCode.EMPTY_SCALE: _l("the scale '%(name)s' has no items"),
    QuestionnaireErrorCode.NO_ITEM: _l("there is no item '%(name)s'"),
    QuestionnaireErrorCode.TWICE_IN_SCALE: _l("the item '%(name)s' appears twice in the scale '%(scale)s'"),
    QuestionnaireErrorCode.REVERSED_ELSEWHERE: _l("'%(name)s' is reversed but is not among the scale's items"),
    QuestionnaireErrorCode.MIN_ANSWERED: _l('\'min_answered\' must be from 1 to %(most)s, "half" or "all"'),
    QuestionnaireErrorCode.NO_POLARITY: _l("the scale '%(name)s' does not say its polarity; choose one of %(known)s"),
    QuestionnaireErrorCode.MIXED_SURVEYS: _l(
        "the scale '%(name)s' combines items that are asked from the second survey onwards with others; give them a "
        "scale of their own"
    ),
    QuestionnaireErrorCode.UNEQUAL_NUMBERS: _l(
        "the scoring '%(scoring)s' needs items whose options bear the same numbers; use percent"
    ),
    QuestionnaireErrorCode.SUM_OF_ALL: _l('a sum needs every item answered: min_answered = "all"'),
    QuestionnaireErrorCode.NO_SENTENCE: _l("item %(name)s: the text is missing"),
    QuestionnaireErrorCode.NO_OPTION_TEXTS: _l("options of item %(name)s: a text is missing"),
    QuestionnaireErrorCode.NOT_A_DECIMAL: _l("'%(key)s' must be a number, such as 3.4"),
    QuestionnaireErrorCode.NORM_WITHOUT_SCALE: _l("there is no scale '%(name)s' for this reference value"),
    QuestionnaireErrorCode.NORM_OUT_OF_RANGE: _l(
        "the reference value of '%(name)s' must lie from %(low)s to %(high)s; its deviation is above 0 and no larger"
    ),
    QuestionnaireErrorCode.NORM_OF_NOBODY: _l("'n' must be the number of persons, at least 2"),
    QuestionnaireErrorCode.NORM_YEAR: _l("'year' must be the year of the data, such as 2023"),
    QuestionnaireErrorCode.UNKNOWN_PUBLISHED: _l(
        "the instrument '%(key)s' is not known: there is no %(file)s; leave 'key' out or add the instrument"
    ),
    QuestionnaireErrorCode.SCALE_MISSING: _l("the scale '%(name)s' of the instrument '%(key)s' is missing"),
    QuestionnaireErrorCode.SCALE_NOT_IN_KEY: _l("the instrument '%(key)s' has no scale '%(name)s'"),
    QuestionnaireErrorCode.ITEM_MISSING: _l("the item '%(name)s' of the instrument '%(key)s' is missing"),
    QuestionnaireErrorCode.ITEM_NOT_IN_KEY: _l("the instrument '%(key)s' has no item '%(name)s'"),
    QuestionnaireErrorCode.OTHER_NUMBERS: _l(
        "the options of '%(name)s' are numbered %(here)s, in the instrument %(there)s"
    ),
    QuestionnaireErrorCode.OTHER_ITEMS: _l("the scale '%(name)s' has the items %(here)s, in the instrument %(there)s"),
    QuestionnaireErrorCode.OTHER_REVERSED: _l("the scale '%(name)s' reverses %(here)s, in the instrument %(there)s"),
    QuestionnaireErrorCode.OTHER_SCORING: _l(
        "the scale '%(name)s' is scored as %(here)s; in the instrument as %(there)s"
    ),
    QuestionnaireErrorCode.OTHER_LEAST: _l("the scale '%(name)s' needs %(there)s answered items, not %(here)s"),
}
