"""Rank the courses of the catalogue by expected gain for a community, factor by factor.

priority = sum over dimensions of need x relevance x evidence x fit (x target for demands). Every factor stays in the
result, so that each can be said in a sentence. A course is not always the remedy: where the demands of work are heavy
the work is changed first, and a course for individuals weighs little (in a survey of 46,336 employees those who
took part in individual programmes were no better off, Fleming 2024, 10.1111/irj.12418).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.core.catalogue import ChangeTarget, Course, CourseStatus, DeliveryMode, Offering, Relevance
from app.core.languages import Language
from app.core.matching.expected_gain import relevance_fraction
from app.core.matching.needs import DEMANDS, Need
from app.core.matching.recommendations import (
    Contribution,
    CourseFit,
    ExcludedCourse,
    ExclusionReason,
    Ranking,
    Recommendation,
    Timing,
)
from app.core.matching.weights import RESPONSIBLE_PARTIES, WEIGHTS, ResponsibleParty, Weights
from app.core.organisations import ReportingUnit
from app.core.text import sort_key

FOR_ALL = frozenset({"everyone", "leaders", "teams"})


@dataclass(frozen=True, slots=True)
class CandidateCourse:
    """A course prepared for ranking: its offerings open for registration and its fit, equal for all communities."""

    course: Course
    offerings: tuple[Offering, ...]
    fit: CourseFit
    connected: tuple[tuple[Relevance, float], ...]


def prepare_candidates(
    courses: Iterable[Course], *, weights: Weights = WEIGHTS, today: date
) -> tuple[CandidateCourse, ...]:
    """Return the active courses as candidates, with everything that does not depend on the community."""
    result = []
    for course in courses:
        if course.status is CourseStatus.ACTIVE:
            offerings = offerings_open_for_registration(course, today)
            fit = _fit(course, offerings, weights=weights, today=today)
            connected = tuple(
                (dimension, share) for dimension in course.dimensions if (share := relevance_fraction(dimension)) > 0
            )
            result.append(CandidateCourse(course, offerings, fit, connected))
    return tuple(result)


def rank_courses_for_unit(
    needs: Mapping[str, Need],
    unit: ReportingUnit,
    candidates: Iterable[CandidateCourse],
    weights: Weights = WEIGHTS,
    *,
    today: date,
    kinds: frozenset[str] = frozenset(),
    languages: frozenset[Language] = frozenset(),
) -> Ranking:
    """Rank prepared courses for one unit by the expected gain of a seat.

    `kinds` are what sort of communities the unit is of; `languages` those that it is led in (none: not known).
    Drafts and what was withdrawn are not even named.
    """
    people = audiences_of_unit(unit, kinds)
    recommended = []
    excluded = []
    for candidate in candidates:
        why = exclusion_reason(candidate, needs, people)
        if why is None:
            recommended.append(_recommend(candidate, needs, weights, languages))
        else:
            excluded.append(ExcludedCourse(candidate.course, why))
    return Ranking(
        unit=unit,
        needs=needs,
        recommended=tuple(sorted(recommended, key=_order)),
        excluded=tuple(sorted(excluded, key=lambda item: (item.why, sort_key(item.course.title.fi)))),
        weights=weights,
        today=today,
    )


def _order(recommendation: Recommendation) -> tuple[float, tuple[str, str, str], str]:
    course = recommendation.course
    return -recommendation.priority, sort_key(course.title.fi), course.external_id


def audiences_of_unit(unit: ReportingUnit, kinds: frozenset[str]) -> frozenset[str]:
    """Return the audiences of courses that a unit belongs to."""
    return kinds | {group for group, number in unit.invited.items() if number} | FOR_ALL


def offerings_open_for_registration(course: Course, today: date) -> tuple[Offering, ...]:
    """Return the offerings still open for registration, by date."""
    return tuple(offering for offering in course.offerings if is_registration_open(offering, today))


def is_registration_open(offering: Offering, today: date) -> bool:
    """Tell whether one can still register for an offering."""
    if offering.status is not CourseStatus.ACTIVE or offering.capacity == 0:
        return False
    if offering.registration_closes is not None and offering.registration_closes < today:
        return False
    if offering.first_day is None or offering.mode is DeliveryMode.SELF_PACED:
        return offering.last_moment is None or offering.last_moment.date() >= today
    return offering.first_day >= today


def exclusion_reason(
    candidate: CandidateCourse, needs: Mapping[str, Need], people: frozenset[str]
) -> ExclusionReason | None:
    """Return why a course is not recommended to a unit, or None where it is."""
    if not candidate.connected:
        return ExclusionReason.NO_DIMENSION
    if candidate.course.audience and not people.intersection(candidate.course.audience):
        return ExclusionReason.OTHER_AUDIENCE
    if not any(
        relevance.dimension in needs and needs[relevance.dimension].value > 0
        for relevance, _share in candidate.connected
    ):
        return ExclusionReason.NO_NEED
    return None if candidate.offerings else ExclusionReason.NO_OFFERING


def language_fit(course: Course, languages: frozenset[Language], weights: Weights = WEIGHTS) -> float:
    """Return how well a course fits a community's languages (0-1): 1 where it is held in one, or none is known."""
    if not languages or not course.languages or languages.intersection(course.languages):
        return 1.0
    return weights.other_language


def _recommend(
    candidate: CandidateCourse, needs: Mapping[str, Need], weights: Weights, languages: frozenset[Language]
) -> Recommendation:
    course = candidate.course
    fit = replace(candidate.fit, language=language_fit(course, languages, weights))
    contributions = [
        Contribution(
            need=needs[relevance.dimension],
            relevance=relevance,
            relevance_share=share,
            evidence=weights.evidence[course.evidence_grade],
            power=RESPONSIBLE_PARTIES.get(relevance.dimension, ResponsibleParty.COMMUNITY),
            target=weights.demands_target[course.target] if relevance.dimension == DEMANDS else 1.0,
            fit=fit.total_factor,
        )
        for relevance, share in candidate.connected
        if relevance.dimension in needs and needs[relevance.dimension].value > 0
    ]
    return Recommendation(
        course=course,
        offerings=candidate.offerings,
        priority=sum(contribution.expected_gain for contribution in contributions),
        contributions=tuple(sorted(contributions, key=lambda item: (-item.expected_gain, item.dimension))),
        fit=fit,
    )


def _fit(course: Course, offerings: Sequence[Offering], *, weights: Weights, today: date) -> CourseFit:
    timings = [_timing(offering, today, weights) for offering in offerings] or [Timing.ANY_TIME]
    timing = min(timings, key=lambda each_timing: -_time_share(each_timing, weights))
    alone = course.target is ChangeTarget.TEAM and all(
        offering.mode is DeliveryMode.SELF_PACED for offering in offerings
    )
    return CourseFit(
        timing=timing,
        time=_time_share(timing, weights),
        language=1.0,
        mode=weights.alone_for_team if alone else 1.0,
    )


def _timing(offering: Offering, today: date, weights: Weights) -> Timing:
    if offering.first_day is None or offering.mode is DeliveryMode.SELF_PACED:
        return Timing.ANY_TIME
    days = (offering.first_day - today).days
    if days < weights.notice_days:
        return Timing.SHORT_NOTICE
    return Timing.FAR_AWAY if days > weights.far_days else Timing.GOOD


def _time_share(timing: Timing, weights: Weights) -> float:
    return {Timing.SHORT_NOTICE: weights.short_notice, Timing.FAR_AWAY: weights.far_away}.get(timing, 1.0)
