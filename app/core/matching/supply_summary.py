"""Summary by course of a supply plan and of the used seats, for the dossier."""

from collections.abc import Iterable, Mapping, Sequence

from app.core.catalogue import Course
from app.core.languages import TranslatedText
from app.core.matching.dossier import MunicipalityFloorLine, SeatUseLine, SupplyPlanLine, SupplyPlanSummary
from app.core.matching.seat_use import SeatUse, SeatUseTotals
from app.core.matching.supply import SupplyPlan
from app.core.matching.supply_case import NEW
from app.core.matching.supply_tasks import SupplyPlanTask
from app.core.organisations import Municipality
from app.core.text import sort_key


def seat_use_lines(uses: Iterable[SeatUse], titles: Mapping[str, TranslatedText]) -> tuple[SeatUseLine, ...]:
    """Return the seats used by course, in the order of the catalogue."""
    by_course: dict[str, list[SeatUse]] = {}
    for use in uses:
        by_course.setdefault(use.course, []).append(use)
    sums = {course: SeatUseTotals.sum_up(of_course) for course, of_course in by_course.items()}
    return tuple(
        SeatUseLine(titles[course], used.granted, used.taken, used.completed)
        for course, used in sums.items()
        if course in titles
    )


def supply_plan_summary(
    stored: SupplyPlanTask, courses: Sequence[Course], municipalities: Sequence[Municipality]
) -> SupplyPlanSummary | None:
    """Return a plan by course, the greatest gain first; None for one that is not done."""
    plan = stored.plan
    if plan is None:
        return None
    known = _courses_by_key(courses)
    best = next((better for better in plan.next_best if better.offering in known), None)
    names = {place.id: place.name for place in municipalities}
    return SupplyPlanSummary(
        made_at=stored.asked_at,
        seats=plan.seats,
        money=plan.money,
        hours=plan.hours,
        reach=plan.reach,
        gap=plan.gap,
        lines=_lines(plan, known),
        floors=tuple(
            MunicipalityFloorLine(
                names.get(floor.municipality, floor.municipality), floor.seats, floor.promised, floor.price
            )
            for floor in plan.floors
        ),
        next_course=known[best.offering][0].title if best else None,
        next_gain=best.gain if best else 0.0,
        next_money=best.money if best else 0.0,
    )


def _courses_by_key(courses: Iterable[Course]) -> dict[str, tuple[Course, float]]:
    """Return the course and the price of everything that a plan can hold."""
    result: dict[str, tuple[Course, float]] = {}
    for course in courses:
        for offering in course.offerings:
            result[offering.external_id] = (course, offering.price_eur or 0.0)
            if offering.capacity > 0:
                result[f"{NEW}{course.external_id}"] = (course, offering.price_eur or 0.0)
    return result


def _lines(plan: SupplyPlan, known: Mapping[str, tuple[Course, float]]) -> tuple[SupplyPlanLine, ...]:
    lines: dict[str, SupplyPlanLine] = {}
    for planned in plan.held:
        if planned.offering not in known:
            continue
        course, price = known[planned.offering]
        before = lines.get(course.external_id, SupplyPlanLine(course.title, 0, 0, 0.0, 0.0, 0.0))
        lines[course.external_id] = SupplyPlanLine(
            course=course.title,
            times=before.times + planned.times,
            seats=before.seats + planned.seats,
            money=before.money + planned.times * price,
            hours=before.hours + planned.times * (course.hours or 0.0),
            gain=before.gain + planned.gain,
        )
    return tuple(sorted(lines.values(), key=lambda line: (-line.gain, sort_key(line.course.fi))))
