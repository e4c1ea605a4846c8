"""One person's scores in words."""

import json
from datetime import UTC, date, datetime

import pytest

from app.config import ROOT
from app.core.catalogue import (
    Area,
    ChangeTarget,
    Course,
    CourseSession,
    CourseStatus,
    DeliveryMode,
    EvidenceGrade,
    Offering,
    Relevance,
)
from app.core.feedback import (
    InvalidSavedProfile,
    InvalidSuggestions,
    ScoreLevel,
    build_profile,
    first_startable_course_positions,
    parse_suggestions,
    read_saved_profile,
    suitable_courses_for_dimension,
    write_saved_profile,
)
from app.core.instruments import scale_scorers
from app.core.languages import Language, PartlyTranslatedText, TranslatedText
from app.core.publication import Placement
from app.store.instruments import read_questionnaire_file
from app.store.suggestions import load_feedback_suggestions

WELLBEING = read_questionnaire_file(ROOT / "surveys" / "wellbeing.toml")
GAUGES = scale_scorers(WELLBEING)
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CONTROL = ("control_order", "control_methods", "control_heard", "control_breaks", "control_changes")


def line(found, scale_id):
    return next(one for one in found.lines if one.scale.id == scale_id)


def of_control(*positions, **keywords):
    answered = dict(zip(CONTROL, positions, strict=False))
    return line(build_profile(GAUGES, answered, **({"region": {}} | keywords)), "control")


def test_a_score_is_the_mean_of_the_items_with_the_turned_ones_turned():
    assert of_control(4, 4, 4, 4, 0).score == 100.0
    assert of_control(3, 3, 3, 3, 1).score == 75.0


def test_too_few_answers_give_no_score_and_no_words():
    found = of_control(4, 4, region={"control": 50.0})
    assert (found.score, found.level, found.compared_with_region) == (None, None, None)


@pytest.mark.parametrize(
    ("region", "words"),
    [(62.5, Placement.ABOVE), (62.6, Placement.SAME), (87.4, Placement.SAME), (87.5, Placement.BELOW)],
)
def test_a_difference_counts_from_half_an_answer_step_on(region, words):
    assert of_control(3, 3, 3, 3, 1, region={"control": region}).compared_with_region is words


def test_a_heavy_load_deserves_attention_and_a_light_one_is_a_strength():
    heavy = {item: 4 for item in WELLBEING.scale("demands").items} | {"demands_calm": 0}
    light = {item: 0 for item in WELLBEING.scale("demands").items} | {"demands_calm": 4}
    assert line(build_profile(GAUGES, heavy, region={}), "demands").level is ScoreLevel.ATTENTION
    assert line(build_profile(GAUGES, light, region={}), "demands").level is ScoreLevel.STRENGTH


def test_at_most_three_scales_deserve_attention_the_weakest_first():
    poor = {item.id: 0 for item in WELLBEING.items} | {"wellbeing_worn": 4, "demands_time": 4}
    found = build_profile(GAUGES, poor, region={}).scales_needing_attention
    assert len(found) == 3
    assert found[0].scale.id == "wellbeing" and found[0].score == 0.0


def test_a_kept_profile_comes_back_as_it_was():
    found = build_profile(GAUGES, dict.fromkeys(CONTROL, 3), region={})
    kept = read_saved_profile(write_saved_profile(found, digest="d" * 64, day=date(2026, 11, 24)))
    assert (kept.digest, kept.day, dict(kept.scores)) == ("d" * 64, date(2026, 11, 24), {"control": 65.0})


@pytest.mark.parametrize("score", ["80", None, True, -1, 101, float("nan"), float("inf"), [1]])
def test_a_kept_profile_with_strange_scores_is_refused(score):
    content = {"kind": "voimavara own profile", "questionnaire": "d", "day": "2026-11-24", "scores": {"control": score}}
    with pytest.raises(InvalidSavedProfile):
        read_saved_profile(json.dumps(content))


def test_every_dimension_of_the_own_questionnaire_has_two_or_three_suggestions():
    known = load_feedback_suggestions(ROOT / "surveys")
    dimensions = {scale.dimension for scale in WELLBEING.scales} - {"followup"}
    assert dimensions <= set(known)
    assert all(2 <= len(known[one]) <= 3 for one in known)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({}, r"no \[\[any\]\]"),
        ({"any": [{"who": "self", "fi": "a", "sv": "", "en": "c"}]}, "any, entry 1: the text is missing in sv"),
        ({"any": [{"who": "robot", "fi": "a", "sv": "b", "en": "c"}]}, "who must be one of self"),
        ({"any": "x"}, "two brackets"),
    ],
)
def test_faulty_suggestions_are_named(content, reason):
    with pytest.raises(InvalidSuggestions, match=reason):
        parse_suggestions(content)


def course(
    name, *, target=ChangeTarget.WORK, relevance=3, mode=DeliveryMode.SELF_PACED, start=None, status=CourseStatus.ACTIVE
):
    sessions = (CourseSession(start, start.replace(hour=15)),) if start else ()
    offering = Offering(
        f"{name}-1",
        mode,
        sessions,
        "",
        PartlyTranslatedText(""),
        10,
        0,
        None,
        "",
        None,
        None,
        None,
        "",
        CourseStatus.ACTIVE,
    )
    text = TranslatedText(name, name, name)
    return Course(
        name,
        text,
        text,
        Area.WELLBEING,
        (Relevance("demands", relevance),),
        target,
        (),
        EvidenceGrade.B,
        PartlyTranslatedText(""),
        "",
        None,
        None,
        (Language.FI,),
        PartlyTranslatedText(""),
        "Provider",
        status,
        NOON,
        (offering,),
    )


def names(*courses):
    found = suitable_courses_for_dimension(courses, "demands")
    return [found[place].course.external_id for place in first_startable_course_positions(found, now=NOON)]


def test_courses_that_change_the_work_come_before_those_that_train_the_person():
    assert names(course("a", target=ChangeTarget.PERSON), course("b", relevance=2)) == ["b", "a"]


def test_courses_that_cannot_be_had_are_left_out():
    past = NOON.replace(month=10)
    assert names(course("a", mode=DeliveryMode.ONSITE, start=past), course("b", status=CourseStatus.DRAFT)) == []
    assert names(course("a", mode=DeliveryMode.ONSITE, start=NOON.replace(month=12)), course("b", relevance=1)) == ["a"]
