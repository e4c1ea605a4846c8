"""Worked examples that other programs computed, each within its own tolerance."""

import json
from pathlib import Path

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

FILE = Path(__file__).parents[2] / "reference" / "worked_examples.json"


def alpha(given, _cases):
    found = cronbach_alpha(given["rows"])
    return {
        "alpha_raw": found.raw,
        "alpha_standardized": found.standardised,
        "mean_interitem_r": found.mean_correlation,
        "feldt95": list(found.interval),
    }


def omega(_given, cases):
    rows = cases["alpha_attitude"]["input"]["rows"]
    found = mcdonald_omega(rows)
    return {
        "omega_ml_model_implied": found.model_implied,
        "omega_ml_observed_denominator": found.observed,
    }


def shrinkage(given, _cases):
    names = list(given["groups"])
    scores = np.array([given["groups"][name] for name in names], dtype=float)
    groups = np.repeat(np.arange(len(names)), scores.shape[1])
    fit = fit_random_intercept_to_scores(scores.ravel(), groups)
    icc = intraclass_correlations(scores.ravel(), groups)
    return {
        "grand_mean": fit.mean, "msb": icc.between, "msw": icc.within, "f": icc.f, "p": icc.p,
        "tau2": fit.between, "sigma2": fit.within, "icc1": icc.icc1, "icc2": icc.icc2, "se_grand": fit.standard_error,
        "blup": {names[place.group]: place.estimate - fit.mean for place in fit.communities},
    }  # fmt: skip


def agreement(given, _cases):
    def of(group):
        return {
            "rwg": rwg(group["single"], options=given["options"]),
            "rwg_j": rwg_j(np.transpose(group["items"]), options=given["options"]),
        }

    raw = 1 - np.var(given["g72"]["single"], ddof=1) / given["sigma2_uniform"]  # which the function makes 0
    return {"g72": of(given["g72"]) | {"rwg_raw": raw}, "g98": of(given["g98"])}


def school(given, cases):
    staff = estimate_mean(given["values"], population=given["N"])
    sample = estimate_mean(given["values"])
    everybody = estimate_mean([row[0] for row in cases["alpha_attitude"]["input"]["rows"]], population=given["N"])
    return {
        "mean": staff.mean,
        "sd": staff.sd,
        "se_no_fpc": sample.standard_error,
        "se_fpc": staff.standard_error,
        "ci95_t": list(staff.interval),
        "true_population_mean": everybody.mean,
    }


def two_samples(given, _cases):
    found = welch(given["a"], given["b"])
    size = found.difference / np.sqrt(np.mean([np.var(given[side], ddof=1) for side in ("a", "b")]))  # of equal sizes
    degrees = len(given["a"]) + len(given["b"]) - 2
    return {
        "t": found.t, "df": found.degrees, "p": found.p, "ci95": list(found.interval),
        "cohens_d_pooled": size, "hedges_g": small_sample_correction(degrees) * size,
    }  # fmt: skip


def adjusted(given, _cases):
    p = np.array(given["p"])
    q = given["q"]
    return {
        "n_reject_bh": int((benjamini_hochberg(p) <= q).sum()),
        "n_unadjusted": int((p <= q).sum()),
        "bh": benjamini_hochberg(p).tolist(),
    }


def quadrants(given, _cases):
    demands, control = np.array(given["people"], dtype=float).T
    found = person_quadrants(demands, control, cuts=(given["demands_cut"], given["control_cut"]))
    return [STRAIN_NAMES[quadrant] for quadrant in found]


def detectable(given, _cases):
    return [
        {
            "no_fpc": half_width(given["sd"], n),
            "fpc": half_width(given["sd"], n, population=size),
            "diff_no_fpc": detectable_change(given["sd"], n),
            "diff_fpc": detectable_change(given["sd"], n, population=size),
        }
        for size, n in given["cases"]
    ]


COMPUTED = {
    "alpha_attitude": alpha,
    "omega_attitude": omega,
    "dyestuff_shrinkage_balanced": shrinkage,
    "rwg_two_small_groups": agreement,
    "fpc_mean_school": school,
    "welch_sleep": two_samples,
    "bh_1995": adjusted,
    "wilson_newcombe": lambda given, _cases: [list(wilson_interval(*pair)) for pair in given],
    "job_strain_rule": quadrants,
    "min_detectable": detectable,
}


@pytest.fixture(scope="module")
def cases():
    return {one["id"]: one for one in json.loads(FILE.read_text(encoding="utf-8"))}


def test_no_case_is_left_out(cases):
    assert set(cases) == set(COMPUTED)


@pytest.mark.parametrize("name", COMPUTED)
def test_a_case_matches_within_its_tolerance(cases, name):
    case = cases[name]
    compare(COMPUTED[name](case.get("input"), cases), case["expect"], case.get("tol", 0), place=name)


def compare(found, expected, tolerance, *, place):
    """Compare part by part; a part that is expected and not computed is a failure."""
    if isinstance(expected, dict):
        assert set(found) == set(expected), place
        for name, part in expected.items():
            compare(found[name], part, tolerance, place=f"{place}.{name}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), place
        for number, (one, other) in enumerate(zip(found, expected, strict=True)):
            compare(one, other, tolerance, place=f"{place}[{number}]")
    elif isinstance(expected, str):
        assert found == expected, place
    else:
        assert found == approx(expected, abs=tolerance), place
