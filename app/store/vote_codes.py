"""The right to vote once in a meeting: digests of codes, and whether they were spent; no time, no person."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, delete, exists, false, insert, select, true, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.meetings.votes import VoteId
from app.store.database import Base


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
    """A code as it is stored: its digest, and the box in which its ballot will lie."""

    digest: bytes
    box: int


def add(session: Session, vote_id: VoteId, codes: Iterable[VoteCode]) -> None:
    """Store codes in the order of their digests, so that no order of drawing remains."""
    ordered = sorted(codes, key=lambda code: code.digest)
    rows = [
        {"digest": vote_code.digest, "vote_id": vote_id, "box": vote_code.box, "spent": False} for vote_code in ordered
    ]
    session.execute(insert(VoteCodeRow), rows)


def find(session: Session, digest: bytes) -> tuple[VoteId, int] | None:
    """Return the vote and the box of an unspent code; None alike if it is unknown or spent."""
    query = select(VoteCodeRow.vote_id, VoteCodeRow.box).where(
        VoteCodeRow.digest == digest, VoteCodeRow.spent == false()
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (VoteId(row.vote_id), row.box)


def spend(session: Session, digest: bytes) -> bool:
    """Spend a code; tell whether it was spent by this very call."""
    statement = update(VoteCodeRow).where(VoteCodeRow.digest == digest, VoteCodeRow.spent == false())
    result: Any = session.execute(statement.values(spent=True), execution_options={"synchronize_session": False})
    return bool(result.rowcount == 1)


def any_spent(session: Session, vote_id: VoteId) -> bool:
    """Tell whether anybody has voted; how many is told to nobody."""
    return bool(session.scalar(select(exists().where(VoteCodeRow.vote_id == vote_id, VoteCodeRow.spent == true()))))


def erase(session: Session, vote_id: VoteId) -> int:
    """Delete every code of a vote; return how many there were."""
    statement = delete(VoteCodeRow).where(VoteCodeRow.vote_id == vote_id)
    result: Any = session.execute(statement, execution_options={"synchronize_session": False})
    return int(result.rowcount)
