"""Which questionnaires there are, and published keys completed with their sentences."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.instruments import (
    Instrument,
    InvalidQuestionnaire,
    QuestionnaireError,
    QuestionnaireErrorCode,
    sorted_values,
)
from app.core.instruments.key_completion import Lines, complete_key
from app.store import questionnaires as store
from app.store import rounds
from app.store.database import Executor
from app.store.instruments import KEYS_FOLDER, UnknownInstrument, read_file, read_source, stored_instrument

OWN = "wellbeing.toml"  # the service's own questionnaire, in the folder of questionnaires
Listed = dict[str, tuple[Instrument, str]]  # questionnaires with their sources, by id


class UnknownScoringKey(LookupError):
    """There is no published key of this name."""


def askable_questionnaires(session: Session, folder: Path) -> Listed:
    """Return what a round may be asked with, the longest first: files, and keys that were completed here."""
    result = {
        instrument.id: (instrument, source) for instrument, source in _whole(session, folder) if instrument.answerable
    }
    return dict(sorted(result.items(), key=lambda entry: -len(entry[1][0].items)))


def self_assessment_questionnaire(session: Executor, folder: Path) -> Instrument | None:
    """Return the questionnaire of the newest survey that can be asked on a page, else the one in `folder`, if any."""
    for digest in rounds.survey_questionnaire_digests(session):
        instrument = stored_instrument(session, digest)
        if instrument.answerable:
            return instrument
    return _installed(folder)


def questionnaire_by_digest(session: Executor, digest: str, *, folder: Path) -> Instrument:
    """Return the questionnaire of a digest: one that a round was opened with, or the one for self-assessments.

    Raises UnknownInstrument where it is neither.
    """
    try:
        return stored_instrument(session, digest)
    except UnknownInstrument:
        installed = _installed(folder)
        if installed is None or installed.digest != digest:
            raise
        return installed


def _installed(folder: Path) -> Instrument | None:
    path = folder / OWN
    return _read_once(path, path.stat().st_mtime_ns) if path.is_file() else None


@lru_cache(maxsize=4)
def _read_once(path: Path, _changed_at: int) -> Instrument | None:
    try:
        return read_file(path)
    except InvalidQuestionnaire:
        return None


def countable_questionnaires(session: Session, folder: Path) -> Listed:
    """Return what answers gathered elsewhere may be counted with: those, and the bare keys."""
    asked = askable_questionnaires(session, folder)
    rest = {
        instrument.id: (instrument, source)
        for instrument, source in (*_files(folder / KEYS_FOLDER), *_whole(session, folder))
    }
    return asked | {name: result for name, result in rest.items() if name not in asked}


def published_scoring_keys(folder: Path) -> tuple[Instrument, ...]:
    """Return the published keys that are checked here."""
    return tuple(instrument for instrument, _source in _files(folder / KEYS_FOLDER))


def published_scoring_key(folder: Path, name: str) -> tuple[Instrument, str]:
    """Return one published key and its source; raises UnknownKey."""
    result = {instrument.id: (instrument, source) for instrument, source in _files(folder / KEYS_FOLDER)}
    if name not in result:
        raise UnknownScoringKey(name)
    return result[name]


def completed_scoring_keys(session: Session, folder: Path) -> Listed:
    """Return the keys that were completed here."""
    return {instrument.id: (instrument, source) for instrument, source in _completed(session, folder)}


def save_completed_scoring_key(
    session: Session,
    name: str,
    *,
    sentences: Lines,
    labels: dict[str, Lines],
    folder: Path,
    by: AccountId,
    now: datetime,
) -> Instrument:
    """Keep a key with its sentences, so that rounds can be asked with it.

    Raises UnknownKey, and InvalidQuestionnaire for what is missing or departs from the key.
    """
    _key, source = published_scoring_key(folder, name)
    result = complete_key(source, sentences=sentences, labels=labels)
    instrument = read_source(result, name=name, folder=folder)
    if not instrument.answerable:
        silent = [
            QuestionnaireError(name, 1, QuestionnaireErrorCode.NO_SENTENCE, sorted_values(name=item.id))
            for item in instrument.items_without_text
        ]
        nameless = [
            QuestionnaireError(name, 1, QuestionnaireErrorCode.NO_OPTION_TEXTS, sorted_values(name=item.id))
            for item in instrument.items_without_label
        ]
        raise InvalidQuestionnaire(silent + nameless)
    store.put(session, name, result, by=by, now=now)
    return instrument


def remove_completed_scoring_key(session: Session, name: str) -> None:
    """Take a completed key off the list; rounds that were planned with it keep their text."""
    store.remove(session, name)


def _whole(session: Session, folder: Path) -> list[tuple[Instrument, str]]:
    return [*_completed(session, folder), *_files(folder)]


def _files(folder: Path) -> list[tuple[Instrument, str]]:
    """Return the sound files of a folder; the doctor names what is wrong with the others."""
    result = []
    for path in sorted(folder.glob("*.toml")):
        try:
            result.append((read_file(path), path.read_text(encoding="utf-8")))
        except InvalidQuestionnaire:
            continue
    return result


def _completed(session: Session, folder: Path) -> list[tuple[Instrument, str]]:
    result = []
    for name, source in store.sources(session).items():
        try:
            result.append((read_source(source, name=name, folder=folder), source))
        except InvalidQuestionnaire:  # the key has been mended since, and this no longer follows it
            continue
    return result
