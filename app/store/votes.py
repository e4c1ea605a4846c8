"""Votes of meetings: options, times and outcome; no person's choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.meetings.votes import DotVote, VoteId, VoteOutcome
from app.core.rounds import RoundId
from app.store.database import Base


class DotVoteRow(Base):
    __tablename__ = "dot_vote"
    __table_args__ = (
        CheckConstraint("dots IN (1, 2)", name="dots"),
        Index("ix_dot_vote_place", "round_id", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[str] = mapped_column(String(100))
    options: Mapped[list[str]] = mapped_column(JSON)
    dots: Mapped[int]
    people: Mapped[int]
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    box_salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


@dataclass(frozen=True, slots=True)
class VoteSealing:
    """What seals an open vote's boxes: the public key, and the salt of the box key."""

    public_key: bytes
    box_salt: bytes


def add(session: Session, vote: DotVote, sealing: VoteSealing) -> VoteId:
    """Store a vote; return its number."""
    row = DotVoteRow(
        round_id=vote.round,
        unit_id=vote.unit,
        options=list(vote.options),
        dots=vote.dots,
        people=vote.people,
        opened_at=vote.opened_at,
        closes_at=vote.closes_at,
        public_key=sealing.public_key,
        box_salt=sealing.box_salt,
    )
    session.add(row)
    session.flush()
    return VoteId(row.id)


def find_vote(session: Session, vote_id: VoteId) -> DotVote | None:
    """Return a vote, or None."""
    row = session.get(DotVoteRow, vote_id, populate_existing=True)
    return None if row is None else _value(row)


def lock_vote(session: Session, vote_id: VoteId) -> DotVote | None:
    """Lock a vote until the end of the transaction and return it, so that it is closed only once."""
    row = session.get(DotVoteRow, vote_id, with_for_update=True, populate_existing=True)
    return None if row is None else _value(row)


def find_vote_sealing(session: Session, vote_id: VoteId) -> VoteSealing | None:
    """Return the public key and salt of an open vote; None once it is closed."""
    row = session.get(DotVoteRow, vote_id)
    if row is None or row.public_key is None or row.box_salt is None:
        return None
    return VoteSealing(row.public_key, row.box_salt)


def votes_of_unit(session: Session, round_id: RoundId, unit_id: str) -> tuple[DotVote, ...]:
    """Return the votes of a unit's meetings, newest first."""
    query = select(DotVoteRow).where(DotVoteRow.round_id == round_id, DotVoteRow.unit_id == unit_id)
    return tuple(_value(row) for row in session.scalars(query.order_by(DotVoteRow.id.desc())))


def unclosed_votes(session: Session) -> tuple[DotVote, ...]:
    """Return all votes that are not closed."""
    query = select(DotVoteRow).where(DotVoteRow.closed_at.is_(None)).order_by(DotVoteRow.id)
    return tuple(_value(row) for row in session.scalars(query))


def stop_voting(session: Session, vote_id: VoteId, *, now: datetime) -> None:
    """Accept no more votes; submitted ones stay sealed until the count."""
    session.get_one(DotVoteRow, vote_id).closes_at = now
    session.flush()


def close_and_delete_keys(session: Session, vote_id: VoteId, outcome: VoteOutcome | None, *, now: datetime) -> None:
    """Close a vote with its outcome and delete its salt and key."""
    row = session.get_one(DotVoteRow, vote_id)
    row.closed_at = now
    row.public_key = None
    row.box_salt = None
    row.outcome = None if outcome is None else {"votes": outcome.votes, "dots": list(outcome.dots)}
    session.flush()


def _value(row: DotVoteRow) -> DotVote:
    return DotVote(
        id=VoteId(row.id),
        round=RoundId(row.round_id),
        unit=row.unit_id,
        options=tuple(row.options),
        dots=row.dots,
        people=row.people,
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        closed_at=row.closed_at,
        outcome=None if row.outcome is None else _outcome(row.outcome["votes"], row.outcome["dots"]),
    )


def _outcome(counted: int, dots: Sequence[int]) -> VoteOutcome:
    return VoteOutcome(counted, tuple(dots))
