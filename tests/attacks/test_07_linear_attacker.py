"""Attack 7: unite everything that is published, and pin a small hidden set down."""

import pytest

from app.core.counting import families, prints
from app.core.disclosure.attack import attack
from app.core.disclosure.policy import Policy
from tests.attacks.attackers import laid_out, naive, take_the_gate_away, truth, who_answered


def broken_and_tried(seeds, **options):
    broken = tried = 0
    for seed in seeds:
        region, collected, publication = laid_out(seed, **options)
        counts, _ = who_answered(region, collected)
        report = attack(publication, counts=counts)
        broken, tried = broken + len(report.broken), tried + len(report.targets)
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


def test_the_truth_is_inside_every_interval():
    region, collected, publication = laid_out(3)
    counts, sums = who_answered(region, collected)
    for target in attack(publication, counts=counts, exact=True).targets:
        assert target.low - 0.01 <= truth(target, counts["control"], sums) <= target.high + 0.01


def test_without_the_remainder_rule_small_sets_are_broken(monkeypatch):
    take_the_gate_away(monkeypatch)
    broken, tried = broken_and_tried([1, 2], by_group=True, policy=Policy(k=5))
    assert broken > tried / 10


def test_the_count_itself_refuses_tables_by_group_that_the_attacker_breaks(monkeypatch):
    monkeypatch.setattr(families, "decide", naive)
    monkeypatch.setattr(prints, "grain_of", lambda *_: None)
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
    report = attack(publication, counts=counts)
    assert len(report.targets) > 500
    assert not report.broken
