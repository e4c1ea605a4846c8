"""Errors in questionnaire files, as values that each interface translates into sentences."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class QuestionnaireErrorCode(StrEnum):
    """What is wrong with a questionnaire file; `ENGLISH` has the message, filled from the error's parameters."""

    NOT_TOML = "not_toml"
    ENDS_TOO_SOON = "ends_too_soon"
    NO_FILE = "no_file"
    NOT_UTF8 = "not_utf8"
    UNKNOWN_KEY = "unknown_key"
    NOT_A_TEXT = "not_a_text"
    NOT_A_NAME = "not_a_name"
    NOT_A_NUMBER = "not_a_number"
    NOT_TRUE_OR_FALSE = "not_true_or_false"
    NOT_A_CHOICE = "not_a_choice"
    NOT_TEXTS = "not_texts"
    NOT_TABLES = "not_tables"
    NOT_A_TABLE = "not_a_table"
    NOT_IN_LANGUAGES = "not_in_languages"
    LACKS_A_LANGUAGE = "lacks_a_language"
    OTHER_LANGUAGE = "other_language"
    WRONG_LANGUAGES = "wrong_languages"
    OPTIONS_COUNT = "options_count"
    COUNT_WITH_LABELS = "count_with_labels"
    NOT_LABELS = "not_labels"
    NO_OPTIONS = "no_options"
    NO_THEMES = "no_themes"
    NO_SCALES = "no_scales"
    TOO_MANY_ITEMS = "too_many_items"
    TOO_MANY_GROUPS = "too_many_groups"
    NAME_OF_AN_ITEM = "name_of_an_item"
    USED_TWICE = "used_twice"
    EMPTY_THEME = "empty_theme"
    LONG_THEME = "long_theme"
    EMPTY_SCALE = "empty_scale"
    NO_ITEM = "no_item"
    TWICE_IN_SCALE = "twice_in_scale"
    REVERSED_ELSEWHERE = "reversed_elsewhere"
    MIN_ANSWERED = "min_answered"
    NO_POLARITY = "no_polarity"
    MIXED_SURVEYS = "mixed_surveys"
    UNEQUAL_NUMBERS = "unequal_numbers"
    SUM_OF_ALL = "sum_of_all"
    NO_SENTENCE = "no_sentence"
    NO_OPTION_TEXTS = "no_option_texts"
    UNKNOWN_PUBLISHED = "unknown_published"
    SCALE_MISSING = "scale_missing"
    SCALE_NOT_IN_KEY = "scale_not_in_key"
    ITEM_MISSING = "item_missing"
    ITEM_NOT_IN_KEY = "item_not_in_key"
    OTHER_NUMBERS = "other_numbers"
    OTHER_ITEMS = "other_items"
    OTHER_REVERSED = "other_reversed"
    OTHER_SCORING = "other_scoring"
    OTHER_LEAST = "other_least"
    NOT_A_DECIMAL = "not_a_decimal"
    NORM_WITHOUT_SCALE = "norm_without_scale"
    NORM_OUT_OF_RANGE = "norm_out_of_range"
    NORM_OF_NOBODY = "norm_of_nobody"
    NORM_YEAR = "norm_year"


ENGLISH: dict[QuestionnaireErrorCode, str] = {
    QuestionnaireErrorCode.NOT_TOML: "not valid TOML at column %(column)s: %(reason)s",
    QuestionnaireErrorCode.ENDS_TOO_SOON: "not valid TOML at the end of the file: %(reason)s",
    QuestionnaireErrorCode.NO_FILE: "there is no such file",
    QuestionnaireErrorCode.NOT_UTF8: "not UTF-8: save the file in that encoding",
    QuestionnaireErrorCode.UNKNOWN_KEY: "'%(key)s' is not known here; known are %(known)s",
    QuestionnaireErrorCode.NOT_A_TEXT: "'%(key)s' must be a text in quotation marks, and not empty",
    QuestionnaireErrorCode.NOT_A_NAME: (
        "'%(key)s' must be a letter followed by at most 39 letters, digits or underscores"
    ),
    QuestionnaireErrorCode.NOT_A_NUMBER: "'%(key)s' must be a whole number",
    QuestionnaireErrorCode.NOT_TRUE_OR_FALSE: "'%(key)s' must be true or false",
    QuestionnaireErrorCode.NOT_A_CHOICE: "'%(key)s' must be one of %(known)s",
    QuestionnaireErrorCode.NOT_TEXTS: "'%(key)s' must be a list of texts in quotation marks",
    QuestionnaireErrorCode.NOT_TABLES: "'%(key)s' must be written as tables with two brackets on each side",
    QuestionnaireErrorCode.NOT_A_TABLE: "'%(key)s' must be a table",
    QuestionnaireErrorCode.NOT_IN_LANGUAGES: "'%(key)s' must be given in each language: %(known)s",
    QuestionnaireErrorCode.LACKS_A_LANGUAGE: "'%(key)s' lacks a text in '%(language)s'",
    QuestionnaireErrorCode.OTHER_LANGUAGE: (
        "'%(key)s' has a text in '%(language)s', which is not among the file's languages"
    ),
    QuestionnaireErrorCode.WRONG_LANGUAGES: "'languages' must list each language once, out of %(known)s",
    QuestionnaireErrorCode.OPTIONS_COUNT: "a set of options needs 2 to 11 labels, the lowest first",
    QuestionnaireErrorCode.COUNT_WITH_LABELS: (
        "'count' is for a published instrument without labels; leave it out and write 'labels'"
    ),
    QuestionnaireErrorCode.NOT_LABELS: "'labels' must be a list such as [{ fi = …, sv = …, en = … }, …]",
    QuestionnaireErrorCode.NO_OPTIONS: "there is no table [options.%(name)s]",
    QuestionnaireErrorCode.NO_THEMES: "a questionnaire needs at least one [[themes]] with its [[themes.items]]",
    QuestionnaireErrorCode.NO_SCALES: "a questionnaire needs at least one [[scales]]",
    QuestionnaireErrorCode.TOO_MANY_ITEMS: "a questionnaire can have at most %(most)s items; this one has %(count)s",
    QuestionnaireErrorCode.TOO_MANY_GROUPS: (
        "at most %(most)s staff groups are allowed; this questionnaire has %(count)s"
    ),
    QuestionnaireErrorCode.NAME_OF_AN_ITEM: "'%(name)s' is also the name of an item; give the scale another name",
    QuestionnaireErrorCode.USED_TWICE: "%(key)s '%(name)s' is used twice",
    QuestionnaireErrorCode.EMPTY_THEME: "the theme '%(name)s' has no [[themes.items]]",
    QuestionnaireErrorCode.LONG_THEME: "a theme is one page of at most %(most)s items; '%(name)s' has %(count)s",
    QuestionnaireErrorCode.EMPTY_SCALE: "the scale '%(name)s' has no items",
    QuestionnaireErrorCode.NO_ITEM: "there is no item '%(name)s'",
    QuestionnaireErrorCode.TWICE_IN_SCALE: "the item '%(name)s' appears twice in the scale '%(scale)s'",
    QuestionnaireErrorCode.REVERSED_ELSEWHERE: "'%(name)s' is reversed but is not among the scale's items",
    QuestionnaireErrorCode.MIN_ANSWERED: '\'min_answered\' must be from 1 to %(most)s, "half" or "all"',
    QuestionnaireErrorCode.NO_POLARITY: "the scale '%(name)s' does not say its polarity; choose one of %(known)s",
    QuestionnaireErrorCode.MIXED_SURVEYS: (
        "the scale '%(name)s' combines items that are asked from the second survey onwards with others; give them a "
        "scale of their own"
    ),
    QuestionnaireErrorCode.UNEQUAL_NUMBERS: (
        "the scoring '%(scoring)s' needs items whose options bear the same numbers; use percent"
    ),
    QuestionnaireErrorCode.SUM_OF_ALL: 'a sum needs every item answered: min_answered = "all"',
    QuestionnaireErrorCode.NO_SENTENCE: "item %(name)s: the text is missing",
    QuestionnaireErrorCode.NO_OPTION_TEXTS: "options of item %(name)s: a text is missing",
    QuestionnaireErrorCode.UNKNOWN_PUBLISHED: (
        "the instrument '%(key)s' is not known: there is no %(file)s; leave 'key' out or add the instrument"
    ),
    QuestionnaireErrorCode.SCALE_MISSING: "the scale '%(name)s' of the instrument '%(key)s' is missing",
    QuestionnaireErrorCode.SCALE_NOT_IN_KEY: "the instrument '%(key)s' has no scale '%(name)s'",
    QuestionnaireErrorCode.ITEM_MISSING: "the item '%(name)s' of the instrument '%(key)s' is missing",
    QuestionnaireErrorCode.ITEM_NOT_IN_KEY: "the instrument '%(key)s' has no item '%(name)s'",
    QuestionnaireErrorCode.OTHER_NUMBERS: (
        "the options of '%(name)s' are numbered %(here)s, in the instrument %(there)s"
    ),
    QuestionnaireErrorCode.OTHER_ITEMS: "the scale '%(name)s' has the items %(here)s, in the instrument %(there)s",
    QuestionnaireErrorCode.OTHER_REVERSED: "the scale '%(name)s' reverses %(here)s, in the instrument %(there)s",
    QuestionnaireErrorCode.OTHER_SCORING: "the scale '%(name)s' is scored as %(here)s; in the instrument as %(there)s",
    QuestionnaireErrorCode.OTHER_LEAST: "the scale '%(name)s' needs %(there)s answered items, not %(here)s",
    QuestionnaireErrorCode.NOT_A_DECIMAL: "'%(key)s' must be a number, such as 3.4",
    QuestionnaireErrorCode.NORM_WITHOUT_SCALE: "there is no scale '%(name)s' for this reference value",
    QuestionnaireErrorCode.NORM_OUT_OF_RANGE: (
        "the reference value of '%(name)s' must lie from %(low)s to %(high)s; its deviation is above 0 and no larger"
    ),
    QuestionnaireErrorCode.NORM_OF_NOBODY: "'n' must be the number of persons, at least 2",
    QuestionnaireErrorCode.NORM_YEAR: "'year' must be the year of the data, such as 2023",
}

Words = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, order=True)
class QuestionnaireError:
    """One error: the file, the line (from 1), the code, and the parameters of its message."""

    file: str
    line: int
    fault: QuestionnaireErrorCode
    words: Words = ()

    @property
    def english_message(self) -> str:
        """The English message of the error, with its remedy."""
        return ENGLISH[self.fault] % dict(self.words)

    def __str__(self) -> str:
        """Return the fault as `file:line: reason`, as editors understand it."""
        return f"{self.file}:{self.line}: {self.english_message}"


def message_parameters(**words: object) -> Words:
    """Return the parameters of an error message as sorted pairs of texts.

    >>> QuestionnaireError("a.toml", 3, QuestionnaireErrorCode.NO_ITEM, message_parameters(name="pace")).english_message
    "there is no item 'pace'"
    """
    return tuple(sorted((name, str(word)) for name, word in words.items()))


class InvalidQuestionnaire(ValueError):
    """The file is not a valid questionnaire; `problems` holds every error, in the file's order."""

    def __init__(self, problems: Iterable[QuestionnaireError]):
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
