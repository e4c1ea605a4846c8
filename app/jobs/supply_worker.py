"""Supply plans in the background: whichever process sees a request first takes it by its row.

The search holds no transaction, so nobody waits for it. A process that dies leaves a request that is not heard of
any more; another one takes it up after some minutes, three times at most.
"""

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from app.core.matching.supply import SupplyStage
from app.core.matching.supply_planning import plan_supply
from app.core.matching.supply_tasks import StoredSupplyPlan
from app.services import supply
from app.store.database import read_session, write_session

EVERY_SECONDS = 2

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SupplyWorker:
    """Works on the plans that wait, one at a time, in one process."""

    app: Flask
    clock: Callable[[], datetime]

    def run_pending(self) -> None:
        """Work on the oldest request that can be taken, if there is one."""
        with self.app.app_context():
            with read_session() as session:
                waiting = supply.next_plan(session, now=self.clock())
            if waiting is None:
                return
            with write_session() as session:
                taken = supply.take(session, waiting, now=self.clock())
            if taken is not None:
                self._work(taken)

    def _work(self, taken: StoredSupplyPlan) -> None:
        def on_stage(stage: SupplyStage) -> None:
            with write_session() as session:
                supply.heartbeat(session, taken, stage, now=self.clock())

        try:
            on_stage(SupplyStage.GATHERING)
            with read_session() as session:
                inputs = supply.gather_inputs(session, taken.request, now=self.clock())
            if inputs is None:
                self._fail(taken)
                return
            found_plan = plan_supply(inputs.case, clock=time.monotonic, on_stage=on_stage)
            with write_session() as session:
                supply.finish(session, taken, found_plan, inputs, now=self.clock())
        except supply.TaskLost:
            _log.info("The supply plan %s was stopped or taken by another process", taken.id)
        except Exception as error:  # whatever it was, the page must not wait for ever
            where = "".join(traceback.format_tb(error.__traceback__))
            _log.error("The supply plan %s failed: %s\n%s", taken.id, type(error).__name__, where)
            self._fail(taken)

    def _fail(self, taken: StoredSupplyPlan) -> None:
        with write_session() as session:
            supply.fail(session, taken, now=self.clock())


def start_supply_worker(scheduler: BackgroundScheduler, worker: SupplyWorker) -> None:
    """Let `scheduler` look for plans that wait every other second."""
    scheduler.add_job(
        worker.run_pending,
        "interval",
        seconds=EVERY_SECONDS,
        id="supply plans",
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
