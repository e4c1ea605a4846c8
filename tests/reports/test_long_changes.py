"""The change over all rounds that ask the same: three small steps may be one clear change."""

from dataclasses import replace

import pytest
from flask_babel import force_locale

from app.core.languages import Language
from app.core.publication import Cell, ChangeLabel, Level
from app.reports import summaries
from app.reports.unit_report import build_cell_report
from tests.publications import WELLBEING, made

LARGE = Cell(Level.COMMUNITY, "other-8")


@pytest.fixture(scope="module")
def rounds():
    first = made(1, title="First")
    second = made(2, title="Second", lift=0.25, earlier=[first], days=200)
    return first, second, made(3, title="Third", lift=0.5, earlier=[first, second], days=400)


@pytest.fixture
def english(app):
    with app.test_request_context("/?lang=en"), force_locale("en"):
        yield


def reading_of(publication, earlier, cell=LARGE):
    return build_cell_report(publication, cell, instrument=WELLBEING, earlier=earlier, language=Language.EN)


def test_a_change_over_three_rounds_starts_at_the_first_and_tells_every_number(rounds, english):
    first, second, third = rounds
    row = next(row for row in reading_of(third, [first, second]).rows if row.measure.id == "control")
    change = row.long_change
    assert change.since == first.round_opened_at
    assert change.means == tuple(one.figure(LARGE, "control").mean for one in rounds)
    assert change.trend.difference == change.means[-1] - change.means[0]
    assert change.trend.interval[0] < change.trend.difference < change.trend.interval[1]
    assert change.trend.comparisons == len(reading_of(third, [first, second]).rows_with_numbers)


def test_the_words_name_every_round(rounds, english):
    first, second, third = rounds
    reading = reading_of(third, [first, second])
    clear = [row for row in reading.rows_with_numbers if row.long_change.trend.label is ChangeLabel.CLEAR]
    assert clear
    said = summaries.long_change_sentences(reading)
    numbers = " → ".join(f"{mean:g}" for mean in clear[0].long_change.means)
    assert f"{clear[0].title} {numbers}: clearly" in said[0]
    assert "possibly" not in " ".join(said)


def test_own_demands_turn_in_the_long_change_too(rounds, english):
    first, second, third = rounds
    row = next(row for row in reading_of(third, [first, second]).rows if row.measure.id == "demands")
    assert row.long_change.means == tuple(100 - one.figure(LARGE, "demands").mean for one in rounds)
    stored = third.figure(LARGE, "demands").mean - first.figure(LARGE, "demands").mean
    assert row.long_change.trend.difference == -stored


def test_two_rounds_have_no_long_change(rounds):
    first, second, _third = rounds
    assert all(row.long_change is None for row in reading_of(second, [first]).rows)


def test_a_changed_question_ends_it(rounds):
    first, second, third = rounds
    measures = tuple(replace(one, identity="other") if one.id == "control" else one for one in second.measures)
    changed = replace(second, measures=measures)
    rows = {row.measure.id: row for row in reading_of(third, [first, changed]).rows}
    assert rows["control"].long_change is None
    assert rows["resources"].long_change is not None


def test_a_region_with_other_communities_is_never_called_clear(rounds):
    first, second, third = rounds
    region = reading_of(third, [first, second], cell=third.region_cell)
    labels = {row.long_change.trend.label for row in region.rows_with_numbers}
    assert ChangeLabel.CLEAR in labels
    fewer = replace(first, region=replace(first.region, units=first.region.units[:9]))
    other = reading_of(third, [fewer, second], cell=third.region_cell)
    certain = {ChangeLabel.CLEAR, ChangeLabel.SMALL}
    assert not certain & {row.long_change.trend.label for row in other.rows_with_numbers if row.long_change}
