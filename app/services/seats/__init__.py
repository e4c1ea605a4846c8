"""Seats: wishes of communities, their allocation, what is decided otherwise, its publication and its lists."""

from app.services.seats.allocation_inputs import AllocationInputs, allocation_inputs, credits_from, offered_seats
from app.services.seats.decisions import (
    DecisionError,
    DecisionErrorCode,
    UnsuitableDayError,
    all_requested_seats,
    allocation,
    communities_losing_seats,
    compare_allocations,
    final_seats,
    override,
    publish,
    published,
    requested_seats,
    run_allocation,
    save_seat_requests,
    seat_requests,
    set_unsuitable,
    unsuitable,
)
from app.services.seats.provider_lists import provider_file, provider_rows

__all__ = [
    "AllocationInputs",
    "DecisionError",
    "DecisionErrorCode",
    "UnsuitableDayError",
    "all_requested_seats",
    "allocation",
    "allocation_inputs",
    "communities_losing_seats",
    "compare_allocations",
    "credits_from",
    "final_seats",
    "offered_seats",
    "override",
    "provider_file",
    "provider_rows",
    "publish",
    "published",
    "requested_seats",
    "run_allocation",
    "save_seat_requests",
    "seat_requests",
    "set_unsuitable",
    "unsuitable",
]
