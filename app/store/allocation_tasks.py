"""Background tasks that allocate seats."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.accounts import AccountId
from app.core.matching.allocation_tasks import AllocationTask
from app.core.matching.background_tasks import TaskState
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_requests import AllocationStage
from app.store.background_tasks import TaskQueue
from app.store.columns import one_of_constraint
from app.store.database import Base


class SeatTaskRow(Base):
    __tablename__ = "seat_task"
    __table_args__ = (
        one_of_constraint("state", TaskState),
        one_of_constraint("stage", AllocationStage),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10), index=True)
    stage: Mapped[str] = mapped_column(String(10))
    limits: Mapped[dict[str, Any]] = mapped_column(JSON)
    seed: Mapped[int] = mapped_column(Integer)
    asked_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    began_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer)
    allocation_id: Mapped[int | None] = mapped_column(ForeignKey("allocation.id", ondelete="SET NULL"))


def _task(row: SeatTaskRow) -> AllocationTask:
    return AllocationTask(
        id=row.id,
        state=TaskState(row.state),
        stage=AllocationStage(row.stage),
        limits=AllocationLimits(**row.limits),
        seed=row.seed,
        asked_at=row.asked_at,
        asked_by=None if row.account_id is None else AccountId(row.account_id),
        began_at=row.began_at,
        beat_at=row.beat_at,
        ended_at=row.ended_at,
        attempts=row.attempts,
        allocation=row.allocation_id,
    )


QUEUE = TaskQueue(SeatTaskRow, _task)
