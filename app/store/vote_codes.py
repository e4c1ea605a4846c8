"""Codes of meeting votes: digests and whether they were spent; no times or persons."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ForeignKey, LargeBinary, delete, exists, false, insert, select, true, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.meetings.votes import VoteId
from app.store.database import Base, execute_and_count_rows


class VoteCodeRow(Base):
    __tablename__ = "dot_vote_code"
    # Without a rowid the table is ordered by digest, which is chance: no order of drawing in the file.
    __table_args__ = ({"sqlite_with_rowid": False},)

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    vote_id: Mapped[int] = mapped_column(ForeignKey("dot_vote.id"), index=True)
    box: Mapped[int]
    spent: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True, slots=True)
class VoteCode:
    """A code as stored: its digest, and the box for its ballot."""

    digest: bytes
    box: int


def add(session: Session, vote_id: VoteId, codes: Iterable[VoteCode]) -> None:
    """Store codes ordered by digest, so that the order of drawing is lost."""
    ordered = sorted(codes, key=lambda code: code.digest)
    rows = [
        {"digest": vote_code.digest, "vote_id": vote_id, "box": vote_code.box, "spent": False} for vote_code in ordered
    ]
    session.execute(insert(VoteCodeRow), rows)


def find_vote_and_box_of_unspent_code(session: Session, digest: bytes) -> tuple[VoteId, int] | None:
    """Return vote and box of an unspent code; None if it is unknown or spent."""
    query = select(VoteCodeRow.vote_id, VoteCodeRow.box).where(
        VoteCodeRow.digest == digest, VoteCodeRow.spent == false()
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (VoteId(row.vote_id), row.box)


def spend(session: Session, digest: bytes) -> bool:
    """Spend a code; return whether this call spent it."""
    statement = update(VoteCodeRow).where(VoteCodeRow.digest == digest, VoteCodeRow.spent == false())
    return execute_and_count_rows(session, statement.values(spent=True)) == 1


def any_spent(session: Session, vote_id: VoteId) -> bool:
    """Tell whether anybody has voted; the number is never reported."""
    return bool(session.scalar(select(exists().where(VoteCodeRow.vote_id == vote_id, VoteCodeRow.spent == true()))))


def erase(session: Session, vote_id: VoteId) -> int:
    """Delete all codes of a vote; return how many."""
    statement = delete(VoteCodeRow).where(VoteCodeRow.vote_id == vote_id)
    return execute_and_count_rows(session, statement)
