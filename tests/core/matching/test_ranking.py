from dataclasses import replace
from datetime import date

import pytest

from app.core.catalogue import ChangeTarget, CourseStatus, DeliveryMode, EvidenceGrade, Relevance
from app.core.languages import Language
from app.core.matching.ranking import prepare_candidates, rank_courses_for_unit
from app.core.matching.recommendations import ExclusionReason, Timing
from app.core.matching.weights import WEIGHTS
from tests.core.matching.publication_needs import publication_needs
from tests.core.matching.synthetic_region import TODAY, course, offering, own, unit

WEAK = own(practices=40.0)


def ranked(*courses, in_=WEAK, weights=WEIGHTS, **more):
    needs = publication_needs(in_, weights=weights).needs_of_unit("a")
    candidates = prepare_candidates(courses, weights=weights, today=TODAY)
    return rank_courses_for_unit(needs, unit(), candidates, weights, today=TODAY, **more)


def names(ranking):
    return [one.course.external_id for one in ranking.recommended]


def test_the_priority_is_the_sum_of_the_products_of_all_factors():
    (one,) = ranked(course(dimensions={"practices": 2, "control": 3})).recommended
    needs = publication_needs(WEAK).needs_of_unit("a")
    products = {each.dimension: each.expected_gain for each in one.contributions}
    assert products["control"] == pytest.approx(needs["control"].value * 1 * 0.8)
    assert products["practices"] == pytest.approx(needs["practices"].value * (2 / 3) * 0.8)
    assert one.priority == pytest.approx(sum(products.values()))
    assert one.heaviest_contribution.dimension == max(products, key=products.get)


def test_better_evidence_and_closer_relevance_come_first():
    courses = [
        course("weak", evidence_grade=EvidenceGrade.D),
        course("far", dimensions={"practices": 1}),
        course("good", evidence_grade=EvidenceGrade.A),
    ]
    assert names(ranked(*courses)) == ["good", "weak", "far"]


@pytest.mark.parametrize(
    ("target", "weight"), [(ChangeTarget.WORK, 1.0), (ChangeTarget.TEAM, 0.8), (ChangeTarget.PERSON, 0.25)]
)
def test_for_demands_the_work_is_changed_before_the_person(target, weight):
    (one,) = ranked(course(dimensions={"demands": 3}, target=target)).recommended
    assert one.heaviest_contribution.target == weight
    assert ranked(course(target=target)).recommended[0].heaviest_contribution.target == 1.0


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"dimensions": ()}, ExclusionReason.NO_DIMENSION),
        ({"dimensions": (Relevance("practices", 0),)}, ExclusionReason.NO_DIMENSION),
        ({"dimensions": (Relevance("followup", 3),)}, ExclusionReason.NO_NEED),
        ({"audience": ("early_childhood",)}, ExclusionReason.OTHER_AUDIENCE),
        ({"offerings": ()}, ExclusionReason.NO_OFFERING),
        ({"offerings": (offering(days=-1),)}, ExclusionReason.NO_OFFERING),
        ({"offerings": (offering(status=CourseStatus.CANCELLED),)}, ExclusionReason.NO_OFFERING),
        ({"offerings": (offering(capacity=0),)}, ExclusionReason.NO_OFFERING),
        ({"offerings": (offering(registration_closes=date(2026, 11, 23)),)}, ExclusionReason.NO_OFFERING),
    ],
)
def test_what_is_not_recommended_has_a_reason(changes, why):
    ranking = ranked(replace(course(), **changes))
    assert ranking.recommended == ()
    assert [one.why for one in ranking.excluded] == [why]


def test_drafts_are_not_even_named():
    ranking = ranked(course(status=CourseStatus.DRAFT))
    assert (ranking.recommended, ranking.excluded) == ((), ())


def test_a_course_for_the_kind_of_community_is_recommended():
    early = course(audience=("early_childhood",))
    assert names(ranked(early, kinds=frozenset({"early_childhood"}))) == ["k"]


def test_two_coordinators_who_disagree_are_both_heard():
    (one,) = ranked(replace(course(), dimensions=(Relevance("practices", 3, 1),))).recommended
    assert one.heaviest_contribution.relevance_share == pytest.approx(2 / 3)


@pytest.mark.parametrize(("days", "timing"), [(5, Timing.SHORT_NOTICE), (60, Timing.GOOD), (300, Timing.FAR_AWAY)])
def test_the_time_until_the_next_offering_counts(days, timing):
    assert ranked(course(offerings=(offering(days=days),))).recommended[0].fit.timing is timing


def test_the_best_of_several_times_is_what_counts():
    both = (offering("x", days=5), offering("y", days=60))
    assert ranked(course(offerings=both)).recommended[0].fit.timing is Timing.GOOD


def test_a_course_in_no_language_of_the_community_weighs_less():
    plain = ranked(course(), languages=frozenset({Language.FI, Language.SV})).recommended[0]
    other = ranked(course(), languages=frozenset({Language.SV})).recommended[0]
    assert plain.priority == ranked(course()).recommended[0].priority
    assert other.priority == pytest.approx(plain.priority * WEIGHTS.other_language)


def test_what_is_studied_alone_weighs_less_for_a_team():
    alone = ranked(course(offerings=(offering(mode=DeliveryMode.SELF_PACED),))).recommended[0]
    assert alone.fit.mode == WEIGHTS.alone_for_team


def test_the_ranking_records_its_weights():
    assert ranked(course()).weights_version == WEIGHTS.version
    assert ranked(course(), weights=replace(WEIGHTS, version="try")).weights_version == "try"
