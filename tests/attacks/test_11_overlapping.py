"""Attack 11, on the same people twice: two publications of one period, united, tell a small set.

The first is corrected, counted again with a late form, or printed in other communities.
"""

from dataclasses import replace

import numpy as np
import pytest

from app.core.counting import OpenedBallots, figure_columns
from app.core.disclosure import union
from app.core.disclosure.union import attack_union, common_parts, overlapping_communities
from app.core.organisations import Municipality, Region, ReportingUnit
from app.core.rounds import RoundId
from tests.attacks.attackers import ONE_ITEM, laid_out, who_answered
from tests.core.synthetic_region import NOON, published, questionnaire, region_of, scale

FIVE = questionnaire((scale("control", ("a", "b", "c", "d", "e")),))


def again(region, collected, *, instrument=ONE_ITEM, **changes):
    return published(region, collected, instrument=instrument, id=RoundId(2), **changes)


def without(collected, rows):
    keep = np.ones(len(collected), dtype=bool)
    keep[rows] = False
    return OpenedBallots(collected.units[keep], collected.groups[keep], collected.ratings[keep])


def smallest_shown(region, collected):
    sizes = np.bincount(collected.units, minlength=len(region.units))
    return min((unit for unit in range(len(sizes)) if sizes[unit] > 10), key=sizes.__getitem__)


def late_form(seed):
    """A round of which one form of the smallest community came late, and the count with it."""
    region, second, _ = laid_out(seed)
    last = np.flatnonzero(second.units == smallest_shown(region, second))[-1]
    return region, without(second, [last]), second


def attacked(region, first, second, **changes):
    before = published(region, first, instrument=ONE_ITEM)
    counts, _ = who_answered(region, second)
    return attack_union(before, again(region, second, **changes), counts)


@pytest.mark.parametrize("seed", range(1, 4))
def test_a_late_form_breaks_nothing(seed):
    report = attacked(*late_form(seed))
    assert len(report.targets) > 100
    assert not report.insufficiently_protected_sets


@pytest.mark.slow
def test_what_is_stored_of_twenty_regions_with_a_late_form_is_not_broken_by_who_watched_both_times():
    """The guard supposes more than is true and may refuse; of what it lets pass, nothing is broken."""
    stored = tried = 0
    for seed in range(1, 21):
        region, first, second = late_form(seed)
        if attacked(region, first, second).insufficiently_protected_sets:
            continue
        stored += 1
        before = published(region, first, instrument=ONE_ITEM)
        counts = [who_answered(region, one)[0] for one in (second, first)]
        report = attack_union(before, again(region, second), counts[0], first_counts=counts[1])
        tried += len(report.targets)
        assert not report.insufficiently_protected_sets, seed
    assert stored >= 15
    assert tried > 400


def school_and_annex(seed, *, joined):
    """A school of ten and an annex of four beside others, apart or as one community."""
    rng = np.random.default_rng(seed)
    sizes = {"school": (14, 10), "annex": (6, 4), "north": (60, 40), "south": (70, 50)}
    units = [ReportingUnit(name, name, "town", (name,), {"teacher": size}) for name, (size, _) in sizes.items()]
    people = np.repeat(np.arange(4), [n for _, n in sizes.values()]).astype(np.int32)
    ratings = rng.integers(0, 5, (len(people), 5)).astype(np.uint8)
    if joined:
        units = [ReportingUnit("school", "both", "town", ("school", "annex"), {"teacher": 20}), *units[2:]]
        people = np.maximum(people - 1, 0)
    region = Region("region", "Region", (Municipality("town", "Town"),), tuple(units))
    return region, OpenedBallots(people, np.full(len(people), 0, np.uint8), ratings)


def joined_after(seed):
    apart = school_and_annex(seed, joined=False)
    together = school_and_annex(seed, joined=True)
    before = published(*apart, instrument=FIVE)
    counts = {"control": {(unit, "teacher"): int((together[1].units == unit).sum()) for unit in range(3)}}
    return attack_union(before, again(*together, instrument=FIVE), counts)


def test_without_coarse_means_the_annex_is_read_off_both(monkeypatch):
    """Four people, in print nowhere: ten and fourteen are."""
    monkeypatch.setattr(figure_columns, "rounding_step", lambda *_: None)
    broken = joined_after(1).insufficiently_protected_sets
    annex = [target for target in broken if {leaf.unit for leaf in target.leaves} == {0}]
    assert annex and min(target.steps for target in annex) < 0.5


def test_without_coarse_means_late_forms_are_read(monkeypatch):
    monkeypatch.setattr(figure_columns, "rounding_step", lambda *_: None)
    found = []
    for seed in range(1, 4):
        rng = np.random.default_rng(seed)
        region = region_of({"town": {"school": 20, "large": 100}})
        units = np.repeat([0, 1], [11, 70]).astype(np.int32)
        second = OpenedBallots(units, np.zeros(81, np.uint8), rng.integers(1, 4, (81, 5)).astype(np.uint8))
        first = published(region, without(second, [10]), instrument=FIVE)
        counts = {"control": {(0, "teacher"): 11, (1, "teacher"): 70}}
        report = attack_union(first, again(region, second, instrument=FIVE), counts)
        found.append(
            [
                target
                for target in report.insufficiently_protected_sets
                if sum(leaf.invited for leaf in target.leaves) == 1
            ]
        )
    assert all(found)


def test_only_the_same_people_and_period_overlap():
    region, collected, first = laid_out(1)
    assert overlapping_communities(first, again(region, collected)) == {unit.id for unit in region.units}
    later = NOON.replace(year=2027)
    assert not overlapping_communities(first, again(region, collected, opens_at=later, closes_at=later))
    elsewhere = replace(region, units=tuple(replace(unit, communities=(f"x{unit.id}",)) for unit in region.units))
    assert not overlapping_communities(first, again(elsewhere, collected))


def test_parts_are_the_finest_that_both_tell_apart():
    apart, _ = school_and_annex(1, joined=False)
    together, _ = school_and_annex(1, joined=True)
    assert [part.communities for part in common_parts(apart, together)] == [
        ("annex",),
        ("north",),
        ("school",),
        ("south",),
    ]


def test_counts_that_no_statement_bounds_are_supposed_to_be_as_wanted():
    """A programme without such rows is solved, not refused."""
    found = union._solved([], (union.CommonPart(("alder",), 0, None),), width=1, cells=1, wanted={0: -2})
    assert (found.same, found.left, found.joined) == ((0,), (2,), (0,))
