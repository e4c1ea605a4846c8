"""Background task table: a process claims a waiting task, and updates its progress.

The work holds no transaction, so it blocks nobody. If a process dies, its task has no more heartbeats; another
process claims it after some minutes, at most three times.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.matching.background_tasks import MOST_ATTEMPTS, UNFINISHED, BackgroundTask, TaskState

Task = TypeVar("Task", bound=BackgroundTask)


class TaskLost(Exception):
    """The task was stopped, or another process has it by now."""


@dataclass(frozen=True, slots=True)
class TaskQueue(Generic[Task]):
    """The tasks of one table; `read` makes a value of a row. None of its methods commits."""

    row: type[Any]
    read: Callable[[Any], Task]

    def add_and_stop_unfinished(
        self, session: Session, *, stage: str, by: AccountId | None, now: datetime, **values: object
    ) -> int:
        """Add a waiting task and return its number; tasks that are not over are stopped."""
        for unfinished in self.unfinished(session):
            self.end(session, unfinished.id, TaskState.STOPPED, now=now)
        row = self.row(state=TaskState.WAITING, stage=stage, asked_at=now, account_id=by, attempts=0, **values)
        session.add(row)
        session.flush()
        return int(row.id)

    def find_task(self, session: Session, number: int) -> Task | None:
        """Return a task, or None."""
        row = session.get(self.row, number)
        return None if row is None else self.read(row)

    def unfinished(self, session: Session) -> tuple[Task, ...]:
        """Return the tasks that are waiting or running, oldest first."""
        query = select(self.row).where(self.row.state.in_(UNFINISHED)).order_by(self.row.id)
        return tuple(map(self.read, session.scalars(query)))

    def next_task(self, session: Session, *, now: datetime) -> Task | None:
        """Return the oldest task that somebody should take, or None."""
        return next((task for task in self.unfinished(session) if task.can_be_taken(now)), None)

    def take(self, session: Session, known: Task, *, now: datetime) -> Task | None:
        """Claim a task as last seen; None if another process was faster or it was tried too often."""
        if known.attempts >= MOST_ATTEMPTS:
            self.end(session, known.id, TaskState.FAILED, now=now)
            return None
        # Both conditions together are the lock: of two that try at once, one changes the row.
        as_seen = (self.row.attempts == known.attempts, self.row.state == known.state)
        values = {"state": TaskState.RUNNING, "began_at": now, "beat_at": now, "attempts": known.attempts + 1}
        return self.find_task(session, known.id) if self._change(session, known.id, *as_seen, **values) else None

    def heartbeat(self, session: Session, task: Task, stage: str, *, now: datetime) -> None:
        """Record a task's progress; raises TaskLost."""
        still_mine = (self.row.state == TaskState.RUNNING, self.row.attempts == task.attempts)
        if not self._change(session, task.id, *still_mine, stage=stage, beat_at=now):
            raise TaskLost(task.id)

    def end(self, session: Session, number: int, state: TaskState, *, now: datetime, **values: object) -> None:
        """End an unfinished task; a finished one is unchanged. Whoever works on it notices at the next stage."""
        self._change(session, number, self.row.state.in_(UNFINISHED), state=state, ended_at=now, **values)

    def _change(self, session: Session, number: int, *conditions: ColumnElement[bool], **values: object) -> bool:
        """Change a task where the conditions hold; return whether they did."""
        statement = update(self.row).where(self.row.id == number, *conditions).values(**values)
        return session.execute(statement.returning(self.row.id)).first() is not None
