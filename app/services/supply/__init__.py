"""Supply: plan which courses are held next, and keep the numbers of seats that were used."""

from app.services.supply.exports import plan_table, plan_values
from app.services.supply.inputs import SupplyInputs, gather_inputs, on_site_places
from app.services.supply.plans import finish, plan, request_plan, run_plan, stop
from app.services.supply.seat_use import import_seat_use, save_seat_use, seat_use_template
from app.store.seat_use import given_seats_by_offering, seat_uses
from app.store.supply import QUEUE, latest_finished_plan

__all__ = [
    "QUEUE",
    "SupplyInputs",
    "finish",
    "gather_inputs",
    "given_seats_by_offering",
    "import_seat_use",
    "latest_finished_plan",
    "on_site_places",
    "plan",
    "plan_table",
    "plan_values",
    "request_plan",
    "run_plan",
    "save_seat_use",
    "seat_use_template",
    "seat_uses",
    "stop",
]
