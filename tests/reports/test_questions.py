"""Results question by question, from the frozen figures of items."""

from dataclasses import replace

import pytest
from flask_babel import force_locale

from app.core.languages import Language
from app.core.publication import (
    Cell,
    DisclosureState,
    Level,
    MeasureKind,
    RegionComparisonOutcome,
    compare_measures_with_region,
)
from app.render.charts.questions import draw_questions
from app.render.design_tokens import Width
from app.reports import exports, orientation, question_sentences, sentences
from app.reports.chart_specs import question_group_chart_spec
from app.reports.questions import find_cell_with_questions, question_report
from tests.exports import records
from tests.publications import WELLBEING, made

PINE = Cell(Level.COMMUNITY, "pine")
LARGE = Cell(Level.COMMUNITY, "other-8")  # 44 answers, whose means of single questions are printed in threes


@pytest.fixture(scope="module")
def first():
    return made(1, title="Spring 2026")


@pytest.fixture(scope="module")
def second(first):
    return made(2, title="Autumn 2026", earlier=[first], moods={"pine": 0.9, "other-8": 1.0}, days=200)


@pytest.fixture
def english(app):
    with app.test_request_context("/?lang=en"), force_locale("en"):
        yield


def read(publication, cell=PINE, *, earlier=()):
    return question_report(publication, cell, instrument=WELLBEING, earlier=earlier, language=Language.EN)


def test_every_question_stands_once_under_its_dimension(first):
    groups = read(first).groups
    asked = [one.row.measure.id for group in groups for one in group.questions]
    assert sorted(asked) == sorted(item.id for item in WELLBEING.items)
    for group in groups:
        scale = WELLBEING.scale(group.id)
        assert [one.row.measure.id for one in group.questions] == list(scale.items)
        assert {one.row.measure.id for one in group.questions if one.is_reversed} == scale.reversed


def test_a_question_that_belongs_to_no_dimension_stands_at_the_end(first):
    alone = WELLBEING.scales[0].items[0]
    scales = (replace(WELLBEING.scales[0], items=WELLBEING.scales[0].items[1:]), *WELLBEING.scales[1:])
    instrument = replace(WELLBEING, scales=scales)
    found = question_report(first, PINE, instrument=instrument, earlier=(), language=Language.EN).groups[-1]
    assert (found.id, [one.row.measure.id for one in found.questions]) == ("", [alone])


def test_only_cells_with_enough_answers_to_every_question_have_their_own(first):
    homes = {unit.id: unit.municipality for unit in first.region.units}
    found = {
        unit: find_cell_with_questions(first, Cell(Level.COMMUNITY, unit)) for unit in ("pine", "fir", "small", "tiny")
    }
    assert found["pine"] == PINE
    for unit in ("fir", "small", "tiny"):
        assert found[unit] in {Cell(Level.MUNICIPALITY, homes[unit]), first.region_cell}
    assert find_cell_with_questions(replace(first, items=()), PINE) is None


def test_the_figures_are_the_frozen_ones_and_what_is_not_frozen_is_withheld(first):
    gone = WELLBEING.items[3].id
    rest = replace(first, items=tuple(one for one in first.items if (one.cell, one.measure) != (PINE, gone)))
    rows = {row.measure.id: row for row in read(rest).report.rows}
    assert rows[gone].figure.state is DisclosureState.WITHHELD and rows[gone].figure.mean is None
    frozen = {figure.measure: figure for figure in rest.item_figures_in(PINE)}
    as_asked = {
        name: orientation.reflect_figure(row.figure, row.measure) if row.is_turned else row.figure
        for name, row in rows.items()
        if name != gone
    }
    assert as_asked == frozen


def test_a_withheld_question_is_named_and_not_drawn(first, english):
    gone = WELLBEING.scales[0].items[0]
    rest = replace(first, items=tuple(one for one in first.items if (one.cell, one.measure) != (PINE, gone)))
    group = read(rest).groups[0]
    text = group.questions[0].row.title
    assert any(note.startswith("Withheld") and text in note for note in question_sentences.question_group_notes(group))
    chart = question_group_chart_spec(group, read(rest).report).chart
    assert text not in repr(chart.rows) and len(chart.rows) == len(group.questions) - 1


def test_single_questions_of_one_cell_are_one_report(second):
    beside = compare_measures_with_region(second, LARGE, MeasureKind.ITEM)
    assert set(beside) == {item.id for item in WELLBEING.items}
    assert RegionComparisonOutcome.HIGHER in beside.values()
    one = next(name for name, found in beside.items() if found is RegionComparisonOutcome.HIGHER)
    same = {figure.measure: figure.mean for figure in second.item_figures_in(second.region_cell)}

    def levelled(figure):
        if figure.cell != LARGE:
            return figure
        mean = same[figure.measure]
        half = 8
        distance = half + 0.2 if figure.measure == one else 0
        ends = mean + distance - half, mean + distance + half
        return replace(figure, mean=mean + distance, capped=None, interval=None, interval_conditions=ends)

    alone = replace(second, items=tuple(map(levelled, second.items)))
    assert set(compare_measures_with_region(alone, LARGE, MeasureKind.ITEM).values()) == {
        RegionComparisonOutcome.NO_DIFFERENCE
    }


def test_the_sentences_above_say_ends_differences_and_changes(first, second, english):
    said = " ".join(question_sentences.question_summary_sentences(read(second, LARGE, earlier=[first])))
    assert said.startswith("Most favourable answers: “") and "questions" in said and "since" in said
    assert "better and" in said
    region = question_sentences.question_summary_sentences(read(second, second.region_cell))
    assert len(region) == 1


def test_a_turned_question_is_explained_and_the_ends_of_the_range_are_named(first, english):
    control = next(group for group in read(first).groups if group.id == "control")
    notes = " ".join(question_sentences.question_group_notes(control))
    assert "Agreement with this question is unfavourable, so it is shown by its meaning" in notes
    assert "The plans for my working day are changed without asking me" in notes
    turned = next(one for one in control.questions if one.row.is_turned)
    assert turned.ends == ("Strongly agree", "Strongly disagree")
    assert sentences.direction_sentence(turned.row) == "high = “Strongly disagree”"
    assert "0 is “Strongly disagree” and 100 “Strongly agree”." in notes


def test_the_picture_bears_every_question_in_full_and_the_words_for_who_cannot_see_it(second, english):
    found = read(second)
    for group in found.groups:
        picture = question_group_chart_spec(group, found.report)
        for width in Width:
            drawn = " ".join(draw_questions(picture.chart, width).split())
            assert "…" not in drawn
        assert all(f"“{row.title}”" in picture.description for row in group.shown_rows)


def test_no_row_of_a_small_cell_is_told_more_finely_than_it_was_frozen(first, english):
    grains = {row.figure.grain for row in read(first).report.rows_with_numbers}
    assert grains == {15.0}  # 22 answers to one question
    assert any("nearest 15" in one for one in question_sentences.question_participation_and_cautions(read(first)))


def test_the_file_has_a_row_for_every_question_and_nothing_of_a_withheld_one(first):
    cells = [PINE, Cell(Level.COMMUNITY, "fir")]
    written = records(exports.question_table(first, cells, instrument=WELLBEING, language=Language.EN))
    assert len(written) == 2 * len(WELLBEING.items) and tuple(written[0]) == exports.QUESTION_COLUMNS
    item = WELLBEING.scales[0].items[0]
    pine, fir = (
        next(row for row in written if (row["unit"], row["question"]) == (unit, item)) for unit in ("pine", "fir")
    )
    figure = first.figure(PINE, item)
    assert float(pine["mean"]) == figure.mean and int(pine["share_low"]) == figure.distribution.low
    assert (pine["dimension"], pine["turned"], pine["good_end"]) == ("control", "no", "high")
    assert fir["state"] == "withheld" and not any(fir[name] for name in ("mean", "interval_low", "share_low", "capped"))


def test_the_file_keeps_the_direction_in_which_a_question_was_asked_and_says_which_end_is_good(first):
    written = records(exports.question_table(first, [PINE], instrument=WELLBEING, language=Language.EN))
    told = {row["question"]: row for row in written}
    for item in ("demands_time", "control_changes"):
        assert float(told[item]["mean"]) == first.figure(PINE, item).mean
        assert told[item]["good_end"] == "low"
    assert (told["demands_time"]["turned"], told["control_changes"]["turned"]) == ("no", "yes")
    assert (told["demands_calm"]["turned"], told["demands_calm"]["good_end"]) == ("yes", "high")


def test_the_text_alternative_says_what_a_high_number_of_a_turned_question_means(second, english):
    control = next(group for group in read(second).groups if group.id == "control")
    turned = next(question.row for question in control.questions if question.row.is_turned)
    assert "Mean (high = “Strongly disagree”): " in question_sentences.question_chart_alt_text(turned)
