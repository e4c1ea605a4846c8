"""Regions whose truth is known: do needs and lists send communities where the gain is?

A world has communities with true means, printed as a publication prints them, and a catalogue. Five views of what is
true say what a course would bring; the oracle knows the view and the true means.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm

from app.core.catalogue import ChangeTarget, EvidenceGrade
from app.core.matching.course_lists import ListUnit, build_lists, total_seat_demand_of_unit
from app.core.matching.seat_programme import SeatProblem, solve_seat_programme
from app.core.matching.weights import WEIGHTS
from app.core.publication import (
    Cell,
    DisclosureState,
    Distribution,
    Figure,
    Impact,
    ImpactWeight,
    Level,
    Participation,
    Placement,
    RegionQuality,
)
from app.core.stats.agreement import OneWayAnovaSums
from app.core.stats.shrinkage import fit_random_intercept_to_sums
from tests.core.matching.publication_needs import publication_needs
from tests.core.matching.synthetic_region import SCALES, TODAY, course, measure, offering, publication, unit

D = len(SCALES)
MEANS = np.array([59, 37, 64, 56, 59, 62.0])
MEASURING_ERROR = 0.05  # of an impact weight, from some 1,000 people
LEFT_AFTER = WEIGHTS.served_by_course
GRADES = {1.0: EvidenceGrade.A, 0.8: EvidenceGrade.B, 0.6: EvidenceGrade.C, 0.4: EvidenceGrade.D}


@dataclass(frozen=True)
class World:
    """One region: staff, answers, true and observed means (good end up), spreads, true and measured impact."""

    staff: np.ndarray
    n: np.ndarray
    mu: np.ndarray
    between: np.ndarray
    within: np.ndarray
    theta: np.ndarray
    observed: np.ndarray
    beta: np.ndarray
    measured: np.ndarray

    @property
    def names(self):
        return [f"u{number}" for number in range(len(self.staff))]


@dataclass(frozen=True)
class Catalogue:
    """Courses as arrays: relevance (0-1) by course and dimension, evidence, seats."""

    relevance: np.ndarray
    evidence: np.ndarray
    seats: np.ndarray

    @property
    def strengths(self):
        return self.relevance * self.evidence[:, None]

    def courses(self):
        """Return the same as courses of the catalogue, all of which change the work, so that no target weighs less."""
        result = []
        for number, (relevance, evidence, seats) in enumerate(
            zip(self.relevance, self.evidence, self.seats, strict=True)
        ):
            views = {scale: round(3 * share) for scale, share in zip(SCALES, relevance, strict=True) if share > 0}
            result.append(
                course(
                    f"k{number:02}",
                    views,
                    evidence_grade=GRADES[float(evidence)],
                    target=ChangeTarget.WORK,
                    offerings=(offering(f"k{number:02}-1", capacity=int(seats)),),
                )
            )
        return result


def world(rng, communities=58, *, sizes=None, differ=True) -> World:
    """Draw a region; `sizes` are numbers of answers, `differ` whether communities truly differ."""
    staff = np.clip(rng.lognormal(3.1, 0.6, communities).astype(int), 5, 120)
    n = np.maximum(2, rng.binomial(staff, 0.72))
    if sizes is not None:
        n = np.asarray(sizes)
        staff = np.ceil(n / 0.72).astype(int)
    mu = MEANS + rng.normal(0, 4, D)
    share = rng.uniform(0.04, 0.15, D)
    sd = rng.uniform(17, 22, D)
    between = sd * np.sqrt(share) if differ else np.zeros(D)
    within = sd * np.sqrt(1 - share) if differ else sd
    common = np.linalg.cholesky(0.5 * np.eye(D) + 0.5)
    theta = mu + (rng.normal(size=(len(n), D)) @ common.T) * between
    observed = theta + rng.normal(size=(len(n), D)) * within / np.sqrt(n)[:, None]
    beta = rng.dirichlet(np.full(D, 1.5)) * 0.8
    measured = np.maximum(0.02, beta + rng.normal(0, MEASURING_ERROR, D))
    return World(staff, n, mu, between, within, theta, np.clip(observed, 0, 100), beta, measured)


def catalogue(rng, courses=42) -> Catalogue:
    """Draw a catalogue."""
    relevance = np.zeros((courses, D))
    for number in range(courses):
        relevance[number, number % D] = rng.choice([2, 3])
        if rng.random() < 0.35:
            relevance[number, rng.integers(D)] = 1
    evidence = rng.choice([1, 0.8, 0.6, 0.4], courses)
    return Catalogue(relevance / 3, evidence, rng.integers(12, 31, courses))


def truths(found: World, rng) -> Iterator[tuple[str, np.ndarray]]:
    """Name five views of what is true, with the gain in points of wellbeing by community and dimension."""
    others = np.quantile(found.theta, 0.75, axis=0)
    yield "headroom to a level others reach", np.maximum(0, others - found.theta) * 0.3 * found.beta
    yield "people in the adverse third", norm.cdf((33.3 - found.theta) / found.within) * 20 * found.beta
    neutral = np.array([55, 40, 60, 55, 55, 55]) + rng.normal(0, 3, D)
    yield "own neutral point of each scale", np.maximum(0, neutral - found.theta) * 0.3 * found.beta
    yield "one neutral point for all scales", np.maximum(0, 60 - found.theta) * 0.3 * found.beta
    yield "the same effect everywhere", np.ones_like(found.theta) * 2 * found.beta


def published(found: World):
    """Print a world as a publication prints it: bands, whole numbers, placements, withheld ones, region's variances."""
    units = [unit(name, size=int(staff)) for name, staff in zip(found.names, found.staff, strict=True)]
    whole = Cell(Level.REGION, "r")
    region = (found.observed * found.n[:, None]).sum(axis=0) / found.n.sum()
    figures = []
    for row, name in enumerate(found.names):
        for column, scale in enumerate(SCALES):
            figures.append(_figure(found, region, row, column, Cell(Level.COMMUNITY, name), scale))
    for column, scale in enumerate(SCALES):
        mean = _raw(scale, region[column])
        shares = norm.cdf((33.3 - found.theta[:, column]) / found.within[column])
        printed = _distribution(scale, float((shares * found.n).sum() / found.n.sum()))
        figures.append(Figure(whole, scale, DisclosureState.SHOWN, mean=round(mean), distribution=printed))
    made = publication(figures, units=units)
    shares = tuple(
        ImpactWeight(scale, float(share), (float(share), float(share)))
        for scale, share in zip(SCALES, found.measured / found.measured.sum(), strict=True)
    )
    return replace(
        made,
        measures=tuple(measure(scale) for scale in SCALES),
        participation=tuple(
            Participation(Cell(Level.COMMUNITY, name), _state(n), _band(n), None, int(staff))
            for name, n, staff in zip(found.names, found.n, found.staff, strict=True)
        ),
        quality=_qualities(found),
        impact=Impact("wellbeing", shares, 0.5),
    )


def _qualities(found: World):
    """Estimate the variances as the count does: from the communities that are shown."""
    shown = found.n >= 10
    result = []
    for column, scale in enumerate(SCALES):
        within = float(found.within[column] ** 2 * (found.n[shown] - 1).sum())
        labels = np.arange(int(shown.sum()))
        fit = fit_random_intercept_to_sums(
            OneWayAnovaSums(labels, found.n[shown], found.observed[shown, column], within)
        )
        result.append(
            RegionQuality(scale, between_variance=round(fit.between, 1), within_variance=round(fit.within, 1))
        )
    return tuple(result)


def _figure(found, region, row, column, cell, scale):
    n, mean = int(found.n[row]), float(found.observed[row, column])
    if n < 5:
        return Figure(cell, scale, DisclosureState.WITHHELD)
    if n < 10:
        distance = _raw(scale, mean) - round(_raw(scale, region[column]))
        side = Placement.SAME if abs(distance) < 12.5 else Placement.BELOW if distance < 0 else Placement.ABOVE
        return Figure(cell, scale, DisclosureState.PLACEMENT, placement=side)
    share = float(norm.cdf((33.3 - mean) / found.within[column]))
    printed = _distribution(scale, share) if n >= 20 else None
    raw = float(np.clip(round(_raw(scale, mean)), 12, 88))
    return Figure(cell, scale, DisclosureState.SHOWN, mean=raw, interval=(raw - 5, raw + 5), distribution=printed)


def _distribution(scale, adverse):
    share = int(np.clip(round(20 * adverse) * 5, 10, 90))
    rest = max(10, 100 - share - 20)
    return Distribution(20, rest, share) if scale == "demands" else Distribution(share, rest, 20)


def _raw(scale, good):
    """Demands are printed with the high end as the bad one."""
    return 100 - good if scale == "demands" else good


def _state(n):
    return DisclosureState.SHOWN if n >= 10 else DisclosureState.PLACEMENT if n >= 5 else DisclosureState.WITHHELD


def _band(n):
    return None if n < 5 else f"{n // 5 * 5}-{n // 5 * 5 + 4}"


def oracle_lists(gain, strengths, length=3):
    """Return the best lists for those who know the truth."""
    result = []
    for row in gain:
        left = row.copy()
        picked = []
        for _place in range(length):
            score = strengths @ left
            score[picked] = -1
            best = int(score.argmax())
            picked.append(best)
            left = left * (1 - LEFT_AFTER * strengths[best])
        result.append(picked)
    return result


def list_value(lists, gain, strengths):
    """Return the true gain of lists: each further course on the same dimension finds less left."""
    total = 0.0
    for picked, row in zip(lists, gain, strict=True):
        left = row.copy()
        for number in picked:
            total += float(strengths[number] @ left)
            left = left * (1 - LEFT_AFTER * strengths[number])
    return total


@dataclass(frozen=True)
class Outcome:
    """Shares of the best possible by view, and what became of seats: means over worlds, and the worst of them."""

    own: dict
    seats: dict
    granted: float
    without: float
    effective: float
    commonest: float


def run(worlds=25, first=0) -> Outcome:
    """Run the real rule over simulated regions."""
    own = {}
    seats = {}
    spread = []
    for seed in range(first, first + worlds):
        rng = np.random.default_rng(seed)
        region = world(rng)
        offered = catalogue(rng)
        publication = published(region)
        units = publication.region.units
        lists = build_lists(
            publication_needs(publication), [ListUnit(each) for each in units], offered.courses(), today=TODAY
        )
        mine = [[int(name[1:]) for name in lists.plans[home].own] for home in region.names]
        allowed = np.zeros((len(units), len(offered.seats)), dtype=bool)
        for row, home in enumerate(region.names):
            allowed[row, [int(name[1:]) for name in lists.plans[home].courses]] = True
        asks = np.array([total_seat_demand_of_unit(each) for each in units])
        gains = [lists.expected_gains_of_unit(home) for home in region.names]
        rule = np.array([[mine_of.get(f"k{k:02}", 0.0) for k in range(allowed.shape[1])] for mine_of in gains])
        problem = SeatProblem(rule, np.repeat(asks[:, None], allowed.shape[1], axis=1), asks, offered.seats)
        given = solve_seat_programme(problem, allowed)
        listed = allowed.sum(axis=0)
        part = listed[listed > 0] / listed.sum()
        spread.append(
            (
                given.sum() / asks.sum(),
                (given.sum(axis=1) < 0.5).mean(),
                np.exp(-(part * np.log(part)).sum()),
                listed.max() / len(units),
            )
        )
        for name, truth in truths(region, rng):
            best = list_value(oracle_lists(truth, offered.strengths), truth, offered.strengths)
            own.setdefault(name, []).append(list_value(mine, truth, offered.strengths) / best)
            gain = truth @ offered.strengths.T
            possible = solve_seat_programme(replace(problem, gain=gain + 1e-6))
            seats.setdefault(name, []).append((given * gain).sum() / (possible * gain).sum())
    means = np.mean(spread, axis=0)
    return Outcome(
        {name: float(np.mean(values)) for name, values in own.items()},
        {name: float(np.mean(values)) for name, values in seats.items()},
        float(min(row[0] for row in spread)),
        float(max(row[1] for row in spread)),
        float(means[2]),
        float(means[3]),
    )
