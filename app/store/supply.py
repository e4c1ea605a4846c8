"""Supply plans, including unfinished ones."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.matching.background_tasks import TaskState
from app.core.matching.supply import (
    FloorPrice,
    NextBest,
    NotHeld,
    NotHeldReason,
    PlannedOffering,
    SupplyPlan,
    SupplyPlanComputationStage,
)
from app.core.matching.supply_case import SupplyPlanRequest
from app.core.matching.supply_tasks import SupplyPlanTask
from app.store.background_tasks import TaskQueue
from app.store.columns import one_of_constraint
from app.store.database import Base


class SupplyPlanRow(Base):
    __tablename__ = "supply_plan"
    __table_args__ = (
        one_of_constraint("state", TaskState),
        one_of_constraint("stage", SupplyPlanComputationStage),
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


def find_latest_finished_plan(session: Session) -> SupplyPlanTask | None:
    """Return the newest plan that is done, or None."""
    query = select(SupplyPlanRow).where(SupplyPlanRow.state == TaskState.DONE)
    row = session.scalar(query.order_by(SupplyPlanRow.id.desc()).limit(1))
    return None if row is None else _stored(row)


def _stored(row: SupplyPlanRow) -> SupplyPlanTask:
    content = row.content or {}
    return SupplyPlanTask(
        id=row.id,
        state=TaskState(row.state),
        stage=SupplyPlanComputationStage(row.stage),
        request=SupplyPlanRequest(**row.request),
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


QUEUE = TaskQueue(SupplyPlanRow, _stored)
