"""A list of recommended courses as a value: needs, advice, every factor, and what is not on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.core.catalogue import Course, Offering, Relevance
from app.core.matching.level_needs import Need
from app.core.matching.weights import Influence, Weights
from app.core.organisations import ReportingUnit


class Advice(StrEnum):
    """What stands above a list, before any course."""

    NONE_NEEDED = "none_needed"
    WORK_FIRST = "work_first"
    OUTSIDE_FACILITATION = "outside_facilitation"
    PLACEMENT_ONLY = "placement_only"
    MUNICIPALITY_ONLY = "municipality_only"
    REGION_ONLY = "region_only"
    NOTHING_KNOWN = "nothing_known"


class ExclusionReason(StrEnum):
    """Why a course is not on the list."""

    NO_NEED = "no_need"
    NO_DIMENSION = "no_dimension"
    OTHER_AUDIENCE = "other_audience"
    NO_OFFERING = "no_offering"


class Tier(StrEnum):
    """Where a course stands whatever its priority."""

    WORK_FIRST = "work_first"
    PLAIN = "plain"
    PERSON_LAST = "person_last"


class Timing(StrEnum):
    """How the next time suits."""

    GOOD = "good"
    SHORT_NOTICE = "short_notice"
    FAR_AWAY = "far_away"
    ANY_TIME = "any_time"


@dataclass(frozen=True, slots=True)
class CourseFit:
    """How a course suits this community, each part 0-1; `share` is their product."""

    timing: Timing
    time: float
    language: float
    mode: float

    @property
    def share(self) -> float:
        """All parts together."""
        return self.time * self.language * self.mode


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one dimension adds to a priority; `product` is all of its factors multiplied."""

    need: Need
    relevance: Relevance
    relevance_share: float
    evidence: float
    influence: Influence
    target: float
    fit: float

    @property
    def dimension(self) -> str:
        """The dimension that this is about."""
        return self.need.dimension

    @property
    def product(self) -> float:
        """Need x relevance x evidence x fit x influence x target."""
        return self.need.value * self.relevance_share * self.evidence * self.fit * self.influence.share * self.target

    @property
    def coordinators_disagree(self) -> bool:
        """Whether a second coordinator sees the relevance otherwise."""
        return self.relevance.second is not None and self.relevance.second != self.relevance.value


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One course of a list: its place (shared by ties), priority and every factor."""

    course: Course
    offerings: tuple[Offering, ...]
    priority: float
    contributions: tuple[Contribution, ...]
    fit: CourseFit
    tier: Tier
    facilitated: bool
    place: int = 0
    tied: bool = False

    @property
    def leading(self) -> Contribution:
        """The dimension that weighs most."""
        return self.contributions[0]


@dataclass(frozen=True, slots=True)
class ExcludedCourse:
    """A course that is not on the list, and why."""

    course: Course
    why: ExclusionReason


@dataclass(frozen=True, slots=True)
class Ranking:
    """The list of one community: what it needs, what is advised first, the courses, and the others."""

    unit: ReportingUnit
    needs: Mapping[str, Need]
    advice: tuple[Advice, ...]
    recommended: tuple[Recommendation, ...]
    excluded: tuple[ExcludedCourse, ...]
    weights: Weights
    today: date

    @property
    def version(self) -> str:
        """The version of the weights that made this list."""
        return self.weights.version
