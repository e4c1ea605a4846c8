"""List questionnaires, and complete published keys with their item texts."""

from collections.abc import Iterable
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
    continued_items,
    message_parameters,
    version_numbers,
)
from app.core.instruments.key_completion import Lines, questionnaire_source_from_scoring_key
from app.store import questionnaires as store
from app.store import rounds
from app.store.database import Executor
from app.store.instruments import (
    KEYS_FOLDER,
    UnknownInstrument,
    get_questionnaire,
    is_stored,
    parse_questionnaire_source,
    read_questionnaire_file,
)

OWN = "wellbeing_2026_2.toml"  # the newest version of the service's own questionnaire, in the folder of questionnaires
PULSE = "pulse"  # the id of a pulse questionnaire, or the beginning of it: pulse_2026_2
Listed = dict[str, tuple[Instrument, str]]  # questionnaires with their sources, by id


class UnknownScoringKey(LookupError):
    """There is no published key of this name."""


def askable_questionnaires_by_id(session: Session, folder: Path) -> Listed:
    """Return the questionnaires that a round can use, with sources, by id: files, and scoring keys completed here.

    The newest version of the service's own questionnaire comes first, then the others, the longest first: the first
    one is what a new round is planned with unless somebody chooses another.
    """
    result = {
        instrument.id: (instrument, source)
        for instrument, source in _whole(session, folder)
        if instrument.has_all_texts
    }
    own = _installed(folder)
    own_id = None if own is None else own.id
    return dict(sorted(result.items(), key=lambda entry: (entry[0] != own_id, -len(entry[1][0].items))))


def is_pulse(instrument: Instrument) -> bool:
    """Tell whether a questionnaire is a pulse: a few questions to the communities that agreed on something."""
    return instrument.id == PULSE or instrument.id.startswith(f"{PULSE}_")


def find_pulse_questionnaire_for_surveys(
    session: Executor, folder: Path, surveys: Iterable[str]
) -> tuple[Instrument, str] | None:
    """Return the pulse, with its source, that repeats most questions of some surveys; None where there is no pulse.

    `surveys` are the digests of the surveys' questionnaires, one for each community that is to be asked. Of pulses that
    repeat equally many the newest version is taken.
    """
    asked = [get_questionnaire(session, digest) for digest in surveys if is_stored(session, digest)]
    pulses = [entry for entry in _files(folder) if is_pulse(entry[0]) and entry[0].has_all_texts]

    def rank(entry: tuple[Instrument, str]) -> tuple[int, tuple[int, ...]]:
        repeated = sum(len(continued_items(survey, entry[0])) for survey in asked)
        return repeated, version_numbers(entry[0].version)

    return max(pulses, key=rank, default=None)


def find_self_assessment_questionnaire(session: Executor, folder: Path) -> Instrument | None:
    """Return the questionnaire of the newest survey that can be asked on a page, else the one in `folder`, if any."""
    for digest in rounds.opened_survey_questionnaire_digests(session):
        instrument = get_questionnaire(session, digest)
        if instrument.has_all_texts:
            return instrument
    return _installed(folder)


def questionnaire_by_digest(session: Executor, digest: str, *, folder: Path) -> Instrument:
    """Return the questionnaire of a digest: one that a round was opened with, or the one for self-assessments.

    Raises UnknownInstrument where it is neither.
    """
    try:
        return get_questionnaire(session, digest)
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
        return read_questionnaire_file(path)
    except InvalidQuestionnaire:
        return None


def questionnaires_for_answer_import_by_id(session: Session, folder: Path) -> Listed:
    """Return the questionnaires that imported answers can be counted with: askable ones and bare scoring keys."""
    asked = askable_questionnaires_by_id(session, folder)
    rest = {
        instrument.id: (instrument, source)
        for instrument, source in (*_files(folder / KEYS_FOLDER), *_whole(session, folder))
    }
    return asked | {name: result for name, result in rest.items() if name not in asked}


def published_scoring_keys(folder: Path) -> tuple[Instrument, ...]:
    """Return the published keys that are checked here."""
    return tuple(instrument for instrument, _source in _files(folder / KEYS_FOLDER))


def published_scoring_key_and_source(folder: Path, name: str) -> tuple[Instrument, str]:
    """Return one published scoring key and its source; raises UnknownScoringKey."""
    result = {instrument.id: (instrument, source) for instrument, source in _files(folder / KEYS_FOLDER)}
    if name not in result:
        raise UnknownScoringKey(name)
    return result[name]


def completed_scoring_keys_by_id(session: Session, folder: Path) -> Listed:
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
    """Store a scoring key completed with its question texts, so that rounds can use it.

    Raises UnknownScoringKey, and InvalidQuestionnaire for what is missing or departs from the key.
    """
    _key, source = published_scoring_key_and_source(folder, name)
    result = questionnaire_source_from_scoring_key(source, sentences=sentences, labels=labels)
    instrument = parse_questionnaire_source(result, name=name, folder=folder)
    if not instrument.has_all_texts:
        silent = [
            QuestionnaireError(name, 1, QuestionnaireErrorCode.NO_SENTENCE, message_parameters(name=item.id))
            for item in instrument.items_without_text
        ]
        nameless = [
            QuestionnaireError(name, 1, QuestionnaireErrorCode.NO_OPTION_TEXTS, message_parameters(name=item.id))
            for item in instrument.items_without_option_labels
        ]
        raise InvalidQuestionnaire(silent + nameless)
    store.upsert_questionnaire(session, name, result, by=by, now=now)
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
            result.append((read_questionnaire_file(path), path.read_text(encoding="utf-8")))
        except InvalidQuestionnaire:
            continue
    return result


def _completed(session: Session, folder: Path) -> list[tuple[Instrument, str]]:
    result = []
    for name, source in store.toml_by_name(session).items():
        try:
            result.append((parse_questionnaire_source(source, name=name, folder=folder), source))
        except InvalidQuestionnaire:  # the key was corrected since, and this questionnaire no longer matches it
            continue
    return result
