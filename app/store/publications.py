"""Publications at rest: what was frozen at the count, its seal, and what replaced it."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, cast

from sqlalchemy import Connection, ForeignKey, Select, String, Table, Text, bindparam, insert, inspect, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.caches import BoundedCache
from app.core.errors import BrokenSeal
from app.core.publication import (
    InvalidPublication,
    LazyPublication,
    Publication,
    ReleasedSurveys,
    digest_of_json,
    from_json,
    seal_publication,
    seal_text,
)
from app.core.publication.parts import is_header, join_texts, read_header
from app.core.publication.survey_summary import summarize
from app.core.rounds import RoundId, RoundKind
from app.store import publication_parts, released_surveys
from app.store.database import Base, Executor, has_column
from app.store.released_surveys import ReleasedSurveyRow

MOST_REASON = 500  # letters


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
    """Why a publication is not printed any more: which round's publication replaces it, since when, and the reason."""

    round: RoundId
    by: RoundId
    at: datetime
    because: str


# Written once and on the plain table: every page asks which publications there are.
_TABLE = cast("Table", PublicationRow.__table__)
_SEALS = select(_TABLE.c.round_id, _TABLE.c.digest).order_by(_TABLE.c.counted_at, _TABLE.c.round_id)
_KNOWN = select(
    _TABLE.c.round_id,
    _TABLE.c.digest,
    _TABLE.c.counted_at,
    _TABLE.c.kind,
    _TABLE.c.title,
    _TABLE.c.opened_at,
    _TABLE.c.unit_count,
).order_by(_TABLE.c.counted_at, _TABLE.c.round_id)
_IS_RELEASED = _TABLE.c.released_at.is_not(None)
_IS_CURRENT = _TABLE.c.replaced_by.is_(None)
_OF_ROUND = _TABLE.c.round_id == bindparam("of_round")
_RELEASED_BEFORE_0010 = _SEALS.where(_IS_RELEASED)
_RELEASED_BEFORE_0018 = _SEALS.where(_IS_RELEASED, _IS_CURRENT)
_RELEASED = _KNOWN.where(_IS_RELEASED, _IS_CURRENT)
_REPLACED = select(_TABLE.c.round_id, _TABLE.c.replaced_by, _TABLE.c.replaced_at, _TABLE.c.replaced_because).where(
    _TABLE.c.replaced_by.is_not(None)
)
_CONTENT = select(_TABLE.c.content).where(_OF_ROUND)
_UNSPLIT = select(_TABLE.c.round_id, _TABLE.c.digest).where(_TABLE.c.kind.is_(None))


def add(session: Session, publication: Publication) -> str:
    """Store a publication for good and return its seal: the digest of its header."""
    sealed = seal_publication(publication)
    values = {"round_id": publication.round, "digest": sealed.digest, "counted_at": publication.counted_at}
    session.execute(insert(_TABLE).values(values | {"content": sealed.header} | list_columns(publication)))
    publication_parts.add(session, publication.round, sealed.parts)
    return sealed.digest


def list_columns(publication: Publication) -> dict[str, object]:
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
        sealed = seal_text(text)
    except InvalidPublication:
        whole = {"digest": digest_of_json(text), "content": text, "counted_at": publication.counted_at}
        session.execute(insert(_TABLE).values(whole | {"round_id": round_id}))
        return
    values = list_columns(publication) | {
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

    Whatever shows a publication asks for `current` instead.
    """
    row = session.execute(_known(session).where(_OF_ROUND), {"of_round": round_id}).one_or_none()
    return None if row is None else _read(session, row)


def find_not_replaced(session: Session, round_id: RoundId) -> Publication | None:
    """Return the publication of a round, released or not; None before the count and where another replaced it."""
    row = session.execute(_known(session).where(_OF_ROUND, _IS_CURRENT), {"of_round": round_id}).one_or_none()
    return None if row is None else _read(session, row)


def list_released_not_replaced(session: Executor) -> tuple[Publication, ...]:
    """Return every current publication (released and not replaced) in the order in which they were asked.

    Needs, lists, follow-up, own feedback and comparisons all begin here.

    Answers gathered elsewhere may be counted years after they were given; they do not become the newest.
    """
    publications = [_read(session, row) for row in session.execute(_released(session)).all()]
    return tuple(sorted(publications, key=lambda each_publication: each_publication.asked_at))


def seals(session: Session) -> dict[RoundId, str]:
    """Return the seal of every stored publication, replaced ones too: the digest that its certificate names.

    Of a publication that an earlier version stored as one text, that is the digest of the text.
    """
    query = select(_TABLE.c.round_id, _TABLE.c.digest, _TABLE.c.sealed_as).order_by(_TABLE.c.round_id)
    return {RoundId(row.round_id): row.sealed_as or row.digest for row in session.execute(query)}


def _known(session: Executor) -> Select[Any]:
    return _KNOWN if has_column(session, _TABLE.c.kind) else _SEALS


def _released(session: Executor) -> Select[Any]:
    if has_column(session, _TABLE.c.kind):
        return _RELEASED
    return _RELEASED_BEFORE_0018 if has_column(session, _TABLE.c.replaced_by) else _RELEASED_BEFORE_0010


def load_released_surveys(session: Executor) -> ReleasedSurveys:
    """Return the current surveys with look-ups by community; pulses are not among them."""
    return ReleasedSurveys.from_publications(list_released_not_replaced(session))


def list_including_replaced(session: Session) -> tuple[Publication, ...]:
    """Return every publication that was ever counted, replaced ones too.

    For the attacker program alone: what was printed once is known, whatever replaced it since.
    """
    return tuple(_read(session, row) for row in session.execute(_known(session)).all())


def replace_publication(session: Session, replacement: Replacement) -> None:
    """Withdraw a publication for good in favour of another round's; the audit log is the caller's.

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


def replacement_of(session: Executor, round_id: RoundId) -> Replacement | None:
    """Return what replaced a round's publication; None where it still stands."""
    return replacements_by_round(session).get(round_id)


def replacements_by_round(session: Executor) -> dict[RoundId, Replacement]:
    """Return every replaced publication's replacement by its round: none of these may be printed."""
    rows = session.execute(_REPLACED).all()
    return {
        RoundId(row.round_id): Replacement(
            RoundId(row.round_id), RoundId(row.replaced_by), row.replaced_at, row.replaced_because or ""
        )
        for row in rows
    }


def set_released(session: Session, round_id: RoundId, *, now: datetime) -> None:
    """Note that a publication may be read, and store the small row that respondents' pages read of a survey."""
    session.execute(update(PublicationRow).where(PublicationRow.round_id == round_id).values(released_at=now))
    row = session.execute(_known(session).where(_OF_ROUND, _IS_CURRENT), {"of_round": round_id}).one_or_none()
    if row is not None:
        _summarize(session, row)


def add_missing_summaries(connection: Connection) -> None:
    """Store the summaries of surveys that were released by an earlier version; nothing where none is missing.

    Migrations call this at their end, in their own transaction. After a step back the tables may be gone.
    """
    if not inspect(connection).has_table(ReleasedSurveyRow.__tablename__):
        return
    known = released_surveys.rounds_with_summary(connection)
    columns = _KNOWN if _has_parts(connection) else _SEALS
    for row in connection.execute(columns.where(_IS_RELEASED, _IS_CURRENT)).all():
        if row.round_id not in known:
            with suppress(BrokenSeal):  # the doctor tells it; an update is no reason to stop
                _summarize(connection, row)


def split_missing(connection: Connection) -> None:
    """Split publications that an earlier version stored as one text; their digest is kept as `sealed_as`.

    Migrations call this at their end, in their own transaction. A text that does not match its digest stays as it is,
    and cannot be read: a new seal would hide that it was changed.
    """
    if not _has_parts(connection):
        return
    for row in connection.execute(_UNSPLIT).all():
        text = stored_json(connection, RoundId(row.round_id))
        if digest_of_json(text) == row.digest:
            _split(connection, RoundId(row.round_id), text, row.digest)


def _has_parts(connection: Connection) -> bool:
    # Looked up anew: a step back may have taken away what this process has seen.
    return inspect(connection).has_table(publication_parts.PublicationPartRow.__tablename__)


def _split(connection: Connection, round_id: RoundId, text: str, digest: str) -> None:
    try:
        sealed = seal_text(text)
    except InvalidPublication:  # written in a way that could not be joined again: stays whole, and is read so
        return
    header = read_header(sealed.header).publication
    values = {"content": sealed.header, "digest": sealed.digest, "sealed_as": digest} | list_columns(header)
    connection.execute(update(_TABLE).where(_TABLE.c.round_id == round_id).values(values))
    publication_parts.add(connection, round_id, sealed.parts)


def whole_text(session: Executor, round_id: RoundId) -> str:
    """Return the very text of a whole publication, as earlier versions stored it.

    Raises InvalidPublication where a part is missing or unreadable; does not compare digests.
    """
    text = stored_json(session, round_id)
    if not is_header(text):
        return text
    header = read_header(text)
    by_key = {(level, unit): part for level, unit, part in publication_parts.texts(session, round_id)}
    try:
        return join_texts(text, (by_key[entry.level.value, entry.unit] for entry in header.entries))
    except (KeyError, ValueError) as error:
        raise InvalidPublication(f"A part of the publication is missing or wrong: {error!r}.") from error


def stored_json(session: Executor, round_id: RoundId) -> str:
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
            asked_at=survey.asked_at,
            counted_at=survey.counted_at,
        )


def release_times_by_round(session: Session) -> dict[RoundId, datetime]:
    """Return when each released publication that still stands was released."""
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
        return _lazy(row, publication_parts.StoredParts(RoundId(row.round_id), row.digest, executor))
    publication, source = _LAZY.get_or_make(row.digest, lambda: _lazy_with_source(row))
    source.engine = session.get_bind().engine if isinstance(session, Session) else session.engine
    return publication


def _lazy_with_source(row: Any) -> tuple[LazyPublication, publication_parts.StoredParts]:
    source = publication_parts.StoredParts(RoundId(row.round_id), row.digest)
    return _lazy(row, source), source


def _lazy(row: Any, source: publication_parts.StoredParts) -> LazyPublication:
    known = {
        "round": RoundId(row.round_id),
        "kind": RoundKind(row.kind),
        "title": row.title,
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
            text = stored_json(session, round_id)
            if digest_of_json(text) != digest:
                raise BrokenSeal(round_id, "text", "was changed")
            publication = publication_parts.led_in(session, from_json(text))
            _CACHE.put(digest, publication)
    return publication


# Publications in parts are small: header and parts have caches of their own.
_LAZY: BoundedCache[str, tuple[LazyPublication, publication_parts.StoredParts]] = BoundedCache("publications", most=200)
_CACHE: BoundedCache[str, Publication] = BoundedCache("publications that are stored as one text", most=24)
_PARSING = Lock()
