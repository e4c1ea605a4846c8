"""Surveys by others in a municipality: their dates, and which of their scales resemble ours.

The crosswalk holds names and no figures: scales that resemble each other are asked and scored differently, so their
numbers are never set side by side.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from enum import StrEnum

from app.core.languages import Language, TranslatedText
from app.core.survey_calendar import SurveyDays
from app.core.tables.cells import TableNotice, TableRow
from app.core.tables.errors import TableError, TableErrorCode
from app.core.tables.row_reader import RowReader
from app.core.text import match_key

LONGEST_NAME = 120
LONGEST_SCALE = 200
LONGEST_SOURCE = 500
SCALE_COLUMNS = tuple(f"scale_{language.value}" for language in Language)
NEEDED = ("survey", "dimension", *SCALE_COLUMNS, "good_end")
HEADER = (*NEEDED, "source")


@dataclass(frozen=True, slots=True)
class OtherSurvey:
    """A survey of others in one municipality, with the days on which it asks; `id` is 0 before it is stored."""

    id: int
    municipality: str
    title: str
    first: date
    last: date

    @property
    def survey_days(self) -> SurveyDays:
        """Its days, to compare with those of a round."""
        return SurveyDays(self.title, self.first, self.last)


class GoodEnd(StrEnum):
    """Which end of a scale of another survey is the good one."""

    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class ScaleMatch:
    """A scale of another survey that resembles a dimension; `source` says who says so."""

    survey: str
    dimension: str
    scale: TranslatedText
    good_end: GoodEnd
    source: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What distinguishes a row: letter case and blanks do not."""
        return match_key(self.survey), self.dimension, match_key(self.scale.fi)


@dataclass(frozen=True, slots=True)
class CheckedCrosswalk:
    """The content of a crosswalk table, the changes it would make, and all of its errors.

    The table replaces everything that is stored of the surveys that it names; other surveys stay as they are.
    """

    matches: tuple[ScaleMatch, ...]
    problems: tuple[TableError, ...]
    added: tuple[ScaleMatch, ...] = ()
    changed: tuple[ScaleMatch, ...] = ()
    unchanged: tuple[ScaleMatch, ...] = ()
    removed: tuple[ScaleMatch, ...] = ()
    notices: tuple[TableNotice, ...] = ()


def check_crosswalk_rows(
    rows: Iterable[TableRow],
    *,
    dimensions: Collection[str],
    known: Sequence[ScaleMatch],
    notices: tuple[TableNotice, ...] = (),
) -> CheckedCrosswalk:
    """Read every row of a crosswalk table and compare it with what is stored."""
    problems: list[TableError] = []
    matches: dict[tuple[str, str, str], ScaleMatch] = {}
    names: dict[str, str] = {}
    for row in rows:
        reader = RowReader(row, zone=UTC, problems=problems)
        match = _read_match(reader, dimensions, names)
        if match.key in matches:
            reader.add_error("scale_fi", TableErrorCode.REPEATED, match.scale.fi)
        matches[match.key] = match
    return _compare(tuple(matches.values()), known, tuple(sorted(set(problems))), notices)


def crosswalk_table(matches: Iterable[ScaleMatch]) -> list[tuple[str, ...]]:
    """Return the rows of a crosswalk table under its header; reading them changes nothing."""
    rows = [
        (
            match.survey,
            match.dimension,
            *(match.scale.in_language(language) for language in Language),
            match.good_end.value,
            match.source,
        )
        for match in matches
    ]
    return [HEADER, *rows]


def _read_match(reader: RowReader, dimensions: Collection[str], names: dict[str, str]) -> ScaleMatch:
    survey = reader.read_one_line_text("survey", longest=LONGEST_NAME, required=True)
    named = names.setdefault(match_key(survey), survey)
    if named != survey:
        reader.add_error("survey", TableErrorCode.NAMED_OTHERWISE, survey, named)
    dimension = match_key(reader.stripped_cell("dimension"))
    if dimension not in dimensions:
        fault = TableErrorCode.UNKNOWN_WORD if dimension else TableErrorCode.MISSING
        reader.add_error("dimension", fault, reader.stripped_cell("dimension"), ", ".join(dimensions))
    return ScaleMatch(
        survey,
        dimension,
        _read_scale(reader),
        reader.read_choice("good_end", GoodEnd),
        reader.read_one_line_text("source", longest=LONGEST_SOURCE),
    )


def _read_scale(reader: RowReader) -> TranslatedText:
    texts = {
        language: reader.read_one_line_text(f"scale_{language.value}", longest=LONGEST_SCALE) for language in Language
    }
    fallback = next((text for text in texts.values() if text), "")
    if not fallback:
        reader.add_error("scale_fi", TableErrorCode.MISSING)
    # A survey is often named in one language only; its name is then shown as it is.
    return TranslatedText(**{language.value: text or fallback for language, text in texts.items()})


def _compare(
    matches: tuple[ScaleMatch, ...],
    known: Sequence[ScaleMatch],
    problems: tuple[TableError, ...],
    notices: tuple[TableNotice, ...],
) -> CheckedCrosswalk:
    stored: Mapping[tuple[str, str, str], ScaleMatch] = {match.key: match for match in known}
    read = {match.key for match in matches}
    surveys = {match_key(match.survey) for match in matches}
    return CheckedCrosswalk(
        matches=matches,
        problems=problems,
        added=tuple(match for match in matches if match.key not in stored),
        changed=tuple(match for match in matches if match.key in stored and stored[match.key] != match),
        unchanged=tuple(match for match in matches if stored.get(match.key) == match),
        removed=tuple(match for match in known if match_key(match.survey) in surveys and match.key not in read),
        notices=notices,
    )
