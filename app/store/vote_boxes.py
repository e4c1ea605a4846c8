"""Boxes of meeting votes: one blob of constant size each; votes never add rows."""

from collections.abc import Sequence

from sqlalchemy import ForeignKey, LargeBinary, delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.meetings.votes import VoteId
from app.store.database import Base, execute_and_count_rows


class VoteBoxRow(Base):
    __tablename__ = "dot_vote_box"

    vote_id: Mapped[int] = mapped_column(ForeignKey("dot_vote.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    blob: Mapped[bytes] = mapped_column(LargeBinary)


def add(session: Session, vote_id: VoteId, blobs: Sequence[bytes]) -> None:
    """Add the boxes of a vote that opens."""
    rows = [{"vote_id": vote_id, "number": number, "blob": blob} for number, blob in enumerate(blobs)]
    session.execute(insert(VoteBoxRow), rows)


def lock_box(session: Session, vote_id: VoteId, number: int) -> bytes | None:
    """Lock a box until the end of the transaction and return it; None if the vote was closed."""
    query = select(VoteBoxRow.blob).where(VoteBoxRow.vote_id == vote_id, VoteBoxRow.number == number)
    return session.scalar(query.with_for_update())


def replace(session: Session, vote_id: VoteId, number: int, blob: bytes) -> None:
    """Replace the content of a box."""
    statement = update(VoteBoxRow).where(VoteBoxRow.vote_id == vote_id, VoteBoxRow.number == number)
    session.execute(statement.values(blob=blob), execution_options={"synchronize_session": False})


def lock_all_boxes(session: Session, vote_id: VoteId) -> tuple[tuple[int, bytes], ...]:
    """Lock all boxes of a vote and return them with their numbers."""
    query = select(VoteBoxRow.number, VoteBoxRow.blob).where(VoteBoxRow.vote_id == vote_id)
    rows = session.execute(query.order_by(VoteBoxRow.number).with_for_update())
    return tuple((number, blob) for number, blob in rows)


def erase(session: Session, vote_id: VoteId) -> int:
    """Delete all boxes of a vote; return how many."""
    statement = delete(VoteBoxRow).where(VoteBoxRow.vote_id == vote_id)
    return execute_and_count_rows(session, statement)
