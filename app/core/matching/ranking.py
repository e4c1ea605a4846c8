"""Which courses a community is recommended, and why: a rule that explains itself.

priority = sum over dimensions of need x relevance x evidence x fit x influence (x target for
demands). Every factor stays in the result, so that each can be said in a sentence. A course is not
always the remedy: for demands the work is changed first and a course for single persons comes last
(in a survey of 46,336 employees those who took part in individual programmes were no better off, Fleming 2024,
10.1111/irj.12418); for weak leadership or practices help from outside is advised, since exactly
there teams act least.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from app.core.catalogue import Course, CourseStatus, DeliveryMode, Offering, Relevance, Target
from app.core.languages import Language
from app.core.matching.level_needs import DEMANDS, Need, NeedBasis, community_needs
from app.core.matching.recommendations import (
    Advice,
    Contribution,
    CourseFit,
    ExcludedCourse,
    ExclusionReason,
    Ranking,
    Recommendation,
    Tier,
    Timing,
)
from app.core.matching.weights import WEIGHTS, Influence, InfluenceLevel, Weights
from app.core.organisations import ReportingUnit
from app.core.publication import Publication
from app.core.text import sort_key

FOR_ALL = frozenset({"everyone", "leaders", "teams"})
FACILITATED = ("leadership", "practices")
HIGHEST_RELEVANCE = 3


@dataclass(frozen=True, slots=True)
class RankedCandidate:
    """A course with all that is the same for every community: what can be registered to, and how it fits."""

    course: Course
    offerings: tuple[Offering, ...]
    fit: CourseFit
    connected: tuple[tuple[Relevance, float], ...]


def rank_courses(
    publication: Publication,
    unit: ReportingUnit,
    courses: Iterable[Course],
    weights: Weights = WEIGHTS,
    *,
    today: date,
    language: Language | None = None,
    kinds: frozenset[str] = frozenset(),
) -> Ranking:
    """Rank the courses of a catalogue for one reporting unit.

    `kinds` are what sort of communities the unit is of; `language` the one that a course should be
    held in. Drafts and what was withdrawn are not even named.
    """
    candidates = prepare_candidates(courses, weights=weights, today=today, language=language)
    return rank_candidates(publication, unit, candidates, weights, today=today, kinds=kinds)


def prepare_candidates(
    courses: Iterable[Course], *, weights: Weights = WEIGHTS, today: date, language: Language | None = None
) -> tuple[RankedCandidate, ...]:
    """Work out once what is the same for every community."""
    result = []
    for course in courses:
        if course.status is CourseStatus.ACTIVE:
            offerings = upcoming(course, today)
            fit = _fit(course, offerings, weights=weights, today=today, language=language)
            connected = tuple(
                (dimension, share) for dimension in course.dimensions if (share := _relevance(dimension)) > 0
            )
            result.append(RankedCandidate(course, offerings, fit, connected))
    return tuple(result)


def rank_candidates(
    publication: Publication,
    unit: ReportingUnit,
    candidates: Iterable[RankedCandidate],
    weights: Weights = WEIGHTS,
    *,
    today: date,
    kinds: frozenset[str] = frozenset(),
) -> Ranking:
    """Rank prepared courses for one unit; for many units this is the fast way."""
    wanted = community_needs(publication, unit.id, weights=weights)
    people = kinds | {group for group, number in unit.invited.items() if number} | FOR_ALL
    recommended = []
    excluded = []
    for candidate in candidates:
        why = _exclusion_reason(candidate, wanted, people)
        if why is None:
            recommended.append(_recommend(candidate, wanted, weights))
        else:
            excluded.append(ExcludedCourse(candidate.course, why))
    return Ranking(
        unit=unit,
        needs=wanted,
        advice=_advice(wanted, weights),
        recommended=_places(recommended, weights),
        excluded=tuple(sorted(excluded, key=lambda one: (one.why, sort_key(one.course.title.fi)))),
        weights=weights,
        today=today,
    )


def upcoming(course: Course, today: date) -> tuple[Offering, ...]:
    """Return the offerings that one can still register to, in the order of time."""
    return tuple(offering for offering in course.offerings if is_open(offering, today))


def is_open(offering: Offering, today: date) -> bool:
    """Tell whether one can still register to an offering."""
    if offering.status is not CourseStatus.ACTIVE or offering.capacity == 0:
        return False
    if offering.registration_closes is not None and offering.registration_closes < today:
        return False
    if offering.first_day is None or offering.mode is DeliveryMode.SELF_PACED:
        return offering.last_moment is None or offering.last_moment.date() >= today
    return offering.first_day >= today


def _exclusion_reason(
    candidate: RankedCandidate, wanted: Mapping[str, Need], people: frozenset[str]
) -> ExclusionReason | None:
    if not candidate.connected:
        return ExclusionReason.NO_DIMENSION
    if candidate.course.audience and not people.intersection(candidate.course.audience):
        return ExclusionReason.OTHER_AUDIENCE
    if not any(
        relevance.dimension in wanted and wanted[relevance.dimension].value > 0
        for relevance, _share in candidate.connected
    ):
        return ExclusionReason.NO_NEED
    return None if candidate.offerings else ExclusionReason.NO_OFFERING


def _relevance(relevance: Relevance) -> float:
    """Return the relevance as a share; where two coordinators spoke, their mean."""
    views = [relevance.value] if relevance.second is None else [relevance.value, relevance.second]
    return sum(views) / len(views) / HIGHEST_RELEVANCE


def _recommend(candidate: RankedCandidate, wanted: Mapping[str, Need], weights: Weights) -> Recommendation:
    course = candidate.course
    found_contributions = [
        Contribution(
            need=wanted[relevance.dimension],
            relevance=relevance,
            relevance_share=share,
            evidence=weights.evidence[course.evidence_grade],
            influence=weights.influence.get(relevance.dimension, _OWN),
            target=weights.demands_target[course.target] if relevance.dimension == DEMANDS else 1.0,
            fit=candidate.fit.share,
        )
        for relevance, share in candidate.connected
        if relevance.dimension in wanted and wanted[relevance.dimension].value > 0
    ]
    contributions = tuple(
        sorted(found_contributions, key=lambda contribution: (-contribution.product, contribution.dimension))
    )
    leading = contributions[0].dimension
    return Recommendation(
        course=course,
        offerings=candidate.offerings,
        priority=sum(contribution.product for contribution in contributions),
        contributions=contributions,
        fit=candidate.fit,
        tier=_tier(course, leading, wanted),
        facilitated=leading in FACILITATED and course.target in {Target.TEAM, Target.LEADER},
    )


_OWN = Influence(1.0, InfluenceLevel.COMMUNITY)


def _tier(course: Course, leading: str, wanted: Mapping[str, Need]) -> Tier:
    if (
        course.target is Target.PERSON
        and wanted.get(DEMANDS)
        and wanted[DEMANDS].value > 0
        and _speaks_of_demands(course)
    ):
        return Tier.PERSON_LAST
    greatest = max(need.value for need in wanted.values())
    if leading == DEMANDS and course.target is Target.WORK and wanted[DEMANDS].value == greatest:
        return Tier.WORK_FIRST
    return Tier.PLAIN


def _speaks_of_demands(course: Course) -> bool:
    highest = max(_relevance(dimension) for dimension in course.dimensions)
    return any(dimension.dimension == DEMANDS and _relevance(dimension) == highest for dimension in course.dimensions)


def _fit(
    course: Course, offerings: Sequence[Offering], *, weights: Weights, today: date, language: Language | None
) -> CourseFit:
    timings = [_timing(offering, today, weights) for offering in offerings] or [Timing.ANY_TIME]
    timing = min(timings, key=lambda each_timing: -_time_share(each_timing, weights))
    spoken = language is None or not course.languages or language in course.languages
    alone = course.target is Target.TEAM and all(offering.mode is DeliveryMode.SELF_PACED for offering in offerings)
    return CourseFit(
        timing=timing,
        time=_time_share(timing, weights),
        language=1.0 if spoken else weights.other_language,
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


_TIERS = {Tier.WORK_FIRST: 0, Tier.PLAIN: 1, Tier.PERSON_LAST: 2}


def _places(recommended: Iterable[Recommendation], weights: Weights) -> tuple[Recommendation, ...]:
    """Put courses in order; those that print the same priority share a place."""

    def standing(recommendation: Recommendation) -> tuple[int, float]:
        return (_TIERS[recommendation.tier], -round(recommendation.priority, weights.decimals))

    placed: list[Recommendation] = []
    ordered = sorted(
        recommended,
        key=lambda each_recommendation: (
            standing(each_recommendation),
            each_recommendation.course.title.fi,
            each_recommendation.course.external_id,
        ),
    )
    for _, equals in groupby(ordered, key=standing):
        group = list(equals)
        place = len(placed) + 1
        placed += [replace(recommendation, place=place, tied=len(group) > 1) for recommendation in group]
    return tuple(placed)


_BASES = {
    NeedBasis.PLACEMENT: Advice.PLACEMENT_ONLY,
    NeedBasis.MUNICIPALITY: Advice.MUNICIPALITY_ONLY,
    NeedBasis.REGION: Advice.REGION_ONLY,
    NeedBasis.NOTHING: Advice.NOTHING_KNOWN,
}


def _advice(wanted: Mapping[str, Need], weights: Weights) -> tuple[Advice, ...]:
    advices = [_BASES[basis] for basis in _BASES if any(need.basis is basis for need in wanted.values())]
    if not any(need.value > 0 for need in wanted.values()):
        return (*advices, Advice.NONE_NEEDED)
    if DEMANDS in wanted and wanted[DEMANDS].value > 0:
        advices.append(Advice.WORK_FIRST)
    if any(wanted[item].value >= weights.facilitation_from for item in FACILITATED if item in wanted):
        advices.append(Advice.OUTSIDE_FACILITATION)
    return tuple(advices)
