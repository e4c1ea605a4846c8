"""Publications at rest: the JSON that was frozen at the count, and its digest."""

from datetime import datetime
from typing import cast

from sqlalchemy import ForeignKey, String, Table, Text, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.publication import Publication, from_json, seal_of, to_json
from app.core.rounds import RoundId
from app.store.database import Base, Teller


class PublicationRow(Base):
    __tablename__ = "publication"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    counted_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    content: Mapped[str] = mapped_column(Text)


# Written once and on the plain table: every page asks which publications there are.
_TABLE = cast("Table", PublicationRow.__table__)
_RELEASED = (
    select(_TABLE.c.round_id, _TABLE.c.digest)
    .where(_TABLE.c.released_at.is_not(None))
    .order_by(_TABLE.c.counted_at, _TABLE.c.round_id)
)
_CONTENT = select(_TABLE.c.content).where(_TABLE.c.round_id == bindparam("of_round"))
_DIGEST = select(_TABLE.c.digest).where(_TABLE.c.round_id == bindparam("of_round"))


def add(session: Session, publication: Publication) -> str:
    """Store a publication for good and return its digest."""
    content = to_json(publication)
    seal = seal_of(content)
    values = {"round_id": publication.round, "digest": seal, "counted_at": publication.counted_at, "content": content}
    session.execute(insert(_TABLE).values(values))
    return seal


def publication(session: Session, round_id: RoundId) -> Publication | None:
    """Return the publication of a round, released or not; None before the count."""
    found = session.execute(_DIGEST, {"of_round": round_id}).scalar()
    return None if found is None else _read(session, round_id, found)


def latest(session: Teller) -> Publication | None:
    """Return the publication that was asked last among those released, or None."""
    return next(reversed(all_released(session)), None)


def all_released(session: Teller) -> tuple[Publication, ...]:
    """Return every released publication in the order in which they were asked.

    Answers gathered elsewhere may be counted years after they were given; they do not become the newest.
    """
    rows = session.execute(_RELEASED).all()
    found = (_read(session, RoundId(row.round_id), row.digest) for row in rows)
    return tuple(sorted(found, key=lambda one: one.asked_at))


def set_released(session: Session, round_id: RoundId, *, now: datetime) -> None:
    """Note that a publication may be read."""
    session.execute(update(PublicationRow).where(PublicationRow.round_id == round_id).values(released_at=now))


def released_at(session: Session) -> dict[RoundId, datetime]:
    """Return when each released publication was released."""
    query = select(PublicationRow.round_id, PublicationRow.released_at).where(PublicationRow.released_at.is_not(None))
    return {RoundId(row.round_id): row.released_at for row in session.execute(query)}


def _read(session: Teller, round_id: RoundId, found: str) -> Publication:
    # A publication never changes, so its digest may stand for it: a page need not read a megabyte again.
    kept = _KEPT.get(found)
    if kept is None:
        kept = from_json(str(session.execute(_CONTENT, {"of_round": round_id}).scalar()))
        for eldest in tuple(_KEPT)[: 1 - _KEEP]:  # a copy: other threads keep and forget at the same time
            _KEPT.pop(eldest, None)
        _KEPT[found] = kept
    return kept


_KEEP = 24
_KEPT: dict[str, Publication] = {}
