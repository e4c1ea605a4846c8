"""Background tasks that allocate seats."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.matching.allocation_tasks import MOST_ATTEMPTS, AllocationTask, AllocationTaskState
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_requests import AllocationStage
from app.store.columns import one_of_constraint
from app.store.database import Base


class SeatTaskRow(Base):
    __tablename__ = "seat_task"
    __table_args__ = (
        one_of_constraint("state", AllocationTaskState),
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


def add(session: Session, limits: AllocationLimits, *, seed: int, by: AccountId | None, now: datetime) -> int:
    """Add a waiting task; return its number."""
    row = SeatTaskRow(
        state=AllocationTaskState.WAITING,
        stage=AllocationStage.GATHERING,
        limits=asdict(limits),
        seed=seed,
        asked_at=now,
        account_id=by,
        attempts=0,
    )
    session.add(row)
    session.flush()
    return row.id


def task(session: Session, number: int) -> AllocationTask | None:
    """Return a task, or None."""
    row = session.get(SeatTaskRow, number)
    return None if row is None else _task(row)


def unfinished(session: Session) -> tuple[AllocationTask, ...]:
    """Return the tasks that are waiting or running, oldest first."""
    going = (AllocationTaskState.WAITING, AllocationTaskState.RUNNING)
    query = select(SeatTaskRow).where(SeatTaskRow.state.in_(going)).order_by(SeatTaskRow.id)
    return tuple(map(_task, session.scalars(query)))


def take(session: Session, known: AllocationTask, *, now: datetime) -> bool:
    """Claim a task as last seen; False if another process was faster or it was tried too often."""
    if known.attempts >= MOST_ATTEMPTS:
        end(session, known.id, AllocationTaskState.FAILED, now=now)
        return False
    # Both conditions together are the lock: of two that try at once, one changes the row.
    done = session.execute(
        update(SeatTaskRow)
        .where(SeatTaskRow.id == known.id, SeatTaskRow.attempts == known.attempts, SeatTaskRow.state == known.state)
        .values(state=AllocationTaskState.RUNNING, began_at=now, beat_at=now, attempts=known.attempts + 1)
        .returning(SeatTaskRow.id)
    )
    return done.first() is not None


def heartbeat(session: Session, number: int, stage: AllocationStage, *, attempt: int, now: datetime) -> bool:
    """Record a task's progress; False if it was stopped or another process has claimed it."""
    done = session.execute(
        update(SeatTaskRow)
        .where(
            SeatTaskRow.id == number, SeatTaskRow.state == AllocationTaskState.RUNNING, SeatTaskRow.attempts == attempt
        )
        .values(stage=stage, beat_at=now)
        .returning(SeatTaskRow.id)
    )
    return done.first() is not None


def end(
    session: Session, number: int, state: AllocationTaskState, *, now: datetime, allocation: int | None = None
) -> None:
    """End an unfinished task; a finished one is unchanged."""
    session.execute(
        update(SeatTaskRow)
        .where(
            SeatTaskRow.id == number, SeatTaskRow.state.in_((AllocationTaskState.WAITING, AllocationTaskState.RUNNING))
        )
        .values(state=state, ended_at=now, allocation_id=allocation)
    )


def _task(row: SeatTaskRow) -> AllocationTask:
    return AllocationTask(
        id=row.id,
        state=AllocationTaskState(row.state),
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
