"""Answers of 1,095 people in 25 work communities give what R gives.

The answers are the data set `lq2002` of R's package multilevel, whose licence keeps them out of this repository:
REAL_ANSWERS names the folder with `answers.csv`. Without it these tests are deselected, not skipped.
"""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from pytest import approx

from app.core.stats.agreement import GroupSizeMethod, intraclass_correlations
from app.core.stats.factor import mcdonald_omega
from app.core.stats.reliability import cronbach_alpha
from tests.core.stats.oracles import rwg_j

ANSWERS = Path(os.environ.get("REAL_ANSWERS", "")) / "answers.csv"
pytestmark = pytest.mark.real_answers
EXPECTED = {
    "LEAD": (50.7493, 20.0260, 0.898796, 0.8997, 0.091463, 0.815135),
    "TSIG": (54.2237, 25.3751, 0.825948, 0.8357, 0.091402, 0.815025),
    "HOSTIL": (22.9909, 26.0559, 0.878962, 0.8845, 0.043421, 0.665345),
}


@pytest.fixture(scope="module")
def rows():
    with ANSWERS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def percent(rows, scale):
    names = [name for name in rows[0] if name.startswith(scale)]
    lowest = 0 if scale == "HOSTIL" else 1
    return (np.array([[float(row[name]) for name in names] for row in rows]) - lowest) * 25


@pytest.mark.parametrize("scale", EXPECTED)
def test_scales_of_real_answers_agree_with_r(rows, scale):
    mean, sd, alpha, omega, icc1, icc2 = EXPECTED[scale]
    items = percent(rows, scale)
    scores = items.mean(axis=1)
    communities = [row["community"] for row in rows]
    icc = intraclass_correlations(scores, communities, size=GroupSizeMethod.MEAN)
    assert len(scores) == 1095
    assert (scores.mean(), scores.std(ddof=1)) == approx((mean, sd), abs=1e-4)
    assert cronbach_alpha(items).raw == approx(alpha, abs=1e-6)
    assert mcdonald_omega(items).model_implied == approx(omega, abs=0.03)
    assert (icc.icc1, icc.icc2) == approx((icc1, icc2), abs=1e-6)


def test_agreement_of_real_communities_agrees_with_r(rows):
    items = percent(rows, "LEAD")
    names = np.array([row["community"] for row in rows])
    agreed = [rwg_j(items[names == name], options=5, step=25) for name in sorted(set(names))]
    assert float(np.median(agreed)) == approx(0.8876629, abs=1e-7)


def test_real_communities_have_the_means_and_spreads_of_r(rows):
    scores = percent(rows, "LEAD").mean(axis=1)
    names = np.array([row["community"] for row in rows])
    for name, n, mean, sd in [
        ("unit-13", 99, 51.56107, 18.72070),
        ("unit-15", 89, 50.45965, 18.86681),
        ("unit-17", 10, 55.22727, 15.63802),
        ("unit-19", 13, 53.14685, 18.70779),
    ]:
        own = scores[names == name]
        assert (len(own), own.mean(), own.std(ddof=1)) == approx((n, mean, sd), abs=1e-5)
