"""Read the questions of a LimeSurvey structure file (.lss), versions 1.9 to 6.

Up to version 3 each text stands in the row of its question, once for each language; from version 4 on
texts stand in tables of their own (`question_l10ns` and so on). Both are read.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from app.core.languages import Language
from app.core.markup import strip_markup
from app.core.tables.errors import TableErrorCode, TableImportError, raise_table_error
from app.core.text import match_key

Texts = Mapping[Language, str]
Row = dict[str, str]
LIKERT = {"5": 5, "A": 5, "B": 10}  # question types with fixed numbers for options
ARRAYS = frozenset("FHAB")
LISTS = frozenset("L!O")
MOST_BYTES = 20_000_000
OTHER_FILES = {"Group": ".lsg", "Question": ".lsq", "Label set": ".lsl", "Responses": ".lsr", "Tokens": ".lst"}
NO_ANSWER_WORDS = re.compile(
    r"(i |we )?(can't|cannot|can not|cant|don't|dont|do not) (say|know|tell|answer)( .*)?|n/?a|not applicable( .*)?"
    r"|(does not|doesn't) (apply|concern me)( .*)?|no (answer|opinion|experience)( .*)?|unsure"
    r"|(prefer|would rather|i'd rather) not( to)? (say|answer)( .*)?"
    r"|(en|ei) (osaa|halua|voi) (sanoa|vastata|arvioida)( .*)?|en tiedä( .*)?|eos|ei koske( minua| meitä| .*)?"
    r"|ei (vastausta|mielipidettä|kokemusta|sovellu|ole käytössä)( .*)?"
    r"|(jag )?(vet (inte|ej)|kan (inte|ej) (säga|svara|bedöma)|vill (inte|ej) (säga|svara))( .*)?"
    r"|ingen (åsikt|uppfattning|erfarenhet)( .*)?|inget svar|(gäller|berör) (inte|ej)( .*)?|ej (tillämplig|aktuellt)t?"
)


@dataclass(frozen=True, slots=True)
class LimeOption:
    """One answer of a question: the code that is exported, and its labels."""

    code: str
    labels: Texts

    @property
    def says_no_answer(self) -> bool:
        """Whether its label means that the respondent has no answer, such as "cannot say"."""
        return any(NO_ANSWER_WORDS.fullmatch(match_key(label)) for label in self.labels.values())


@dataclass(frozen=True, slots=True)
class LimeQuestion:
    """One question; an array has rows. The names of its columns are made of `code` and, in an array, a row's code.

    `no_answers` are the codes of the options that count as not answered, once a person has chosen them; until then
    (None) their words decide.
    """

    code: str
    type: str
    texts: Texts
    options: tuple[LimeOption, ...]
    rows: tuple[tuple[str, Texts], ...] = ()
    no_answers: frozenset[str] | None = None

    @property
    def scale_options(self) -> tuple[LimeOption, ...]:
        """The options that are steps of a scale.

        Where nobody has chosen, "cannot say" before or after the others is a category of its own and no step; between
        them it is the middle.
        """
        if self.no_answers is not None:
            return tuple(option for option in self.options if option.code not in self.no_answers)
        steps = list(self.options)
        while steps and steps[-1].says_no_answer:
            steps.pop()
        while steps and steps[0].says_no_answer:
            steps.pop(0)
        return tuple(steps)

    @property
    def has_rating_scale(self) -> bool:
        """Whether it is an array or a five-point choice, whose answers are steps of a scale."""
        return self.type in ARRAYS or self.type in LIKERT


@dataclass(frozen=True, slots=True)
class LimeSurvey:
    """The parts of a LimeSurvey structure file that an import needs."""

    title: Texts
    languages: tuple[Language, ...]
    questions: tuple[LimeQuestion, ...]

    def find_question(self, code: str) -> LimeQuestion | None:
        """Return the question with that code, or None."""
        return next((question for question in self.questions if question.code == code), None)


def mark_options_as_not_answered(survey: LimeSurvey, chosen: Mapping[str, Iterable[str]]) -> LimeSurvey:
    """Return the survey in which a person chose, by question, the codes of the options that count as not answered.

    The words decide in questions that are not named.
    """
    questions = tuple(
        replace(question, no_answers=frozenset(chosen[question.code])) if question.code in chosen else question
        for question in survey.questions
    )
    return replace(survey, questions=questions)


def read_structure(content: bytes, *, name: str) -> LimeSurvey:
    """Read a .lss file; TableImportError if it is none, or is in none of the three languages."""
    try:
        return _survey(content)
    except TableImportError as refused:
        raise TableImportError(problem.with_file_name(name) for problem in refused.problems) from refused


def _survey(content: bytes) -> LimeSurvey:
    if len(content) > MOST_BYTES:
        raise_table_error(TableErrorCode.STRUCTURE_TOO_BIG)
    if content.startswith(b"PK"):
        raise_table_error(TableErrorCode.OTHER_STRUCTURE, ".lsa")
    try:
        root = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise_table_error(TableErrorCode.STRUCTURE_NOT_XML, str(error)[:200])
    kind = root.findtext("LimeSurveyDocType") or ""
    if root.tag != "document" or kind != "Survey":
        raise_table_error(TableErrorCode.OTHER_STRUCTURE, OTHER_FILES.get(kind, kind[:40] or root.tag[:40]))
    known = {language.value for language in Language}
    listed = [(item.text or "").strip().partition("-")[0] for item in root.iterfind("languages/language")]
    languages = tuple(dict.fromkeys(Language(item) for item in listed if item in known))
    if not languages:
        raise_table_error(TableErrorCode.STRUCTURE_IN_NO_LANGUAGE)
    tables = {table: _rows(root, table) for table in _TABLES}
    if not tables["subquestions"]:  # before version 2 they were among the questions
        tables["subquestions"] = [row for row in tables["questions"] if row.get("parent_qid", "0") not in ("", "0")]
    return LimeSurvey(_title(tables), languages, _questions(tables))


_TABLES = (
    "surveys_languagesettings",
    "questions",
    "question_l10ns",
    "subquestions",
    "answers",
    "answer_l10ns",
    "groups",
)


def _rows(root: Any, table: str) -> list[Row]:
    return [{cell.tag: (cell.text or "").strip() for cell in row} for row in root.iterfind(f"{table}/rows/row")]


def _title(tables: Mapping[str, list[Row]]) -> Texts:
    return _texts(tables["surveys_languagesettings"], "surveyls_language", "surveyls_title")


def _texts(rows: list[Row], language: str, text: str) -> Texts:
    known = {language.value: language for language in Language}
    spoken = ((known.get(row.get(language, "").partition("-")[0]), strip_markup(row.get(text, ""))) for row in rows)
    return {language: words for language, words in spoken if language is not None and words}


def _questions(tables: Mapping[str, list[Row]]) -> tuple[LimeQuestion, ...]:
    order = {row.get("gid", ""): _number(row.get("group_order", "")) for row in tables["groups"]}
    main = _first(row for row in tables["questions"] if row.get("parent_qid", "0") in ("", "0"))
    ordered = sorted(main, key=lambda row: (order.get(row.get("gid", ""), 0), _number(row.get("question_order", ""))))
    return tuple(_question(row, tables) for row in ordered)


def _question(row: Row, tables: Mapping[str, list[Row]]) -> LimeQuestion:
    kind = row.get("type", "")
    qid = row.get("qid", "")
    children = [table for table in tables["subquestions"] if table.get("parent_qid") == qid and _scale(table) == "0"]
    ordered = sorted(_first(children), key=lambda one: _number(one.get("question_order", "")))
    rows = tuple((item.get("title", ""), _question_texts(item.get("qid", ""), children, tables)) for item in ordered)
    mine = [table for table in tables["questions"] if table.get("qid") == qid]
    options = _numbered(LIKERT[kind]) if kind in LIKERT else _options(qid, tables)
    return LimeQuestion(row.get("title", ""), kind, _question_texts(qid, mine, tables), options, rows)


def _question_texts(qid: str, rows: list[Row], tables: Mapping[str, list[Row]]) -> Texts:
    own = _texts([row for row in rows if row.get("qid") == qid], "language", "question")
    apart = [row for row in tables["question_l10ns"] if row.get("qid") == qid]
    return own or _texts(apart, "language", "question")


def _options(qid: str, tables: Mapping[str, list[Row]]) -> tuple[LimeOption, ...]:
    rows = [row for row in tables["answers"] if row.get("qid") == qid and _scale(row) == "0"]
    result: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda item: _number(item.get("sortorder", ""))):
        result.setdefault(row.get("code", ""), []).append(row)
    return tuple(LimeOption(code, _option_texts(same, tables)) for code, same in result.items())


def _option_texts(same: list[Row], tables: Mapping[str, list[Row]]) -> Texts:
    own = _texts(same, "language", "answer")
    numbers = {row["aid"] for row in same if row.get("aid")}
    return own or _texts([row for row in tables["answer_l10ns"] if row.get("aid") in numbers], "language", "answer")


def _numbered(count: int) -> tuple[LimeOption, ...]:
    return tuple(LimeOption(str(n), {language: str(n) for language in Language}) for n in range(1, count + 1))


def _first(rows: Any) -> list[Row]:
    """Return one row for each question: older files repeat it for each language."""
    return list({row.get("qid", ""): row for row in reversed(list(rows))}.values())[::-1]


def _scale(row: Row) -> str:
    return row.get("scale_id", "0") or "0"


def _number(text: str) -> int:
    return int(text) if text.lstrip("-").isdigit() else 0
