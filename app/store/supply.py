"""Where supply plans rest, those that are still worked out included."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.matching.allocation_tasks import MOST_ATTEMPTS, AllocationTaskState
from app.core.matching.supply import (
    FloorPrice,
    NextBest,
    NotHeld,
    NotHeldReason,
    PlannedOffering,
    SupplyPlan,
    SupplyStage,
)
from app.core.matching.supply_case import SupplyRequest
from app.core.matching.supply_tasks import StoredSupplyPlan
from app.store.columns import one_of_constraint
from app.store.database import Base

UNFINISHED = (AllocationTaskState.WAITING, AllocationTaskState.RUNNING)


class SupplyPlanRow(Base):
    __tablename__ = "supply_plan"
    __table_args__ = (
        one_of_constraint("state", AllocationTaskState),
        one_of_constraint("stage", SupplyStage),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10), index=True)
    stage: Mapped[str] = mapped_column(String(10))
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    asked_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    began_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer)
    weights_version: Mapped[str] = mapped_column(String(20))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON)


def add(session: Session, request: SupplyRequest, *, by: AccountId | None, now: datetime) -> int:
    """Add a request for a plan that waits; return its number."""
    row = SupplyPlanRow(
        state=AllocationTaskState.WAITING,
        stage=SupplyStage.GATHERING,
        request=asdict(request),
        asked_at=now,
        account_id=by,
        attempts=0,
        weights_version="",
    )
    session.add(row)
    session.flush()
    return row.id


def plan(session: Session, number: int) -> StoredSupplyPlan | None:
    """Return one plan, or None where there is none of that number."""
    row = session.get(SupplyPlanRow, number)
    return None if row is None else _stored(row)


def latest(session: Session) -> StoredSupplyPlan | None:
    """Return the newest plan that is done, or None."""
    query = select(SupplyPlanRow).where(SupplyPlanRow.state == AllocationTaskState.DONE)
    row = session.scalar(query.order_by(SupplyPlanRow.id.desc()).limit(1))
    return None if row is None else _stored(row)


def unfinished(session: Session) -> tuple[StoredSupplyPlan, ...]:
    """Return the plans that are not over, oldest first."""
    query = select(SupplyPlanRow).where(SupplyPlanRow.state.in_(UNFINISHED)).order_by(SupplyPlanRow.id)
    return tuple(map(_stored, session.scalars(query)))


def take(session: Session, known: StoredSupplyPlan, *, now: datetime) -> bool:
    """Take a request as it was last seen; False if another process was quicker or it was tried too often."""
    if known.attempts >= MOST_ATTEMPTS:
        end(session, known.id, AllocationTaskState.FAILED, now=now)
        return False
    # Both conditions together are the lock: of two that try at once, one changes the row.
    done = session.execute(
        update(SupplyPlanRow)
        .where(
            SupplyPlanRow.id == known.id, SupplyPlanRow.attempts == known.attempts, SupplyPlanRow.state == known.state
        )
        .values(state=AllocationTaskState.RUNNING, began_at=now, beat_at=now, attempts=known.attempts + 1)
        .returning(SupplyPlanRow.id)
    )
    return done.first() is not None


def heartbeat(session: Session, number: int, stage: SupplyStage, *, attempt: int, now: datetime) -> bool:
    """Note how far a plan has come; False if it was stopped or another process has it by now."""
    done = session.execute(
        update(SupplyPlanRow)
        .where(
            SupplyPlanRow.id == number,
            SupplyPlanRow.state == AllocationTaskState.RUNNING,
            SupplyPlanRow.attempts == attempt,
        )
        .values(stage=stage, beat_at=now)
        .returning(SupplyPlanRow.id)
    )
    return done.first() is not None


def end(session: Session, number: int, state: AllocationTaskState, *, now: datetime) -> None:
    """End a request that is not over; one that is over stays as it is."""
    session.execute(
        update(SupplyPlanRow)
        .where(SupplyPlanRow.id == number, SupplyPlanRow.state.in_(UNFINISHED))
        .values(state=state, ended_at=now)
    )


def finish(
    session: Session,
    number: int,
    found_plan: SupplyPlan,
    *,
    weights: str,
    left_out: int,
    unpriced: int,
    now: datetime,
) -> None:
    """Keep a plan that was worked out."""
    content = {"plan": asdict(found_plan), "left_out": left_out, "unpriced": unpriced}
    session.execute(
        update(SupplyPlanRow)
        .where(SupplyPlanRow.id == number, SupplyPlanRow.state == AllocationTaskState.RUNNING)
        .values(state=AllocationTaskState.DONE, ended_at=now, content=content, weights_version=weights)
    )


def _stored(row: SupplyPlanRow) -> StoredSupplyPlan:
    content = row.content or {}
    return StoredSupplyPlan(
        id=row.id,
        state=AllocationTaskState(row.state),
        stage=SupplyStage(row.stage),
        request=SupplyRequest(**row.request),
        asked_at=row.asked_at,
        asked_by=None if row.account_id is None else AccountId(row.account_id),
        began_at=row.began_at,
        beat_at=row.beat_at,
        ended_at=row.ended_at,
        attempts=row.attempts,
        plan=None if not content else _plan(content["plan"]),
        weights=row.weights_version,
        left_out=content.get("left_out", 0),
        unpriced=content.get("unpriced", 0),
    )


def _plan(content: dict[str, Any]) -> SupplyPlan:
    return SupplyPlan(
        held=tuple(PlannedOffering(**item) for item in content["held"]),
        not_held=tuple(NotHeld(item["offering"], NotHeldReason(item["why"])) for item in content["not_held"]),
        floors=tuple(FloorPrice(**{**item, "interval": tuple(item["interval"])}) for item in content["floors"]),
        next_best=tuple(NextBest(**item) for item in content["next_best"]),
        gain=content["gain"],
        seats=content["seats"],
        money=content["money"],
        hours=content["hours"],
        gap=content["gap"],
        reach=content["reach"],
    )
