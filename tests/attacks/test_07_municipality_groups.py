"""Attack 7, staff groups of municipalities: cross the totals of groups with those of communities."""

import numpy as np
import pytest

from app.core.counting import figure_columns, publication_builder
from app.core.disclosure import group_suppression
from app.core.disclosure.attack import attack_publication
from app.core.publication import AttackCheck, DisclosureState, Level
from tests.attacks.attackers import ONE_ITEM, laid_out, who_answered
from tests.core.synthetic_region import answers, published, region_of


def told_of(publication):
    """The staff groups of municipalities that have numbers."""
    return {
        figure.cell
        for figure in publication.figures
        if figure.cell.level is Level.MUNICIPALITY
        and figure.cell.group is not None
        and figure.state is DisclosureState.SHOWN
    }


def attacked(seeds, **sizes):
    """Attack as somebody who knows who answered and as somebody who does not."""
    broken = tried = told = 0
    for seed in seeds:
        region, collected, publication = laid_out(seed, by_group=True, **sizes)
        assert publication.check.broken == 0, "the count itself must have nothing to withdraw"
        counts, _ = who_answered(region, collected)
        for known in (counts, None):
            report = attack_publication(publication, counts=known)
            broken = broken + len(report.insufficiently_protected_sets)
            tried = tried + len(report.targets)
        told = told + len(told_of(publication))
    return broken, tried, told


@pytest.mark.parametrize("sizes", [{"low": 20, "high": 60}, {"low": 40, "high": 90}])
def test_staff_groups_of_municipalities_break_nothing(sizes):
    broken, tried, told = attacked([1, 2], **sizes)
    assert told
    assert tried > 40
    assert broken == 0


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [{"low": 8, "high": 45}, {"low": 20, "high": 60}, {"low": 40, "high": 90}])
def test_staff_groups_of_municipalities_break_nothing_in_twenty_regions(sizes):
    broken, tried, told = attacked(range(1, 21), **sizes)
    assert tried > 500
    assert broken == 0
    assert told > 10 or sizes["high"] < 60


def crossed(few):
    """Two municipalities; all assistants of the first work in one school, beside a `few` teachers.

    Its total minus the assistants of the municipality would be those teachers. The region has assistants elsewhere, and
    no school has enough of two groups to print them itself.
    """
    first = {f"a{number}": {"teacher": 30, "assistant": 0, "other": 8} for number in range(4)}
    first["a0"] = {"teacher": few, "assistant": 12, "other": 0}
    second = {f"b{number}": {"teacher": 30, "assistant": 8, "other": 8} for number in range(6)}
    counts = first | second
    invited = {name: {group: n + 3 for group, n in groups.items()} for name, groups in counts.items()}
    region = region_of({"a": {name: invited[name] for name in first}, "b": {name: invited[name] for name in second}})
    return region, answers(region, counts, instrument=ONE_ITEM, rng=np.random.default_rng(3))


def in_whole_numbers(monkeypatch):
    """Print whole numbers, and let nobody try the tables before they are frozen."""
    monkeypatch.setattr(figure_columns, "rounding_step", lambda *_: None)
    nothing = AttackCheck(sets=0, broken=0, narrowest=None)
    monkeypatch.setattr(publication_builder, "attack_knowing_exact_counts", lambda *_, **__: nothing)


def attack_crossed(few):
    region, collected = crossed(few)
    publication = published(region, collected, instrument=ONE_ITEM, by_group=True)
    counts, _ = who_answered(region, collected)
    return publication, attack_publication(publication, counts=counts)


def test_groups_through_which_a_few_teachers_would_be_seen_are_not_told(monkeypatch):
    in_whole_numbers(monkeypatch)
    for few in (2, 3, 4):
        publication, report = attack_crossed(few)
        assert not {cell for cell in told_of(publication) if cell.unit == "a"}
        assert not report.insufficiently_protected_sets


def test_without_the_test_of_crossed_totals_a_few_teachers_are_seen(monkeypatch):
    """Groups with enough answers in the municipality are printed, whatever they cross."""
    in_whole_numbers(monkeypatch)

    def enough_is_enough(valid, hidden, mask, atoms, groups, limits):
        return group_suppression._enough_in_region(valid[mask], groups, *limits) == groups

    monkeypatch.setattr(group_suppression, "_is_block_safe", enough_is_enough)
    assert any(attack_crossed(few)[1].insufficiently_protected_sets for few in (2, 3, 4))


def test_nothing_is_told_of_them_where_the_round_does_not_ask_for_it():
    assert not told_of(laid_out(1, low=40, high=90)[2])


def test_a_municipality_tells_all_groups_of_the_region_or_none():
    for seed in range(1, 6):
        _, _, publication = laid_out(seed, by_group=True, low=20, high=60)
        region = {
            figure.cell.group
            for figure in publication.figures
            if figure.cell.level is Level.REGION and figure.state is DisclosureState.SHOWN
        } - {None}
        by_municipality = {}
        for cell in told_of(publication):
            by_municipality.setdefault(cell.unit, set()).add(cell.group)
        assert all(groups == region for groups in by_municipality.values())


def test_each_group_is_counted_as_it_answered():
    region, collected, publication = laid_out(1, by_group=True, low=40, high=90)
    counts, sums = who_answered(region, collected)
    for cell in told_of(publication):
        places = [
            place for place in counts["control"]
            if place[1] == cell.group and region.units[place[0]].municipality == cell.unit
        ]  # fmt: skip
        n = sum(counts["control"][place] for place in places)
        figure = publication.figure(cell, "control")
        assert n >= 10
        assert figure.mean == pytest.approx(
            sum(sums[place] for place in places) / n, abs=(figure.grain or 1) / 2 + 0.01
        )
        part = publication.participation_of(cell)
        assert (part.invited, part.response_band) == (None, None)
        low, high = (int(end) for end in part.answers_band.split("-"))
        assert low <= n <= high
        assert figure.distribution is None
