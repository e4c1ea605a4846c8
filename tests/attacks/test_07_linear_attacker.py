"""Attack 7: unite everything that is published, and pin a small hidden set down."""

import numpy as np
import pytest

from app.core.counting import families, figure_columns
from app.core.disclosure.attack import attack_publication
from app.core.disclosure.policy import Policy
from app.core.publication import Cell, DisclosureState, Level
from tests.attacks.attackers import (
    SKIPPED_BY,
    UNEQUAL,
    laid_out,
    naive,
    take_the_gate_away,
    truth,
    who_answered,
)


def broken_and_tried(seeds, **options):
    broken = tried = 0
    for seed in seeds:
        region, collected, publication = laid_out(seed, **options)
        counts, _ = who_answered(region, collected)
        report = attack_publication(publication, counts=counts)
        broken = broken + len(report.insufficiently_protected_sets)
        tried = tried + len(report.targets)
    return broken, tried


@pytest.mark.parametrize("seed", range(1, 5))
def test_nothing_is_broken_by_an_attacker_who_knows_who_answered(seed):
    broken, tried = broken_and_tried([seed])
    assert tried > 20
    assert broken == 0


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [{"low": 8, "high": 45}, {"low": 6, "high": 30}])
def test_nothing_is_broken_in_twenty_regions(sizes):
    broken, tried = broken_and_tried(range(1, 21), **sizes)
    assert tried > 400
    assert broken == 0


def unequal(seed, **options):
    """A region whose scales were answered by unequal numbers, and what an attacker knows of each scale."""
    region, collected, publication = laid_out(seed, instrument=UNEQUAL, skipped=SKIPPED_BY, **options)
    told = {}
    for scale in UNEQUAL.scales:
        told |= {scale.id: who_answered(region, collected, scale.id, instrument=UNEQUAL)}
    return publication, {name: counts[name] for name, (counts, _) in told.items()}, {n: s for n, (_, s) in told.items()}


def attacked_with_unequal_counts(seeds, **options):
    broken = tried = 0
    for seed in seeds:
        publication, counts, _ = unequal(seed, **options)
        for known in (counts, None):
            report = attack_publication(publication, counts=known)
            broken = broken + len(report.insufficiently_protected_sets)
            tried = tried + len(report.targets)
    return broken, tried


def test_scales_answered_by_unequal_numbers_are_not_broken():
    broken, tried = attacked_with_unequal_counts([1])
    assert tried > 100
    assert broken == 0


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [{"low": 8, "high": 45}, {"low": 6, "high": 30}])
def test_scales_answered_by_unequal_numbers_are_not_broken_in_twenty_regions(sizes):
    broken, tried = attacked_with_unequal_counts(range(1, 21), **sizes)
    assert tried > 2000
    assert broken == 0


def test_by_the_naive_rule_scales_answered_by_unequal_numbers_are_broken(monkeypatch):
    """Each scale by its own count of answers, but no look at what is left over beside it."""
    take_the_gate_away(monkeypatch)
    broken, _ = attacked_with_unequal_counts([1, 2], by_group=True, policy=Policy(k=5))
    assert broken > 20


def test_the_truth_of_every_scale_is_inside_its_bounds():
    publication, counts, sums = unequal(4)
    for target in attack_publication(publication, counts=counts, exact=True).targets:
        real = truth(target, counts[target.measure], sums[target.measure])
        assert target.low - 0.01 <= real <= target.high + 0.01


def test_no_mean_of_any_scale_rests_on_fewer_than_ten_answers_to_it():
    publication, counts, _ = unequal(5)
    for scale in publication.scales:
        by_unit = np.zeros(len(publication.region.units), dtype=int)
        for (unit, _group), n in counts[scale.id].items():
            by_unit[unit] += n
        for unit, n in zip(publication.region.units, by_unit, strict=True):
            figure = publication.figure(Cell(Level.COMMUNITY, unit.id), scale.id)
            assert (figure.state is DisclosureState.SHOWN) == (n >= 10)


def test_the_truth_is_inside_every_interval():
    region, collected, publication = laid_out(3)
    counts, sums = who_answered(region, collected)
    for target in attack_publication(publication, counts=counts, exact=True).targets:
        assert target.low - 0.01 <= truth(target, counts["control"], sums) <= target.high + 0.01


def test_without_the_remainder_rule_small_sets_are_broken(monkeypatch):
    take_the_gate_away(monkeypatch)
    broken, tried = broken_and_tried([1, 2], by_group=True, policy=Policy(k=5))
    assert broken > tried / 10


def test_the_count_itself_refuses_tables_by_group_that_the_attacker_breaks(monkeypatch):
    monkeypatch.setattr(families, "decide_pattern", naive)
    monkeypatch.setattr(figure_columns, "rounding_step", lambda *_: None)
    _, _, publication = laid_out(1, by_group=True, policy=Policy(k=5))
    assert publication.check.broken > 0
    assert set(publication.withdrawn) == {"m0", "m1", "m2"}


def test_community_by_group_is_not_broken_either():
    broken, tried = broken_and_tried([1], by_group=True, low=40, high=90)
    assert tried > 20
    assert broken == 0


@pytest.mark.slow
def test_three_hundred_communities_are_attacked_and_nothing_is_broken():
    region, collected, publication = laid_out(1, municipalities=30, per_municipality=10)
    counts, _ = who_answered(region, collected)
    report = attack_publication(publication, counts=counts)
    assert len(report.targets) > 500
    assert not report.insufficiently_protected_sets
