"""Questionnaires in a data package: sources of exported rounds, and completed published keys."""

import re
from pathlib import Path

from sqlalchemy.orm import Session

from app.core.data_package import DataPart
from app.core.instruments import InvalidQuestionnaire, parse
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.services.data_package.archive import Files
from app.services.data_package.package import ImportContext, PartFormat
from app.services.data_package.round_choice import exported_round_ids
from app.store import instruments, questionnaires, rounds

USED = f"{DataPart.QUESTIONNAIRES}/used/"
COMPLETED = f"{DataPart.QUESTIONNAIRES}/completed/"
ENDING = ".toml"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def questionnaires_part_format(folder: Path) -> PartFormat:
    """Return how questionnaires are exported and imported; `folder` holds the questionnaires of the installation."""

    def load(session: Session, files: Files, context: ImportContext) -> tuple[int, int]:
        changed = 0
        for name, content in files.items():
            changed += _load(session, name, content, folder=folder, context=context)
        return changed, len(files) - changed

    return PartFormat(DataPart.QUESTIONNAIRES, _export, load)


def _export(session: Session) -> Files:
    chosen = set(exported_round_ids(session))
    digests = {each.instrument_digest for each in rounds.rounds(session) if each.id in chosen}
    files = {
        f"{USED}{digest}{ENDING}": instruments.get_questionnaire_source(session, digest).encode() for digest in digests
    }
    completed = questionnaires.toml_by_name(session).items()
    return files | {f"{COMPLETED}{name}{ENDING}": source.encode() for name, source in completed}


def _load(session: Session, name: str, content: bytes, *, folder: Path, context: ImportContext) -> bool:
    """Store one questionnaire and tell whether it was not stored already."""
    try:
        source = content.decode()
        if name.startswith(USED) and name.endswith(ENDING):
            return _load_used(session, name, source)
        if name.startswith(COMPLETED) and name.endswith(ENDING):
            return _load_completed(session, name, source, folder=folder, context=context)
    except UnicodeDecodeError as error:
        _refuse(name, TableErrorCode.QUESTIONNAIRE_INVALID, "UTF-8", row=content[: error.start].count(b"\n") + 1)
    except InvalidQuestionnaire as refused:
        first = refused.problems[0]
        _refuse(name, TableErrorCode.QUESTIONNAIRE_INVALID, first.english_message, row=first.line)
    return _refuse(name, TableErrorCode.PACKAGE_FILE_UNKNOWN, name)


def _load_used(session: Session, name: str, source: str) -> bool:
    instrument = parse(source, name=name)
    if name != f"{USED}{instrument.digest}{ENDING}":
        _refuse(name, TableErrorCode.CHECKSUM_DIFFERS)
    is_new = not instruments.is_stored(session, instrument.digest)
    instruments.store_source(session, instrument, source)
    return is_new


def _load_completed(session: Session, name: str, source: str, *, folder: Path, context: ImportContext) -> bool:
    called = name.removeprefix(COMPLETED).removesuffix(ENDING)
    if not _NAME.fullmatch(called):
        _refuse(name, TableErrorCode.PACKAGE_FILE_UNKNOWN, name)
    instruments.parse_questionnaire_source(source, name=name, folder=folder)
    stored = questionnaires.toml_by_name(session).get(called)
    if stored is not None and stored != source:
        _refuse(name, TableErrorCode.STORED_DIFFERENTLY, called)
    if stored is None:
        questionnaires.upsert_questionnaire(session, called, source, by=context.by, now=context.now)
    return stored is None


def _refuse(name: str, fault: TableErrorCode, value: str = "", *, row: int = 0) -> bool:
    raise TableImportError([TableError(row, "", fault, value[:200], file=name)])
