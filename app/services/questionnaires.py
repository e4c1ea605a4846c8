"""Which questionnaires there are, and published keys completed with their sentences."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.instruments import Fault, Instrument, InstrumentRefused, Problem, words_of
from app.core.instruments.filling import Lines, fill
from app.store import questionnaires as store
from app.store.instruments import KEYS, read_file, read_source

Listed = dict[str, tuple[Instrument, str]]  # questionnaires with their sources, by id


class KeyUnknown(LookupError):
    """There is no published key of this name."""


def to_ask(session: Session, folder: Path) -> Listed:
    """Return what a round may be asked with, the longest first: files, and keys that were completed here."""
    found = {one.id: (one, source) for one, source in _whole(session, folder) if one.answerable}
    return dict(sorted(found.items(), key=lambda entry: -len(entry[1][0].items)))


def to_count(session: Session, folder: Path) -> Listed:
    """Return what answers gathered elsewhere may be counted with: those, and the bare keys."""
    asked = to_ask(session, folder)
    rest = {one.id: (one, source) for one, source in (*_files(folder / KEYS), *_whole(session, folder))}
    return asked | {name: found for name, found in rest.items() if name not in asked}


def keys(folder: Path) -> tuple[Instrument, ...]:
    """Return the published keys that are checked here."""
    return tuple(one for one, _source in _files(folder / KEYS))


def key(folder: Path, name: str) -> tuple[Instrument, str]:
    """Return one published key and its source; raises KeyUnknown."""
    found = {one.id: (one, source) for one, source in _files(folder / KEYS)}
    if name not in found:
        raise KeyUnknown(name)
    return found[name]


def completed(session: Session, folder: Path) -> Listed:
    """Return the keys that were completed here."""
    return {one.id: (one, source) for one, source in _completed(session, folder)}


def complete(
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

    Raises KeyUnknown, and InstrumentRefused for what is missing or departs from the key.
    """
    _key, source = key(folder, name)
    made = fill(source, sentences=sentences, labels=labels)
    instrument = read_source(made, name=name, folder=folder)
    if not instrument.answerable:
        silent = [Problem(name, 1, Fault.NO_SENTENCE, words_of(name=item.id)) for item in instrument.silent]
        nameless = [Problem(name, 1, Fault.NO_OPTION_TEXTS, words_of(name=item.id)) for item in instrument.nameless]
        raise InstrumentRefused(silent + nameless)
    store.put(session, name, made, by=by, now=now)
    return instrument


def remove(session: Session, name: str) -> None:
    """Take a completed key off the list; rounds that were planned with it keep their text."""
    store.remove(session, name)


def _whole(session: Session, folder: Path) -> list[tuple[Instrument, str]]:
    return [*_completed(session, folder), *_files(folder)]


def _files(folder: Path) -> list[tuple[Instrument, str]]:
    """Return the sound files of a folder; the doctor names what is wrong with the others."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        try:
            found.append((read_file(path), path.read_text(encoding="utf-8")))
        except InstrumentRefused:
            continue
    return found


def _completed(session: Session, folder: Path) -> list[tuple[Instrument, str]]:
    found = []
    for name, source in store.sources(session).items():
        try:
            found.append((read_source(source, name=name, folder=folder), source))
        except InstrumentRefused:  # the key has been mended since, and this no longer follows it
            continue
    return found
