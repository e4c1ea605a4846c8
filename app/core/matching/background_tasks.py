"""Background tasks for long computations: state, progress, and which worker may claim a task."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.accounts import AccountId

STALE = timedelta(minutes=3)
MOST_ATTEMPTS = 3


class TaskState(StrEnum):
    """State of a background task."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


UNFINISHED = (TaskState.WAITING, TaskState.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundTask:
    """One background task; `beat_at` is the time of its last heartbeat."""

    id: int
    state: TaskState
    asked_at: datetime
    asked_by: AccountId | None = None
    began_at: datetime | None = None
    beat_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: int = 0

    @property
    def is_over(self) -> bool:
        """Whether the task is in a final state."""
        return self.state not in UNFINISHED

    def can_be_taken(self, now: datetime) -> bool:
        """Tell whether a worker may claim the task: it is waiting, or its last heartbeat is long ago."""
        if self.state is TaskState.WAITING:
            return True
        silent = self.beat_at is None or now - self.beat_at > STALE
        return self.state is TaskState.RUNNING and silent

    def elapsed_seconds_since_request(self, now: datetime) -> int:
        """Return the seconds from the request for the task until it ended, or until now."""
        return max(0, round(((self.ended_at or now) - self.asked_at).total_seconds()))
