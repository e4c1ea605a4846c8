"""Work that takes longer than a page may wait: where it stands, and who may take it up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.accounts import AccountId

STALE = timedelta(minutes=3)
MOST_ATTEMPTS = 3


class TaskState(StrEnum):
    """Where a task stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


UNFINISHED = (TaskState.WAITING, TaskState.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundTask:
    """One task; `beat_at` is when it was last heard of."""

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
        """Whether nothing more will happen."""
        return self.state not in UNFINISHED

    def can_be_taken(self, now: datetime) -> bool:
        """Tell whether somebody should work on it: it waits, or whoever had it has not been heard of for long."""
        if self.state is TaskState.WAITING:
            return True
        silent = self.beat_at is None or now - self.beat_at > STALE
        return self.state is TaskState.RUNNING and silent

    def seconds(self, now: datetime) -> int:
        """Return how long it has been going on, or went on."""
        return max(0, round(((self.ended_at or now) - self.asked_at).total_seconds()))
