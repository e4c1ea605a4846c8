"""Combine the files of an import, in any of the supported formats of answers."""

from collections.abc import Mapping

from app.core.instruments import Instrument
from app.core.tables.cells import ReadLimits
from app.core.tables.headers import ANSWERS, column_name_resolver
from app.core.text import normal_line
from app.services.imports.answers import heading_to_column_mapper
from app.services.imports.limesurvey_responses import (
    LimeRespondentQuestions,
    answers_table_from_responses,
    unscored_option_labels,
)
from app.services.imports.limesurvey_structure import read_structure
from app.services.imports.long_format import is_long, pivot_to_wide
from app.services.imports.publish_import import ImportData
from app.store.tabular_reader import read_table

# A national survey has far more answers than a register has rows, and LimeSurvey exports hundreds of columns.
ANSWER_LIMITS = ReadLimits(size=100_000_000, rows=2_000_000, columns=2_000)

File = tuple[str, bytes]  # file name and content


def gather_import(
    instrument: Instrument,
    source: str,
    *,
    answers: File,
    invited: File,
    structure: File | None = None,
    columns: LimeRespondentQuestions | None = None,
) -> ImportData:
    """Read the answers and who was invited; raises TableImportError with what is wrong with the files.

    With `structure`, a .lss file, the answers are responses of LimeSurvey, and `columns` names the
    questions on community and staff group.
    """
    asked = read_table(invited[1], name=invited[0], rename=column_name_resolver(ANSWERS))
    if structure is not None and columns is not None:
        survey = read_structure(structure[1], name=structure[0])
        responses = read_table(answers[1], name=answers[0], rename=normal_line, limits=ANSWER_LIMITS)
        answered = answers_table_from_responses(responses, survey, instrument, columns=columns)
        unscored = unscored_option_labels(responses, survey, instrument)
        return ImportData(instrument, source, answered, asked, unscored)
    answered = read_table(
        answers[1], name=answers[0], rename=heading_to_column_mapper(instrument), limits=ANSWER_LIMITS
    )
    if is_long(answered):
        answered = pivot_to_wide(answered, instrument)
    return ImportData(instrument, source, answered, asked)


def files_as_text(files: Mapping[str, File | None]) -> dict[str, str]:
    """Return files as texts (name and content) for hidden form fields; every byte is preserved."""
    result = {}
    for part, file in files.items():
        if file is not None:
            result[f"{part}.name"] = file[0]
            result[part] = file[1].decode("latin-1")
    return result


def file_from_text(carried: Mapping[str, str], part: str) -> File | None:
    """Return a file that `files_as_text` wrote; None if there was none."""
    if part not in carried:
        return None
    return carried.get(f"{part}.name", part), carried[part].encode("latin-1", "replace")
