"""Labels and table rows of a supply plan, for the page and the workbook."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from app.core.catalogue import Course, Offering
from app.core.matching.supply import NotHeldReason, SupplyPlan, SupplyPlanComputationStage
from app.core.matching.supply_case import NEW
from app.web.shared.formats import format_one_decimal, format_whole
from app.web.shared.recommendation_words import course_title, format_day

STAGES: dict[SupplyPlanComputationStage, LazyString] = {
    SupplyPlanComputationStage.GATHERING: _("Gathering needs and courses"),
    SupplyPlanComputationStage.SEARCHING: _("Searching for the best plan"),
    SupplyPlanComputationStage.FLOORS: _("Working out what each guarantee costs"),
    SupplyPlanComputationStage.NEXT_BEST: _("Finding what would be next"),
    SupplyPlanComputationStage.KEEPING: _("Saving the plan"),
}
NOT_HELD: dict[NotHeldReason, LazyString] = {
    NotHeldReason.SUITS_NOBODY: _("It suits no community: audience or days do not match."),
    NotHeldReason.TOO_FEW: _("Too few people could take part to reach the smallest group."),
    NotHeldReason.MONEY: _("The budget goes to courses that bring more."),
    NotHeldReason.HOURS: _("The hours go to courses that bring more."),
    NotHeldReason.ROOMS: _("The rooms go to courses that bring more."),
    NotHeldReason.LESS_GAIN: _("Those who need it gain more from courses in the plan."),
}
HUNDRED = 100
FEW = 10
NEARLY_ALL = 99


@dataclass(frozen=True, slots=True)
class PlannedOfferingDetails:
    """Title, dates and size of an offering in a supply plan; `when` of a new offering is empty."""

    course: Course | None
    name: str
    when: str
    is_new: bool
    capacity: int | None
    money: float | None
    hours: float | None


def planned_offering_lookup(courses: Sequence[Course]) -> "PlannedOfferingLookup":
    """Return the look-up of titles for the catalogue as it is today."""
    offerings = {offering.external_id: (course, offering) for course in courses for offering in course.offerings}
    return PlannedOfferingLookup({course.external_id: course for course in courses}, offerings)


@dataclass(frozen=True, slots=True)
class PlannedOfferingLookup:
    """Finds the planned course by its key in a plan.

    One that is no longer in the catalogue keeps its identifier as name.
    """

    courses: Mapping[str, Course]
    offerings: Mapping[str, tuple[Course, Offering]]

    def __getitem__(self, key: str) -> PlannedOfferingDetails:
        """Return the details of an offering of the catalogue, or of a new one of a course, by its key in a plan."""
        if key.startswith(NEW):
            return self._new(key.removeprefix(NEW))
        if key not in self.offerings:
            return PlannedOfferingDetails(None, key, "", False, None, None, None)
        course, offering = self.offerings[key]
        return PlannedOfferingDetails(
            course, course_title(course), _when(offering), False, offering.capacity, offering.price_eur, course.hours
        )

    def _new(self, name: str) -> PlannedOfferingDetails:
        course = self.courses.get(name)
        if course is None:
            return PlannedOfferingDetails(None, name, "", True, None, None, None)
        models = [offering for offering in course.offerings if offering.capacity > 0]
        model = models[-1] if models else None
        return PlannedOfferingDetails(
            course,
            course_title(course),
            "",
            True,
            model.capacity if model else None,
            model.price_eur if model else None,
            course.hours,
        )


def _when(offering: Offering) -> str:
    return format_day(offering.first_day) if offering.first_day else gettext("any time")


def percent(part: float) -> str:
    """Write a share in per cent, with a decimal near nothing and near all."""
    number = HUNDRED * part
    return format_whole(number) if FEW <= number <= NEARLY_ALL or number == HUNDRED else format_one_decimal(number)


def guarantee_cost_text(floor_price: float, interval: tuple[float, float]) -> str:
    """Say what a guaranteed share of seats costs, in per cent of the total gain, with its bounds where they differ."""
    low = percent(interval[0])
    high = percent(interval[1])
    if low == high:
        return str(gettext("%(percent)s per cent", percent=percent(floor_price)))
    if low == "0":
        return str(gettext("at most %(percent)s per cent", percent=high))
    return str(gettext("%(low)s–%(high)s per cent", low=low, high=high))


def plan_sheets(
    plan: SupplyPlan, titles: PlannedOfferingLookup, municipalities: Mapping[str, str]
) -> list[tuple[str, list[tuple[str | float, ...]]]]:
    """Return the plan as the sheets of a workbook."""
    return [
        (gettext("What is held"), _held_rows(plan, titles, municipalities)),
        (gettext("Municipalities"), _floor_rows(plan, municipalities)),
        (gettext("Next best"), _next_rows(plan, titles)),
        (gettext("Not held"), _not_held_rows(plan, titles)),
        (gettext("About the plan"), _about(plan)),
    ]


def _held_rows(
    plan: SupplyPlan, titles: PlannedOfferingLookup, municipalities: Mapping[str, str]
) -> list[tuple[str | float, ...]]:
    header: tuple[str | float, ...] = (
        gettext("Course"),
        gettext("Time"),
        gettext("Offerings held"),
        gettext("Seats used"),
        gettext("Communities"),
        gettext("Euros"),
        gettext("Hours"),
        gettext("Share of the gain, per cent"),
        *municipalities.values(),
    )
    rows: list[tuple[str | float, ...]] = [header]
    for planned in plan.held:
        title = titles[planned.offering]
        rows.append(
            (
                title.name,
                title.when or gettext("new offering"),
                planned.times,
                planned.seats,
                planned.communities,
                planned.times * (title.money or 0.0),
                planned.times * (title.hours or 0.0),
                round(HUNDRED * planned.gain, 1),
                *(planned.by_municipality.get(name, 0) for name in municipalities),
            )
        )
    return rows


def _floor_rows(plan: SupplyPlan, municipalities: Mapping[str, str]) -> list[tuple[str | float, ...]]:
    floors = {floor.municipality: floor for floor in plan.floors}
    rows: list[tuple[str | float, ...]] = [
        (
            gettext("Municipality"),
            gettext("Seats"),
            gettext("Guaranteed at least"),
            gettext("Could be guaranteed"),
            gettext("Price of the guarantee, per cent of the gain"),
        )
    ]
    for name, title in municipalities.items():
        floor = floors.get(name)
        seats = plan.seats_of_municipality(name)
        if floor is None:
            rows.append((title, seats, 0, 0, 0))
        else:
            rows.append((title, seats, floor.floor, floor.promised, round(HUNDRED * floor.price, 1)))
    return rows


def _next_rows(plan: SupplyPlan, titles: PlannedOfferingLookup) -> list[tuple[str | float, ...]]:
    rows: list[tuple[str | float, ...]] = [
        (gettext("Course"), gettext("Time"), gettext("More gain, per cent"), gettext("Euros"), gettext("Hours"))
    ]
    for better in plan.next_best:
        title = titles[better.offering]
        when = title.when or gettext("new offering")
        rows.append((title.name, when, round(HUNDRED * better.gain, 1), better.money, better.hours))
    return rows


def _not_held_rows(plan: SupplyPlan, titles: PlannedOfferingLookup) -> list[tuple[str | float, ...]]:
    rows: list[tuple[str | float, ...]] = [(gettext("Course"), gettext("Time"), gettext("Why not"))]
    for left in plan.not_held:
        title = titles[left.offering]
        rows.append((title.name, title.when or gettext("new offering"), str(NOT_HELD[left.why])))
    return rows


def _about(plan: SupplyPlan) -> list[tuple[str | float, ...]]:
    return [
        (gettext("About the plan"), ""),
        (gettext("Seats used"), plan.seats),
        (gettext("Euros"), plan.money),
        (gettext("Hours"), plan.hours),
        (gettext("Share of what could be gained without limits, per cent"), round(HUNDRED * plan.reach, 1)),
        (gettext("A better plan could gain at most this much more, per cent"), round(HUNDRED * plan.gap, 2)),
    ]
