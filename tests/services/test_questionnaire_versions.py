"""Two versions of the own questionnaire side by side: which one is planned, which pulse follows, what is compared."""

import shutil

import pytest

from app.config import ROOT
from app.core.feedback import suggestions_for_scale
from app.core.instruments import comparable_scales, continued_items
from app.core.instruments.key_completion import option_sets
from app.core.languages import Language
from app.core.publication import Cell, Level
from app.reports.history import LineContinuity, figure_history
from app.services import questionnaires
from app.store.instruments import read_questionnaire_file, store_source
from app.store.suggestions import load_feedback_suggestions
from tests.conftest import NOON
from tests.publications import made

SURVEYS = ROOT / "surveys"
OLD = read_questionnaire_file(SURVEYS / "wellbeing.toml")
NEW = read_questionnaire_file(SURVEYS / "wellbeing_2026_2.toml")
PINE = Cell(Level.COMMUNITY, "pine")


def stored(session, instrument, file):
    store_source(session, instrument, (SURVEYS / file).read_text(encoding="utf-8"))
    return instrument.digest


@pytest.fixture(scope="module")
def rounds():
    """Return three surveys: two with the old version, then one with the new one."""
    first = made(1, days=-300)
    second = made(2, days=-150, lift=0.3, earlier=(first,))
    return first, second, made(3, lift=0.5, instrument=NEW, earlier=(first, second))


def test_a_new_round_is_planned_with_the_newest_version_unless_another_is_chosen(session):
    listed = list(questionnaires.askable_questionnaires_by_id(session, SURVEYS))
    assert listed[0] == NEW.id
    assert {OLD.id, "pulse", "pulse_2026_2"} <= set(listed)
    assert questionnaires.find_self_assessment_questionnaire(session, SURVEYS) == NEW


def test_not_even_a_longer_questionnaire_comes_before_it(session):
    key, source = questionnaires.published_scoring_key_and_source(SURVEYS, "hse_msit")
    questionnaires.save_completed_scoring_key(
        session,
        key.id,
        sentences={Language.EN: [f"Sentence {item.id}." for item in key.items]},
        labels={name: {Language.EN: [f"{n}" for n in numbers]} for name, numbers in option_sets(source).items()},
        folder=SURVEYS,
        by=None,
        now=NOON,
    )
    listed = questionnaires.askable_questionnaires_by_id(session, SURVEYS)
    assert list(listed)[:2] == [NEW.id, "hse_msit"]
    assert len(listed["hse_msit"][0].items) > len(NEW.items)


def test_a_folder_without_the_own_questionnaire_lists_the_longest_first(session, tmp_path):
    for name in ("wellbeing", "pulse"):
        shutil.copy(SURVEYS / f"{name}.toml", tmp_path)
    assert list(questionnaires.askable_questionnaires_by_id(session, tmp_path)) == ["wellbeing", "pulse"]


@pytest.mark.parametrize(
    ("survey", "file", "expected"),
    [(OLD, "wellbeing.toml", "pulse"), (NEW, "wellbeing_2026_2.toml", "pulse_2026_2")],
)
def test_the_pulse_repeats_questions_of_the_survey_before_it(session, survey, file, expected):
    digest = stored(session, survey, file)
    pulse, source = questionnaires.find_pulse_questionnaire_for_surveys(session, SURVEYS, [digest])
    assert pulse.id == expected
    assert f'id = "{expected}"' in source
    repeated = continued_items(survey, pulse)
    assert len(pulse.items) == len(repeated) + 2


def test_the_pulse_of_most_communities_is_taken_and_the_newest_where_nothing_decides(session):
    old = stored(session, OLD, "wellbeing.toml")
    new = stored(session, NEW, "wellbeing_2026_2.toml")
    assert questionnaires.find_pulse_questionnaire_for_surveys(session, SURVEYS, [old, old, old, new])[0].id == "pulse"
    assert (
        questionnaires.find_pulse_questionnaire_for_surveys(session, SURVEYS, [old, new, new])[0].id == "pulse_2026_2"
    )
    assert questionnaires.find_pulse_questionnaire_for_surveys(session, SURVEYS, ["of nobody"])[0].id == "pulse_2026_2"


def test_a_folder_without_a_pulse_has_none(session, tmp_path):
    shutil.copy(SURVEYS / "wellbeing.toml", tmp_path)
    assert questionnaires.find_pulse_questionnaire_for_surveys(session, tmp_path, []) is None


def test_only_what_is_the_same_is_compared_between_the_versions(rounds):
    newest = rounds[-1]
    scales = {figure.measure for figure in newest.figures if figure.trends} & {scale.id for scale in NEW.scales}
    items = {figure.measure for figure in newest.items if figure.trends}
    assert scales == set(comparable_scales(OLD, NEW))
    assert items == set(continued_items(OLD, NEW))


def test_the_lines_of_the_other_scales_end_with_the_reason(rounds):
    *earlier, newest = rounds
    whole = {
        figure.measure: [before.continuity for before in figure_history(newest, earlier, figure)]
        for figure in newest.scale_figures_in(PINE)
    }
    assert whole["practices"] == whole["wellbeing"] == [LineContinuity.WHOLE] * 2
    assert whole["control"] == [LineContinuity.WHOLE, LineContinuity.QUESTIONS_CHANGED]
    assert whole["support"][-1] is LineContinuity.NOT_ASKED


def test_an_item_under_another_lead_in_says_so(rounds):
    *earlier, newest = rounds
    figure = newest.figure(Cell(Level.REGION, newest.region.id), "leadership_acts")
    assert figure_history(newest, earlier, figure)[-1].continuity is LineContinuity.LEAD_IN_CHANGED


def test_a_sensitive_scale_needs_more_answers_than_the_others(rounds):
    newest = rounds[-1]
    assert newest.figure(PINE, "support").mean is not None
    fir = Cell(Level.COMMUNITY, "fir")  # 12 answers
    assert newest.figure(fir, "support").mean is not None
    assert newest.figure(fir, "safety") is None or newest.figure(fir, "safety").mean is None


def test_safety_has_no_weight_and_recovery_none_either(rounds):
    weights = {weight.scale for weight in rounds[-1].impact.weights} if rounds[-1].impact else set()
    assert weights <= {"control", "demands", "skills", "support", "practices", "fairness", "leadership"}


def test_a_scale_has_suggestions_of_its_own_before_those_of_its_dimension():
    suggested = load_feedback_suggestions(SURVEYS)
    for name in ("skills", "support", "fairness", "recovery", "safety"):
        assert suggestions_for_scale(suggested, NEW.scale(name)) == suggested[name]
    assert suggestions_for_scale(suggested, NEW.scale("control")) == suggested["control"]
    assert suggestions_for_scale(suggested, OLD.scale("resources")) == suggested["resources"]
    assert suggestions_for_scale(suggested, NEW.scale("followup")) == suggested["any"]
    without = {name: texts for name, texts in suggested.items() if name != "support"}
    assert suggestions_for_scale(without, NEW.scale("support")) == suggested["resources"]


def test_both_pulses_are_planned_as_pulses():
    named = {path.stem: questionnaires.is_pulse(read_questionnaire_file(path)) for path in SURVEYS.glob("*.toml")}
    assert named == {"wellbeing": False, "wellbeing_2026_2": False, "pulse": True, "pulse_2026_2": True}
