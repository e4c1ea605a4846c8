"""Export a supply plan as plain values for other programs."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.catalogue import Course
from app.core.matching.supply import SupplyPlan
from app.core.matching.supply_case import NEW
from app.render.tabular_files import Value

CSV_HEADER = ("course", "offering", "times", "seats", "communities", "gain", "why_not")


def plan_as_dict(plan: SupplyPlan, courses: Sequence[Course]) -> dict[str, Any]:
    """Return a plan as values of JSON; `offering` is null for a new time of a course, shares are 0-1."""
    homes = {offering.external_id: course.external_id for course in courses for offering in course.offerings}
    return {
        "seats": plan.seats,
        "money": plan.money,
        "hours": plan.hours,
        "gap": plan.gap,
        "reach": plan.reach,
        "held": [
            {
                **_named(planned.offering, homes),
                "times": planned.times,
                "seats": planned.seats,
                "communities": planned.communities,
                "by_municipality": dict(planned.by_municipality),
                "gain": planned.gain,
            }
            for planned in plan.held
        ],
        "not_held": [{**_named(left.offering, homes), "why": left.why.value} for left in plan.not_held],
        "floors": [
            {
                "municipality": floor.municipality,
                "floor": floor.floor,
                "promised": floor.promised,
                "seats": floor.seats,
                "price": floor.price,
                "interval": list(floor.interval),
            }
            for floor in plan.floors
        ],
        "next_best": [
            {
                **_named(better.offering, homes),
                "gain": better.gain,
                "seats": better.seats,
                "money": better.money,
                "hours": better.hours,
            }
            for better in plan.next_best
        ],
    }


def plan_table(plan: SupplyPlan, courses: Sequence[Course]) -> list[Sequence[Value]]:
    """Return what is held and what is not as a table, header first, a row for each."""
    values = plan_as_dict(plan, courses)
    rows: list[Sequence[Value]] = [CSV_HEADER]
    rows += [
        (item["course"], item["offering"], item["times"], item["seats"], item["communities"], item["gain"], None)
        for item in values["held"]
    ]
    rows += [(item["course"], item["offering"], 0, 0, 0, 0.0, item["why"]) for item in values["not_held"]]
    return rows


def _named(key: str, homes: Mapping[str, str]) -> dict[str, str | None]:
    if key.startswith(NEW):
        return {"course": key.removeprefix(NEW), "offering": None}
    return {"course": homes.get(key), "offering": key}
