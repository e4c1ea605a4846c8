"""Stored publications: content, seal, and their replacements."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, cast

from sqlalchemy import Connection, ForeignKey, Select, String, Table, Text, bindparam, insert, inspect, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.caches import BoundedCache
from app.core.errors import PublicationSealMismatch
from app.core.publication import (
    InvalidPublication,
    LazyPublication,
    Publication,
    ReleasedSurveys,
    digest_of_json,
    from_json,
    split_publication,
    split_publication_json,
)
from app.core.publication.parts import is_header, join_texts, read_header
from app.core.publication.survey_summary import summarize
from app.core.rounds import RoundId, RoundKind
from app.store import publication_parts, released_surveys
from app.store.database import Base, Executor, has_column
from app.store.released_surveys import ReleasedSurveyRow
from app.store.rounds import RoundRow

MOST_REASON = 500  # messages


class PublicationRow(Base):
    __tablename__ = "publication"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    counted_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    content: Mapped[str] = mapped_column(Text)
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("round.id"))
    replaced_at: Mapped[datetime | None]
    replaced_because: Mapped[str | None] = mapped_column(String(MOST_REASON))
    # Filled where the publication is in parts: then `digest` is that of the header, which is the content.
    kind: Mapped[str | None] = mapped_column(String(10))
    title: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[datetime | None]
    unit_count: Mapped[int | None]
    sealed_as: Mapped[str | None] = mapped_column(String(64))  # digest of the whole text that an earlier version stored


@dataclass(frozen=True, slots=True)
class Replacement:
    """The replacement of a publication: by which round's publication, since when, and why."""

    round: RoundId
    by: RoundId
    at: datetime
    because: str


# Written once and on the plain table: every page asks which publications there are.
_TABLE = cast("Table", PublicationRow.__table__)
_SEALS = select(_TABLE.c.round_id, _TABLE.c.digest).order_by(_TABLE.c.counted_at, _TABLE.c.round_id)
_KNOWN_BEFORE_0019 = select(
    _TABLE.c.round_id,
    _TABLE.c.digest,
    _TABLE.c.counted_at,
    _TABLE.c.kind,
    _TABLE.c.title,
    _TABLE.c.opened_at,
    _TABLE.c.unit_count,
).order_by(_TABLE.c.counted_at, _TABLE.c.round_id)
# Those of the round and of the publication are the same: nobody changes the title of a round that was opened.
_TRANSLATIONS = cast("Table", RoundRow.__table__).c.title_translations
_KNOWN = _KNOWN_BEFORE_0019.join(RoundRow, RoundRow.id == _TABLE.c.round_id).add_columns(_TRANSLATIONS)
_IS_RELEASED = _TABLE.c.released_at.is_not(None)
_IS_CURRENT = _TABLE.c.replaced_by.is_(None)
_OF_ROUND = _TABLE.c.round_id == bindparam("of_round")
_RELEASED_BEFORE_0010 = _SEALS.where(_IS_RELEASED)
_RELEASED_BEFORE_0018 = _SEALS.where(_IS_RELEASED, _IS_CURRENT)
_RELEASED_BEFORE_0019 = _KNOWN_BEFORE_0019.where(_IS_RELEASED, _IS_CURRENT)
_RELEASED = _KNOWN.where(_IS_RELEASED, _IS_CURRENT)
_REPLACED = select(_TABLE.c.round_id, _TABLE.c.replaced_by, _TABLE.c.replaced_at, _TABLE.c.replaced_because).where(
    _TABLE.c.replaced_by.is_not(None)
)
_CONTENT = select(_TABLE.c.content).where(_OF_ROUND)
_UNSPLIT = select(_TABLE.c.round_id, _TABLE.c.digest).where(_TABLE.c.kind.is_(None))


def add(session: Session, publication: Publication) -> str:
    """Store a publication for good and return its seal: the digest of its header."""
    sealed = split_publication(publication)
    values = {"round_id": publication.round, "digest": sealed.digest, "counted_at": publication.counted_at}
    session.execute(insert(_TABLE).values(values | {"content": sealed.header} | round_list_values(publication)))
    publication_parts.add(session, publication.round, sealed.parts)
    return sealed.digest


def round_list_values(publication: Publication) -> dict[str, object]:
    """Return what lists of rounds show, so that they read no publication."""
    return {
        "kind": publication.kind.value,
        "title": publication.title,
        "opened_at": publication.opened_at,
        "unit_count": publication.unit_count,
    }


def add_from_json(session: Session, round_id: RoundId, text: str, *, seal: str) -> None:
    """Store the whole text of a publication of another installation, in parts; `seal` is what its certificate names.

    Raises InvalidPublication for other texts. A text that could not be joined again is stored whole.
    """
    publication = from_json(text)
    try:
        sealed = split_publication_json(text)
    except InvalidPublication:
        whole = {"digest": digest_of_json(text), "content": text, "counted_at": publication.counted_at}
        session.execute(insert(_TABLE).values(whole | {"round_id": round_id}))
        return
    values = round_list_values(publication) | {
        "round_id": round_id,
        "digest": sealed.digest,
        "content": sealed.header,
        "counted_at": publication.counted_at,
        "sealed_as": None if seal == sealed.digest else seal,
    }
    session.execute(insert(_TABLE).values(values))
    publication_parts.add(session, round_id, sealed.parts)


def find_including_replaced(session: Session, round_id: RoundId) -> Publication | None:
    """Return the publication of a round, released or not, replaced or not; None before the count.

    Whatever shows a publication uses `find_not_replaced` instead.
    """
    row = session.execute(_known(session).where(_OF_ROUND), {"of_round": round_id}).one_or_none()
    return None if row is None else _read(session, row)


def find_not_replaced(session: Session, round_id: RoundId) -> Publication | None:
    """Return the publication of a round, released or not; None before the count and where another replaced it."""
    row = session.execute(_known(session).where(_OF_ROUND, _IS_CURRENT), {"of_round": round_id}).one_or_none()
    return None if row is None else _read(session, row)


def list_released_not_replaced(session: Executor) -> tuple[Publication, ...]:
    """Return every released publication that was not replaced, in the order in which the rounds were asked.

    Needs, lists, follow-up, own feedback and comparisons all begin here.

    Answers gathered elsewhere may be counted years after they were given; they do not become the newest.
    """
    publications = [_read(session, row) for row in session.execute(_released(session)).all()]
    return tuple(sorted(publications, key=lambda each_publication: each_publication.round_opened_at))


def seals_by_round(session: Session) -> dict[RoundId, str]:
    """Return the seal of every stored publication, replaced ones too: the digest that its certificate names.

    Of a publication that an earlier version stored as one text, that is the digest of the text.
    """
    query = select(_TABLE.c.round_id, _TABLE.c.digest, _TABLE.c.sealed_as).order_by(_TABLE.c.round_id)
    return {RoundId(row.round_id): row.sealed_as or row.digest for row in session.execute(query)}


def _known(session: Executor) -> Select[Any]:
    if has_column(session, _TRANSLATIONS):
        return _KNOWN
    return _KNOWN_BEFORE_0019 if has_column(session, _TABLE.c.kind) else _SEALS


def _released(session: Executor) -> Select[Any]:
    if has_column(session, _TRANSLATIONS):
        return _RELEASED
    if has_column(session, _TABLE.c.kind):
        return _RELEASED_BEFORE_0019
    return _RELEASED_BEFORE_0018 if has_column(session, _TABLE.c.replaced_by) else _RELEASED_BEFORE_0010


def load_released_surveys(session: Executor) -> ReleasedSurveys:
    """Return the current surveys with look-ups by community; pulses are not among them."""
    return ReleasedSurveys.from_publications(list_released_not_replaced(session))


def list_including_replaced(session: Session) -> tuple[Publication, ...]:
    """Return every publication that was ever counted, replaced ones too.

    For the attacker program alone: what was printed once is known, whatever replaced it since.
    """
    return tuple(_read(session, row) for row in session.execute(_known(session)).all())


def mark_publication_replaced(session: Session, replacement: Replacement) -> None:
    """Mark a publication as replaced by another round's, for good; the caller writes the audit log.

    ValueError where it was replaced before, or would replace itself.
    """
    if replacement.by == replacement.round:
        raise ValueError("a publication cannot replace itself")
    row = update(_TABLE).where(_TABLE.c.round_id == replacement.round, _TABLE.c.replaced_by.is_(None))
    values = {
        "replaced_by": replacement.by,
        "replaced_at": replacement.at,
        "replaced_because": replacement.because[:MOST_REASON],
    }
    changed = session.execute(row.values(values).returning(_TABLE.c.round_id)).all()
    if not changed:
        message = f"round {replacement.round} has no publication that could be replaced"
        raise ValueError(message)
    released_surveys.remove(session, replacement.round)


def find_replacement(session: Executor, round_id: RoundId) -> Replacement | None:
    """Return what replaced a round's publication; None if it was not replaced."""
    return replacements_by_round(session).get(round_id)


def replacements_by_round(session: Executor) -> dict[RoundId, Replacement]:
    """Return the replacement of every replaced publication by its round; replaced publications must not be shown."""
    rows = session.execute(_REPLACED).all()
    return {
        RoundId(row.round_id): Replacement(
            RoundId(row.round_id), RoundId(row.replaced_by), row.replaced_at, row.replaced_because or ""
        )
        for row in rows
    }


def set_released_and_store_summary(session: Session, round_id: RoundId, *, now: datetime) -> None:
    """Record that a publication is released, and store the survey summary that respondents' pages read."""
    session.execute(update(PublicationRow).where(PublicationRow.round_id == round_id).values(released_at=now))
    row = session.execute(_known(session).where(_OF_ROUND, _IS_CURRENT), {"of_round": round_id}).one_or_none()
    if row is not None:
        _summarize(session, row)


def add_missing_survey_summaries(connection: Connection) -> None:
    """Store the summaries of surveys that were released by an earlier version; nothing where none is missing.

    Migrations call this at their end, in their own transaction. After a step back the tables may be gone.
    """
    if not inspect(connection).has_table(ReleasedSurveyRow.__tablename__):
        return
    known = released_surveys.rounds_with_summary(connection)
    columns = _KNOWN_BEFORE_0019 if _has_parts(connection) else _SEALS
    for row in connection.execute(columns.where(_IS_RELEASED, _IS_CURRENT)).all():
        if row.round_id not in known:
            with suppress(PublicationSealMismatch):  # `flask doctor` reports it; it must not stop an update
                _summarize(connection, row)


def split_whole_publications(connection: Connection) -> None:
    """Split publications that an earlier version stored as one text; their digest is kept as `sealed_as`.

    Migrations call this at their end, in their own transaction. A text that does not match its digest stays as it is,
    and cannot be read: a new seal would hide that it was changed.
    """
    if not _has_parts(connection):
        return
    for row in connection.execute(_UNSPLIT).all():
        text = header_or_whole_json(connection, RoundId(row.round_id))
        if digest_of_json(text) == row.digest:
            _split(connection, RoundId(row.round_id), text, row.digest)


def _has_parts(connection: Connection) -> bool:
    # Not cached: a downgrade of the schema may have removed the table meanwhile.
    return inspect(connection).has_table(publication_parts.PublicationPartRow.__tablename__)


def _split(connection: Connection, round_id: RoundId, text: str, digest: str) -> None:
    try:
        sealed = split_publication_json(text)
    except InvalidPublication:  # cannot be split without loss: stays whole
        return
    header = read_header(sealed.header).publication
    values = {"content": sealed.header, "digest": sealed.digest, "sealed_as": digest} | round_list_values(header)
    connection.execute(update(_TABLE).where(_TABLE.c.round_id == round_id).values(values))
    publication_parts.add(connection, round_id, sealed.parts)


def publication_json(session: Executor, round_id: RoundId) -> str:
    """Return the text of a whole publication exactly as earlier versions stored it.

    Raises InvalidPublication where a part is missing or unreadable; does not compare digests.
    """
    text = header_or_whole_json(session, round_id)
    if not is_header(text):
        return text
    header = read_header(text)
    by_key = {(level, unit): part for level, unit, part in publication_parts.iterate_part_texts(session, round_id)}
    try:
        return join_texts(text, (by_key[entry.level.value, entry.unit] for entry in header.entries))
    except (KeyError, ValueError) as error:
        raise InvalidPublication(f"A part of the publication is missing or wrong: {error!r}.") from error


def header_or_whole_json(session: Executor, round_id: RoundId) -> str:
    """Return the header of a round's publication, or its whole text where it is not in parts."""
    return str(session.execute(_CONTENT, {"of_round": round_id}).scalar())


def _summarize(session: Executor, row: Any) -> None:
    # Read with this executor: the publication, or even its table, may be of this transaction.
    survey = _read(session, row, executor=session)
    if survey.kind is RoundKind.SURVEY:
        released_surveys.add(
            session,
            RoundId(row.round_id),
            summarize(survey),
            digest=row.digest,
            asked_at=survey.round_opened_at,
            counted_at=survey.counted_at,
        )


def unreplaced_release_times_by_round(session: Session) -> dict[RoundId, datetime]:
    """Return the release time of each released publication that was not replaced, by round."""
    query = select(PublicationRow.round_id, PublicationRow.released_at).where(
        PublicationRow.released_at.is_not(None), PublicationRow.replaced_by.is_(None)
    )
    return {RoundId(row.round_id): row.released_at for row in session.execute(query)}


def release_time(session: Session, round_id: RoundId) -> datetime | None:
    """Return when a publication was released, replaced or not; None if it was not."""
    return session.scalar(select(PublicationRow.released_at).where(PublicationRow.round_id == round_id))


def rounds_ever_released(session: Session) -> frozenset[RoundId]:
    """Return the rounds whose publication was ever released, replaced ones too."""
    query = select(_TABLE.c.round_id).where(_TABLE.c.released_at.is_not(None))
    return frozenset(map(RoundId, session.execute(query).scalars()))


def _read(session: Executor, row: Any, *, executor: Executor | None = None) -> Publication:
    """Return the publication of a row: one that loads its parts when they are asked for, or a whole one.

    A publication never changes, so its digest may stand for it.
    """
    if getattr(row, "kind", None) is None:
        return _read_whole(session, RoundId(row.round_id), row.digest)
    if executor is not None:
        return _lazy(row, publication_parts.PublicationPartLoader(RoundId(row.round_id), row.digest, executor))
    publication, source = _LAZY.get_or_make(row.digest, lambda: _lazy_with_source(row))
    source.engine = session.get_bind().engine if isinstance(session, Session) else session.engine
    return publication


def _lazy_with_source(row: Any) -> tuple[LazyPublication, publication_parts.PublicationPartLoader]:
    source = publication_parts.PublicationPartLoader(RoundId(row.round_id), row.digest)
    return _lazy(row, source), source


def _lazy(row: Any, source: publication_parts.PublicationPartLoader) -> LazyPublication:
    known = {
        "round": RoundId(row.round_id),
        "kind": RoundKind(row.kind),
        "title": row.title,
        "title_translations": getattr(row, _TRANSLATIONS.name, None),
        "opened_at": row.opened_at,
        "counted_at": row.counted_at,
    }
    return LazyPublication.create(row.digest, source, unit_count=row.unit_count, known=known)


def _read_whole(session: Executor, round_id: RoundId, digest: str) -> Publication:
    """Return a publication that is stored as one text, before the migration that splits it."""
    # One at a time: parsing takes up to a second and 100 MB, and threads that wait find the result.
    with _PARSING:
        publication = _CACHE.get(digest)
        if publication is None:
            text = header_or_whole_json(session, round_id)
            if digest_of_json(text) != digest:
                raise PublicationSealMismatch(round_id, "text", "was changed")
            publication = publication_parts.with_stored_lead_ins(session, from_json(text))
            _CACHE.put(digest, publication)
    return publication


# Publications in parts are small: header and parts have caches of their own.
_LAZY: BoundedCache[str, tuple[LazyPublication, publication_parts.PublicationPartLoader]] = BoundedCache(
    "publications", most=200
)
_CACHE: BoundedCache[str, Publication] = BoundedCache("publications that are stored as one text", most=24)
_PARSING = Lock()
