"""Convert a LimeSurvey structure into a questionnaire file that a coordinator completes."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.instruments import Item
from app.core.languages import Language
from app.core.markup import foreign_placeholders
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.text import match_key
from app.services.imports.limesurvey_structure import ARRAYS, LISTS, LimeOption, LimeQuestion, LimeSurvey, Texts

PAGE = 6
MOST_OPTIONS = 11
_NOT_ID = re.compile(r"[^A-Za-z0-9]+")
HEADING = """# Made from a LimeSurvey structure. Before it is used, check for every scale its polarity and which items
# are reversed: LimeSurvey does not know them. Options are numbered in their order, from 1.
"""
CHECKED = "# Made from a LimeSurvey structure. Options are numbered in their order, from 1.\n"


@dataclass(frozen=True, slots=True)
class LimeItem:
    """One rated row: the item's id here, its text, and the question that it belongs to."""

    id: str
    texts: Texts
    question: LimeQuestion


def item_id(code: str, row: str = "") -> str:
    """Return the id that a question, or a row of an array, has in the questionnaire.

    >>> item_id("Q1", "SQ001"), item_id("1a")
    ('Q1_SQ001', 'q1a')
    """
    result = _NOT_ID.sub("_", f"{code}_{row}" if row else code).strip("_")
    return result if result[:1].isalpha() else f"q{result}"


def scale_id(code: str) -> str:
    """Return the id that the scale of a question has in the questionnaire."""
    return f"scale_{item_id(code)}"


def ratable_items(survey: LimeSurvey, chosen: Iterable[str] = ()) -> tuple[LimeItem, ...]:
    """Return every row of an array, every five-point choice, and the lists that were chosen by code.

    Of several questions with one code, which versions before 2 allowed, only the first is among them: the columns of
    the others cannot be distinguished.
    """
    wanted = set(chosen)
    first = _first_of_each_code(survey)
    return tuple(
        LimeItem(item_id(question.code, row), texts or question.texts, question)
        for question in first.values()
        if question.has_rating_scale or (question.code in wanted and question.type in LISTS)
        for row, texts in (question.rows or (("", question.texts),))
    )


def _first_of_each_code(survey: LimeSurvey) -> dict[str, LimeQuestion]:
    """Return the questions by the ids that their codes become, in the order of the survey."""
    result: dict[str, LimeQuestion] = {}
    for question in survey.questions:
        result.setdefault(item_id(question.code), question)
    return result


@dataclass(frozen=True, slots=True)
class ScaleDirections:
    """What LimeSurvey does not know: scales of which a high number is bad, and items that are reversed.

    `checked` tells that somebody has looked at both; without it the file says what is to be checked.
    """

    bad: frozenset[str] = frozenset()
    reversed: frozenset[str] = frozenset()
    checked: bool = False


class OmissionReason(StrEnum):
    """Why a question is not taken into the questionnaire."""

    LIST = "list"
    TOO_MANY_OPTIONS = "too_many_options"
    TOO_FEW_OPTIONS = "too_few_options"
    NO_SCALE = "no_scale"
    TWO_SCALES = "two_scales"
    TEXT = "text"
    DISPLAY = "display"
    STAFF_GROUP = "staff_group"
    REPEATED_CODE = "repeated_code"


_NO_SCALE = dict.fromkeys("CYEGMPRDNK:", OmissionReason.NO_SCALE)
_TEXTS = dict.fromkeys("STUQ;|I", OmissionReason.TEXT)
_KINDS = {"1": OmissionReason.TWO_SCALES, "X": OmissionReason.DISPLAY, "*": OmissionReason.DISPLAY} | _NO_SCALE | _TEXTS
ENGLISH = {
    OmissionReason.LIST: "a list; name it to score it",
    OmissionReason.TOO_MANY_OPTIONS: f"more than {MOST_OPTIONS} options",
    OmissionReason.TOO_FEW_OPTIONS: "fewer than two options that are steps of a scale",
    OmissionReason.NO_SCALE: "its answers are no steps of a scale (yes/no, choices, numbers, ranks, dates)",
    OmissionReason.TWO_SCALES: "an array with two scales; make two arrays of it",
    OmissionReason.TEXT: "free text; no text is taken from LimeSurvey",
    OmissionReason.DISPLAY: "a text to read; nobody answers it",
    OmissionReason.STAFF_GROUP: "its options are the staff groups",
    OmissionReason.REPEATED_CODE: "another question before it has the same code; give it a code of its own",
}


@dataclass(frozen=True, slots=True)
class ConversionReport:
    """What becomes of a survey: questions left out with the reason, and what a person has to look at.

    `no_answer` names options that are no step of the scale; `middle` names those that say "cannot say" between the
    others and count as a step, unless a person has looked at the options of the question;
    `placeholders` name what LimeSurvey would have filled in; `two_sided` items have a second end behind `|`.
    """

    left_out: tuple[tuple[str, OmissionReason], ...]
    no_answer: tuple[tuple[str, str], ...]
    middle: tuple[tuple[str, str], ...]
    placeholders: tuple[tuple[str, str], ...]
    two_sided: tuple[str, ...]


def convertible_items(survey: LimeSurvey, chosen: Iterable[str] = ()) -> tuple[LimeItem, ...]:
    """Return the items that a questionnaire takes: rated questions and chosen lists of 2 to 11 steps."""
    return tuple(
        item for item in ratable_items(survey, chosen) if 2 <= len(item.question.scale_options) <= MOST_OPTIONS
    )


def conversion_report(survey: LimeSurvey, *, items: Iterable[str] = (), group: str | None = None) -> ConversionReport:
    """Return what becomes of every question of a survey."""
    taken = convertible_items(survey, items)
    scored = {item.question.code for item in taken}
    first = _first_of_each_code(survey)
    repeated = [question for question in survey.questions if question is not first[item_id(question.code)]]
    rest = [question for question in first.values() if question.code not in scored]
    offered = [(question, option) for question in _questions(taken) for option in question.options]
    unchecked = [(question, option) for question, option in offered if question.no_answers is None]
    texts = [(item.id, text) for item in taken for text in (*item.texts.values(), *item.question.texts.values())]
    return ConversionReport(
        left_out=(
            *((question.code, _why_left_out(question, group)) for question in rest),
            *((question.code, OmissionReason.REPEATED_CODE) for question in repeated),
        ),
        no_answer=tuple((one.code, _label(option)) for one, option in offered if option not in one.scale_options),
        middle=tuple(
            (one.code, _label(option))
            for one, option in unchecked
            if option.says_no_answer and option in one.scale_options
        ),
        placeholders=tuple(dict.fromkeys((item, sign) for item, text in texts for sign in foreign_placeholders(text))),
        two_sided=tuple(item.id for item in taken if any("|" in text for text in item.texts.values())),
    )


def _why_left_out(question: LimeQuestion, group: str | None) -> OmissionReason:
    if question.code == group:
        return OmissionReason.STAFF_GROUP
    if question.type in _KINDS:
        return _KINDS[question.type]
    if len(question.scale_options) > MOST_OPTIONS:
        return OmissionReason.TOO_MANY_OPTIONS
    if question.type in LISTS:
        return OmissionReason.LIST
    return OmissionReason.TOO_FEW_OPTIONS if question.type in ARRAYS else OmissionReason.NO_SCALE


def no_longer_convertible_questions(
    before: LimeSurvey, after: LimeSurvey, *, items: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the codes of questions that can be converted in `before` but no longer in `after`.

    That is so where too few options, or too many, are left as steps of a scale.
    """
    kept = {item.question.code for item in convertible_items(after, items)}
    codes = dict.fromkeys(item.question.code for item in convertible_items(before, items))
    return tuple(code for code in codes if code not in kept)


def _label(option: LimeOption) -> str:
    return next(iter(option.labels.values()), option.code)


def _comments(account: ConversionReport) -> str:
    """Return the account as comments of the file, one line each."""
    lines = [f"Left out: {code}: {ENGLISH[why]}." for code, why in account.left_out]
    lines += [
        f"{code}: “{label}” counts as not answered; it is no step of the scale." for code, label in account.no_answer
    ]
    lines += [
        f"Check: {code}: “{label}” stands between the others and counts as a step." for code, label in account.middle
    ]
    lines += [
        f"Mend: {item} holds {sign}, which LimeSurvey would have filled in." for item, sign in account.placeholders
    ]
    lines += [f"Mend: {item} has two ends, parted by “|”; write one sentence." for item in account.two_sided]
    return "".join(f"# {' '.join(line.split())}\n" for line in lines)


def questionnaire_toml(
    survey: LimeSurvey,
    *,
    name: str,
    items: Sequence[str] = (),
    group: str | None = None,
    directions: ScaleDirections = ScaleDirections(),
) -> str:
    """Write the questionnaire; TableImportError if the survey holds nothing that can be scored.

    `items` are the codes of list questions to take in; `group` is the one whose options are staff groups.
    """
    unknown = [code for code in (*items, *([group] if group else [])) if survey.find_question(code) is None]
    if unknown:
        raise TableImportError(TableError(0, code, TableErrorCode.NO_QUESTION, file=name) for code in unknown)
    taken = convertible_items(survey, items)
    if not taken:
        raise TableImportError([TableError(0, "", TableErrorCode.NOTHING_TO_SCORE, file=name)])
    parts = [
        (CHECKED if directions.checked else HEADING) + _comments(conversion_report(survey, items=items, group=group)),
        _head(survey),
        *(_options(survey, question) for question in _questions(taken)),
    ]
    parts += _groups(survey, group) + _themes(survey, taken) + _scales(survey, taken, directions)
    return "\n".join(parts)


def _questions(items: Sequence[LimeItem]) -> list[LimeQuestion]:
    return list({item.question.code: item.question for item in items}.values())


def _text(survey: LimeSurvey, texts: Texts, otherwise: str) -> str:
    spoken = next((texts[language] for language in survey.languages if language in texts), otherwise)
    return (
        "{ "
        + ", ".join(f"{language.value} = {_quoted(texts.get(language, spoken))}" for language in survey.languages)
        + " }"
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _head(survey: LimeSurvey) -> str:
    title = _text(survey, survey.title, "LimeSurvey")
    known = ", ".join(_quoted(language.value) for language in survey.languages)
    return (
        f'id = "{_name(survey)}"\nversion = "1"\nlanguages = [{known}]\nlicence = "not known"\n'
        f'source = "LimeSurvey"\ntitle = {title}\nintroduction = {title}\n'
    )


def _name(survey: LimeSurvey) -> str:
    spoken = next(iter(survey.title.values()), "limesurvey")
    plain = spoken.lower().translate(str.maketrans("åäö", "aao"))
    return item_id(plain)[:40].strip("_")


def _options(survey: LimeSurvey, question: LimeQuestion) -> str:
    labels = "\n".join(f"  {_text(survey, option.labels, option.code)}," for option in question.scale_options)
    return f"[options.{_set(question)}]\nfirst = 1\nlabels = [\n{labels}\n]\n"


def _set(question: LimeQuestion) -> str:
    return f"of_{item_id(question.code)}"


def _groups(survey: LimeSurvey, code: str | None) -> list[str]:
    question = survey.find_question(code) if code else None
    if question is None:
        return []
    return [
        f'[[groups]]\nid = "{group_id(option)}"\nname = {_text(survey, option.labels, option.code)}\n'
        for option in question.options
    ]


def group_id(option: LimeOption) -> str:
    """Return the id of a staff group that is an option of a list question."""
    return item_id(option.code)


def _themes(survey: LimeSurvey, items: Sequence[LimeItem]) -> list[str]:
    parts = []
    for question in _questions(items):
        lime_items = [item for item in items if item.question.code == question.code]
        for start in range(0, len(lime_items), PAGE):
            number = start // PAGE + 1
            title = _text(survey, question.texts, question.code)
            parts.append(f'[[themes]]\nid = "{item_id(question.code)}_{number}"\ntitle = {title}\n')
            parts += [
                f'[[themes.items]]\nid = "{item.id}"\noptions = "{_set(question)}"\n'
                f"text = {_text(survey, item.texts, item.id)}\n"
                for item in lime_items[start : start + PAGE]
            ]
    return parts


def _scales(survey: LimeSurvey, items: Sequence[LimeItem], directions: ScaleDirections) -> list[str]:
    parts = []
    check = "" if directions.checked else " # check"
    for question in _questions(items):
        title = _text(survey, question.texts, question.code)
        mine = [item.id for item in items if item.question.code == question.code]
        listed, turned = (", ".join(map(_quoted, names)) for names in (mine, sorted(directions.reversed & set(mine))))
        scale = scale_id(question.code)
        polarity = "high_is_bad" if scale in directions.bad else "high_is_good"
        parts.append(
            f'[[scales]]\nid = "{scale}"\ntitle = {title}\ndescription = {title}\n'
            f'polarity = "{polarity}"{check}\nitems = [{listed}]\nreversed = [{turned}]{check}\n'
        )
    return parts


def option_numbers(question: LimeQuestion, item: Item) -> dict[str, str] | None:
    """Return the number of each option that is on the item's scale, by its code; others count as not answered.

    An option is found by its label; where the labels were edited since, by its place among the options on the scale.
    None where neither tells which options are on the scale.
    """
    named: dict[str, set[str]] = {}
    for step in item.options:
        for language in Language:
            named.setdefault(match_key(step.label.in_language(language)), set()).add(str(step.value))
    numbers = {label: next(iter(values)) for label, values in named.items() if len(values) == 1}
    found = {
        option.code: numbers[match_key(label)]
        for option in question.options
        for label in option.labels.values()
        if match_key(label) in numbers
    }
    if len(found) >= len(item.options):
        return found
    for listed in (question.options, question.scale_options):
        if len(listed) == len(item.options):
            return {option.code: str(value.value) for option, value in zip(listed, item.options, strict=True)}
    return None
