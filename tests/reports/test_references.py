"""What a result is read beside: reference values of the questionnaire, and the region's first survey."""

from dataclasses import replace

import pytest

from app.core.instruments import Norm
from app.core.languages import Language, TranslatedText
from app.core.publication import Capped, Cell, Level
from app.reports.references import ReferenceSide, reference_rows
from app.reports.unit_report import build_cell_report
from tests.publications import WELLBEING, made

PINE = Cell(Level.COMMUNITY, "pine")


@pytest.fixture(scope="module")
def frozen():
    return made(1)


def norm(mean, scale="control", n=1000):
    return Norm(scale, mean, 15.0, n, 2023, TranslatedText("a", "b", "c"), "Source", "CC BY 4.0")


def rows_of(app, publication, *norms, earlier=(), cell=PINE):
    instrument = replace(WELLBEING, norms=norms)
    with app.test_request_context("/"):
        report = build_cell_report(publication, cell, instrument=instrument, earlier=earlier, language=Language.EN)
        return reference_rows(report, instrument, earlier)


def test_only_what_has_a_reference_or_a_first_survey_is_listed(app, frozen):
    assert rows_of(app, frozen) == ()
    (row,) = rows_of(app, frozen, norm(50.0))
    assert (row.row.measure.id, row.baseline) == ("control", None)


def test_a_mean_differs_from_a_reference_only_beyond_the_uncertainty_of_both(app, frozen):
    figure = frozen.figure(PINE, "control")
    low, high = figure.interval_conditions
    sides = {
        shift: rows_of(app, frozen, norm(figure.mean + shift))[0].side
        for shift in (0.0, 0.9 * (high - low) / 2, 1.5 * (high - low) / 2, -1.5 * (high - low) / 2)
    }
    assert list(sides.values()) == [
        ReferenceSide.NO_DIFFERENCE,
        ReferenceSide.NO_DIFFERENCE,
        ReferenceSide.LOWER,
        ReferenceSide.HIGHER,
    ]
    # Two persons are no reference that anything could differ from.
    few = norm(figure.mean + 1.5 * (high - low) / 2, n=2)
    assert rows_of(app, frozen, few)[0].side is ReferenceSide.NO_DIFFERENCE


def test_a_bound_is_compared_with_nothing(app, frozen):
    figure = replace(frozen.figure(PINE, "control"), capped=Capped.HIGH)
    figures = tuple(figure if (one.cell, one.measure) == (PINE, "control") else one for one in frozen.figures)
    assert rows_of(app, replace(frozen, figures=figures), norm(1.0))[0].side is ReferenceSide.UNKNOWN


def test_the_first_survey_of_the_region_that_asked_the_same_is_the_baseline(app, frozen):
    second = made(2, title="Second", lift=0.2, earlier=(frozen,), days=300)
    third = made(3, title="Third", lift=0.3, earlier=(frozen, second), days=600)
    rows = rows_of(app, third, earlier=(frozen, second))
    assert {row.baseline.title.main for row in rows} == {frozen.title}
    first = {row.row.measure.id: row.baseline.figure.mean for row in rows}
    stored = {name: frozen.figure(frozen.region_cell, name).mean for name in first}
    assert first == stored | {"demands": 100 - stored["demands"]}
    changed = replace(frozen, measures=tuple(replace(one, identity="other") for one in frozen.measures))
    assert {row.baseline.title.main for row in rows_of(app, third, earlier=(changed, second))} == {"Second"}
