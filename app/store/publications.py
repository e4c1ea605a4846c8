"""Publications at rest: the JSON that was frozen at the count, its digest, and what replaced it."""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import cast

from sqlalchemy import Connection, ForeignKey, String, Table, Text, bindparam, insert, inspect, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.caches import BoundedCache
from app.core.instruments import InvalidQuestionnaire
from app.core.publication import LatestSurveys, Publication, digest_of_json, from_json, to_json, with_lead_ins
from app.core.publication.survey_summary import summarize
from app.core.rounds import RoundId, RoundKind
from app.store import instruments, released_surveys
from app.store.database import Base, Executor, has_column
from app.store.instruments import UnknownInstrument
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


@dataclass(frozen=True, slots=True)
class Replacement:
    """Why a publication is not printed any more: which round's publication replaces it, since when, and the reason."""

    round: RoundId
    by: RoundId
    at: datetime
    because: str


# Written once and on the plain table: every page asks which publications there are.
_TABLE = cast("Table", PublicationRow.__table__)
_RELEASED = (
    select(_TABLE.c.round_id, _TABLE.c.digest)
    .where(_TABLE.c.released_at.is_not(None), _TABLE.c.replaced_by.is_(None))
    .order_by(_TABLE.c.counted_at, _TABLE.c.round_id)
)
_RELEASED_BEFORE_0010 = (
    select(_TABLE.c.round_id, _TABLE.c.digest)
    .where(_TABLE.c.released_at.is_not(None))
    .order_by(_TABLE.c.counted_at, _TABLE.c.round_id)
)
_STORED = select(_TABLE.c.round_id, _TABLE.c.digest).order_by(_TABLE.c.counted_at, _TABLE.c.round_id)
_REPLACED = select(_TABLE.c.round_id, _TABLE.c.replaced_by, _TABLE.c.replaced_at, _TABLE.c.replaced_because).where(
    _TABLE.c.replaced_by.is_not(None)
)
_CONTENT = select(_TABLE.c.content).where(_TABLE.c.round_id == bindparam("of_round"))
_DIGEST = select(_TABLE.c.digest).where(_TABLE.c.round_id == bindparam("of_round"))
_CURRENT = _DIGEST.where(_TABLE.c.replaced_by.is_(None))


def add(session: Session, publication: Publication) -> str:
    """Store a publication for good and return its digest."""
    content = to_json(publication)
    seal = digest_of_json(content)
    values = {"round_id": publication.round, "digest": seal, "counted_at": publication.counted_at, "content": content}
    session.execute(insert(_TABLE).values(values))
    return seal


def add_text(session: Session, round_id: RoundId, content: str) -> None:
    """Store a publication exactly as another installation stored it; InvalidPublication for other texts."""
    values = {
        "round_id": round_id,
        "digest": digest_of_json(content),
        "counted_at": from_json(content).counted_at,
        "content": content,
    }
    session.execute(insert(_TABLE).values(values))


def content(session: Session, round_id: RoundId) -> str:
    """Return the stored text of a counted round's publication."""
    return str(session.execute(_CONTENT, {"of_round": round_id}).scalar_one())


def publication(session: Session, round_id: RoundId) -> Publication | None:
    """Return the publication of a round, released or not, replaced or not; None before the count.

    Whatever shows a publication asks for `current` instead.
    """
    result = session.execute(_DIGEST, {"of_round": round_id}).scalar()
    return None if result is None else _read(session, round_id, result)


def current(session: Session, round_id: RoundId) -> Publication | None:
    """Return the publication of a round, released or not; None before the count and where another replaced it."""
    result = session.execute(_CURRENT, {"of_round": round_id}).scalar()
    return None if result is None else _read(session, round_id, result)


def all_released(session: Executor) -> tuple[Publication, ...]:
    """Return every current publication (released and not replaced) in the order in which they were asked.

    Needs, lists, follow-up, own feedback and comparisons all begin here.

    Answers gathered elsewhere may be counted years after they were given; they do not become the newest.
    """
    query = _RELEASED if has_column(session, _TABLE.c.replaced_by) else _RELEASED_BEFORE_0010
    rows = session.execute(query).all()
    publications = (_read(session, RoundId(row.round_id), row.digest) for row in rows)
    return tuple(sorted(publications, key=lambda each_publication: each_publication.asked_at))


def latest_surveys(session: Executor) -> LatestSurveys:
    """Return the current surveys with look-ups by community; pulses are not among them."""
    return LatestSurveys.from_publications(all_released(session))


def all_stored(session: Session) -> tuple[Publication, ...]:
    """Return every publication that was ever counted, replaced ones too.

    For the attacker program alone: what was printed once is known, whatever replaced it since.
    """
    rows = session.execute(_STORED).all()
    return tuple(_read(session, RoundId(row.round_id), row.digest) for row in rows)


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
    return replacements(session).get(round_id)


def replacements(session: Executor) -> dict[RoundId, Replacement]:
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
    _summarize(session, round_id)


def summarize_missing(connection: Connection) -> None:
    """Store the summaries of surveys that were released by an earlier version; nothing where none is missing.

    Migrations call this at their end, in their own transaction. After a step back the tables may be gone.
    """
    if not inspect(connection).has_table(ReleasedSurveyRow.__tablename__):
        return
    known = released_surveys.rounds(connection)
    for row in connection.execute(_RELEASED).all():
        if row.round_id not in known:
            _summarize(connection, RoundId(row.round_id))


def _summarize(session: Executor, round_id: RoundId) -> None:
    seal = session.execute(_CURRENT, {"of_round": round_id}).scalar()
    survey = None if seal is None else _read(session, round_id, seal)
    if seal is None or survey is None or survey.kind is not RoundKind.SURVEY:
        return
    released_surveys.add(
        session, round_id, summarize(survey), digest=seal, asked_at=survey.asked_at, counted_at=survey.counted_at
    )


def released_at(session: Session) -> dict[RoundId, datetime]:
    """Return when each released publication that still stands was released."""
    query = select(PublicationRow.round_id, PublicationRow.released_at).where(
        PublicationRow.released_at.is_not(None), PublicationRow.replaced_by.is_(None)
    )
    return {RoundId(row.round_id): row.released_at for row in session.execute(query)}


def released_at_of(session: Session, round_id: RoundId) -> datetime | None:
    """Return when a publication was released, replaced or not; None if it was not."""
    return session.scalar(select(PublicationRow.released_at).where(PublicationRow.round_id == round_id))


def ever_released(session: Session) -> frozenset[RoundId]:
    """Return the rounds whose publication was ever released, replaced ones too."""
    query = select(_TABLE.c.round_id).where(_TABLE.c.released_at.is_not(None))
    return frozenset(map(RoundId, session.execute(query).scalars()))


def _read(session: Executor, round_id: RoundId, text: str) -> Publication:
    # A publication never changes, so its digest may stand for it: a page need not read a megabyte again.
    found_publication = _CACHE.get(text)
    if found_publication is not None:
        return found_publication
    # One at a time: parsing takes up to a second and 100 MB, and threads that wait find the result.
    with _PARSING:
        found_publication = _CACHE.get(text)
        if found_publication is None:
            content = str(session.execute(_CONTENT, {"of_round": round_id}).scalar())
            found_publication = _led_in(session, from_json(content))
            _CACHE.put(text, found_publication)
    return found_publication


def _led_in(session: Executor, publication: Publication) -> Publication:
    """Add what stood above the questions, which publications of earlier versions do not say."""
    if all(measure.lead_in is not None for measure in publication.measures):
        return publication
    try:
        return with_lead_ins(publication, instruments.stored_instrument(session, publication.instrument_digest))
    except (UnknownInstrument, InvalidQuestionnaire):  # then its questions continue only what is as old
        return publication


_CACHE: BoundedCache[str, Publication] = BoundedCache("publications", most=24)
_PARSING = Lock()
