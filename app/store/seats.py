"""Seat requests, unsuitable days, allocations and manual changes."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Integer, String, delete, literal, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_requests import (
    AllocatedSeats,
    Allocation,
    CommunityShare,
    SeatGrant,
    SeatReason,
    SeatRequest,
)
from app.store.database import Base


class SeatRequestRow(Base):
    __tablename__ = "seat_wish"
    __table_args__ = (CheckConstraint("seats >= 1", name="seats"), CheckConstraint("priority >= 1", name="priority"))

    community_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    offering_id: Mapped[str] = mapped_column(ForeignKey("offering.external_id", ondelete="CASCADE"), primary_key=True)
    seats: Mapped[int] = mapped_column(Integer)
    priority: Mapped[int] = mapped_column(Integer)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    at: Mapped[datetime]


class UnsuitableDayRow(Base):
    __tablename__ = "seat_unsuitable_day"

    community_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)


class AllocationRow(Base):
    __tablename__ = "allocation"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    weights_version: Mapped[str] = mapped_column(String(20))
    limits: Mapped[dict[str, Any]] = mapped_column(JSON)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class OverrideRow(Base):
    __tablename__ = "seat_override"
    __table_args__ = (CheckConstraint("seats >= 0", name="seats"),)

    allocation_id: Mapped[int] = mapped_column(ForeignKey("allocation.id", ondelete="CASCADE"), primary_key=True)
    community_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    offering_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    seats: Mapped[int] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(String(500))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Override:
    """A coordinator's manual change of allocated seats, with the reason."""

    community: str
    offering: str
    seats: int
    note: str


@dataclass(frozen=True, slots=True)
class StoredAllocation:
    """A stored allocation with the weights and limits that it was made with, and its manual changes."""

    id: int
    made_at: datetime
    published_at: datetime | None
    allocation: Allocation
    overrides: tuple[Override, ...]
    weights: str
    limits: AllocationLimits

    @property
    def seats_after_overrides(self) -> dict[tuple[str, str], int]:
        """The seats by community and offering, after manual changes."""
        seats = {(grant.request.community, grant.request.offering): grant.seats for grant in self.allocation.grants}
        return seats | {(override.community, override.offering): override.seats for override in self.overrides}

    def final_seats_of_grant(self, grant: SeatGrant) -> int:
        """Return the seats of an answered request, after manual changes."""
        return self.seats_after_overrides[grant.request.community, grant.request.offering]

    @property
    def allocated_seats_after_overrides(self) -> AllocatedSeats:
        """The seats after manual changes and the offerings not held; one with manually granted seats is held."""
        final = self.seats_after_overrides
        held = {offering for (_community, offering), seats in final.items() if seats}
        return AllocatedSeats(final, frozenset(self.allocation.cancelled) - held)


def seat_requests(session: Session, community: str | None = None) -> tuple[SeatRequest, ...]:
    """Return the seat requests of one community, or of all."""
    query = select(SeatRequestRow).order_by(
        SeatRequestRow.community_id, SeatRequestRow.priority, SeatRequestRow.offering_id
    )
    if community is not None:
        query = query.where(SeatRequestRow.community_id == community)
    return tuple(
        SeatRequest(row.community_id, row.offering_id, row.seats, row.priority) for row in session.scalars(query)
    )


# Same columns as other inputs of course lists: kind, community, identifier, number.
REQUEST = "request"
REQUESTED_SEATS = select(
    literal(REQUEST).label("what"), SeatRequestRow.community_id, SeatRequestRow.offering_id, SeatRequestRow.seats
)
_NEWEST_PUBLISHED = (
    select(AllocationRow.id)
    .where(AllocationRow.published_at.is_not(None))
    .order_by(AllocationRow.made_at.desc(), AllocationRow.id.desc())
    .limit(1)
    .scalar_subquery()
)
# The published allocation by its number, and what was decided otherwise since: together they say whether it changed.
ALLOCATION = "allocation"
PUBLISHED_ALLOCATION = select(literal(ALLOCATION), literal(""), literal(""), AllocationRow.id).where(
    AllocationRow.id == _NEWEST_PUBLISHED
)
OVERRIDE = "override"
OVERRIDDEN_SEATS = select(
    literal(OVERRIDE), OverrideRow.community_id, OverrideRow.offering_id, OverrideRow.seats
).where(OverrideRow.allocation_id == _NEWEST_PUBLISHED)


def set_seat_requests(
    session: Session, community: str, requested: Iterable[SeatRequest], *, by: AccountId | None, now: datetime
) -> None:
    """Replace the seat requests of a community."""
    session.execute(delete(SeatRequestRow).where(SeatRequestRow.community_id == community))
    session.add_all(
        SeatRequestRow(
            community_id=community,
            offering_id=request.offering,
            seats=request.seats,
            priority=request.priority,
            account_id=by,
            at=now,
        )
        for request in requested
    )
    session.flush()


def unsuitable_days(session: Session, community: str) -> tuple[date, ...]:
    """Return the unsuitable days of a community, in order."""
    query = select(UnsuitableDayRow.day).where(UnsuitableDayRow.community_id == community)
    return tuple(session.scalars(query.order_by(UnsuitableDayRow.day)))


def unsuitable_days_by_community(session: Session) -> dict[str, set[date]]:
    """Return the unsuitable days by community."""
    result: dict[str, set[date]] = {}
    for row in session.scalars(select(UnsuitableDayRow)):
        result.setdefault(row.community_id, set()).add(row.day)
    return result


def set_unsuitable_days(session: Session, community: str, days: Iterable[date]) -> None:
    """Replace the unsuitable days of a community."""
    session.execute(delete(UnsuitableDayRow).where(UnsuitableDayRow.community_id == community))
    session.add_all(UnsuitableDayRow(community_id=community, day=day) for day in set(days))
    session.flush()


def add_allocation(
    session: Session,
    allocation: Allocation,
    *,
    limits: AllocationLimits,
    version: str,
    by: AccountId | None,
    now: datetime,
) -> int:
    """Store an allocation as a draft; return its number."""
    row = AllocationRow(
        made_at=now, account_id=by, weights_version=version, limits=asdict(limits), content=_content(allocation)
    )
    session.add(row)
    session.flush()
    return row.id


def find_allocation(session: Session, number: int) -> StoredAllocation | None:
    """Return one allocation, or None if there is none of that number."""
    row = session.get(AllocationRow, number)
    return None if row is None else _kept(session, row)


def find_latest_allocation(session: Session, *, published: bool = False) -> StoredAllocation | None:
    """Return the newest allocation, or the newest of those that were published."""
    query = select(AllocationRow).order_by(AllocationRow.made_at.desc(), AllocationRow.id.desc())
    if published:
        query = query.where(AllocationRow.published_at.is_not(None))
    row = session.scalar(query.limit(1))
    return None if row is None else _kept(session, row)


def published_allocations(session: Session) -> tuple[StoredAllocation, ...]:
    """Return every allocation that was published, oldest first."""
    query = select(AllocationRow).where(AllocationRow.published_at.is_not(None)).order_by(AllocationRow.id)
    return tuple(_kept(session, row) for row in session.scalars(query))


def set_allocation_published(session: Session, number: int, *, now: datetime) -> None:
    """Mark an allocation as published, so that communities see it."""
    session.get_one(AllocationRow, number).published_at = now
    session.flush()


def set_override(session: Session, number: int, override: Override, *, by: AccountId | None, now: datetime) -> None:
    """Store a manual change of the seats of one request, with the reason."""
    row = OverrideRow(
        allocation_id=number,
        community_id=override.community,
        offering_id=override.offering,
        seats=override.seats,
        note=override.note,
        account_id=by,
        at=now,
    )
    session.merge(row)
    session.flush()


def _content(found_allocation: Allocation) -> dict[str, Any]:
    return {
        "given": [
            [
                grant.request.community,
                grant.request.offering,
                grant.request.seats,
                grant.request.priority,
                grant.seats,
                list(grant.reasons),
            ]
            for grant in found_allocation.grants
        ],
        "shares": [
            [share.community, share.asked, share.entitlement, share.floor, share.granted, share.credit]
            for share in found_allocation.shares
        ],
        "ratio": found_allocation.ratio,
        "cancelled": list(found_allocation.cancelled),
        "whole": found_allocation.whole,
        "seed": found_allocation.seed,
    }


def _allocation(content: Mapping[str, Any]) -> Allocation:
    return Allocation(
        grants=tuple(
            SeatGrant(SeatRequest(community, offering, asked, priority), seats, tuple(map(SeatReason, reasons)))
            for community, offering, asked, priority, seats, reasons in content["given"]
        ),
        shares=tuple(CommunityShare(*item) for item in content["shares"]),
        ratio=content["ratio"],
        cancelled=tuple(content["cancelled"]),
        whole=content["whole"],
        seed=content["seed"],
    )


def _kept(session: Session, row: AllocationRow) -> StoredAllocation:
    query = select(OverrideRow).where(OverrideRow.allocation_id == row.id)
    overrides = tuple(
        Override(scalar.community_id, scalar.offering_id, scalar.seats, scalar.note)
        for scalar in session.scalars(query)
    )
    return StoredAllocation(
        row.id,
        row.made_at,
        row.published_at,
        _allocation(row.content),
        overrides,
        row.weights_version,
        AllocationLimits(**row.limits),
    )
