"""Recommended courses of a community: needs, advice, all factors, and the reasons for exclusions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.core.catalogue import Course, Offering, Relevance
from app.core.matching.needs import Need
from app.core.matching.weights import ResponsibleParty, Weights
from app.core.organisations import ReportingUnit


class ListAdvice(StrEnum):
    """General advice shown above a course list."""

    NOTHING_WEAKER = "nothing_weaker"
    WORK_FIRST = "work_first"
    OUTSIDE_FACILITATION = "outside_facilitation"
    PLACEMENT_ONLY = "placement_only"
    MUNICIPALITY_ONLY = "municipality_only"
    REGION_ONLY = "region_only"
    NOTHING_KNOWN = "nothing_known"


class ExclusionReason(StrEnum):
    """Why a course is not recommended at all."""

    NO_NEED = "no_need"
    NO_DIMENSION = "no_dimension"
    OTHER_AUDIENCE = "other_audience"
    NO_OFFERING = "no_offering"


class ListRole(StrEnum):
    """Why a course is on a list; its sentence begins with this.

    `begin` stands first. `own` answers a need that is greater here than in the region, `common` one that communities
    of the region share, `second` the need of a course above it in another way, `again` in the same way. `strengthen`
    answers what is no need.
    """

    BEGIN_OWN = "begin_own"
    BEGIN_COMMON = "begin_common"
    BEGIN_STRENGTHEN = "begin_strengthen"
    OWN = "own"
    COMMON = "common"
    SECOND = "second"
    AGAIN = "again"
    STRENGTHEN = "strengthen"


class UnmetReason(StrEnum):
    """Why a need has no course on the list."""

    NO_COURSE = "no_course"
    NO_OFFERING = "no_offering"
    OTHER_AUDIENCE = "other_audience"
    SEATS_TAKEN = "seats_taken"


class Timing(StrEnum):
    """How well the date of the next offering suits."""

    GOOD = "good"
    SHORT_NOTICE = "short_notice"
    FAR_AWAY = "far_away"
    ANY_TIME = "any_time"


@dataclass(frozen=True, slots=True)
class CourseFit:
    """How a course suits a community, each factor 0-1; `total_factor` is their product."""

    timing: Timing
    time: float
    language: float
    mode: float

    @property
    def total_factor(self) -> float:
        """The product of all factors."""
        return self.time * self.language * self.mode


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one dimension adds to a priority; `expected_gain` is the product of its factors."""

    need: Need
    relevance: Relevance
    relevance_share: float
    evidence: float
    power: ResponsibleParty
    target: float
    fit: float

    @property
    def dimension(self) -> str:
        """The dimension that this is about."""
        return self.need.dimension

    @property
    def expected_gain(self) -> float:
        """Need x relevance x evidence x fit x target."""
        return self.need.value * self.relevance_share * self.evidence * self.fit * self.target


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One course for one community: its priority (the expected gain of a seat) with every factor."""

    course: Course
    offerings: tuple[Offering, ...]
    priority: float
    contributions: tuple[Contribution, ...]
    fit: CourseFit

    @property
    def heaviest_contribution(self) -> Contribution:
        """The dimension that weighs most."""
        return self.contributions[0]

    @property
    def offered_seats(self) -> int:
        """The seats of all offerings that are open for registration."""
        return sum(offering.capacity for offering in self.offerings)


@dataclass(frozen=True, slots=True)
class SeatOutlook:
    """The seats of a course as one community sees them.

    `seats` are on offer, `free` those that were granted to nobody. `granted` are the community's own by the published
    allocation, and `expected` those that it can expect, its own included.
    """

    seats: int
    free: int
    granted: int
    expected: int


@dataclass(frozen=True, slots=True)
class ListedCourse:
    """One course on a list: its place, what it is there for, and what it brings with the courses above it taken.

    `dimension` is what it is there for. `is_equal` says that it brings as much as the course above.
    """

    recommendation: Recommendation
    place: int
    role: ListRole
    dimension: str
    gain: float
    outlook: SeatOutlook
    is_equal: bool = False

    @property
    def course(self) -> Course:
        """The course itself."""
        return self.recommendation.course

    @property
    def need(self) -> Need | None:
        """The need that it is there for; None where the course adds nothing to it."""
        found = (each.need for each in self.recommendation.contributions if each.dimension == self.dimension)
        return next(found, None)

    @property
    def expected_seats(self) -> int:
        """The seats that the community can expect."""
        return self.outlook.expected


@dataclass(frozen=True, slots=True)
class UnmetNeed:
    """A need without a course on the list, and why; `is_greatest` where no need is greater."""

    need: Need
    why: UnmetReason
    is_greatest: bool


@dataclass(frozen=True, slots=True)
class ExcludedCourse:
    """A course that is not recommended, and why."""

    course: Course
    why: ExclusionReason


@dataclass(frozen=True, slots=True)
class Ranking:
    """Every course for one community by its expected gain, and the others with a reason."""

    unit: ReportingUnit
    needs: Mapping[str, Need]
    recommended: tuple[Recommendation, ...]
    excluded: tuple[ExcludedCourse, ...]
    weights: Weights
    today: date

    @property
    def weights_version(self) -> str:
        """The version of the weights that made this list."""
        return self.weights.version


@dataclass(frozen=True, slots=True)
class CourseList:
    """The list of one community: three to five courses that the region can serve, and what is behind it.

    `own` are the best courses without a look at the seats, in their order; `weaker` the dimensions that the results
    page calls weaker than the region's.
    """

    ranking: Ranking
    advice: tuple[ListAdvice, ...]
    listed: tuple[ListedCourse, ...]
    own: tuple[Recommendation, ...]
    unmet: tuple[UnmetNeed, ...]
    weaker: frozenset[str]

    @property
    def unit(self) -> ReportingUnit:
        """The community."""
        return self.ranking.unit

    @property
    def needs(self) -> Mapping[str, Need]:
        """The needs by dimension."""
        return self.ranking.needs

    @property
    def differs_from_own_ranking(self) -> bool:
        """Whether the list has other courses than the unit's own ranking by gain, or another order."""
        listed = [item.course.external_id for item in self.listed]
        return [item.course.external_id for item in self.own] != listed[: len(self.own)]

    @property
    def other_courses(self) -> tuple[Recommendation, ...]:
        """Every other course that answers a need, by its expected gain."""
        here = {listed.course.external_id for listed in self.listed}
        return tuple(item for item in self.ranking.recommended if item.course.external_id not in here)
