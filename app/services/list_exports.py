"""Export the course lists of a region as JSON-ready dicts and as a table."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from app.core.matching.course_lists import RegionLists
from app.core.matching.needs import Need
from app.core.matching.recommendations import CourseList, ListedCourse, UnmetNeed
from app.render.tabular_files import Value

CSV_HEADER = (
    "community", "municipality", "staff", "place", "course", "dimension", "role", "need", "need_own", "gain",
    "seats", "free_seats", "given_seats", "expected_seats", "why",
)  # fmt: skip
DECIMALS = 3


def course_lists_as_dicts(lists: RegionLists, units: Iterable[str]) -> list[dict[str, Any]]:
    """Return needs with their parts, lists with the codes of their reasons, and expected seats, by community."""
    return [_values(lists.course_list(unit)) for unit in units]


def course_lists_table(lists: RegionLists) -> list[Sequence[Value]]:
    """Return the lists as a table, header first: a row for each course on a list and for each need without one."""
    rows = [row for unit in lists.units for row in _rows(lists.course_list(unit))]
    return [CSV_HEADER, *rows]


def _values(course_list: CourseList) -> dict[str, Any]:
    return {
        "community": course_list.unit.id,
        "municipality": course_list.unit.municipality,
        "staff": course_list.unit.invited_count,
        "weights": course_list.ranking.weights_version,
        "needs": [_need(need, need.dimension in course_list.weaker) for need in course_list.needs.values()],
        "advice": [advice.value for advice in course_list.advice],
        "courses": [_listed(listed) for listed in course_list.listed],
        "own_order": [item.course.external_id for item in course_list.own],
        "unmet": [_unmet(unmet) for unmet in course_list.unmet],
    }


def _need(need: Need, weaker: bool) -> dict[str, Any]:
    """Return a need in the region's unit, with the parts that it is made of; shares are 0-1."""
    posterior = need.posterior
    return {
        "dimension": need.dimension,
        "basis": need.basis.value,
        "need": round(need.value, DECIMALS),
        "common": round(need.common, DECIMALS),
        "own": round(need.difference_from_average_unit, DECIMALS),
        "impact": round(need.impact, DECIMALS),
        "reach": round(need.reach, DECIMALS),
        "adverse": round(need.adverse, DECIMALS),
        "mean": None if posterior is None else round(posterior.mean, DECIMALS),
        "deviation": None if posterior is None else round(posterior.sd, DECIMALS),
        "weaker_than_region": weaker,
    }


def _listed(listed: ListedCourse) -> dict[str, Any]:
    return {
        "course": listed.course.external_id,
        "place": listed.place,
        "dimension": listed.dimension,
        "role": listed.role.value,
        "gain": round(listed.gain, DECIMALS),
        "seats": listed.outlook.seats,
        "free_seats": listed.outlook.free,
        "given_seats": listed.outlook.granted,
        "expected_seats": listed.expected_seats,
        "equal_to_the_one_above": listed.is_equal,
    }


def _unmet(unmet: UnmetNeed) -> dict[str, Any]:
    return {"dimension": unmet.need.dimension, "why": unmet.why.value, "greatest": unmet.is_greatest}


def _rows(course_list: CourseList) -> Iterator[tuple[str | float | None, ...]]:
    unit = course_list.unit
    home = (unit.id, unit.municipality, unit.invited_count)
    for listed in course_list.listed:
        need = course_list.needs[listed.dimension]
        yield (
            *home, listed.place, listed.course.external_id, listed.dimension, listed.role.value,
            round(need.value, DECIMALS), round(need.difference_from_average_unit, DECIMALS),
            round(listed.gain, DECIMALS),
            listed.outlook.seats, listed.outlook.free, listed.outlook.granted, listed.expected_seats, "",
        )  # fmt: skip
    for unmet in course_list.unmet:
        need = unmet.need
        yield (
            *home, "", "", need.dimension, "",
            round(need.value, DECIMALS), round(need.difference_from_average_unit, DECIMALS), "",
            "", "", "", "", unmet.why.value,
        )  # fmt: skip
