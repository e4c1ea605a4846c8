import json
from dataclasses import replace

import pytest
from flask_babel import force_locale

from app.core.instruments import Polarity
from app.core.languages import Language
from app.core.publication import Cell, ChangeLabel, DisclosureState, Level, Placement, RegionQuality, Trend
from app.render.tabular_files import csv_bytes
from app.reports import exports, region_report, sentences
from app.reports.chart_specs import chart_specs
from app.reports.unit_report import (
    RegionComparisonOutcome,
    ReportContentKind,
    build_cell_report,
    smallest_wider_cell_with_numbers,
)
from tests.exports import records
from tests.publications import WELLBEING, made


@pytest.fixture(scope="module")
def first():
    return made(1, title="Spring 2026")


@pytest.fixture(scope="module")
def second(first):
    return made(2, title="Autumn 2026", earlier=[first], moods={"pine": 0.9, "other-8": -0.9}, days=200)


@pytest.fixture
def english(app):
    with app.test_request_context("/?lang=en"), force_locale("en"):
        yield


def reading_of(publication, unit, *, level=Level.COMMUNITY, earlier=()):
    cell = Cell(level, unit)
    return build_cell_report(publication, cell, instrument=WELLBEING, earlier=earlier, language=Language.EN)


def test_the_number_of_answers_alone_decides_which_page_a_community_gets(first):
    standings = {unit: reading_of(first, unit).kind for unit in ("pine", "small", "tiny")}
    assert standings == {
        "pine": ReportContentKind.NUMBERS,
        "small": ReportContentKind.PLACEMENT,
        "tiny": ReportContentKind.WIDER,
    }


def test_a_placement_has_no_number_and_a_withheld_cell_has_nothing(first):
    for unit in ("small", "tiny"):
        for row in reading_of(first, unit).rows:
            assert row.figure.mean is None and row.figure.interval is None
    assert reading_of(first, "small").rows_with_numbers == reading_of(first, "tiny").rows_with_numbers == ()


def test_a_community_of_thirty_is_told_that_five_points_could_not_be_seen(first, english):
    words = " ".join(sentences.detectable_change_sentences(reading_of(first, "pine")))
    assert "A change of 5 points would not be visible." in words


@pytest.mark.parametrize(("language", "written"), [("fi", "7,2"), ("sv", "7,2"), ("en", "7.2")])
def test_a_shift_with_decimals_is_written_in_the_language_of_the_reader(app, first, language, written):
    reading = reading_of(first, "pine")
    shifted = replace(reading, participation=replace(reading.participation, silent_shift=7.2))
    with app.test_request_context(f"/?lang={language}"), force_locale(language):
        assert f" {written} " in " ".join(sentences.participation_and_caution_sentences(shifted))


@pytest.mark.parametrize(("language", "mark"), [("fi", ","), ("sv", ","), ("en", ".")])
def test_charts_are_given_the_decimal_mark_of_the_language(app, second, first, language, mark):
    with app.test_request_context(f"/?lang={language}"), force_locale(language):
        charts = {spec.name: spec.chart for spec in chart_specs(reading_of(second, "pine", earlier=[first]))}
        dimensions = charts["dimensions"]
        assert {row.axis.decimal_mark for row in dimensions.rows} == {mark}
        assert {panel.axis.decimal_mark for panel in charts["trends"].panels} == {mark}
        assert {charts["plane"].load_axis.decimal_mark, charts["plane"].control_axis.decimal_mark} == {mark}


def test_a_whole_shift_is_written_without_decimals(first, english):
    reading = reading_of(first, "pine")
    shifted = replace(reading, participation=replace(reading.participation, silent_shift=3.0))
    assert " 3 points lower" in " ".join(sentences.participation_and_caution_sentences(shifted))


def test_a_community_where_everyone_answered_is_told_so_and_bears_no_interval(first, english):
    reading = reading_of(first, "full")
    assert "Everyone who was invited answered" in " ".join(sentences.participation_and_caution_sentences(reading))
    assert all(row.figure.interval is None for row in reading.rows_with_numbers)


def test_a_placement_says_the_chance_and_never_clearly(first, english):
    said = {sentences.placement_sentence(row) for row in reading_of(placed(first), "small").rows}
    assert said == {
        "Probably better than the region (about 19 in 20)",
        "Probably worse than the region (about 19 in 20)",
    }


def test_where_the_variances_are_not_published_a_placement_says_that_it_may_be_chance(first, english):
    quality = tuple(replace(one, within_variance=None) for one in first.quality)
    said = {
        sentences.placement_sentence(row) for row in reading_of(replace(placed(first), quality=quality), "small").rows
    }
    assert said == {
        "Perhaps better than the region; with so few answers it may be chance",
        "Perhaps worse than the region; with so few answers it may be chance",
    }


def test_where_either_side_is_as_likely_a_placement_is_no_clear_difference(first, english):
    quality = tuple(replace(one, between_variance=0.0) for one in first.quality)
    reading = reading_of(replace(placed(first), quality=quality), "small")
    assert {sentences.placement_sentence(row) for row in reading.rows} == {"No clear difference from the region"}


def placed(publication):
    """The publication with the small community placed below the region, and known variances."""
    figures = tuple(
        replace(figure, placement=Placement.BELOW) if figure.state is DisclosureState.PLACEMENT else figure
        for figure in publication.figures
    )
    known = {one.id for one in publication.scales}
    quality = tuple(RegionQuality(name, between_variance=40.0, within_variance=360.0) for name in known)
    return replace(publication, figures=figures, quality=quality)


def low_is_good(row):
    """The row as a published key would have it, in which a high number is bad."""
    return replace(row, measure=replace(row.measure, polarity=Polarity.HIGH_IS_BAD), is_turned=False)


def test_strongest_and_weakest_follow_what_is_good_and_not_what_is_high(first):
    reading = reading_of(first, "pine")
    burnout = low_is_good(reading.rows[0])
    high = replace(burnout, figure=replace(burnout.figure, mean=88.0))
    assert not burnout.high_is_good
    assert high.mean_favourability == pytest.approx(0.12)
    assert set(reading.strongest).isdisjoint(reading.areas_to_improve)
    assert high in replace(reading, rows=(high, *reading.rows[1:])).areas_to_improve


def test_what_is_weaker_than_the_region_is_always_among_the_areas_to_improve_and_never_a_strength(second):
    reading = reading_of(second, "pine")
    best = max(reading.rows_with_numbers, key=lambda row: row.mean_favourability)
    weaker = replace(best, comparison=RegionComparisonOutcome.LOWER)
    others = tuple(
        replace(row, comparison=RegionComparisonOutcome.NO_DIFFERENCE) for row in reading.rows if row is not best
    )
    seen = replace(reading, rows=(*others, weaker))
    assert seen.areas_to_improve[0] is weaker and weaker not in seen.strongest
    assert seen.also_weaker == ()
    all_weaker = replace(
        reading, rows=tuple(replace(row, comparison=RegionComparisonOutcome.LOWER) for row in reading.rows)
    )
    assert all_weaker.strongest == ()
    assert {*all_weaker.areas_to_improve, *all_weaker.also_weaker} == set(all_weaker.rows_with_numbers)


def test_only_the_interval_tells_a_community_from_the_region(second):
    row = reading_of(second, "pine").rows[0]
    low, high = row.figure.interval_conditions
    assert (row.comparison is RegionComparisonOutcome.NO_DIFFERENCE) == (low <= row.region.mean <= high)
    assert row.comparison is RegionComparisonOutcome.HIGHER


def with_trend(row, difference, interval, label):
    return replace(row, trend=Trend(row.trend.since, difference, interval, label))


@pytest.mark.parametrize(
    ("dimension", "difference", "label", "words"),
    [
        ("control", 8, ChangeLabel.CLEAR, "Clearly better"),
        ("control", -8, ChangeLabel.CLEAR, "Clearly worse"),
        ("demands", 8, ChangeLabel.CLEAR, "Clearly better"),
        ("burnout", 8, ChangeLabel.CLEAR, "Clearly worse"),
        ("burnout", -8, ChangeLabel.POSSIBLE, "Possibly better"),
        ("control", -3, ChangeLabel.POSSIBLE, "Possibly worse"),
        ("control", 4, ChangeLabel.SMALL, "Small but certain improvement"),
        ("burnout", 4, ChangeLabel.SMALL, "Small but certain decline"),
        ("control", 3, ChangeLabel.CANNOT_TELL, "The change +3 is within the margin of error"),
    ],
)
def test_a_change_is_worded_by_its_label_and_by_what_is_good(
    first, second, english, dimension, difference, label, words
):
    reading = reading_of(second, "pine", earlier=[first])
    wanted = "control" if dimension == "burnout" else dimension
    row = next(one for one in reading.rows if one.measure.dimension == wanted)
    row = low_is_good(row) if dimension == "burnout" else row
    said = sentences.trend_sentence(with_trend(row, difference, (difference - 4, difference + 4), label))
    assert said.startswith(words)


def test_a_changed_question_breaks_the_line(first, second, english):
    other = tuple(replace(measure, identity="other words") for measure in second.measures)
    figures = tuple(replace(figure, trends=()) for figure in second.figures)
    alone = replace(second, measures=other, figures=figures)
    row = reading_of(alone, "pine", earlier=[first]).rows[0]
    assert row.previous_figure is None
    assert "questions changed" in sentences.trend_sentence(row)
    trends = next(one for one in chart_specs(reading_of(alone, "pine", earlier=[first])) if one.name == "trends")
    assert not trends.chart.panels[0].points[-1].continues


def test_the_wider_result_is_the_municipality_if_it_has_numbers_else_the_region(first):
    cell = Cell(Level.COMMUNITY, "tiny")
    assert smallest_wider_cell_with_numbers(first, cell).level is Level.MUNICIPALITY
    parts = [
        replace(one, state=DisclosureState.WITHHELD) if one.cell.level is Level.MUNICIPALITY else one
        for one in first.participation
    ]
    assert smallest_wider_cell_with_numbers(replace(first, participation=tuple(parts)), cell) == first.region_cell


def test_no_chart_names_another_community(second, english):
    plane = next(one for one in chart_specs(reading_of(second, "pine")) if one.name == "plane")
    assert len(plane.chart.others) > 5
    assert "päiväkoti" not in repr(plane.chart)
    assert list(plane.chart.others) == sorted(plane.chart.others, key=lambda one: (one.load, one.control))


def table_of(publication, **changes):
    usual = {"instrument": WELLBEING, "language": Language.EN, "by": "control", "municipalities": ["north", "south"]}
    return region_report.heat_table(publication, **(usual | changes))


def test_the_heat_table_stands_in_the_order_of_the_shrunken_estimate(second, english):
    table = table_of(second)
    order = [second.figure(Cell(Level.COMMUNITY, row.unit.id), "control") for row in table.rows]
    shown = [figure.shrunken for figure in order if figure.state is DisclosureState.SHOWN]
    assert shown == sorted(shown)
    assert [figure.state for figure in order[len(shown) :]] == [DisclosureState.PLACEMENT, DisclosureState.WITHHELD]


def test_withheld_cells_are_words_and_have_no_colour(second, english):
    tiny = next(row for row in table_of(second).rows if row.unit.id == "tiny")
    assert {(cell.text, cell.tone) for cell in tiny.cells} == {("withheld", region_report.HeatTone.NONE)}


def test_a_coordinator_of_one_municipality_sees_its_units_alone(second, english):
    rows = table_of(second, municipalities=["north"]).rows
    assert {row.unit.municipality for row in rows} == {"north"}


def test_a_unit_far_off_lies_outside_the_funnel(second, english):
    picture = region_report.funnel_chart_spec(second, instrument=WELLBEING, language=Language.EN, by="control")
    assert "Other-8" in picture.description
    assert "outside the funnel" in picture.title


def test_every_figure_of_the_publication_has_its_row_in_the_files(first):
    written = records(exports.scale_figure_table(first))
    plain = json.loads(exports.export_json(first))
    assert len(written) == len(first.figures) == len(plain["figures"])
    assert [one["mean"] for one in plain["questions"]] == [figure.mean for figure in first.items]
    assert tuple(written[0]) == exports.COLUMNS
    ends = {measure["id"]: measure["good_end"] for measure in plain["measures"]}
    assert (ends["demands"], ends["control"], ends["demands_calm"]) == ("low", "high", "high")
    tiny = next(row for row in written if row["unit"] == "tiny")
    assert (tiny["state"], tiny["mean"], tiny["answers_band"]) == ("withheld", "", "")


def test_a_file_has_everything_that_is_printed_of_a_figure_and_nothing_of_one_that_is_withheld(second):
    written = records(exports.scale_figure_table(second))
    pine = next(row for row in written if (row["unit"], row["scale"]) == ("pine", "control"))
    figure = second.figure(Cell(Level.COMMUNITY, "pine"), "control")
    trend = figure.trends[-1]
    assert (float(pine["interval_low"]), float(pine["interval_high"])) == figure.interval
    assert (float(pine["conditions_low"]), float(pine["conditions_high"])) == figure.interval_conditions
    assert (float(pine["worst_low"]), float(pine["worst_high"])) == figure.worst_case
    assert [int(pine[f"share_{part}"]) for part in ("low", "middle", "high")] == [
        figure.distribution.low, figure.distribution.middle, figure.distribution.high,
    ]  # fmt: skip
    assert (float(pine["change"]), pine["change_label"]) == (trend.difference, trend.label.value)
    assert (pine["changed_since_round"], pine["comparisons"]) == ("1", str(trend.comparisons))
    assert (float(pine["staff_change_low"]), float(pine["effect_size"])) == (trend.staff_interval[0], trend.effect)
    assert float(pine["smallest_change"]) == figure.smallest_change
    assert (pine["name"], pine["municipality"], pine["invited"]) == ("Mäntykallion koulu", "Etelänkylä", "30")
    tiny = next(row for row in written if row["unit"] == "tiny")
    told = {"level", "unit", "scale", "good_end", "state", "name", "municipality"}
    assert {column for column, cell in tiny.items() if cell} == told


def test_no_cell_of_a_file_is_a_formula(first):
    region = replace(first.figures[0], cell=Cell(Level.COMMUNITY, "=1+1"))
    part = replace(first.participation[0], cell=region.cell)
    named = replace(first, figures=(region,), participation=(part,))
    written = csv_bytes(exports.scale_figure_table(named)).decode()
    assert "community;'=1+1;" in written


def test_reliability_names_its_convention(first):
    plain = json.loads(exports.export_json(first))
    assert "McDonald omega total" in plain["quality"][0]["reliability"]["omega_convention"]


def test_demands_and_control_stand_in_the_files(first):
    plain = json.loads(exports.export_json(first))
    written = records(exports.demand_control_table(first))
    assert (plain["demands"], plain["control"], plain["cuts"]) == ("demands", "control", [50.0, 50.0])
    told = {one.cell for one in first.quadrants} | {one.cell for one in first.balances}
    assert len(plain["strain"]) == len(written) == len(told) > len(first.quadrants) > 0
    cell = Cell(Level.COMMUNITY, "pine")
    quadrants = first.quadrants_of(cell)
    balance = first.balance_of(cell)
    pine = next(row for row in written if row["unit"] == "pine")
    assert [int(pine[one]) for one in ("high_strain", "active", "passive", "low_strain")] == [
        quadrants.high_strain, quadrants.active, quadrants.passive, quadrants.low_strain,
    ]  # fmt: skip
    assert (int(pine["active_low"]), int(pine["active_high"])) == quadrants.intervals[1]
    assert (float(pine["balance"]), float(pine["balance_low"])) == (balance.difference, balance.interval[0])
    assert (pine["name"], pine["municipality"]) == ("Mäntykallion koulu", "Etelänkylä")
    small = [one for one in plain["strain"] if one["unit"] in {"small", "tiny"}]
    assert small == []


def test_a_line_that_another_lead_in_breaks_says_so(first, second, english):
    other = tuple(replace(measure, lead_in="other") for measure in second.measures)
    alone = replace(second, measures=other, figures=tuple(replace(figure, trends=()) for figure in second.figures))
    row = reading_of(alone, "pine", earlier=[first]).rows[0]
    assert row.previous_figure is None
    assert "text above the questions changed" in sentences.trend_sentence(row)
