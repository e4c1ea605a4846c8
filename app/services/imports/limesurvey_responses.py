"""Read a LimeSurvey response export (question codes as headings), one row per respondent."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.instruments import Instrument
from app.core.tables.cells import InputTable, TableRow
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.text import match_key, normal_line
from app.services.imports.answers import COMMUNITY, GROUP
from app.services.imports.limesurvey_questionnaire import group_id, item_id, option_numbers
from app.services.imports.limesurvey_structure import LimeOption, LimeQuestion, LimeSurvey

SUBMITTED = "submitdate"
NOTHING = frozenset({"", "N/A", "{question_not_shown}"})
MOST_EXPECTED = 12  # labels that one sentence lists
_PARTS = re.compile(r"^([^\[._]+)(?:\[([^\]]+)\]|[._](.+))?$")


@dataclass(frozen=True, slots=True)
class LimeRespondentQuestions:
    """Which questions say where a respondent works, and in which staff group."""

    community: str
    group: str | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """One item: the column of its answers, its question, and the number of each answer as the file writes it."""

    item: str
    column: str
    numbers: Mapping[str, str]
    expected: str


Words = Callable[[LimeOption], Iterable[str]]  # what a file may write for an option


def answers_table_from_responses(
    table: InputTable, survey: LimeSurvey, instrument: Instrument, *, columns: LimeRespondentQuestions
) -> InputTable:
    """Turn responses into `community,group,<item ids>`; those that were never submitted are left out.

    Answers are exported either as codes or in full; which of the two a word is that could be both is decided for the
    whole file. TableImportError names missing columns and bad cells.
    """
    found = _columns_by_item(table.columns)
    faults = [
        TableError(1, item, TableErrorCode.NO_COLUMN_FOR_ITEM) for item in instrument.item_ids if item not in found
    ]
    faults += [
        TableError(1, code, TableErrorCode.NO_SUCH_COLUMN)
        for code in (columns.community, columns.group)
        if code is not None and code not in table.columns
    ]
    if faults:
        raise TableImportError(fault.with_file_name(table.name) for fault in faults)
    rows = [row for row in table.rows if row.cells.get(SUBMITTED, "submitted").strip() not in NOTHING]
    words = _spoken(rows, survey, instrument, found)
    asked = [_asked(survey, instrument, item, found[item], words) for item in instrument.item_ids]
    home = _naming(survey.find_question(columns.community), words, _community_name)
    group = _naming(survey.find_question(columns.group) if columns.group else None, words, group_id)
    lines = []
    for row in rows:
        cells = {COMMUNITY: home(row.cells[columns.community])}
        cells[GROUP] = group(row.cells[columns.group]) if columns.group else ""
        for item in asked:
            value = normal_line(row.cells[item.column])
            number = "" if value in NOTHING else item.numbers.get(match_key(value))
            if number is None:
                fault = TableErrorCode.NO_ANSWER_OF_QUESTION
                faults.append(TableError(row.number, item.column, fault, value[:80], item.expected))
            cells[item.item] = number or ""
        lines.append(TableRow(row.number, cells))
    if faults:
        raise TableImportError(fault.with_file_name(table.name) for fault in faults)
    return InputTable((COMMUNITY, GROUP, *instrument.item_ids), tuple(lines), table.name, table.notices)


def unscored_option_labels(
    table: InputTable, survey: LimeSurvey, instrument: Instrument
) -> tuple[tuple[str, str], ...]:
    """Return every option that counts as not answered, as the code of its question and its label."""
    found = _columns_by_item(table.columns)
    result: dict[tuple[str, str], None] = {}
    for item in instrument.item_ids:
        question = _question(survey, found[item]) if item in found else None
        if question is None:
            continue
        numbers = option_numbers(question, instrument.item(item)) or {}
        for option in question.options:
            if option.code not in numbers:
                result[question.code, next(iter(_labels(option)))] = None
    return tuple(result)


def _columns_by_item(columns: Sequence[str]) -> dict[str, str]:
    """Return the column of each item; the first of two that give the same id."""
    result: dict[str, str] = {}
    for column in columns:
        result.setdefault(item_id(*_split(column)), column)
    return result


def _split(column: str) -> tuple[str, str]:
    parts = _PARTS.match(column)
    return (column, "") if parts is None else (parts[1], parts[2] or parts[3] or "")


def _question(survey: LimeSurvey, column: str) -> LimeQuestion | None:
    return survey.find_question(column) or survey.find_question(_split(column)[0])


def _codes(option: LimeOption) -> Iterable[str]:
    return (option.code,)


def _labels(option: LimeOption) -> Iterable[str]:
    return tuple(option.labels.values()) or (option.code,)


def _spoken(rows: Iterable[TableRow], survey: LimeSurvey, instrument: Instrument, found: Mapping[str, str]) -> Words:
    """Decide whether a file holds codes or labels: what more of its answers are; codes where both fit equally."""
    values: dict[str, Counter[str]] = {found[item]: Counter() for item in instrument.item_ids}
    for row in rows:
        for column, counter in values.items():
            counter[row.cells[column]] += 1
    fits = {_codes: 0, _labels: 0}
    for column, counter in values.items():
        question = _question(survey, column)
        if question is None:
            continue
        for words in fits:
            known = {match_key(word) for option in question.options for word in words(option)}
            fits[words] += sum(count for value, count in counter.items() if match_key(value) in known)
    return _labels if fits[_labels] > fits[_codes] else _codes


def _asked(survey: LimeSurvey, instrument: Instrument, item: str, column: str, words: Words) -> _Asked:
    question = _question(survey, column)
    if question is None:
        return _Asked(item, column, {}, "")
    scored = option_numbers(question, instrument.item(item))
    other = _labels if words is _codes else _codes
    numbers = {} if scored is None else _numbers(question, scored, other) | _numbers(question, scored, words)
    expected = [next(iter(words(option))) for option in question.options]
    shown = ", ".join(expected[:MOST_EXPECTED]) + (" …" if len(expected) > MOST_EXPECTED else "")
    return _Asked(item, column, numbers, shown)


def _numbers(question: LimeQuestion, scored: Mapping[str, str], words: Words) -> dict[str, str]:
    """Return the number of each word that stands for one option; a word of several options stands for none."""
    numbers: dict[str, set[str]] = {}
    for option in question.options:
        for word in words(option):
            numbers.setdefault(match_key(word), set()).add(scored.get(option.code, ""))
    return {word: next(iter(found)) for word, found in numbers.items() if len(found) == 1}


def _community_name(option: LimeOption) -> str:
    return next(iter(option.labels.values()), option.code)


def _naming(question: LimeQuestion | None, words: Words, name: Callable[[LimeOption], str]) -> Callable[[str], str]:
    """Return the function from a cell to what an option is called here; a text that is no option stays as it is."""
    if question is None:
        return lambda value: "" if value.strip() in NOTHING else normal_line(value)
    spoken: dict[str, set[str]] = {}
    for kind in (_codes, _labels) if words is _codes else (_labels, _codes):
        for option in question.options:
            for word in kind(option):
                spoken.setdefault(match_key(word), set()).add(name(option))

    def called(value: str) -> str:
        line = normal_line(value)
        known = spoken.get(match_key(line), set())
        if line in NOTHING:
            return ""
        return next(iter(known)) if len(known) == 1 else line

    return called
