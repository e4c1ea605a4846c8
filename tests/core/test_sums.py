"""Whether single items are counted by their answers or scales by their scores: the sums are those of the people."""

import numpy as np
import pytest
from pytest import approx

from app.core.counting import OpenedBallots
from app.core.counting.measures import scored_measures
from app.core.counting.sums import cell_sums, person_scores, range_midpoint
from app.core.instruments import Scoring, scale_scores
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
    found = cell_sums(
        instrument, person_scores(instrument, measures, answers), answers, measures,
        shape=shape, strain=np.full(PEOPLE, -1),
    )  # fmt: skip
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
