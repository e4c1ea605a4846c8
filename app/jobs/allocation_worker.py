"""Background worker for seat allocations: any process claims a waiting task by its row.

The search holds no transaction, so it blocks nobody. If a process dies, its task has no more heartbeats;
another process claims it after some minutes, at most three times.
"""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from app.core.matching.allocation_tasks import AllocationTask
from app.core.matching.seat_allocation import allocate_seats
from app.core.matching.seat_requests import AllocationStage
from app.services import seats
from app.services.seats import allocation_tasks
from app.store.database import read_session, write_session

EVERY_SECONDS = 2

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AllocationWorker:
    """Processes waiting allocations in one process, one at a time."""

    app: Flask
    clock: Callable[[], datetime]

    def run_pending(self) -> None:
        """Process the oldest task that can be claimed, if there is one."""
        with self.app.app_context():
            with read_session() as session:
                waiting = allocation_tasks.next_task(session, now=self.clock())
            if waiting is None:
                return
            with write_session() as session:
                task = allocation_tasks.take(session, waiting, now=self.clock())
            if task is not None:
                self._work(task)

    def _work(self, task: AllocationTask) -> None:
        def told(stage: AllocationStage) -> None:
            with write_session() as session:
                allocation_tasks.heartbeat(session, task, stage, now=self.clock())

        try:
            told(AllocationStage.GATHERING)
            with read_session() as session:
                inputs = seats.allocation_inputs(session, now=self.clock())
            allocation = allocate_seats(
                inputs.wishes, inputs.applicants, inputs.supplies, seed=task.seed, limits=task.limits, told=told
            )
            told(AllocationStage.KEEPING)
            with write_session() as session:
                allocation_tasks.finish(session, task, allocation, version=inputs.version, now=self.clock())
        except allocation_tasks.TaskLost:
            _log.info("The allocation %s was stopped or taken by another process", task.id)
        except Exception as error:  # any error must end the task, so that its page does not wait for ever
            where = "".join(traceback.format_tb(error.__traceback__))
            _log.error("The allocation %s failed: %s\n%s", task.id, type(error).__name__, where)
            with write_session() as session:
                allocation_tasks.fail(session, task, now=self.clock())


def start_worker(scheduler: BackgroundScheduler, worker: AllocationWorker) -> None:
    """Let `scheduler` check for waiting allocations every two seconds."""
    scheduler.add_job(
        worker.run_pending,
        "interval",
        seconds=EVERY_SECONDS,
        id="allocations",
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
