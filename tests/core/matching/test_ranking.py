from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.catalogue import CourseStatus, DeliveryMode, EvidenceGrade, Relevance, Target
from app.core.languages import Language
from app.core.matching.ranking import rank_courses
from app.core.matching.recommendations import Advice, ExclusionReason, Tier, Timing
from app.core.matching.weights import WEIGHTS
from app.core.publication import Placement
from tests.core.matching.worlds import TODAY, course, offering, own, own_placements, publication, unit

WEAK = own(practices=40.0)


def ranked(*courses, in_=WEAK, **more):
    return rank_courses(in_, unit(), courses, today=TODAY, **more)


def names(ranking):
    return [one.course.external_id for one in ranking.recommended]


def test_the_priority_is_the_sum_of_the_products_of_all_factors():
    (one,) = ranked(
        course(dimensions={"practices": 2, "control": 3}), in_=own(practices=45.0, control=45.0)
    ).recommended
    assert [each.dimension for each in one.contributions] == ["control", "practices"]
    control, practices = one.contributions
    assert control.product == pytest.approx(0.85 * 1 * 0.8 * 1 * 0.9)
    assert practices.product == pytest.approx(0.95 * (2 / 3) * 0.8 * 1 * 1.0)
    assert one.priority == pytest.approx(control.product + practices.product)


def test_better_evidence_and_closer_relevance_come_first():
    courses = [
        course("weak", evidence_grade=EvidenceGrade.D),
        course("far", dimensions={"practices": 1}),
        course("good", evidence_grade=EvidenceGrade.A),
    ]
    assert names(ranked(*courses)) == ["good", "weak", "far"]


def test_ties_stay_ties():
    places = [(one.course.external_id, one.place, one.tied) for one in ranked(course("b"), course("a")).recommended]
    assert places == [("a", 1, True), ("b", 1, True)]
    third = ranked(course("b"), course("a"), course("c", evidence_grade=EvidenceGrade.D)).recommended[2]
    assert (third.place, third.tied) == (3, False)


def test_no_need_is_an_answer_without_courses():
    ranking = ranked(course(), in_=own())
    assert ranking.recommended == ()
    assert ranking.advice == (Advice.NONE_NEEDED,)
    assert ranking.excluded[0].why is ExclusionReason.NO_NEED


def test_work_comes_first_and_a_course_for_single_persons_last_when_demands_are_heavy():
    courses = [
        course("person", {"demands": 3}, target=Target.PERSON, evidence_grade=EvidenceGrade.A),
        course("other", {"practices": 3}, evidence_grade=EvidenceGrade.A),
        course("work", {"demands": 1}, target=Target.WORK, evidence_grade=EvidenceGrade.D),
    ]
    ranking = ranked(*courses, in_=own(demands=75.0, practices=45.0))
    assert names(ranking) == ["work", "other", "person"]
    assert [one.tier for one in ranking.recommended] == [Tier.WORK_FIRST, Tier.PLAIN, Tier.PERSON_LAST]
    assert Advice.WORK_FIRST in ranking.advice


def test_without_heavy_demands_a_course_for_single_persons_is_like_others():
    courses = [course("person", {"resources": 3, "demands": 3}, target=Target.PERSON)]
    assert ranked(*courses, in_=own(resources=40.0)).recommended[0].tier is Tier.PLAIN


@pytest.mark.parametrize("dimension", ["practices", "leadership"])
def test_weak_leadership_or_practices_call_for_somebody_from_outside(dimension):
    ranking = ranked(course(dimensions={dimension: 3}), in_=own(**{dimension: 40.0}))
    assert Advice.OUTSIDE_FACILITATION in ranking.advice
    assert ranking.recommended[0].facilitated


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"dimensions": (Relevance("control", 3),)}, ExclusionReason.NO_NEED),
        ({"dimensions": ()}, ExclusionReason.NO_DIMENSION),
        ({"dimensions": (Relevance("practices", 0),)}, ExclusionReason.NO_DIMENSION),
        ({"audience": ("early_childhood",)}, ExclusionReason.OTHER_AUDIENCE),
        ({"offerings": ()}, ExclusionReason.NO_OFFERING),
        ({"offerings": (offering(days=-3),)}, ExclusionReason.NO_OFFERING),
        ({"offerings": (offering(status=CourseStatus.CANCELLED),)}, ExclusionReason.NO_OFFERING),
        ({"offerings": (offering(capacity=0),)}, ExclusionReason.NO_OFFERING),
        ({"offerings": (offering(registration_closes=date(2026, 11, 23)),)}, ExclusionReason.NO_OFFERING),
    ],
)
def test_what_is_not_on_the_list_has_a_reason(changes, why):
    ranking = ranked(replace(course(), **changes))
    assert ranking.recommended == ()
    assert [one.why for one in ranking.excluded] == [why]


def test_drafts_are_not_even_named():
    ranking = ranked(course(status=CourseStatus.DRAFT))
    assert (ranking.recommended, ranking.excluded) == ((), ())


def test_a_course_for_the_kind_of_community_is_on_the_list():
    early = course(audience=("early_childhood",))
    assert names(ranked(early, kinds=frozenset({"early_childhood"}))) == ["k"]


def test_two_coordinators_who_disagree_are_both_heard():
    (one,) = ranked(replace(course(), dimensions=(Relevance("practices", 3, 1),))).recommended
    assert one.leading.coordinators_disagree
    assert one.leading.relevance_share == pytest.approx(2 / 3)


@pytest.mark.parametrize(("days", "timing"), [(5, Timing.SHORT_NOTICE), (60, Timing.GOOD), (300, Timing.FAR_AWAY)])
def test_the_time_until_the_next_offering_counts(days, timing):
    assert ranked(course(offerings=(offering(days=days),))).recommended[0].fit.timing is timing


def test_the_best_of_several_times_is_what_counts():
    both = (offering("x", days=5), offering("y", days=60))
    assert ranked(course(offerings=both)).recommended[0].fit.timing is Timing.GOOD


def test_another_language_and_studying_alone_weigh_less():
    plain = ranked(course(), language=Language.FI).recommended[0]
    other = ranked(course(), language=Language.SV).recommended[0]
    alone = ranked(course(offerings=(offering(mode=DeliveryMode.SELF_PACED),))).recommended[0]
    assert other.priority == pytest.approx(plain.priority * WEIGHTS.other_language)
    assert alone.fit.mode == WEIGHTS.alone_for_team


def test_what_the_list_rests_on_is_said():
    assert Advice.PLACEMENT_ONLY in ranked(course(), in_=own_placements(practices=Placement.BELOW)).advice
    assert Advice.REGION_ONLY in ranked(course(), in_=publication([])).advice


def test_the_list_records_its_weights():
    assert ranked(course()).version == WEIGHTS.version
    assert ranked(course(), weights=replace(WEIGHTS, version="try")).version == "try"


@given(st.lists(st.tuples(st.sampled_from(EvidenceGrade), st.integers(0, 3), st.sampled_from(Target)), max_size=8))
def test_every_active_course_is_either_on_the_list_or_has_a_reason(kinds):
    courses = [
        course(f"c{number}", {"practices": value, "demands": 3 - value}, target=target, evidence_grade=grade)
        for number, (grade, value, target) in enumerate(kinds)
    ]
    ranking = ranked(*courses)
    told = [one.course.external_id for one in (*ranking.recommended, *ranking.excluded)]
    assert sorted(told) == sorted(one.external_id for one in courses)
    priorities = [(one.tier is Tier.PERSON_LAST, -round(one.priority, 2)) for one in ranking.recommended]
    assert priorities == sorted(priorities)
