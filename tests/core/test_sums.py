"""Whether single items are counted by their answers or scales by their scores: the sums are those of the people."""

import numpy as np
import pytest
from pytest import approx

from app.core.counting import OpenedBallots, empty_ballot_sums, sum_ballots_of_units
from app.core.counting.ballot_sums import _tables, item_value_change_per_option, person_scores, range_midpoint
from app.core.counting.measures import scored_measures
from app.core.counting.quality import _pooled_covariance, _spread
from app.core.counting.sums import cell_sums
from app.core.instruments import Scoring, scale_scores, scored_item_values
from app.core.stats.agreement import one_way_anova_sums
from app.core.stats.relative_weights import within_group_products
from app.core.stats.reliability import complete_rows, item_covariance
from tests.core.synthetic_region import questionnaire, scale

UNITS = 4
PEOPLE = 300
IMPOSSIBLE = 9
SKIPPED = 255


def collected(items, options):
    chance = np.random.default_rng(3)
    ratings = chance.integers(0, options, (PEOPLE, items)).astype(np.uint8)
    ratings[chance.random(ratings.shape) < 0.2] = SKIPPED
    ratings[0, 0] = IMPOSSIBLE
    groups = chance.choice([0, 1, 255], PEOPLE).astype(np.uint8)
    return OpenedBallots(chance.integers(0, UNITS, PEOPLE).astype(np.int32), groups, ratings)


@pytest.mark.parametrize("options", [2, 4, 5])
@pytest.mark.parametrize("scoring", [Scoring.PERCENT, Scoring.MEAN])
def test_every_cell_holds_the_sums_of_its_people(options, scoring):
    scales = (scale("control", ("a", "b", "c"), scoring=scoring), scale("haste", ("d",), scoring=scoring))
    instrument = questionnaire(scales, options=options)
    answers = collected(len(instrument.items), options)
    measures = scored_measures(instrument)
    shape = UNITS, len(instrument.groups) + 1
    found = cell_sums(instrument, sum_ballots_of_units(answers, instrument, first_surveys=[False] * UNITS), measures)
    group = np.where(answers.groups == 255, shape[1] - 1, answers.groups)
    assert {scored.measure.kind.value for scored in measures} == {"scale", "item"}
    for column, scored in enumerate(measures):
        values = scale_scores(instrument, scored.scale, answers.ratings)
        third = (scored.measure.high - scored.measure.low) / 3
        for cell in np.ndindex(shape):
            here = values[(answers.units == cell[0]) & (group == cell[1])]
            there = here[np.isfinite(here)]
            far = there - range_midpoint(scored)
            assert found.n[cell][column] == len(there)
            assert found.total[cell][column] == approx(far.sum())
            assert found.squares[cell][column] == approx((far**2).sum())
            assert found.low[cell][column] == (there < scored.measure.low + third - 1e-9).sum()
            assert found.high[cell][column] == (there > scored.measure.high - third + 1e-9).sum()
            assert found.ballots[cell] == len(here)


def reversed_questionnaire(scoring=Scoring.PERCENT):
    return questionnaire(
        (
            scale("demands", ("a", "b", "c"), scoring=scoring, reversed=frozenset({"b"})),
            scale("control", ("d", "e", "f"), scoring=scoring),
            scale("wellbeing", ("g", "h"), scoring=scoring),
        ),
        options=6,
    )


@pytest.mark.parametrize("scoring", list(Scoring))
def test_the_sums_of_a_scale_give_the_covariances_and_spreads_of_its_people(scoring):
    instrument = reversed_questionnaire(scoring)
    ballots = collected(len(instrument.items), 6)
    sums = sum_ballots_of_units(ballots, instrument, first_surveys=[False] * UNITS)
    units = np.array([True, False, True, True])
    for column, one in enumerate(instrument.scales):
        values = scored_item_values(instrument, one, ballots.ratings)
        people = complete_rows(values[units[ballots.units]])
        assert int(sums.items[column].n[units].sum()) == len(people) > 100
        found = _pooled_covariance(sums.items[column], units, item_value_change_per_option(instrument, one))
        np.testing.assert_allclose(found, item_covariance(people), rtol=1e-12)
        spread = _spread(sums, units, column)
        scores = scale_scores(instrument, one, ballots.ratings)
        expected = one_way_anova_sums(scores[units[ballots.units]], ballots.units[units[ballots.units]])
        assert spread.labels.tolist() == expected.labels.tolist() == [0, 2, 3]
        assert spread.sizes.tolist() == expected.sizes.tolist()
        np.testing.assert_allclose(spread.means, expected.means)
        assert spread.within == approx(expected.within)


def test_items_that_everybody_answered_alike_have_no_variance_at_all():
    instrument = reversed_questionnaire()
    ratings = np.random.default_rng(1).integers(0, 6, (PEOPLE, 8)).astype(np.uint8)
    ratings[:, 1] = 4
    ballots = OpenedBallots(np.zeros(PEOPLE, np.int32), np.full(PEOPLE, 255, np.uint8), ratings)
    sums = sum_ballots_of_units(ballots, instrument, first_surveys=[False])
    found = _pooled_covariance(
        sums.items[0], np.array([True]), item_value_change_per_option(instrument, instrument.scales[0])
    )
    assert found[1].tolist() == found[:, 1].tolist() == [0.0, 0.0, 0.0]
    assert found[0, 0] > 0


def test_the_products_of_the_scales_are_those_of_the_people_with_a_score_on_each():
    instrument = reversed_questionnaire()
    ballots = collected(len(instrument.items), 6)
    sums = sum_ballots_of_units(ballots, instrument, first_surveys=[False] * UNITS)
    scores = person_scores(instrument, scored_measures(instrument)[:3], ballots.ratings)
    whole = np.isfinite(scores).all(axis=1)
    products, degrees = within_group_products(scores[whole], ballots.units[whole].astype(np.int64))
    assert (sums.complete - 1).tolist() == degrees.tolist()
    np.testing.assert_allclose(sums.impact_products, products)


def test_sums_of_units_made_apart_and_put_together_are_those_of_all_at_once():
    """Whatever processes the units are shared out over, no bit of any figure differs."""
    instrument = reversed_questionnaire()
    ballots = collected(len(instrument.items), 6)
    first = [False, True, False, False]
    whole = sum_ballots_of_units(ballots, instrument, first_surveys=first)
    together = empty_ballot_sums(instrument, units=UNITS)
    for rows in ([2], [3, 1], [0]):
        mine = np.isin(ballots.units, rows)
        places = np.array([rows.index(unit) for unit in ballots.units[mine].tolist()], np.int32)
        part = OpenedBallots(places, ballots.groups[mine], ballots.ratings[mine])
        together.overwrite_unit_sums(
            rows, sum_ballots_of_units(part, instrument, first_surveys=[first[row] for row in rows])
        )
    assert len(together) == len(whole) == PEOPLE
    tables = list(zip(_tables(whole), _tables(together), strict=True))
    assert len(tables) > 20
    for expected, found in tables:
        np.testing.assert_array_equal(found, expected)
