"""Allocations in the background: ask for one, take it, tell how far it has come, end it."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import Deed, Entry
from app.core.matching.programme import Limits
from app.core.matching.tasks import Task, TaskState
from app.core.matching.wishes import Allocation, Stage
from app.store import audit, seat_tasks
from app.store import seats as store


class TaskLost(Exception):
    """The task was stopped, or another process has it by now."""


def ask(session: Session, limits: Limits, *, seed: int, by: AccountId | None, now: datetime) -> int:
    """Ask for an allocation and return its task's number; one that is not over yet is stopped."""
    for one in seat_tasks.unfinished(session):
        seat_tasks.end(session, one.id, TaskState.STOPPED, now=now)
    return seat_tasks.add(session, limits, seed=seed, by=by, now=now)


def task(session: Session, number: int) -> Task | None:
    """Return one task, or None where there is none."""
    return seat_tasks.task(session, number)


def stop(session: Session, number: int, *, now: datetime) -> None:
    """Stop a task; whoever works on it notices at the next stage."""
    seat_tasks.end(session, number, TaskState.STOPPED, now=now)


def next_task(session: Session, *, now: datetime) -> Task | None:
    """Return the oldest task that somebody should take, or None."""
    return next((one for one in seat_tasks.unfinished(session) if one.can_be_taken(now)), None)


def take(session: Session, known: Task, *, now: datetime) -> Task | None:
    """Take a task as it was last seen; None if another process was quicker or it was tried too often."""
    return seat_tasks.task(session, known.id) if seat_tasks.take(session, known, now=now) else None


def beat(session: Session, mine: Task, stage: Stage, *, now: datetime) -> None:
    """Note how far a task has come; raises TaskLost."""
    if not seat_tasks.beat(session, mine.id, stage, attempt=mine.attempts, now=now):
        raise TaskLost(mine.id)


def finish(session: Session, mine: Task, made: Allocation, *, version: str, now: datetime) -> int:
    """Keep the allocation that a task made, and end it; raises TaskLost."""
    beat(session, mine, Stage.KEEPING, now=now)
    number = store.add_allocation(session, made, limits=mine.limits, version=version, by=mine.asked_by, now=now)
    seat_tasks.end(session, mine.id, TaskState.DONE, now=now, allocation=number)
    audit.add(session, Entry(now, mine.asked_by, Deed.SEATS_SHARED, f"allocation:{number}"))
    return number


def fail(session: Session, mine: Task, *, now: datetime) -> None:
    """End a task that could not be done."""
    seat_tasks.end(session, mine.id, TaskState.FAILED, now=now)
