"""Allocations in the background: ask for one, take it, tell how far it has come, end it."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent
from app.core.matching.allocation_tasks import AllocationTask, AllocationTaskState
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_requests import Allocation, AllocationStage
from app.store import allocation_tasks, audit
from app.store import seats as store


class TaskLost(Exception):
    """The task was stopped, or another process has it by now."""


def request_allocation(
    session: Session, limits: AllocationLimits, *, seed: int, by: AccountId | None, now: datetime
) -> int:
    """Ask for an allocation and return its task's number; one that is not over yet is stopped."""
    for each_task in allocation_tasks.unfinished(session):
        allocation_tasks.end(session, each_task.id, AllocationTaskState.STOPPED, now=now)
    return allocation_tasks.add(session, limits, seed=seed, by=by, now=now)


def task(session: Session, number: int) -> AllocationTask | None:
    """Return one task, or None where there is none."""
    return allocation_tasks.task(session, number)


def stop(session: Session, number: int, *, now: datetime) -> None:
    """Stop a task; whoever works on it notices at the next stage."""
    allocation_tasks.end(session, number, AllocationTaskState.STOPPED, now=now)


def next_task(session: Session, *, now: datetime) -> AllocationTask | None:
    """Return the oldest task that somebody should take, or None."""
    return next((each_task for each_task in allocation_tasks.unfinished(session) if each_task.can_be_taken(now)), None)


def take(session: Session, known: AllocationTask, *, now: datetime) -> AllocationTask | None:
    """Take a task as it was last seen; None if another process was quicker or it was tried too often."""
    return allocation_tasks.task(session, known.id) if allocation_tasks.take(session, known, now=now) else None


def heartbeat(session: Session, found_task: AllocationTask, stage: AllocationStage, *, now: datetime) -> None:
    """Note how far a task has come; raises TaskLost."""
    if not allocation_tasks.heartbeat(session, found_task.id, stage, attempt=found_task.attempts, now=now):
        raise TaskLost(found_task.id)


def finish(session: Session, found_task: AllocationTask, allocation: Allocation, *, version: str, now: datetime) -> int:
    """Keep the allocation that a task made, and end it; raises TaskLost."""
    heartbeat(session, found_task, AllocationStage.KEEPING, now=now)
    number = store.add_allocation(
        session, allocation, limits=found_task.limits, version=version, by=found_task.asked_by, now=now
    )
    allocation_tasks.end(session, found_task.id, AllocationTaskState.DONE, now=now, allocation=number)
    audit.add(session, AuditEntry(now, found_task.asked_by, AuditEvent.SEATS_SHARED, f"allocation:{number}"))
    return number


def fail(session: Session, found_task: AllocationTask, *, now: datetime) -> None:
    """End a task that could not be done."""
    allocation_tasks.end(session, found_task.id, AllocationTaskState.FAILED, now=now)
