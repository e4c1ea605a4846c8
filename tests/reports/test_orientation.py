"""One direction: what is shown rises towards the good end, and what is stored stays as it was asked."""

import json
from dataclasses import fields, replace

import pytest
from flask_babel import force_locale

from app.config import ROOT
from app.core.instruments import Norm, Polarity
from app.core.languages import Language, TranslatedText
from app.core.publication import (
    Capped,
    Cell,
    ChangeLabel,
    Distribution,
    Figure,
    Level,
    Placement,
    RegionComparisonOutcome,
    Trend,
    to_json,
)
from app.core.publication.figures import DisclosureState
from app.core.rounds import RoundId
from app.reports import exports, orientation, region_report
from app.reports.chart_specs import CHARTS, chart_spec, chart_specs, dimension_chart_spec
from app.reports.unit_report import build_cell_report
from app.store.instruments import read_questionnaire_file
from tests.exports import records
from tests.publications import WELLBEING, made

PINE = Cell(Level.COMMUNITY, "pine")
DEMANDS = WELLBEING.scale("demands")
BURNOUT = replace(DEMANDS, dimension="wellbeing")


@pytest.fixture(scope="module")
def first():
    return made(1, title="Spring 2026")


@pytest.fixture(scope="module")
def second(first):
    return made(2, title="Autumn 2026", earlier=[first], moods={"pine": 0.9}, days=200)


@pytest.fixture
def english(app):
    with app.test_request_context("/?lang=en"), force_locale("en"):
        yield


def reading_of(publication, cell=PINE, *, instrument=WELLBEING, earlier=()):
    return build_cell_report(publication, cell, instrument=instrument, earlier=earlier, language=Language.EN)


def with_burnout(instrument):
    """The questionnaire with a scale whose convention is that high is bad, as a published key has it."""
    scales = tuple(BURNOUT if scale.id == "demands" else scale for scale in instrument.scales)
    return replace(instrument, scales=scales, key="bat_12")


def full_figure():
    return Figure(
        PINE,
        "demands",
        DisclosureState.SHOWN,
        mean=68.0,
        capped=Capped.HIGH,
        interval=(62.0, 74.0),
        interval_conditions=(60.0, 76.0),
        placement=Placement.ABOVE,
        shrunken=66.0,
        distribution=Distribution(10, 30, 60, ((2, 20), (20, 44), (45, 74))),
        trends=(Trend(RoundId(1), 4.0, (-3.0, 11.0), ChangeLabel.CANNOT_TELL, (-1.0, 9.0), 0.3),),
        worst_case=(50.0, 81.0),
        smallest_change=7.0,
        grain=3.0,
        change_seen_mostly=10.0,
        half_width_conditions=8.2,
    )


def test_every_number_of_a_figure_is_reflected_and_every_width_stays(first):
    measure = first.measure("demands")
    turned = orientation.reflect_figure(full_figure(), measure)
    assert turned == replace(
        full_figure(),
        mean=32.0,
        capped=Capped.LOW,
        interval=(26.0, 38.0),
        interval_conditions=(24.0, 40.0),
        placement=Placement.BELOW,
        shrunken=34.0,
        distribution=Distribution(60, 30, 10, ((45, 74), (20, 44), (2, 20))),
        trends=(Trend(RoundId(1), -4.0, (-11.0, 3.0), ChangeLabel.CANNOT_TELL, (-9.0, 1.0), -0.3),),
        worst_case=(19.0, 50.0),
    )
    assert orientation.reflect_figure(turned, measure) == full_figure()


def test_a_number_on_another_range_is_reflected_within_it(first):
    raw = replace(first.measure("demands"), low=1, high=5, decimals=1, cap_low=1.5, cap_high=4.5)
    assert orientation.reflect_number(4.2, raw) == 1.8
    assert orientation.reflect_number(3.0, raw) == 3.0
    assert orientation.reflect_measure(replace(raw, cap_high=4.0)).cap_low == 2.0


def test_a_figure_has_no_number_that_nobody_thought_of():
    known = {"mean", "capped", "interval", "interval_conditions", "placement", "shrunken", "distribution", "trends",
             "worst_case"}  # fmt: skip
    without_direction = {"cell", "measure", "state", "smallest_change", "grain", "answers_band", "covers",
                         "detail_covers", "change_seen_mostly", "half_width_conditions"}  # fmt: skip
    assert {field.name for field in fields(Figure)} == known | without_direction


def test_a_withheld_figure_stays_withheld(first):
    withheld = Figure(PINE, "demands", DisclosureState.WITHHELD)
    assert orientation.reflect_figure(withheld, first.measure("demands")) == withheld


def test_own_demands_are_shown_turned_under_a_name_that_says_so(first, english):
    demands = next(row for row in reading_of(first).rows if row.measure.id == "demands")
    assert demands.title == "Manageable workload" and demands.is_turned and demands.high_is_good
    assert "the load is manageable" in demands.description
    stored = first.figure(PINE, "demands")
    assert demands.figure == orientation.reflect_figure(stored, first.measure("demands"))
    assert demands.region.mean == 100 - first.figure(first.region_cell, "demands").mean


@pytest.mark.parametrize("language", list(Language))
def test_the_turned_description_says_what_this_version_asks(language):
    newest = read_questionnaire_file(ROOT / "surveys" / "wellbeing_2026_2.toml")
    amount = {Language.FI: "Työn määrä", Language.SV: "Arbetsmängd", Language.EN: "Amount of work"}[language]
    told = {
        instrument.version: orientation.scale_description(instrument.scale("demands"), instrument, language)
        for instrument in (WELLBEING, newest)
    }
    assert told[newest.version].startswith(amount) and amount not in told[WELLBEING.version]
    endings = {text.rpartition(". ")[2] for text in told.values()}
    assert len(endings) == 1 and endings == {orientation.TURNED_ENDINGS["demands"].in_language(language)}


@pytest.mark.parametrize("language", list(Language))
def test_the_turned_name_and_description_are_in_every_language(language):
    assert orientation.scale_title(DEMANDS, WELLBEING, language) != DEMANDS.title.in_language(language)
    assert orientation.scale_description(DEMANDS, WELLBEING, language) != DEMANDS.description.in_language(language)


def test_the_turning_touches_neither_the_publication_nor_a_file(second, english):
    before = to_json(second)
    reading_of(second)
    list(chart_specs(reading_of(second)))
    assert to_json(second) == before
    rows = records(exports.scale_figure_table(second, [PINE]))
    line = next(row for row in rows if row["scale"] == "demands")
    assert line["good_end"] == "low"
    assert float(line["mean"]) == second.figure(PINE, "demands").mean
    assert json.loads(before) == json.loads(to_json(second))


def test_a_published_key_keeps_its_direction_in_a_group_of_its_own_with_a_label(second, english):
    instrument = with_burnout(WELLBEING)
    reading = reading_of(second, instrument=instrument)
    last = reading.rows[-1]
    assert last.measure.id == "demands" and not last.is_turned and not last.high_is_good
    assert all(row.high_is_good for row in reading.rows[:-1])
    assert last.figure == second.figure(PINE, "demands")
    chart = chart_spec(reading, "dimensions").chart
    assert [row.heading for row in chart.rows] == [""] * (len(chart.rows) - 1) + ["Lower is better"]
    assert chart.rows[-1].note == "low is good"
    assert "Demands of work (low is good): " in chart.description
    trends = chart_spec(reading_of(second, instrument=instrument, earlier=[made(1, title="Spring 2026")]), "trends")
    assert "Demands of work (low is good)" in [panel.label for panel in trends.chart.panels]


def test_a_negative_question_of_a_key_where_lower_is_better_is_not_turned(second):
    instrument = with_burnout(WELLBEING)
    turned = {item for item in DEMANDS.items if orientation.is_measure_turned(second.measure(item), WELLBEING)}
    assert turned == set(DEMANDS.items) - DEMANDS.reversed
    assert not any(orientation.is_measure_turned(second.measure(item), instrument) for item in DEMANDS.items)


def test_a_reference_value_turns_with_its_scale(first):
    norm = Norm("demands", 55.0, 20.0, 400, 2020, TranslatedText("a", "b", "c"), "source", "licence")
    assert orientation.reflect_norm(norm, first.measure("demands")).mean == 45.0


def test_the_comparison_with_the_region_turns_too():
    assert orientation.reflect_comparison(RegionComparisonOutcome.HIGHER) is RegionComparisonOutcome.LOWER
    assert (
        orientation.reflect_comparison(RegionComparisonOutcome.NO_DIFFERENCE) is RegionComparisonOutcome.NO_DIFFERENCE
    )


def test_the_coordinators_table_and_funnel_show_the_turned_numbers(second, english):
    usual = {"instrument": WELLBEING, "language": Language.EN}
    table = region_report.heat_table(second, by="demands", municipalities=["north", "south"], **usual)
    column = [name for name, _title in table.columns].index("demands")
    assert dict(table.columns)["demands"] == "Manageable workload"
    stored = second.figure(second.region_cell, "demands").mean
    assert table.region[column].text == f"{100 - stored:g}"
    shown = [float(row.cells[column].text) for row in table.rows if row.cells[column].text.isdigit()]
    assert len(shown) > 5
    funnel = region_report.funnel_chart_spec(second, by="demands", **usual)
    assert funnel.chart.mean == 100 - stored and funnel.chart.score == "Manageable workload"


def test_a_scale_of_a_key_says_in_the_coordinators_table_that_low_is_good(second, english):
    instrument = with_burnout(WELLBEING)
    table = region_report.heat_table(
        second, instrument=instrument, language=Language.EN, by=None, municipalities=["north", "south"]
    )
    assert dict(table.columns)["demands"] == "Demands of work (low is good)"


def test_the_plane_rises_to_the_good_corner_and_strain_is_at_the_lower_left(second, english):
    plane = chart_spec(reading_of(second), "plane").chart
    assert plane.load == "Manageable workload" and plane.is_strain_left
    assert plane.corners[2] == "High strain"
    assert plane.own.load == 100 - second.figure(PINE, "demands").mean
    assert plane.own.load_interval[0] <= plane.own.load <= plane.own.load_interval[1]
    as_key = chart_spec(reading_of(second, instrument=with_burnout(WELLBEING)), "plane").chart
    assert as_key.corners[3] == "High strain" and not as_key.is_strain_left
    assert as_key.own.load == second.figure(PINE, "demands").mean


def test_one_chart_is_made_without_the_others(second, first, english, monkeypatch):
    reading = reading_of(second, earlier=[first])
    made_charts = []
    for name, make in CHARTS.items():
        monkeypatch.setitem(CHARTS, name, lambda report, name=name, make=make: made_charts.append(name) or make(report))
    assert chart_spec(reading, "trends").name == "trends"
    assert made_charts == ["trends"]
    alone = dimension_chart_spec(reading, "trends", "control").chart
    assert [panel.label for panel in alone.panels] == ["Control over work"]
    assert dimension_chart_spec(reading, "shares", "nothing") is None


def test_a_trend_panel_shows_at_least_forty_points_and_every_interval(second, first, english):
    for panel in chart_spec(reading_of(second, earlier=[first]), "trends").chart.panels:
        assert panel.axis.high - panel.axis.low >= 40
        for point in panel.points:
            if point.interval is not None:
                assert panel.axis.low <= point.interval[0] <= point.interval[1] <= panel.axis.high


def test_no_number_of_a_measure_that_is_bad_when_high_is_shown_without_a_label(second, first, english):
    for instrument in (WELLBEING, with_burnout(WELLBEING)):
        for row in reading_of(second, instrument=instrument, earlier=[first]).rows:
            assert row.measure.polarity is Polarity.HIGH_IS_GOOD or row.measure.id == "demands"
