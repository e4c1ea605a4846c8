"""Background worker that computes supply plans."""

import time

from flask import Flask

from app.core.matching.supply import SupplyPlanComputationStage
from app.core.matching.supply_planning import plan_supply
from app.core.matching.supply_tasks import SupplyPlanTask
from app.jobs.background_worker import BackgroundWorker, Clock, OnStage, TaskFailed
from app.services import supply
from app.store.database import read_session, write_session


def supply_plan_worker(app: Flask, clock: Clock) -> BackgroundWorker[SupplyPlanTask]:
    """Return the background worker that computes requested supply plans."""
    return BackgroundWorker(app, clock, "supply plan", supply.QUEUE, _plan)


def _plan(task: SupplyPlanTask, on_stage: OnStage, clock: Clock) -> None:
    on_stage(SupplyPlanComputationStage.GATHERING)
    with read_session() as session:
        inputs = supply.gather_inputs(session, task.request, now=clock())
    if inputs is None:
        raise TaskFailed(task.id)
    found_plan = plan_supply(inputs.case, clock=time.monotonic, on_stage=on_stage)
    with write_session() as session:
        supply.finish_plan_task(session, task, found_plan, inputs, now=clock())
