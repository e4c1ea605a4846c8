"""Ratings become scores: reversed items turn, skipped items do not count."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.config import ROOT
from app.core.instruments import SKIPPED, parse, scale_scorers, scale_scores, score_range, scored_item_values
from app.store.instruments import read_questionnaire_file
from tests.core.small_questionnaire import SMALL, changed

SMALL_INSTRUMENT = parse(SMALL, name="small.toml")
CONTROL = SMALL_INSTRUMENT.scale("control")
OWN = read_questionnaire_file(ROOT / "surveys" / "wellbeing.toml")
RATINGS = arrays(np.uint8, st.tuples(st.integers(1, 20), st.just(2)), elements=st.sampled_from([0, 1, 2, SKIPPED]))


def scored(source, rows):
    instrument = parse(source, name="small.toml")
    return scale_scores(instrument, instrument.scales[0], np.array(rows, dtype=np.uint8)).tolist()


def test_a_percent_score_goes_from_the_lowest_option_to_the_highest():
    assert scored(SMALL, [[0, 2], [1, 1], [2, 0], [2, 2]]) == [0, 50, 100, 50]


def test_a_mean_score_is_in_option_numbers():
    assert scored(SMALL + 'scoring = "mean"\n', [[0, 2], [1, 1], [2, 1]]) == [1, 2, 2.5]


def test_a_sum_adds_option_numbers_and_needs_every_item():
    source = SMALL + 'scoring = "sum"\nmin_answered = "all"\n'
    assert scored(source, [[0, 2], [2, 0]]) == [2, 6]
    assert np.isnan(scored(source, [[2, SKIPPED]])).all()


def test_a_skipped_item_is_left_out_of_the_mean():
    assert scored(SMALL, [[2, SKIPPED], [SKIPPED, 2]]) == [100, 0]


def test_a_score_is_missing_when_too_few_items_are_answered():
    assert np.isnan(scored(SMALL, [[SKIPPED, SKIPPED]])).all()
    assert np.isnan(scored(SMALL + 'min_answered = "all"\n', [[2, SKIPPED]])).all()


def test_a_damaged_rating_counts_as_skipped():
    assert scored(SMALL, [[2, 77]]) == [100]


def test_ratings_of_another_questionnaire_are_refused():
    with pytest.raises(ValueError, match="must be n x 2"):
        scale_scores(SMALL_INSTRUMENT, CONTROL, np.zeros((3, 4), dtype=np.uint8))


def test_no_answers_give_no_scores():
    assert scale_scores(SMALL_INSTRUMENT, CONTROL, np.zeros((0, 2), dtype=np.uint8)).shape == (0,)


def test_the_bounds_of_a_score_follow_its_scoring():
    assert score_range(SMALL_INSTRUMENT, CONTROL) == (0, 100)
    summed = parse(SMALL + 'scoring = "sum"\nmin_answered = "all"\n', name="small.toml")
    assert score_range(summed, summed.scales[0]) == (2, 6)


@given(RATINGS)
def test_turning_every_item_mirrors_the_score(ratings):
    mirrored = parse(changed(('reversed = ["haste"]', 'reversed = ["pace"]')), name="small.toml")
    here = scale_scores(SMALL_INSTRUMENT, CONTROL, ratings)
    there = scale_scores(mirrored, mirrored.scales[0], ratings)
    np.testing.assert_allclose(here, 100 - there)


@given(RATINGS)
def test_turned_items_are_missing_exactly_where_nothing_was_chosen(ratings):
    values = scored_item_values(SMALL_INSTRUMENT, CONTROL, ratings)
    np.testing.assert_array_equal(np.isnan(values), ratings == SKIPPED)
    assert (values[np.isfinite(values)] >= 0).all()
    assert (values[np.isfinite(values)] <= 100).all()


def one_by_one(instrument, row):
    """The scores of one person by gauge and by `score`, in turns; a score that is missing is NaN in both."""
    positions = {name: int(at) for name, at in zip(instrument.item_ids, row, strict=True) if at != SKIPPED}
    by_gauge = [gauge.score(positions) for gauge in scale_scorers(instrument)]
    by_score = [scale_scores(instrument, scale, np.array([row], dtype=np.uint8))[0] for scale in instrument.scales]
    return [np.nan if one is None else one for one in by_gauge], by_score


@given(st.lists(st.sampled_from([0, 1, 2, 3, 4, 77, SKIPPED]), min_size=len(OWN.items), max_size=len(OWN.items)))
def test_one_person_scores_the_same_by_gauge_as_among_many(row):
    np.testing.assert_allclose(*one_by_one(OWN, row))


@pytest.mark.parametrize(
    ("scoring", "least"), [("percent", "1"), ("percent", '"all"'), ("mean", "1"), ("mean", '"all"'), ("sum", '"all"')]
)
@given(row=st.lists(st.sampled_from([0, 1, 2, 77, SKIPPED]), min_size=2, max_size=2))
def test_a_gauge_follows_the_scoring_and_the_fewest_answers_of_its_scale(scoring, least, row):
    instrument = parse(SMALL + f'scoring = "{scoring}"\nmin_answered = {least}\n', name="small.toml")
    np.testing.assert_allclose(*one_by_one(instrument, row))
