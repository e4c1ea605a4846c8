"""Where the printed interval leaves the region out and no clear difference is reported, the sentence says why."""

from dataclasses import replace

import pytest
from flask_babel import force_locale

from app.core.languages import Language
from app.core.publication import Cell, Level, RegionComparisonOutcome
from app.reports import sentences
from app.reports.interval_reasons import no_difference_despite_interval
from app.reports.unit_report import build_cell_report
from tests.publications import WELLBEING, made


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def row(app, frozen):
    with app.test_request_context("/?lang=en"), force_locale("en"):
        report = build_cell_report(
            frozen, Cell(Level.COMMUNITY, "pine"), instrument=WELLBEING, earlier=(), language=Language.EN
        )
        yield next(row for row in report.rows_with_numbers if row.region is not None and row.region.mean is not None)


def printed(row, interval, conditions, comparison=RegionComparisonOutcome.NO_DIFFERENCE):
    mean = row.region.mean
    figure = replace(
        row.figure,
        interval=(mean + interval[0], mean + interval[1]),
        interval_conditions=None if conditions is None else (mean + conditions[0], mean + conditions[1]),
    )
    return replace(row, figure=figure, comparison=comparison)


def test_the_interval_that_the_words_rest_on_is_printed(row):
    shown = printed(row, (5, 14), (-1, 20))
    low, high = shown.figure.interval_conditions
    told = sentences.region_sentence(shown)
    assert told.startswith("No clear difference from the region (")
    assert f"the wider interval for working conditions ({low:.0f}–{high:.0f})" in told


def test_scales_that_are_tested_together_are_named_as_the_reason(row):
    for conditions in ((2, 17), None):
        assert "all scales are tested together" in sentences.region_sentence(printed(row, (5, 14), conditions))


def test_nothing_is_added_where_the_interval_contains_the_region_or_a_difference_is_reported(row):
    assert no_difference_despite_interval(printed(row, (-5, 4), (-9, 8))) == ""
    assert no_difference_despite_interval(printed(row, (5, 14), (2, 17), RegionComparisonOutcome.HIGHER)) == ""
    assert no_difference_despite_interval(replace(row, region=None)) == ""
