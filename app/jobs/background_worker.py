"""Background worker: one task at a time in each process, oldest first."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from app.core.matching.background_tasks import TaskState
from app.store.background_tasks import Task, TaskLost, TaskQueue
from app.store.database import read_session, write_session

EVERY_SECONDS = 2

_log = logging.getLogger(__name__)

OnStage = Callable[[str], None]
Clock = Callable[[], datetime]


class TaskFailed(Exception):
    """The task cannot be completed with the stored data."""


@dataclass(frozen=True, slots=True)
class BackgroundWorker(Generic[Task]):
    """Processes the waiting tasks of a queue; `work` does one and reports each stage. `name` says what they are."""

    app: Flask
    clock: Clock
    name: str
    queue: TaskQueue[Task]
    work: Callable[[Task, OnStage, Clock], None]

    def run_oldest_pending_task(self) -> None:
        """Process the oldest task that can be claimed, if there is one."""
        with self.app.app_context():
            with read_session() as session:
                waiting = self.queue.next_task(session, now=self.clock())
            if waiting is None:
                return
            with write_session() as session:
                task = self.queue.take(session, waiting, now=self.clock())
            if task is not None:
                self._work(task)

    def _work(self, task: Task) -> None:
        def on_stage(stage: str) -> None:
            with write_session() as session:
                self.queue.heartbeat(session, task, stage, now=self.clock())

        try:
            self.work(task, on_stage, self.clock)
        except TaskLost:
            _log.info("The %s %s was stopped or taken by another process", self.name, task.id)
        except TaskFailed:
            self._fail(task)
        except Exception as error:  # any error must end the task, so that its page does not wait for ever
            where = "".join(traceback.format_tb(error.__traceback__))
            _log.error("The %s %s failed: %s\n%s", self.name, task.id, type(error).__name__, where)
            self._fail(task)

    def _fail(self, task: Task) -> None:
        with write_session() as session:
            self.queue.end(session, task.id, TaskState.FAILED, now=self.clock())

    def add_to_scheduler(self, scheduler: BackgroundScheduler) -> None:
        """Add a job to `scheduler` that checks for waiting tasks every two seconds."""
        scheduler.add_job(
            self.run_oldest_pending_task,
            "interval",
            seconds=EVERY_SECONDS,
            id=f"{self.name}s",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
