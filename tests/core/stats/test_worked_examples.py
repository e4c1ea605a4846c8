"""The statistics agree with what others computed or printed."""

import numpy as np
import pytest
from pytest import approx

from app.core.counting.ballot_sums import STRAIN_NAMES, person_quadrants
from app.core.stats.agreement import intraclass_correlations
from app.core.stats.change import small_sample_correction
from app.core.stats.comparisons import benjamini_hochberg
from app.core.stats.describe import wilson_interval
from app.core.stats.factor import mcdonald_omega
from app.core.stats.reliability import cronbach_alpha
from app.core.stats.shrinkage import fit_random_intercept_to_scores
from tests.core.stats.oracles import detectable_change, estimate_mean, half_width, rwg, rwg_j, welch
from tests.core.stats.worked_examples import (
    ATTITUDE,
    BH_1995,
    DYESTUFF,
    GROUP_72,
    GROUP_98,
    SHROUT_FLEISS,
    SLEEP_A,
    SLEEP_B,
)


def test_alpha_agrees_with_psych_and_feldt_with_psychometric():
    alpha = cronbach_alpha(ATTITUDE)
    assert alpha.raw == approx(0.8431427696, abs=1e-7)
    assert alpha.standardised == approx(0.839083803, abs=1e-7)
    assert alpha.mean_correlation == approx(0.4269066426, abs=1e-7)
    assert alpha.interval == approx((0.7393756856, 0.9157730722), abs=1e-7)


def test_omega_agrees_with_lavaan_and_psych_each_by_its_convention():
    omega = mcdonald_omega(ATTITUDE)
    assert omega.model_implied == approx(0.8563268368, abs=1e-6)
    assert omega.observed == approx(0.8263180709, abs=1e-6)
    assert not omega.improper


def test_the_one_way_analysis_sees_judges_as_people_of_a_community():
    table = np.array(SHROUT_FLEISS, dtype=float)
    icc = intraclass_correlations(table.ravel(), np.repeat(np.arange(len(table)), table.shape[1]))
    assert (icc.icc1, icc.icc2) == approx((0.1657417684, 0.4427971337), abs=1e-9)


def dyestuff():
    scores = [score for batch in DYESTUFF.values() for score in batch]
    return np.array(scores, dtype=float), np.repeat(np.arange(len(DYESTUFF)), 5)


def test_shrinkage_agrees_with_lme4():
    fit = fit_random_intercept_to_scores(*dyestuff())
    assert fit.mean == approx(1527.5)
    assert fit.between == approx(1764.05, abs=2e-4)
    assert fit.within == approx(2451.25, abs=2e-4)
    assert fit.standard_error == approx(19.3834121788, abs=2e-4)
    assert fit.icc1 == approx(0.418487414893, abs=1e-6)
    expected = {"A": -17.606851, "B": 0.391263, "C": 28.562226, "D": -23.084538, "E": 56.733188, "F": -44.995287}
    assert [place.estimate - fit.mean for place in fit.communities] == approx(list(expected.values()), abs=2e-4)


def test_the_analysis_of_variance_agrees_with_r():
    icc = intraclass_correlations(*dyestuff())
    assert (icc.between, icc.within) == approx((11271.5, 2451.25), abs=1e-9)
    assert (icc.f, icc.p) == approx((4.59827, 0.0043975), abs=1e-5)
    assert (icc.icc1, icc.icc2) == approx((0.418487414893, 0.7825267267), abs=1e-9)


def test_agreement_within_groups_agrees_with_multilevel():
    assert rwg(GROUP_72["single"], options=5) == 0.0
    assert rwg(GROUP_98["single"], options=5) == approx(0.288461538462, abs=1e-9)
    assert rwg_j(np.transpose(GROUP_72["items"]), options=5) == approx(0.399563318777, abs=1e-9)
    assert rwg_j(np.transpose(GROUP_98["items"]), options=5) == approx(0.573878627968, abs=1e-9)


def test_agreement_is_the_same_in_any_unit():
    as_percent = (np.transpose(GROUP_98["items"]) - 1) * 25
    assert rwg_j(as_percent, options=5, step=25) == approx(0.573878627968, abs=1e-9)


def test_the_mean_of_a_school_agrees_with_survey():
    values = [row[0] for row in ATTITUDE[:22]]
    staff = estimate_mean(values, population=30)
    assert staff.mean == approx(64.7272727273, abs=1e-8)
    assert staff.sd == approx(10.6421525668, abs=1e-8)
    assert staff.standard_error == approx(1.1716624359, abs=1e-8)
    assert staff.interval == approx((62.2906673042, 67.1638781503), abs=1e-8)
    assert estimate_mean(values).standard_error == approx(2.26891455081, abs=1e-8)


def test_welch_agrees_with_r():
    result = welch(SLEEP_A, SLEEP_B)
    assert (result.t, result.degrees, result.p) == approx((-1.860813467, 17.77647352, 0.0793941402), abs=1e-6)
    assert result.interval == approx((-3.365483230712, 0.205483230712), abs=1e-6)


def test_the_correction_of_an_effect_size_agrees_with_effectsize():
    assert small_sample_correction(18) * -0.83218108135 == approx(-0.796935239191, abs=1e-6)


def test_adjusted_p_values_agree_with_r():
    expected_bh = [
        0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.0638571428571, 0.0638571428571, 0.0645, 0.0765, 0.486,
        0.581181818182, 0.714875, 0.753230769231, 0.813214285714, 1,
    ]  # fmt: skip
    assert benjamini_hochberg(BH_1995) == approx(expected_bh, abs=1e-9)
    found = [int((adjust(BH_1995) <= 0.05).sum()) for adjust in (np.array, benjamini_hochberg)]
    assert found == [9, 4]


@pytest.mark.parametrize(
    ("successes", "n", "expected"),
    [
        (81, 263, (0.255288519878, 0.366209576983)),
        (15, 148, (0.0623863995307, 0.1604872417233)),
        (0, 20, (0, 0.161125158053)),
        (1, 29, (0.00611321429276, 0.1717552187932)),
    ],
)
def test_wilson_agrees_with_newcombe(successes, n, expected):
    assert wilson_interval(successes, n) == approx(expected, abs=1e-8)


def test_strain_follows_the_strict_rule_at_the_cut():
    people = np.array([(60, 40), (60, 60), (40, 40), (40, 60), (50, 40), (60, 50)], dtype=float)
    found = person_quadrants(people[:, 0], people[:, 1], cuts=(50, 50))
    expected = ["high_strain", "active", "passive", "low_strain", "passive", "active"]
    assert [STRAIN_NAMES[quadrant] for quadrant in found] == expected


def test_who_lacks_a_score_stands_in_no_quadrant():
    found = person_quadrants(np.array([60.0, np.nan, 60.0]), np.array([40.0, 40.0, np.nan]), cuts=(50, 50))
    assert found.tolist() == [0, -1, -1]


def test_a_score_that_misses_the_cut_by_the_last_bit_is_at_the_cut():
    below = np.array([(100 / 3 + 200 / 3) / 2 - 1e-14])
    above = np.array([50 + 1e-14])
    assert STRAIN_NAMES[person_quadrants(above, below, cuts=(50, 50))[0]] == "low_strain"


@pytest.mark.parametrize(
    ("size", "n", "expected"),
    [
        (30, 22, (8.9, 4.6, 12.2, 6.3)),
        (15, 11, (13.4, 6.9, 17.8, 9.2)),
        (12, 9, (15.4, 7.7, 20.0, 10.0)),
        (8, 6, (21.0, 10.5, 25.7, 12.9)),
    ],
)
def test_what_a_community_can_see(size, n, expected):
    found = (
        half_width(20, n),
        half_width(20, n, population=size),
        detectable_change(20, n),
        detectable_change(20, n, population=size),
    )
    assert found == approx(expected, abs=0.06)
