"""Stored parts of publications, and how a page reads only the few that it shows.

`publication.content` holds the header, a row here each part of it (see `app.core.publication.parts`). Every text is
compared with its digest before it is read: whoever changes a row of the database is noticed by whoever reads it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import cast

from flask import has_app_context
from sqlalchemy import Engine, ForeignKey, String, Table, Text, bindparam, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app.caches import BoundedCache
from app.core.errors import PublicationSealMismatch
from app.core.instruments import InvalidQuestionnaire
from app.core.publication import (
    Level,
    PartEntry,
    PartText,
    Publication,
    PublicationHeader,
    digest_of_json,
    with_lead_ins,
)
from app.core.publication.cell_lookup import CellLookup
from app.core.publication.parts import join_parts, part_lookup, read_header, read_part
from app.core.rounds import RoundId
from app.store import db_errors, instruments
from app.store.database import Base, Executor, database, read_connection
from app.store.instruments import UnknownInstrument

# A reader that goes through the communities in order gets so many parts at once.
READ_AHEAD = 64
# So many communities may be passed over before it counts as going out of order.
MAX_GAP = 8
RUN_IN_ORDER = 3  # steps in order, after which more parts are read at once
ROWS_AT_ONCE = 250


class PublicationPartRow(Base):
    __tablename__ = "publication_part"

    round_id: Mapped[int] = mapped_column(ForeignKey("publication.round_id"), primary_key=True, autoincrement=False)
    level: Mapped[str] = mapped_column(String(12), primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    content: Mapped[str] = mapped_column(Text)


_PARTS = cast("Table", PublicationPartRow.__table__)
# The table of publications belongs to a module that imports this one.
_HEADER = text("SELECT content FROM publication WHERE round_id = :of_round")
_ALL = select(_PARTS.c.level, _PARTS.c.unit_id, _PARTS.c.content).where(_PARTS.c.round_id == bindparam("of_round"))
_OF_UNITS = _ALL.where(_PARTS.c.unit_id.in_(bindparam("of_units", expanding=True)))


def add(session: Executor, round_id: RoundId, parts: Sequence[PartText]) -> None:
    """Store the parts of a publication for good."""
    for start in range(0, len(parts), ROWS_AT_ONCE):
        rows = [
            {"round_id": round_id, "level": part.level.value, "unit_id": part.unit, "content": part.text}
            for part in parts[start : start + ROWS_AT_ONCE]
        ]
        session.execute(insert(_PARTS), rows)


def iterate_part_texts(session: Executor, round_id: RoundId) -> Iterator[tuple[str, str, str]]:
    """Yield level, unit and text of every stored part of a round, a few at a time, as they are stored."""
    yield from map(tuple, session.execute(_ALL, {"of_round": round_id}).yield_per(ROWS_AT_ONCE))


class PublicationPartLoader:
    """Loads a stored publication in parts, in this thread's open transaction or else in one of its own.

    `engine` is that of the database where it was last found, for readers outside an application.
    `executor` is given where the publication may not be committed yet, as in a migration.
    """

    def __init__(self, round_id: RoundId, digest: str, executor: Executor | None = None) -> None:
        self._round_id = round_id
        self._digest = digest
        self._executor = executor
        self.engine: Engine | None = None
        self._last_place = 0
        self._run = 0

    def header(self) -> PublicationHeader:
        """Return the header; PublicationSealMismatch if it is not the one with this digest."""
        header = _HEADERS.get(self._digest)
        if header is not None:
            return header
        with self._reading() as session:
            content = self._header_text(session)
            with _PARSING:  # one at a time: threads that wait for the same header find it
                header = _HEADERS.get(self._digest)
                if header is None:
                    header = read_header(content)
            header = _with_lead_ins(session, header)
        _HEADERS.put(self._digest, header)
        return header

    def lookup(self, header: PublicationHeader, entry: PartEntry) -> CellLookup:
        """Return the lookup of one part; PublicationSealMismatch if it is not the one in the header, or missing."""
        place = header.places[entry.key]
        self._note(place)
        lookup = _LOOKUPS.get(entry.digest)
        if lookup is None:
            count = READ_AHEAD if self._run >= RUN_IN_ORDER else 1
            lookup = self._load(header.entries[place : place + count])[0]
        return lookup

    def prefetch(self, entries: Sequence[PartEntry]) -> None:
        """Load parts at once, where they are not in memory yet."""
        self._load([entry for entry in entries if entry.digest not in _LOOKUPS])

    def _load(self, entries: Sequence[PartEntry]) -> list[CellLookup]:
        texts = list(self._texts(entries))
        with _PARSING:  # one at a time: threads that wait for the same part find it
            return [_LOOKUPS.get_or_make(entry.digest, partial(part_lookup, content)) for entry, content in texts]

    def _note(self, place: int) -> None:
        """Note how long a reader has gone through the parts in order; several threads at once do no harm."""
        step = place - self._last_place
        if step:
            self._run = self._run + 1 if 0 < step <= MAX_GAP else 0
        self._last_place = place

    def load_whole_publication(self, header: PublicationHeader) -> Publication:
        """Return the whole publication; PublicationSealMismatch if a part was changed or is missing."""
        return join_parts(header, (read_part(text) for _entry, text in self._texts(header.entries)))

    def _texts(self, entries: Sequence[PartEntry]) -> Iterator[tuple[PartEntry, str]]:
        """Yield the texts of parts in the order of their entries, each as it was sealed."""
        for start in range(0, len(entries), ROWS_AT_ONCE):
            some = entries[start : start + ROWS_AT_ONCE]
            with self._reading() as session:
                found = _texts_of(session, self._round_id, some)
            for entry in some:
                content = found.get(entry.key)
                if content is None:
                    raise PublicationSealMismatch(self._round_id, _place(entry), "is missing")
                if digest_of_json(content) != entry.digest:
                    raise PublicationSealMismatch(self._round_id, _place(entry), "was changed")
                yield entry, content

    def _header_text(self, session: Executor) -> str:
        content = str(session.execute(_HEADER, {"of_round": self._round_id}).scalar())
        if digest_of_json(content) != self._digest:
            raise PublicationSealMismatch(self._round_id, "header", "was changed")
        return content

    @contextmanager
    def _reading(self) -> Iterator[Executor]:
        if self._executor is not None:
            yield self._executor
        elif has_app_context() and database.session().in_transaction():
            yield database.session()
        elif has_app_context() or self.engine is None:
            with read_connection() as connection:
                yield connection
        else:
            with db_errors.translate_errors(), self.engine.connect() as connection:
                yield connection.execution_options(only_reads=True)


def _texts_of(session: Executor, round_id: RoundId, entries: Iterable[PartEntry]) -> dict[tuple[Level, str], str]:
    units = sorted({entry.unit for entry in entries})
    rows = session.execute(_OF_UNITS, {"of_round": round_id, "of_units": units})
    return {(Level(row.level), row.unit_id): row.content for row in rows}


def _place(entry: PartEntry) -> str:
    return f"{entry.level.value} {entry.unit}"


def _with_lead_ins(session: Executor, header: PublicationHeader) -> PublicationHeader:
    """Add what stood above the questions, which publications of earlier versions do not say."""
    publication = with_stored_lead_ins(session, header.publication)
    if publication is header.publication:
        return header
    return PublicationHeader(publication, header.entries, header.places, header.orders)


def with_stored_lead_ins(session: Executor, publication: Publication) -> Publication:
    """Return a publication with the lead-in of every measure, as far as its questionnaire is known."""
    if all(measure.lead_in is not None for measure in publication.measures):
        return publication
    try:
        return with_lead_ins(publication, instruments.get_questionnaire(session, publication.instrument_digest))
    except (UnknownInstrument, InvalidQuestionnaire):  # then its questions continue only what is as old
        return publication


_HEADERS: BoundedCache[str, PublicationHeader] = BoundedCache("headers of publications", most=64)
_LOOKUPS: BoundedCache[str, CellLookup] = BoundedCache("parts of publications", most=4000)
_PARSING = Lock()
