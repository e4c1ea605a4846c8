"""Background worker that computes seat allocations."""

from flask import Flask

from app.core.matching.allocation_tasks import AllocationTask
from app.core.matching.seat_allocation import allocate_seats
from app.core.matching.seat_requests import AllocationStage
from app.jobs.background_worker import BackgroundWorker, Clock, OnStage
from app.services import seats
from app.services.seats import allocation_tasks
from app.store.database import read_session, write_session


def allocation_worker(app: Flask, clock: Clock) -> BackgroundWorker[AllocationTask]:
    """Return a worker that processes waiting allocations."""
    return BackgroundWorker(app, clock, "allocation", allocation_tasks.QUEUE, _allocate)


def _allocate(task: AllocationTask, on_stage: OnStage, clock: Clock) -> None:
    on_stage(AllocationStage.GATHERING)
    with read_session() as session:
        inputs = seats.allocation_inputs(session, now=clock())
    allocation = allocate_seats(
        inputs.requests, inputs.applicants, inputs.supplies, seed=task.seed, limits=task.limits, on_stage=on_stage
    )
    on_stage(AllocationStage.KEEPING)
    with write_session() as session:
        allocation_tasks.finish_allocation_task(session, task, allocation, version=inputs.version, now=clock())
