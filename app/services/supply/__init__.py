"""Supply planning: decide which courses to hold next term, and record the seats that were used."""

from app.services.supply.exports import plan_as_dict, plan_table
from app.services.supply.inputs import SupplyInputs, gather_inputs, on_site_places
from app.services.supply.plans import find_plan, finish_plan_task, request_plan, run_plan, stop_plan_task
from app.services.supply.seat_use import export_seat_use, import_seat_use, save_seat_use
from app.store.seat_use import last_granted_seats_by_offering, seat_uses
from app.store.supply import QUEUE, find_latest_finished_plan

__all__ = [
    "QUEUE",
    "SupplyInputs",
    "export_seat_use",
    "find_latest_finished_plan",
    "find_plan",
    "finish_plan_task",
    "gather_inputs",
    "import_seat_use",
    "last_granted_seats_by_offering",
    "on_site_places",
    "plan_as_dict",
    "plan_table",
    "request_plan",
    "run_plan",
    "save_seat_use",
    "seat_uses",
    "stop_plan_task",
]
