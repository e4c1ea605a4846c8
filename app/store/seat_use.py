"""Used seats by offering: taken and completed."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.matching.seat_use import SeatUse
from app.store import courses, seats
from app.store.database import Base


class SeatUseRow(Base):
    __tablename__ = "seat_use"
    __table_args__ = (
        CheckConstraint("taken >= 0", name="taken"),
        CheckConstraint("completed >= 0 AND completed <= taken", name="completed"),
    )

    offering_id: Mapped[str] = mapped_column(ForeignKey("offering.external_id", ondelete="CASCADE"), primary_key=True)
    taken: Mapped[int] = mapped_column(Integer)
    completed: Mapped[int] = mapped_column(Integer)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    at: Mapped[datetime]


def seat_uses(session: Session) -> tuple[SeatUse, ...]:
    """Return granted, taken and completed seats of every offering with stored counts, in the order of the catalogue.

    Seats granted are those of the last published allocation in which the offering stands, else all that it has.
    """
    numbers = taken_and_completed_seats_by_offering(session)
    granted = last_granted_seats_by_offering(session)
    return tuple(
        SeatUse(
            offering.external_id,
            course.external_id,
            granted.get(offering.external_id, offering.capacity),
            *numbers[offering.external_id],
        )
        for course in courses.courses(session)
        for offering in course.offerings
        if offering.external_id in numbers
    )


def last_granted_seats_by_offering(session: Session) -> dict[str, int]:
    """Return the granted seats by offering, each from the last published allocation that granted seats on it."""
    result: dict[str, int] = {}
    for allocation in seats.published_allocations(session):
        sums: dict[str, int] = {}
        for (_community, offering), number in allocation.seats_after_overrides.items():
            sums[offering] = sums.get(offering, 0) + number
        result |= {offering: number for offering, number in sums.items() if number}
    return result


def taken_and_completed_seats_by_offering(session: Session) -> dict[str, tuple[int, int]]:
    """Return seats taken and completed by offering."""
    return {row.offering_id: (row.taken, row.completed) for row in session.scalars(select(SeatUseRow))}


def set_seat_use(
    session: Session, numbers: Mapping[str, tuple[int, int] | None], *, by: AccountId | None, now: datetime
) -> None:
    """Replace the taken and completed seats of these offerings; None deletes them."""
    for offering, used in numbers.items():
        row = session.get(SeatUseRow, offering)
        if used is None and row is not None:
            session.delete(row)
        if used is not None:
            taken, completed = used
            session.merge(SeatUseRow(offering_id=offering, taken=taken, completed=completed, account_id=by, at=now))
    session.flush()
