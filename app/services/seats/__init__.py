"""Seats: wishes of communities, their allocation, what is decided otherwise, its publication and its lists."""

from app.services.seats import tasks
from app.services.seats.deciding import (
    DayClash,
    SeatsRefused,
    WhyRefused,
    allocation,
    compared,
    final_seats,
    losing,
    override,
    publish,
    published,
    run,
    set_unsuitable,
    unsuitable,
    wish,
    wished,
    wishes,
)
from app.services.seats.gathering import Desk, credits_of, desk, on_offer
from app.services.seats.lists import provider_file, provider_rows

__all__ = [
    "DayClash",
    "Desk",
    "SeatsRefused",
    "WhyRefused",
    "allocation",
    "compared",
    "credits_of",
    "desk",
    "final_seats",
    "losing",
    "on_offer",
    "override",
    "provider_file",
    "provider_rows",
    "publish",
    "published",
    "run",
    "set_unsuitable",
    "tasks",
    "unsuitable",
    "wish",
    "wished",
    "wishes",
]
