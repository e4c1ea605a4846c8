"""What a page says first, and what it says where nothing can be said."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask_babel import force_locale

from app.core.instruments import parse
from app.core.languages import Language
from app.core.publication import Capped, Cell, ChangeLabel, Level
from app.core.rounds import RoundId, RoundKind
from app.reports import quality_sentences, sentences, summaries
from app.reports.chart_specs import chart_specs
from app.reports.history import LineContinuity
from app.reports.unit_report import build_cell_report
from tests.publications import NOON, SOURCE, WELLBEING, alike, made

PINE = Cell(Level.COMMUNITY, "pine")
LARGE = Cell(Level.COMMUNITY, "other-8")
PULSE = Path(__file__).parents[2] / "surveys" / "pulse.toml"


@pytest.fixture(scope="module")
def first():
    return made(1, title="Spring 2026")


@pytest.fixture(scope="module")
def second(first):
    return made(2, title="Autumn 2026", earlier=[first], moods={"pine": 1.2, "other-8": 0.6}, days=200)


@pytest.fixture
def english(app):
    with app.test_request_context("/?lang=en"), force_locale("en"):
        yield


def reading_of(publication, cell=PINE, *, earlier=(), instrument=WELLBEING):
    return build_cell_report(publication, cell, instrument=instrument, earlier=earlier, language=Language.EN)


def test_a_round_where_nothing_differs_says_so_on_the_first_line(first, english):
    reading = reading_of(alike(first))
    assert summaries.region_difference_sentences(reading)[0] == "No dimension differs clearly from the region."
    assert summaries.intervals_title(reading) == "No clear difference from the region"
    told = quality_sentences.differences_sentence(alike(first), instrument=WELLBEING, language=Language.EN)
    assert told.startswith("There is no evidence that communities differ in any dimension")


def test_where_some_dimensions_differ_they_are_named_the_good_ones_first(second, english):
    reading = reading_of(second)
    said = summaries.region_difference_sentences(reading)
    better = [row.title for row in reading.rows_with_numbers if row.is_better]
    assert better and said[0].startswith(f"Better than in the region: {better[0]}")
    assert not any("No dimension" in one for one in said)


def test_high_demands_are_shown_turned_and_called_weaker(second, english):
    reading = reading_of(second)
    demands = next(row for row in reading.rows if row.measure.dimension == "demands")
    stored = second.figure(reading.cell, "demands")
    assert demands.figure.mean == 100 - stored.mean < demands.region.mean
    assert demands.title == "Manageable workload"
    assert demands.is_worse and not demands.is_better
    assert sentences.region_sentence(demands).startswith("Worse than the region")


def with_label(reading, label):
    rows = tuple(replace(row, trend=replace(row.trend, label=label)) if row.trend else row for row in reading.rows)
    return replace(reading, rows=rows)


def test_where_no_change_can_be_told_that_is_the_message(first, second, english):
    reading = with_label(reading_of(second, earlier=[first]), ChangeLabel.CANNOT_TELL)
    assert summaries.change_sentences(reading) == ["We cannot say whether anything has changed since Nov 2026."]
    assert summaries.trends_title(reading) == "No clear change since Nov 2026"


def test_clear_changes_are_told_before_possible_ones_and_by_what_is_good(first, second, english):
    reading = with_label(reading_of(second, earlier=[first]), ChangeLabel.CLEAR)
    said = summaries.change_sentences(reading)
    assert said[0].startswith("Clearly better than in Nov 2026: ")
    assert "Manageable workload" in said[1] and said[1].startswith("Clearly worse")


def test_the_number_of_comparisons_is_printed(first, second, english):
    reading = reading_of(second, earlier=[first])
    count = sum(row.trend is not None for row in reading.rows)
    assert count > 4
    assert sentences.number_of_tested_changes_sentence(reading).startswith(f"{count} changes were tested together")
    assert "(Benjamini–Hochberg)" in sentences.number_of_tested_changes_sentence(reading)


def test_the_two_claims_on_a_change_have_two_intervals_and_two_wordings(first, second, english):
    row = next(row for row in reading_of(second, LARGE, earlier=[first]).rows if row.trend and row.trend.staff_interval)
    wide = row.trend.interval
    narrow = row.trend.staff_interval
    assert wide[1] - wide[0] > narrow[1] - narrow[0]
    assert "better" in sentences.trend_sentence(row)
    assert sentences.current_staff_change_text(row).startswith("has changed, between")
    same = replace(row, trend=replace(row.trend, staff_interval=(-2.0, 3.0)))
    assert sentences.current_staff_change_text(same) == "may be unchanged, between −2 and +3"


def test_the_worst_that_the_silent_could_do_is_told(first, english):
    low, high = (f"{end:g}" for end in reading_of(first).areas_to_improve[0].figure.worst_case)
    assert f"would lie between {low} and {high}" in " ".join(
        sentences.participation_and_caution_sentences(reading_of(first))
    )


def test_where_everyone_answered_nothing_is_said_of_the_silent(first, english):
    told = " ".join(sentences.participation_and_caution_sentences(reading_of(first, Cell(Level.COMMUNITY, "full"))))
    assert "In the extreme case" not in told and "what the others think" not in told


def test_a_changed_question_a_changed_community_and_a_bound_are_three_different_reasons(first, english):
    changed = parse(SOURCE.replace('en = "I am heard when', 'en = "I am really heard when'), name="changed")
    assert changed.digest != WELLBEING.digest
    later = made(2, earlier=[first], instrument=changed, days=200)
    rows = {row.measure.id: row for row in reading_of(later, earlier=[first], instrument=changed).rows}
    assert "questions changed" in sentences.trend_sentence(rows["control"])
    assert rows["control"].earlier_rounds[-1].continuity is LineContinuity.QUESTIONS_CHANGED
    assert rows["demands"].earlier_rounds[-1].continuity is LineContinuity.WHOLE and rows["demands"].trend
    units = tuple(
        replace(one, communities=("pine", "annex")) if one.id == "pine" else one for one in first.region.units
    )
    joined = replace(first, region=replace(first.region, units=units))
    row = replace(reading_of(made(2, earlier=[joined], days=200), earlier=[joined]).rows[0])
    assert row.trend is None and "composition of the community has changed" in sentences.trend_sentence(row)
    capped = replace(rows["demands"], trend=None, figure=replace(rows["demands"].figure, capped=Capped.HIGH))
    assert "Only a bound" in sentences.trend_sentence(capped)


def test_a_changed_question_is_a_visible_break_and_the_other_lines_go_on(first, english):
    changed = parse(SOURCE.replace('en = "I am heard when', 'en = "I am really heard when'), name="changed")
    later = made(2, earlier=[first], instrument=changed, days=200)
    chart = next(
        one for one in chart_specs(reading_of(later, earlier=[first], instrument=changed)) if one.name == "trends"
    )
    joined = {panel.label: panel.points[-1].continues for panel in chart.chart.panels}
    assert joined["Control over work"] is False and joined["Manageable workload"] is True


@pytest.fixture(scope="module")
def pulse(first):
    instrument = parse(PULSE.read_text(encoding="utf-8"), name="pulse")
    return instrument, made(2, title="Pulse", earlier=[first], instrument=instrument, days=60, kind=RoundKind.PULSE)


def test_an_anchor_item_of_a_pulse_goes_on_from_the_survey_it_was_taken_from(first, pulse, english):
    instrument, publication = pulse
    row = next(
        row
        for row in reading_of(publication, earlier=[first], instrument=instrument).rows
        if row.measure.id == "pulse_control"
    )
    then = first.figure(PINE, "control_heard")
    assert row.trend.since == first.round
    assert row.previous_figure == then
    assert row.trend.difference == row.figure.mean - then.mean


def test_a_pulse_between_two_surveys_does_not_break_their_lines(first, pulse, english):
    _instrument, between = pulse
    later = made(3, title="Spring 2027", earlier=[first, between], days=200)
    surveys = [one for one in (first, between) if one.kind is RoundKind.SURVEY]
    for row in reading_of(later, earlier=surveys).rows:
        assert row.earlier_rounds[-1].is_continued
        if row.figure.interval_conditions and row.earlier_rounds[-1].figure.interval_conditions:
            assert row.trend.since == first.round


def test_an_item_has_a_change_since_the_pulse_and_one_since_the_survey(first, pulse):
    _instrument, between = pulse
    later = made(3, earlier=[first, between], days=200)
    trends = later.figure(PINE, "control_heard").trends
    assert [trend.since for trend in trends] == [RoundId(1), RoundId(2)]
    assert NOON + timedelta(days=60) == between.counted_at
