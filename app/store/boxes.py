"""Boxes of sealed ballots: one blob for each community and round.

A row is as long after the last ballot as at the opening; no row is ever added for an answer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.rounds import RoundId
from app.store.database import Base


class BoxRow(Base):
    __tablename__ = "box"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    blob: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class Box:
    """A locked box: whose it is, which one of a unit's, and its bytes."""

    unit_id: str
    number: int
    blob: bytes


def add(session: Session, round_id: RoundId, boxes: Iterable[Box]) -> None:
    """Put up the boxes of a round that opens."""
    rows = [{"round_id": round_id, "unit_id": box.unit_id, "number": box.number, "blob": box.blob} for box in boxes]
    if rows:
        session.execute(BoxRow.__table__.insert(), rows)  # type: ignore[attr-defined]


def take(session: Session, round_id: RoundId, unit_id: str, number: int) -> bytes | None:
    """Return a box and hold it until the transaction ends; None if it was counted meanwhile."""
    query = select(BoxRow.blob).where(_at(round_id, unit_id, number))
    return session.scalar(query.with_for_update())


def replace(session: Session, round_id: RoundId, box: Box) -> None:
    """Put a box back with new content."""
    statement = update(BoxRow).where(_at(round_id, box.unit_id, box.number)).values(blob=box.blob)
    session.execute(statement, execution_options={"synchronize_session": False})


def boxes(session: Session, round_id: RoundId) -> Iterator[Box]:
    """Yield the boxes of a round, a few at a time, in the order of units and numbers."""
    query = select(BoxRow.unit_id, BoxRow.number, BoxRow.blob).where(BoxRow.round_id == round_id)
    ordered = query.order_by(BoxRow.unit_id, BoxRow.number).execution_options(yield_per=16)
    for unit_id, number, blob in session.execute(ordered).tuples():
        yield Box(unit_id, number, blob)


def erase(session: Session, round_id: RoundId) -> int:
    """Delete every box of a round; return how many there were."""
    statement = delete(BoxRow).where(BoxRow.round_id == round_id)
    result: Any = session.execute(statement, execution_options={"synchronize_session": False})
    return int(result.rowcount)


def _at(round_id: RoundId, unit_id: str, number: int) -> Any:
    return (BoxRow.round_id == round_id) & (BoxRow.unit_id == unit_id) & (BoxRow.number == number)
