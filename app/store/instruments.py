"""Questionnaires: files in a folder, and the stored source for each round."""

from pathlib import Path
from typing import cast

from sqlalchemy import String, Table, Text, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.caches import BoundedCache
from app.core.instruments import (
    Instrument,
    InvalidQuestionnaire,
    QuestionnaireError,
    QuestionnaireErrorCode,
    message_parameters,
    parse,
    scoring_key_deviations,
)
from app.store.database import Base, Executor

KEYS_FOLDER = "keys"  # the folder, beside the questionnaires, of checked published keys


class InstrumentRow(Base):
    __tablename__ = "instrument"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(Text)


class UnknownInstrument(LookupError):
    """No questionnaire with this digest is stored."""


def read_questionnaire_file(path: Path) -> Instrument:
    """Return the questionnaire in `path`.

    Raises `InvalidQuestionnaire` if the file is invalid, or deviates from the published key that it
    names (`<folder>/keys/<key>.toml`).
    """
    folder = path.parent.parent if path.parent.name == KEYS_FOLDER else path.parent
    return parse_questionnaire_source(_text(path), name=str(path), folder=folder)


def parse_questionnaire_source(source: str, *, name: str, folder: Path) -> Instrument:
    """Return the questionnaire in `source`; `folder` contains the checked keys.

    Raises `InvalidQuestionnaire` like `read_questionnaire_file`.
    """
    instrument = parse(source, name=name)
    if instrument.key is not None:
        _compare_with_key(instrument, name, folder / KEYS_FOLDER)
    return instrument


def load_questionnaires(folder: Path) -> tuple[Instrument, ...]:
    """Return the questionnaires in `folder`, by file name.

    Raises `InvalidQuestionnaire` with the errors of all files; use `load_questionnaires_and_errors` to tolerate
    invalid files.
    """
    instruments, problems = load_questionnaires_and_errors(folder)
    if problems:
        raise InvalidQuestionnaire(problems)
    return instruments


def load_questionnaires_and_errors(folder: Path) -> tuple[tuple[Instrument, ...], tuple[QuestionnaireError, ...]]:
    """Return the valid questionnaires in `folder`, by file name, and all errors of the others."""
    instruments: list[Instrument] = []
    problems: list[QuestionnaireError] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            instruments.append(read_questionnaire_file(path))
        except InvalidQuestionnaire as refusal:
            problems.extend(refusal.problems)
    return tuple(instruments), tuple(problems)


def store_source(session: Session, instrument: Instrument, source: str) -> None:
    """Store the source of `instrument`; can be called again."""
    if parse(source, name=instrument.id).digest != instrument.digest:
        message = f"the source is not that of the questionnaire '{instrument.id}' {instrument.version}"
        raise ValueError(message)
    if session.get(InstrumentRow, instrument.digest) is None:
        session.add(InstrumentRow(digest=instrument.digest, name=instrument.id, source=source))
        session.flush()


def is_stored(session: Executor, digest: str) -> bool:
    """Tell whether the source of this digest is stored."""
    return session.execute(_KEPT, {"looked_for": digest}).one_or_none() is not None


def questionnaire_ids_by_digest(session: Session) -> dict[str, str]:
    """Return the id of every stored questionnaire by its digest."""
    return {row.digest: row.name for row in session.execute(select(InstrumentRow.digest, InstrumentRow.name))}


_TABLE = cast("Table", InstrumentRow.__table__)
_KEPT = select(_TABLE.c.source, _TABLE.c.name).where(_TABLE.c.digest == bindparam("looked_for"))


def get_questionnaire(session: Executor, digest: str) -> Instrument:
    """Return the questionnaire with this digest; `UnknownInstrument` if it is not stored.

    Cached after its first query: every respondent's page needs the same questionnaire, and parsing takes milliseconds.
    """
    return _INSTRUMENTS.get_or_make(digest, lambda: _load_questionnaire(session, digest))


def _load_questionnaire(session: Executor, digest: str) -> Instrument:
    row = session.execute(_KEPT, {"looked_for": digest}).one_or_none()
    if row is None:
        message = f"no questionnaire with the digest {digest} is kept here"
        raise UnknownInstrument(message)
    return parse(row.source, name=row.name)


def get_questionnaire_source(session: Executor, digest: str) -> str:
    """Return the source of a stored questionnaire; `UnknownInstrument` if it is not stored."""
    row = session.execute(_KEPT, {"looked_for": digest}).one_or_none()
    if row is None:
        message = f"no questionnaire with the digest {digest} is kept here"
        raise UnknownInstrument(message)
    return str(row.source)


_INSTRUMENTS: BoundedCache[str, Instrument] = BoundedCache("questionnaires", most=32)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InvalidQuestionnaire([QuestionnaireError(str(path), 1, QuestionnaireErrorCode.NO_FILE)]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InvalidQuestionnaire([QuestionnaireError(str(path), line, QuestionnaireErrorCode.NOT_UTF8)]) from None


def _compare_with_key(instrument: Instrument, name: str, keys: Path) -> None:
    checked = keys / f"{instrument.key}.toml"
    if not checked.is_file():
        values = message_parameters(key=instrument.key, file=checked)
        raise InvalidQuestionnaire([QuestionnaireError(name, 1, QuestionnaireErrorCode.UNKNOWN_PUBLISHED, values)])
    deviations = scoring_key_deviations(instrument, parse(_text(checked), name=str(checked)))
    if deviations:
        raise InvalidQuestionnaire([QuestionnaireError(name, 1, fault, values) for fault, values in deviations])
