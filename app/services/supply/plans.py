"""Supply plans: request, compute now or in the background, and store."""

import time
from dataclasses import asdict
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.matching.background_tasks import TaskState
from app.core.matching.supply import SupplyPlan, SupplyPlanComputationStage
from app.core.matching.supply_case import SupplyPlanRequest
from app.core.matching.supply_planning import plan_supply
from app.core.matching.supply_tasks import SupplyPlanTask
from app.services.supply.inputs import SupplyInputs, gather_inputs
from app.store.supply import QUEUE


def request_plan(session: Session, request: SupplyPlanRequest, *, by: AccountId | None, now: datetime) -> int:
    """Queue a supply plan and return its number; unfinished ones are stopped."""
    return QUEUE.add_and_stop_unfinished(
        session, stage=SupplyPlanComputationStage.GATHERING, by=by, now=now, request=asdict(request), weights_version=""
    )


def run_plan(session: Session, request: SupplyPlanRequest, *, by: AccountId | None, now: datetime) -> int | None:
    """Compute a plan at once and store it; None before the first release."""
    inputs = gather_inputs(session, request, now=now)
    if inputs is None:
        return None
    waiting = QUEUE.find_task(session, request_plan(session, request, by=by, now=now))
    if waiting is None or (taken := QUEUE.take(session, waiting, now=now)) is None:
        return None
    finish_plan_task(session, taken, plan_supply(inputs.case, clock=time.monotonic), inputs, now=now)
    return taken.id


def find_plan(session: Session, number: int) -> SupplyPlanTask | None:
    """Return one plan, or None where there is none."""
    return QUEUE.find_task(session, number)


def stop_plan_task(session: Session, number: int, *, now: datetime) -> None:
    """Stop the task of a plan; whoever works on it notices at the next stage."""
    QUEUE.end(session, number, TaskState.STOPPED, now=now)


def finish_plan_task(
    session: Session, taken: SupplyPlanTask, found_plan: SupplyPlan, inputs: SupplyInputs, *, now: datetime
) -> None:
    """Store the computed plan and end its task; raises TaskLost."""
    QUEUE.heartbeat(session, taken, SupplyPlanComputationStage.KEEPING, now=now)
    content = {"plan": asdict(found_plan), "left_out": inputs.left_out, "unpriced": inputs.unpriced}
    QUEUE.end(session, taken.id, TaskState.DONE, now=now, content=content, weights_version=inputs.weights)
