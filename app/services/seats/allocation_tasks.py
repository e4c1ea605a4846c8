"""Seat allocations in the background: queue a task, and store its result."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent
from app.core.matching.allocation_tasks import AllocationTask
from app.core.matching.background_tasks import TaskState
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_requests import Allocation, AllocationStage
from app.store import audit
from app.store import seats as store
from app.store.allocation_tasks import QUEUE

__all__ = ["QUEUE", "finish_allocation_task", "request_allocation"]


def request_allocation(
    session: Session, limits: AllocationLimits, *, seed: int, by: AccountId | None, now: datetime
) -> int:
    """Queue an allocation and return its task's number; unfinished tasks are stopped."""
    return QUEUE.add_and_stop_unfinished(
        session, stage=AllocationStage.GATHERING, by=by, now=now, limits=asdict(limits), seed=seed
    )


def finish_allocation_task(
    session: Session, task: AllocationTask, allocation: Allocation, *, version: str, now: datetime
) -> int:
    """Store the allocation that a task computed, and end the task; raises TaskLost."""
    QUEUE.heartbeat(session, task, AllocationStage.KEEPING, now=now)
    number = store.add_allocation(session, allocation, limits=task.limits, version=version, by=task.asked_by, now=now)
    QUEUE.end(session, task.id, TaskState.DONE, now=now, allocation_id=number)
    audit.add(session, AuditEntry(now, task.asked_by, AuditEvent.SEATS_SHARED, f"allocation:{number}"))
    return number
