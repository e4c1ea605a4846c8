"""Impact weights: what they find, when they are told, and that they tell nothing of a single person."""

from dataclasses import replace

import numpy as np
import pytest

from app.core.counting import OpenedBallots
from app.core.counting.impact import GRAIN
from app.core.publication import from_json, to_json
from app.core.stats.relative_weights import pooled_relative_weights, relative_weights, within_group_products
from tests.core.synthetic_region import published, questionnaire, region_of, scale

SCALES = ("control", "demands", "practices", "wellbeing")
ITEMS = 4


def survey():
    return questionnaire(tuple(scale(name, [f"{name}{n}" for n in range(ITEMS)]) for name in SCALES))


def region(units=20, staff=24):
    return region_of({"m": {f"u{n}": staff for n in range(units)}})


def people(seed, *, units=20, each=20, slopes=(1.0, -0.3, 0.3)):
    """Answers in which wellbeing follows from three scales by `slopes`; options 0-4."""
    rng = np.random.default_rng(seed)
    n = units * each
    drivers = rng.normal(size=(n, 3))
    outcome = drivers @ np.array(slopes) + rng.normal(size=n) * 0.8
    columns = []
    for values in (*drivers.T, outcome / outcome.std()):
        columns += [values + rng.normal(size=n) * 0.5 for _ in range(ITEMS)]
    ratings = np.clip(np.rint(2 + np.stack(columns, axis=1)), 0, 4).astype(np.uint8)
    return OpenedBallots(np.repeat(np.arange(units, dtype=np.int32), each), np.full(n, 255, np.uint8), ratings)


def impact_of(ballots, **more):
    return published(region(**more), ballots, instrument=survey()).impact


def test_the_scale_that_goes_together_with_wellbeing_weighs_most():
    found = impact_of(people(1))
    assert found.outcome == "wellbeing"
    weights = {weight.scale: weight.weight for weight in found.weights}
    assert set(weights) == {"control", "demands", "practices"}
    assert max(weights, key=weights.get) == "control"
    assert sum(weights.values()) == pytest.approx(1.0, abs=2 * GRAIN)
    for weight in found.weights:
        assert weight.interval[0] <= weight.weight <= weight.interval[1]
    assert 0.2 <= found.explained <= 0.9


def test_differences_between_communities_do_not_count():
    ballots = people(1, slopes=(0.0, 0.0, 1.0))
    lifted = ballots.ratings.copy().astype(int)
    lifted[:, :ITEMS] += (ballots.units % 2 == 0)[:, None] * 2
    lifted[:, -ITEMS:] += (ballots.units % 2 == 0)[:, None] * 2
    moved = replace(ballots, ratings=np.clip(lifted, 0, 4).astype(np.uint8))
    weights = {weight.scale: weight.weight for weight in impact_of(moved).weights}
    assert weights["practices"] > weights["control"]


@pytest.mark.parametrize(("units", "each", "told"), [(15, 20, True), (14, 20, False), (4, 80, False)])
def test_weights_need_300_answers_of_five_communities(units, each, told):
    found = impact_of(people(2, units=units, each=each), units=units, staff=each + 4)
    assert (found is not None) is told


def test_communities_that_are_not_shown_do_not_speak_through_the_weights():
    ballots = people(3, units=21)
    last = ballots.units == 20
    keep = ~last | (np.cumsum(last) <= 9)
    small = OpenedBallots(ballots.units[keep], ballots.groups[keep], ballots.ratings[keep].copy())
    turned = replace(small, ratings=small.ratings.copy())
    turned.ratings[small.units == 20] = 4 - turned.ratings[small.units == 20]
    assert impact_of(small, units=21) == impact_of(turned, units=21)


def test_a_questionnaire_without_wellbeing_has_no_weights():
    scales = tuple(scale(name, [f"{name}{n}" for n in range(ITEMS)], dimension="") for name in SCALES)
    assert published(region(), people(1), instrument=questionnaire(scales)).impact is None


def test_weights_survive_storage_and_older_publications_have_none():
    made = published(region(), people(1), instrument=survey())
    assert from_json(to_json(made)) == made
    older = replace(made, impact=None)
    assert '"impact"' not in to_json(older)
    assert from_json(to_json(older)).impact is None


def test_the_fewer_answers_the_closer_to_equal_weights():
    rng = np.random.default_rng(5)

    def spread(n):
        drivers = rng.normal(size=(n, 3))
        outcome = drivers @ np.array([0.5, 0.3, 0.2]) + rng.normal(size=n)
        products = within_group_products(np.column_stack([drivers, outcome]), np.arange(n) % 20)
        found = pooled_relative_weights(*products)
        return np.std(found.weights) / np.std(found.raw)

    assert np.mean([spread(100) for _ in range(10)]) < np.mean([spread(2000) for _ in range(10)])


def test_collinear_or_constant_scales_have_no_weights():
    assert relative_weights(np.array([[1.0, 1.0, 0.5], [1.0, 1.0, 0.5], [0.5, 0.5, 1.0]])) is None
    assert relative_weights(np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.5], [0.0, 0.5, 1.0]])) is None


def test_an_intercorrelated_example_agrees_with_the_definition():
    """Johnson's epsilon equals the general dominance of two predictors (Lebreton et al. 2004): checked by hand."""
    r12, r1, r2 = 0.5, 0.6, 0.4
    covariance = np.array([[1, r12, r1], [r12, 1, r2], [r1, r2, 1]])
    explained = (r1**2 + r2**2 - 2 * r1 * r2 * r12) / (1 - r12**2)
    first = (r1**2 + (explained - r2**2)) / 2
    shares, whole = relative_weights(covariance)
    assert whole == pytest.approx(explained)
    assert shares[0] * whole == pytest.approx(first, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_two_publications_that_differ_by_one_person_narrow_nobody_down(seed):
    """The attacker reads a publication with a certain person and one without, and knows who answered.

    The person's answers are as unusual as they can be. If the person had answered what a colleague answered, and the
    colleague what the person did, both publications would print the same weights, for colleagues far apart on every
    scale: so the two prints leave the person's score open by more than one step between two options.
    """
    before = people(seed, units=15, each=20)
    unusual = np.repeat([4, 0, 4, 0], ITEMS).astype(np.uint8)
    printed = (impact_of(before, units=15), impact_of(_with_person(before, unusual), units=15))
    possible = [unusual]
    for colleague in range(12):
        swapped = replace(before, ratings=before.ratings.copy())
        swapped.ratings[colleague] = unusual
        theirs = before.ratings[colleague]
        if (impact_of(swapped, units=15), impact_of(_with_person(swapped, theirs), units=15)) == printed:
            possible.append(theirs)
    scores = np.array(possible, dtype=float).reshape(-1, len(SCALES), ITEMS).mean(axis=2)
    assert (scores.max(axis=0) - scores.min(axis=0) > 1).all(), scores


def _with_person(others, rating):
    return OpenedBallots(
        np.append(others.units, np.int32(0)),
        np.append(others.groups, np.uint8(255)),
        np.vstack([others.ratings, rating]),
    )
