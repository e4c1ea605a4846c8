"""The map of needs and offerings: no threshold, intervals, differences beyond chance, seats that add up."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.random import default_rng

from app.core.matching.gaps import NeedComparisonOutcome, build_gap_map
from app.core.matching.weights import WEIGHTS
from app.core.organisations import Municipality
from app.core.publication import Cell, Level, ReleasedSurveys
from tests.core.matching.synthetic_region import REGION_MEANS, TODAY, course, offering, publication, shown, unit

TOWNS = [Municipality(name, name.upper()) for name in ("m", "n", "o")]
UNITS = tuple(unit(f"{town}{number}", town, size=20) for town in ("m", "n", "o") for number in range(6))


def gap_map(values, courses=(), units=UNITS):
    """The map of a region in which `values` gives each unit its means (the region's where it names none)."""
    figures = [
        shown(Cell(Level.COMMUNITY, one.id), scale, values.get((one.id, scale), mean))
        for one in units
        for scale, mean in REGION_MEANS.items()
    ]
    whole = publication(figures, units=units, municipalities=TOWNS)
    region = ReleasedSurveys.from_publications([whole]).region_results({one.id for one in units})
    return build_gap_map(region, courses, today=TODAY, chance=default_rng(1))


def noise(seed, spread=6.0):
    rng = default_rng(seed)
    return {
        (one.id, scale): mean + float(rng.normal(0, spread)) for one in UNITS for scale, mean in REGION_MEANS.items()
    }


def low_control(town, by=18.0, seed=1):
    values = noise(seed, spread=3.0)
    return {
        key: value - by if key[0].startswith(town) and key[1] == "control" else value for key, value in values.items()
    }


def row_of(found, dimension):
    return next(row for row in found.rows if row.dimension == dimension)


def test_the_greatest_need_of_the_region_stands_first_and_the_mean_is_1():
    found = gap_map(noise(1))
    assert [row.need for row in found.rows] == sorted((row.need for row in found.rows), reverse=True)
    assert np.mean([row.need for row in found.rows]) == pytest.approx(1, abs=0.02)
    assert all(row.interval[0] < row.need < row.interval[1] for row in found.rows)
    assert all(cell.interval[0] < cell.need < cell.interval[1] for row in found.rows for cell in row.cells)


def test_a_municipality_that_is_worse_is_marked_and_the_others_are_not():
    row = row_of(gap_map(low_control("m")), "control")
    sides = {cell.municipality: cell.side for cell in row.cells}
    assert sides["m"] is NeedComparisonOutcome.GREATER
    assert row.cells[0].need > row.cells[1].need


def test_without_any_difference_hardly_anything_is_marked():
    marked = [
        cell.side is not NeedComparisonOutcome.ALIKE
        for seed in range(30)
        for row in gap_map(noise(seed)).rows
        for cell in row.cells
    ]
    assert np.mean(marked) <= 0.03


def test_seats_of_a_course_on_two_dimensions_are_shared_and_add_up():
    both = course("k", {"control": 2, "resources": 1}, offerings=(offering("k-1", capacity=30),))
    found = gap_map(noise(2), [both])
    assert row_of(found, "control").offered == pytest.approx(20)
    assert row_of(found, "resources").offered == pytest.approx(10)
    assert sum(row.offered for row in found.rows) == 30
    assert row_of(found, "leadership").lacks_offerings and not row_of(found, "control").lacks_offerings


def test_the_seats_it_would_take_are_a_share_of_all_staff_by_need():
    found = gap_map(low_control("m"))
    staff = 20 * len(UNITS)
    assert sum(row.forecast.seats for row in found.rows) == pytest.approx(WEIGHTS.uptake * staff)
    for row in found.rows:
        assert sum(cell.wanted for cell in row.cells) == pytest.approx(row.forecast.seats)
        assert row.forecast.interval[0] <= row.forecast.seats <= row.forecast.interval[1]
    control = row_of(found, "control")
    assert control.cells[0].wanted > control.cells[1].wanted


def test_missing_and_spare_seats_exclude_each_other_and_only_spare_ones_are_unneeded():
    few = course("few", {"control": 3}, offerings=(offering("few-1", capacity=1),))
    many = course("many", {"resources": 3}, offerings=(offering("many-1", capacity=500),))
    mixed = course("mixed", {"resources": 1, "control": 1}, offerings=(offering("mixed-1", capacity=1),))
    found = gap_map(noise(3), [few, many, mixed])
    assert (
        row_of(found, "control").seats_below_forecast_interval
        > 0
        == row_of(found, "control").seats_above_forecast_interval
    )
    assert (
        row_of(found, "resources").seats_above_forecast_interval
        > 0
        == row_of(found, "resources").seats_below_forecast_interval
    )
    assert [course.external_id for course, _time in found.unneeded] == ["many"]


def test_a_single_community_has_needs_and_no_interval():
    alone = (replace(UNITS[0], municipality="m"),)
    found = gap_map({}, units=alone)
    assert {cell.interval for row in found.rows for cell in row.cells} == {None}
    assert {row.interval for row in found.rows} == {None}
    assert {cell.side for row in found.rows for cell in row.cells} == {NeedComparisonOutcome.ALIKE}
