"""Course lists of a whole region: three to five courses for each community, within the seats available.

A list is a portfolio: a course takes away a part of the needs that it answers, so the next one answers something
else; at most two are there for one dimension. What a list may hold is decided for all communities together (see
`seat_programme`). A community's best list without a look at the seats stands beside it.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np

from app.core.catalogue import ChangeTarget, Course
from app.core.languages import Language
from app.core.matching.expected_gain import met_need_fraction_by_dimension
from app.core.matching.needs import DEMANDS, Need, NeedBasis, RegionNeeds
from app.core.matching.ranking import (
    CandidateCourse,
    audiences_of_unit,
    language_fit,
    prepare_candidates,
    rank_courses_for_unit,
)
from app.core.matching.recommendations import (
    CourseList,
    ExclusionReason,
    ListAdvice,
    ListedCourse,
    ListRole,
    Ranking,
    Recommendation,
    SeatOutlook,
    UnmetNeed,
    UnmetReason,
)
from app.core.matching.seat_programme import (
    OVERBOOKED,
    SERVED_FROM,
    Flags,
    Floats,
    Integers,
    SeatProblem,
    solve_seat_programme,
)
from app.core.matching.seat_requests import NOTHING_ALLOCATED, AllocatedSeats
from app.core.matching.weights import WEIGHTS, Weights
from app.core.organisations import ReportingUnit

SHORTEST = 3
LONGEST = 5
MOST_FOR_ONE_DIMENSION = 2
LEAST_SEATS = 2  # that a community asks for, however small it is
LEADERS = 2  # seats of a course for leaders
FOR_EVERYONE = frozenset({"everyone", "teams"})
# A course may stand on the lists of so large a part of the region at most, however many seats it has: the figures
# behind a course (relevance, evidence) are uncertain, and lists that are all alike stake everything on one of them.
LARGEST_SHARE = 1 / 4
ALWAYS_LISTED = 5  # communities that may all list the same course, so that a small region is not parted
CLOSELY = 2 / 3  # the relevance (2 of 3) from which a course is there for a dimension
DECIMALS = 2
FACILITATED = frozenset({"leadership", "practices"})
FIRST_NEEDS = 2


@dataclass(frozen=True, slots=True)
class ListUnit:
    """A unit for which a course list is made: its kinds, working languages, and dimensions weaker than the region's."""

    unit: ReportingUnit
    kinds: frozenset[str] = frozenset()
    languages: frozenset[Language] = frozenset()
    weaker: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PlannedList:
    """The courses that the linear programme chose for one community.

    `courses` are ids in their order; `gains` what each brings with those before it taken; `dimensions` what each is
    there for; `expected` the seats that can be had; `own` the best courses without a look at the seats.
    """

    courses: tuple[str, ...] = ()
    gains: tuple[float, ...] = ()
    dimensions: tuple[str, ...] = ()
    expected: tuple[int, ...] = ()
    own: tuple[str, ...] = ()

    def seats_of(self, course: str) -> int:
        """Return the seats that can be expected of a course, 0 for one that is not on the list."""
        return self.expected[self.courses.index(course)] if course in self.courses else 0


@dataclass(frozen=True)
class RegionLists:
    """The lists of a region, and all that they rest on: the one source of every figure about courses and seats.

    `seats` are those on offer by course, `free` those that were granted to nobody, `asked` the seats that the lists ask
    for. `granted` are the seats granted to each unit and `requests` those that it has requested, by course.
    """

    needs: RegionNeeds
    units: Mapping[str, ListUnit]
    candidates: tuple[CandidateCourse, ...]
    plans: Mapping[str, PlannedList]
    seats: Mapping[str, int]
    asked: Mapping[str, int]
    weights: Weights
    today: date
    free: Mapping[str, int] = field(default_factory=dict)
    granted: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    requests: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    allocated: AllocatedSeats = NOTHING_ALLOCATED
    _lists: dict[str, CourseList] = field(default_factory=dict, compare=False, repr=False)

    @property
    def weights_version(self) -> str:
        """The version of the weights."""
        return self.weights.version

    def ranking(self, unit: str) -> Ranking:
        """Return every course for a unit by its expected gain; KeyError for one that is not in the region."""
        listed = self.units[unit]
        return rank_courses_for_unit(
            self.needs.needs_of_unit(unit),
            listed.unit,
            self.candidates,
            self.weights,
            today=self.today,
            kinds=listed.kinds,
            languages=listed.languages,
        )

    def course_list(self, unit: str) -> CourseList:
        """Return the list of a unit, built at the first call; KeyError for one that is not in the region."""
        if unit not in self._lists:
            self._lists[unit] = _course_list(self, unit)
        return self._lists[unit]

    def expected_gains_of_unit(self, unit: str) -> Mapping[str, float]:
        """Return the expected gain of a seat of each course for a unit; KeyError for one that is not in the region."""
        return {item.course.external_id: item.priority for item in self.course_list(unit).ranking.recommended}

    @cached_property
    def expected_seats_by_course(self) -> Mapping[str, int]:
        """The seats by course that all communities together can expect, those granted already included."""
        result = {course: self.seats[course] - self.free[course] for course in self.seats}
        for unit, plan in self.plans.items():
            for course, seats in zip(plan.courses, plan.expected, strict=True):
                result[course] += seats - self.granted_seats(unit, course)
        return result

    def seat_outlook(self, unit: str, course: str) -> SeatOutlook:
        """Return the seats of a course as a unit sees them: offered, free, granted, expected.

        KeyError for an unknown one.
        """
        return SeatOutlook(
            seats=self.seats[course],
            free=self.free[course],
            granted=self.granted_seats(unit, course),
            expected=self.expected_seats(unit, course),
        )

    def total_granted_or_expected_seats(self, unit: str) -> int:
        """Return the seats of all courses that were granted to a unit or that it can expect of its list."""
        plan = self.plans[unit]
        granted = self.granted.get(unit, {})
        return sum(granted.values()) + sum(
            seats - granted.get(course, 0) for course, seats in zip(plan.courses, plan.expected, strict=True)
        )

    def granted_seats(self, unit: str, course: str) -> int:
        """Return the seats of a course granted to a unit in the published allocation."""
        return self.granted.get(unit, {}).get(course, 0)

    def expected_seats(self, unit: str, course: str) -> int:
        """Return the seats that a unit can expect of a course; KeyError for a unit that is not in the region.

        On its list they are those that the region's programme gives it. Of another course they are what the lists and
        the requests of others leave over, at most what the unit takes of a course.
        """
        plan = self.plans[unit]
        granted = self.granted_seats(unit, course)
        if granted or course in plan.courses:
            return max(granted, plan.seats_of(course))
        if course not in self._courses:
            return 0
        left = (
            self.seats[course]
            - self.expected_seats_by_course[course]
            - self._requested_beside_lists(course, without=unit)
        )
        return max(0, min(left, course_seat_demand_of_unit(self.units[unit].unit, self._courses[course], self.weights)))

    @cached_property
    def _courses(self) -> Mapping[str, Course]:
        return {candidate.course.external_id: candidate.course for candidate in self.candidates}

    def _requested_beside_lists(self, course: str, *, without: str) -> int:
        """Return the seats of a course that others request who neither have it on their list nor were granted any."""
        return sum(
            requested.get(course, 0)
            for unit, requested in self.requests.items()
            if unit != without
            and not self.granted_seats(unit, course)
            and (unit not in self.plans or course not in self.plans[unit].courses)
        )


def build_lists(
    needs: RegionNeeds,
    units: Iterable[ListUnit],
    courses: Iterable[Course],
    *,
    today: date,
    weights: Weights = WEIGHTS,
    requests: Mapping[str, Mapping[str, int]] | None = None,
    allocated: AllocatedSeats = NOTHING_ALLOCATED,
) -> RegionLists:
    """Build the course lists of all units of a region.

    `requests` are the seats that communities have asked for already, by unit and course: they take room on lists of
    others. `allocated` are the seats of the published allocation: nobody else can expect them. The same input gives
    the same lists.
    """
    members = {each.unit.id: each for each in units if each.unit.id in needs.units}
    candidates = prepare_candidates(courses, weights=weights, today=today)
    granted = _granted_by_course(candidates, allocated)
    planner = _Planner(needs, tuple(members.values()), candidates, weights, requests or {}, granted, allocated)
    plans = planner.plans()
    asked = dict.fromkeys(planner.names, 0)
    for row, each in enumerate(members.values()):
        for course in plans[each.unit.id].courses:
            asked[course] += int(planner.problem.asks[row, planner.columns[course]])
    return RegionLists(
        needs=needs,
        units=members,
        candidates=candidates,
        plans=plans,
        seats={
            candidate.course.external_id: sum(offering.capacity for offering in candidate.offerings)
            for candidate in candidates
        },
        asked=asked,
        weights=weights,
        today=today,
        free=dict(zip(planner.names, planner.problem.seats.tolist(), strict=True)),
        granted=granted,
        requests=requests or {},
        allocated=allocated,
    )


def _granted_by_course(candidates: Iterable[CandidateCourse], allocated: AllocatedSeats) -> dict[str, dict[str, int]]:
    """Return the seats granted of courses that one can still register to, by unit and course."""
    owners = {
        offering.external_id: candidate.course.external_id
        for candidate in candidates
        for offering in candidate.offerings
    }
    result: dict[str, dict[str, int]] = {}
    for (unit, offering), seats in allocated.granted.items():
        if seats and offering in owners:
            here = result.setdefault(unit, {})
            here[owners[offering]] = here.get(owners[offering], 0) + seats
    return result


class _Planner:
    """The programme over all communities as arrays: communities x courses, communities x dimensions."""

    def __init__(
        self,
        needs: RegionNeeds,
        members: Sequence[ListUnit],
        candidates: Sequence[CandidateCourse],
        weights: Weights,
        requests: Mapping[str, Mapping[str, int]],
        granted: Mapping[str, Mapping[str, int]],
        allocated: AllocatedSeats,
    ) -> None:
        self.members = members
        self.weights = weights
        self.names = [candidate.course.external_id for candidate in candidates]
        self.columns = {name: column for column, name in enumerate(self.names)}
        self.dimensions = list(
            dict.fromkeys(dimension for each in members for dimension in needs.needs_of_unit(each.unit.id))
        )
        self.values = self._values(needs)
        self.strengths = self._strengths(candidates)
        self.fits = np.array([candidate.fit.total_factor for candidate in candidates])[np.newaxis, :] * self._languages(
            candidates
        )
        open_to = self._open(needs, candidates)
        # Allocated seats are not requested again, and not available to others.
        self.granted = self._by_course(granted)
        asks = self._asks(candidates)
        totals = np.array([total_seat_demand_of_unit(each.unit, weights) for each in members], dtype=np.int64)
        self.problem = SeatProblem(
            gain=np.where(open_to, self.values @ self.strengths.T * self.fits, 0.0),
            asks=np.where(self.granted > 0, 0, asks),
            totals=np.maximum(0, totals - self.granted.sum(axis=1)),
            seats=np.array(
                [
                    sum(
                        allocated.free_seats(offering.external_id, offering.capacity)
                        for offering in candidate.offerings
                    )
                    for candidate in candidates
                ],
                dtype=np.int64,
            ),
        )
        # The dimension that each course improves most in each community.
        products = self.values[:, np.newaxis, :] * self.strengths[np.newaxis, :, :]
        self.leading: Integers = (
            products.argmax(axis=2) if products.size else np.zeros((len(members), len(candidates)), dtype=np.int64)
        )
        self.requested = self._by_course(requests)

    def _values(self, needs: RegionNeeds) -> Floats:
        rows = [
            [_value(needs.needs_of_unit(each.unit.id).get(dimension)) for dimension in self.dimensions]
            for each in self.members
        ]
        return np.array(rows, dtype=np.float64).reshape(len(self.members), len(self.dimensions))

    def _strengths(self, candidates: Sequence[CandidateCourse]) -> Floats:
        rows = []
        for candidate in candidates:
            strengths = met_need_fraction_by_dimension(candidate.course, self.weights)
            rows.append([strengths.get(dimension, 0.0) for dimension in self.dimensions])
        return np.array(rows, dtype=np.float64).reshape(len(candidates), len(self.dimensions))

    def _languages(self, candidates: Sequence[CandidateCourse]) -> Floats:
        rows = {
            languages: [language_fit(candidate.course, languages, self.weights) for candidate in candidates]
            for languages in {each.languages for each in self.members}
        }
        return np.array([rows[each.languages] for each in self.members]).reshape(len(self.members), len(candidates))

    def _open(self, needs: RegionNeeds, candidates: Sequence[CandidateCourse]) -> Flags:
        known: dict[frozenset[str], list[bool]] = {}
        rows = []
        for each in self.members:
            people = audiences_of_unit(each.unit, each.kinds)
            if people not in known:
                known[people] = [_may_be_listed(candidate, people) for candidate in candidates]
            rows.append(known[people])
        return np.array(rows, dtype=np.bool_).reshape(len(self.members), len(candidates))

    def _asks(self, candidates: Sequence[CandidateCourse]) -> Integers:
        rows = [
            [course_seat_demand_of_unit(each.unit, candidate.course, self.weights) for candidate in candidates]
            for each in self.members
        ]
        return np.array(rows, dtype=np.int64).reshape(len(self.members), len(candidates))

    def _by_course(self, numbers: Mapping[str, Mapping[str, int]]) -> Integers:
        """Return numbers by unit and course as an array."""
        result = np.zeros((len(self.members), len(self.names)), dtype=np.int64)
        for row, each in enumerate(self.members):
            for course, seats in numbers.get(each.unit.id, {}).items():
                if course in self.columns:
                    result[row, self.columns[course]] = seats
        return result

    def plans(self) -> dict[str, PlannedList]:
        """Choose what is listed, then say which seats each can expect of it."""
        served = (solve_seat_programme(self.problem) >= SERVED_FROM) | (self.granted > 0)
        chosen = self._chosen(served)
        allowed = np.zeros(served.shape, dtype=np.bool_)
        for row, courses in enumerate(chosen):
            allowed[row, courses] = True
        expected = self.granted + self._with_left_over(
            solve_seat_programme(self.problem, allowed).astype(np.int64), allowed
        )
        return {each.unit.id: self._plan(row, chosen[row], expected[row]) for row, each in enumerate(self.members)}

    def _with_left_over(self, served: Integers, allowed: Flags) -> Integers:
        """Share what the programme leaves of a course among those who list it, by what they still lack of it.

        The programme gives a community one course after another until its staff are served. Who got a part of a
        course by it can have the rest as well as those who got nothing of it.
        """
        waiting = np.where(allowed, np.maximum(self.problem.asks - served, 0), 0)
        asked = waiting.sum(axis=0)
        left = np.maximum(self.problem.seats - served.sum(axis=0), 0)
        share = np.minimum(1.0, left / np.maximum(asked, 1))
        result: Integers = served + np.floor(waiting * share + 1e-9).astype(np.int64)
        return result

    def _plan(self, row: int, chosen: Sequence[int], expected: Integers) -> PlannedList:
        ordered, gains = self._ordered(row, chosen)
        anything = np.ones(len(self.names), dtype=np.bool_)
        own = self._picked(row, anything, anything, at_most=SHORTEST)
        return PlannedList(
            courses=tuple(self.names[column] for column in ordered),
            gains=tuple(gains),
            dimensions=tuple(self.dimensions[self.leading[row, column]] for column in ordered),
            expected=tuple(int(expected[column]) for column in ordered),
            own=tuple(self.names[column] for column in own),
        )

    def _chosen(self, served: Flags) -> list[list[int]]:
        """Choose what is listed, the communities with the greatest needs first."""
        problem = self.problem
        most = OVERBOOKED * problem.seats
        most_lists = max(ALWAYS_LISTED, int(LARGEST_SHARE * len(self.members)))
        self._trim(served, most_lists)
        lists = served.sum(axis=0)
        listed = (served * problem.asks).sum(axis=0).astype(np.float64)
        requested = np.where(served, 0, self.requested)
        listed += requested.sum(axis=0)
        result: list[list[int]] = [[] for _each in self.members]
        for row in np.argsort(-self.values.sum(axis=1), kind="stable").tolist():
            within_seats = served[row] | (listed - requested[row] + problem.asks[row] <= most)
            room = within_seats & (served[row] | (lists < most_lists))
            picked = self._picked(row, room, served[row], at_most=SHORTEST)
            # Few courses for many: better what many list, or what others will probably get, than an empty list.
            for wider in (within_seats, np.ones_like(room)):
                picked = picked or self._picked(row, wider, served[row], at_most=1)
            picked += self._for_weaker(row, room, picked)
            added = [column for column in picked if not served[row, column]]
            listed[added] += problem.asks[row, added] - requested[row, added]
            lists[added] += 1
            result[row] = picked
        return result

    def _trim(self, served: Flags, most_lists: int) -> None:
        """Take what is served beyond the largest number of lists from those who gain least by it."""
        for column in np.flatnonzero(served.sum(axis=0) > most_lists).tolist():
            rows = np.flatnonzero(served[:, column])
            least_first = rows[np.argsort(self.problem.gain[rows, column], kind="stable")]
            served[least_first[: len(rows) - most_lists], column] = False

    def _picked(self, row: int, room: Flags, first: Flags, *, at_most: int) -> list[int]:
        """Take the course that brings most with the earlier ones taken; what is served goes before what is not."""
        left = self.values[row].copy()
        picked: list[int] = []
        taken = np.zeros(len(self.dimensions), dtype=np.int64)
        while len(picked) < at_most:
            gain = np.where(self._free(row, room, picked, taken), (self.strengths @ left) * self.fits[row], 0.0)
            preferred = np.where(first, gain, 0.0)
            column = int((preferred if preferred.max(initial=0.0) > 0 else gain).argmax()) if len(gain) else -1
            if column < 0 or gain[column] <= 0:
                break
            picked.append(column)
            taken[self.leading[row, column]] += 1
            left *= 1 - self.weights.served_by_course * self.strengths[column]
        return picked

    def _free(self, row: int, room: Flags, picked: Sequence[int], taken: Integers) -> Flags:
        free: Flags = np.logical_and(room, self.problem.gain[row] > 0)
        free &= taken[self.leading[row]] < MOST_FOR_ONE_DIMENSION
        free[list(picked)] = False
        return free

    def _for_weaker(self, row: int, room: Flags, picked: Sequence[int]) -> list[int]:
        """Add the best course for each dimension that the results call weaker and that no course is there for."""
        covered = {self.dimensions[self.leading[row, column]] for column in picked}
        result: list[int] = []
        for dimension in sorted(self.members[row].weaker - covered):
            if dimension not in self.dimensions or len(picked) + len(result) >= LONGEST:
                continue
            place = self.dimensions.index(dimension)
            there_for = room & (self.problem.gain[row] > 0) & (self.leading[row] == place)
            there_for[[*picked, *result]] = False
            gain = np.where(there_for, self.problem.gain[row], 0.0)
            if gain.max(initial=0.0) > 0:
                result.append(int(gain.argmax()))
        return result

    def _ordered(self, row: int, chosen: Sequence[int]) -> tuple[list[int], list[float]]:
        """Put chosen courses in the order of what each brings with those before it taken."""
        left = self.values[row].copy()
        remaining = list(chosen)
        ordered: list[int] = []
        gains: list[float] = []
        while remaining:
            gain = (self.strengths[remaining] @ left) * self.fits[row, remaining]
            place = int(gain.argmax())
            column = remaining.pop(place)
            ordered.append(column)
            gains.append(float(gain[place]))
            left *= 1 - self.weights.served_by_course * self.strengths[column]
        return ordered, gains


def _value(need: Need | None) -> float:
    return 0.0 if need is None else need.value


def _may_be_listed(candidate: CandidateCourse, people: Set[str]) -> bool:
    course = candidate.course
    if not candidate.connected or not candidate.offerings:
        return False
    return not course.audience or not people.isdisjoint(course.audience)


def total_seat_demand_of_unit(unit: ReportingUnit, weights: Weights = WEIGHTS) -> int:
    """Return how many seats of all courses together a unit is expected to use."""
    return max(LEAST_SEATS, round(weights.uptake * unit.invited_count))


def course_seat_demand_of_unit(unit: ReportingUnit, course: Course, weights: Weights = WEIGHTS) -> int:
    """Return how many seats a community takes of one course: by the staff it is meant for, few of one for leaders."""
    audience = set(course.audience)
    if course.target is ChangeTarget.LEADER or audience == {"leaders"}:
        return min(LEADERS, total_seat_demand_of_unit(unit, weights))
    groups = audience.intersection(unit.invited)
    if not groups or audience & FOR_EVERYONE:
        return total_seat_demand_of_unit(unit, weights)
    people = sum(unit.invited[group] for group in groups)
    return min(total_seat_demand_of_unit(unit, weights), max(LEAST_SEATS, round(weights.uptake * people)))


def _course_list(lists: RegionLists, unit: str) -> CourseList:
    """Put a list together from what the programme chose."""
    ranking = lists.ranking(unit)
    plan = lists.plans[unit]
    member = lists.units[unit]
    known = {item.course.external_id: item for item in ranking.recommended}
    listed = _listed(lists, unit, known)
    return CourseList(
        ranking=ranking,
        advice=_advice(ranking.needs),
        listed=listed,
        own=tuple(known[name] for name in plan.own if name in known),
        unmet=_unmet(ranking, listed, member.weaker),
        weaker=member.weaker,
    )


def _listed(lists: RegionLists, unit: str, known: Mapping[str, Recommendation]) -> tuple[ListedCourse, ...]:
    plan = lists.plans[unit]
    needs = lists.needs.needs_of_unit(unit)
    result: list[ListedCourse] = []
    for name, gain, dimension in zip(plan.courses, plan.gains, plan.dimensions, strict=True):
        above = result[-1] if result else None
        result.append(
            ListedCourse(
                recommendation=known[name],
                place=len(result) + 1,
                role=_role(needs[dimension], known[name].course, result),
                dimension=dimension,
                gain=gain,
                outlook=lists.seat_outlook(unit, name),
                is_equal=above is not None and round(above.gain, DECIMALS) == round(gain, DECIMALS),
            )
        )
    return tuple(result)


def _role(need: Need, course: Course, above: Sequence[ListedCourse]) -> ListRole:
    own = need.difference_from_average_unit > 0 and not need.is_mostly_common
    if not above:
        if own:
            return ListRole.BEGIN_OWN
        return ListRole.BEGIN_COMMON if need.value >= 1 else ListRole.BEGIN_STRENGTHEN
    targets = {item.course.target for item in above if item.dimension == need.dimension}
    if targets:
        return ListRole.AGAIN if course.target in targets else ListRole.SECOND
    if own:
        return ListRole.OWN
    return ListRole.COMMON if need.value >= 1 else ListRole.STRENGTHEN


_BASES = {
    NeedBasis.PLACEMENT: ListAdvice.PLACEMENT_ONLY,
    NeedBasis.MUNICIPALITY: ListAdvice.MUNICIPALITY_ONLY,
    NeedBasis.REGION: ListAdvice.REGION_ONLY,
    NeedBasis.NOTHING: ListAdvice.NOTHING_KNOWN,
}


def dimensions_most_above_average(needs: Mapping[str, Need]) -> tuple[str, ...]:
    """Return the dimensions in which a community needs most beyond an average one, at most two."""
    own = sorted(
        (need for need in needs.values() if need.difference_from_average_unit > 0),
        key=lambda need: (-need.difference_from_average_unit, need.dimension),
    )
    return tuple(need.dimension for need in own[:FIRST_NEEDS])


def _advice(needs: Mapping[str, Need]) -> tuple[ListAdvice, ...]:
    advices = [_BASES[basis] for basis in _BASES if any(need.basis is basis for need in needs.values())]
    first = dimensions_most_above_average(needs)
    if not first and any(need.basis is NeedBasis.OWN for need in needs.values()):
        advices.append(ListAdvice.NOTHING_WEAKER)
    if DEMANDS in first:
        advices.append(ListAdvice.WORK_FIRST)
    if FACILITATED.intersection(first):
        advices.append(ListAdvice.OUTSIDE_FACILITATION)
    return tuple(advices)


def _unmet(ranking: Ranking, listed: Sequence[ListedCourse], weaker: Set[str]) -> tuple[UnmetNeed, ...]:
    """Return the greatest need and the weaker dimensions that no course on the list is there for."""
    known = [need for need in ranking.needs.values() if need.value > 0]
    if not known:
        return ()
    greatest = max(known, key=lambda need: need.value).dimension
    there = {item.dimension for item in listed} | {
        contribution.dimension
        for item in listed
        for contribution in item.recommendation.contributions
        if contribution.relevance_share >= CLOSELY
    }
    ordered = sorted(
        {greatest, *weaker}.intersection(ranking.needs), key=lambda dimension: -ranking.needs[dimension].value
    )
    return tuple(
        UnmetNeed(ranking.needs[dimension], _why_unmet(ranking, dimension), dimension == greatest)
        for dimension in ordered
        if dimension not in there
    )


def _why_unmet(ranking: Ranking, dimension: str) -> UnmetReason:
    if any(
        contribution.dimension == dimension and contribution.relevance_share >= CLOSELY
        for item in ranking.recommended
        for contribution in item.contributions
    ):
        return UnmetReason.SEATS_TAKEN
    reasons = {excluded.why for excluded in ranking.excluded if _is_about(excluded.course, dimension)}
    if ExclusionReason.NO_OFFERING in reasons:
        return UnmetReason.NO_OFFERING
    return UnmetReason.OTHER_AUDIENCE if ExclusionReason.OTHER_AUDIENCE in reasons else UnmetReason.NO_COURSE


def _is_about(course: Course, dimension: str) -> bool:
    return any(relevance.dimension == dimension and relevance.value >= 2 for relevance in course.dimensions)
