"""McDonald's omega of a one-factor scale, under two named conventions.

They differ by up to .03, so whoever prints an omega says which it is. Only for the pooled region.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from app.core.scientific import optimize
from app.core.stats.describe import Floats
from app.core.stats.reliability import complete_rows, correlations_of_covariance, item_covariance

LEAST_UNIQUENESS = 0.005  # share of an item's variance that is always left to the item itself
FLAT = 1e-6  # a step along the gradient, within the bounds, that counts as none
MOST_RESTARTS = 50


@dataclass(frozen=True, slots=True)
class Omega:
    """Omega total, one factor by maximum likelihood, in two conventions.

    `model_implied` divides by the variance that the model gives the sum, `observed` by the
    variance that the sum has. `loadings` are standardised, in the order of the items. `improper`
    says that an item's own variance went against its floor (a Heywood case): do not print then.
    """

    n: int
    model_implied: float
    observed: float
    loadings: tuple[float, ...]
    improper: bool


def mcdonald_omega(items: ArrayLike) -> Omega | None:
    """Return omega total of one factor fitted by maximum likelihood to n people x k items.

    Formula: (sum of loadings)^2 / ((sum of loadings)^2 + sum of uniquenesses), loadings in the
    items' own units (f variance 1). Fit: Joereskog (1967), Psychometrika 32, 443-482, over the
    uniquenesses. Source: McDonald (1999), Test Theory, ch. 6.
    People with a missing item are left out. None for fewer than three items (use Spearman-Brown),
    no more people than items, an item that does not vary, or a correlation matrix that is singular.

    >>> people = np.random.default_rng(1).normal(size=(400, 1)) + np.random.default_rng(2).normal(size=(400, 4))
    >>> round(mcdonald_omega(people).model_implied, 2)
    0.74
    """
    table = complete_rows(items)
    return omega_of_covariance(item_covariance(table), n=len(table))


def omega_of_covariance(covariance: Floats, *, n: int) -> Omega | None:
    """Return what `mcdonald_omega` returns, from the items' covariances (k x k) and the number of people.

    Formula, source and None: those of `mcdonald_omega`.

    >>> round(omega_of_covariance(np.full((4, 4), 0.4) + 0.6 * np.eye(4), n=400).model_implied, 3)
    0.727
    """
    correlation = _usable_correlation(covariance, n)
    if correlation is None:
        return None
    uniqueness = _fit(correlation)
    if uniqueness is None:
        return None
    loadings = _loadings(correlation, uniqueness)
    spread = np.sqrt(np.diagonal(covariance))
    common = float((loadings * spread).sum() ** 2)
    own = float((uniqueness * spread**2).sum())
    total = float(covariance.sum())
    improper = bool((uniqueness <= LEAST_UNIQUENESS * 1.001).any())
    standardised = tuple(float(loading) for loading in loadings)
    return Omega(n, common / (common + own), common / total, standardised, improper)


def _usable_correlation(covariance: Floats, n: int) -> Floats | None:
    k = len(covariance)
    if k < 3 or n <= k or (np.diagonal(covariance) == 0).any():
        return None
    correlation = correlations_of_covariance(covariance)
    return correlation if float(np.linalg.eigvalsh(correlation)[0]) > 1e-8 else None


def _fit(correlation: Floats) -> Floats | None:
    communal = np.clip(1 / np.diag(np.linalg.inv(correlation)), 0.05, 0.95)
    found = _search(correlation, communal)
    return found if found is not None else _search(correlation, np.full(len(correlation), 0.5))


def _search(correlation: Floats, start: Floats) -> Floats | None:
    """Return the uniquenesses with the least discrepancy, searched from a start; None where none is reached.

    L-BFGS-B may take a step that gains almost nothing for convergence, far from the minimum, above all beside a bound:
    it is started again from there, without its memory, until the gradient says that the minimum is reached.
    """
    at = start
    for _ in range(MOST_RESTARTS):
        result = optimize.minimize(
            lambda uniqueness: _discrepancy(correlation, uniqueness),
            at,
            jac=True,
            method="L-BFGS-B",
            bounds=[(LEAST_UNIQUENESS, 1.0)] * len(correlation),
            options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 2000},
        )
        if not np.isfinite(result.fun) or not np.isfinite(result.x).all():
            return None
        at = np.asarray(result.x, dtype=np.float64)
        downhill = np.clip(at - result.jac, LEAST_UNIQUENESS, 1.0) - at
        if np.abs(downhill).max() < FLAT:
            return at
    return None


def _discrepancy(correlation: Floats, uniqueness: Floats) -> tuple[float, Floats]:
    """Return the likelihood's discrepancy with the loadings profiled out, and its gradient."""
    values, loadings = _profiled(correlation, uniqueness)
    residual = np.outer(loadings, loadings) + np.diag(uniqueness) - correlation
    gradient = np.diag(residual) / uniqueness**2
    return float((values - np.log(values) - 1).sum()), gradient


def _loadings(correlation: Floats, uniqueness: Floats) -> Floats:
    return _profiled(correlation, uniqueness)[1]


def _profiled(correlation: Floats, uniqueness: Floats) -> tuple[Floats, Floats]:
    """Return the eigenvalues that one factor leaves over, and the loadings that are best for these uniquenesses."""
    roots = np.sqrt(uniqueness)
    values, vectors = np.linalg.eigh(correlation / np.outer(roots, roots))
    loadings = roots * vectors[:, -1] * np.sqrt(max(float(values[-1]) - 1, 0.0))
    return values[:-1], np.asarray(loadings if loadings.sum() >= 0 else -loadings)
