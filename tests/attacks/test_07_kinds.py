"""Attack 7, means of kinds of communities: subtract the printed ones and see what is left over."""

import numpy as np
import pytest

from app.core.counting import figure_columns
from app.core.counting import kinds as counted_kinds
from app.core.disclosure import kinds
from app.core.disclosure.attack import attack_publication
from app.core.disclosure.policy import Policy
from app.core.disclosure.statements import read_attacker_knowledge
from app.core.organisations import CommunityKind
from app.core.publication import Cell, DisclosureState, Level
from tests.attacks.attackers import ONE_ITEM, laid_out, who_answered
from tests.core.synthetic_region import answers, published, region_of

LARGE = 12


def beside_one(seed, *, shown=5, hidden=9):
    """A region with `shown` schools of twelve answers, one school that is withheld, and other communities.

    The region and the municipality leave the withheld one out, or count it with many others.
    """
    names = [f"s{number}" for number in range(shown)]
    sizes = dict.fromkeys((*names, "few"), 30) | {f"o{number}": 30 for number in range(4)}
    region = region_of({"m": sizes}, dict.fromkeys((*names, "few"), CommunityKind.SCHOOL))
    counts = dict.fromkeys(sizes, LARGE) | {"few": hidden}
    collected = answers(region, counts, instrument=ONE_ITEM, rng=np.random.default_rng(seed))
    return region, collected


def hidden_broken(region, collected, **policy):
    """Publish and attack; the broken sets that belong to the withheld school."""
    publication = published(region, collected, instrument=ONE_ITEM, policy=Policy(**policy))
    counts, _ = who_answered(region, collected)
    place = [unit.id for unit in region.units].index("few")
    report = attack_publication(publication, counts=counts)
    return publication, [
        target for target in report.insufficiently_protected_sets if {leaf.unit for leaf in target.leaves} == {place}
    ]


def test_five_shown_and_one_withheld_of_a_kind_tell_nothing_of_the_withheld_one():
    for seed in range(1, 6):
        publication, broken = hidden_broken(*beside_one(seed))
        assert publication.disclosure_state_of(Cell(Level.COMMUNITY, "few")) is not DisclosureState.SHOWN
        assert [item.communities for item in publication.kinds] == [5]
        assert not broken


def whole_numbers(monkeypatch):
    """Print means to whole numbers however few answered, so that only the choice of communities protects."""
    monkeypatch.setattr(figure_columns, "rounding_step", lambda *_: None)
    monkeypatch.setattr(counted_kinds, "rounding_step", lambda *_: None)


def test_whole_numbers_alone_tell_nothing_of_the_withheld_one(monkeypatch):
    whole_numbers(monkeypatch)
    for seed in range(1, 6):
        assert not hidden_broken(*beside_one(seed))[1]


def test_without_the_choice_of_shown_communities_the_withheld_one_is_broken(monkeypatch):
    """The mean counts every community of the kind, as one would write it first."""
    whole_numbers(monkeypatch)
    monkeypatch.setattr(kinds, "printed_unit_mask_of_kind", lambda of_kind, shown: of_kind)
    for seed in range(1, 6):
        publication, broken = hidden_broken(*beside_one(seed))
        assert [item.communities for item in publication.kinds] == [6]
        assert broken


def kinds_attacked(seeds, **sizes):
    """Attack regions as somebody who knows who answered and as somebody who does not."""
    broken = tried = stated = 0
    for seed in seeds:
        region, collected, publication = laid_out(seed, **sizes)
        counts, _ = who_answered(region, collected)
        for known in (counts, None):
            report = attack_publication(publication, counts=known)
            broken = broken + len(report.insufficiently_protected_sets)
            tried = tried + len(report.targets)
        stated = stated + len(publication.kinds)
    return broken, tried, stated


def test_means_of_kinds_break_nothing():
    broken, tried, stated = kinds_attacked([1, 2])
    assert stated
    assert tried > 40
    assert broken == 0


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [{"low": 8, "high": 45}, {"low": 6, "high": 30}])
def test_means_of_kinds_break_nothing_in_twenty_regions(sizes):
    broken, tried, stated = kinds_attacked(range(1, 21), per_municipality=6, **sizes)
    assert stated > 15
    assert tried > 800
    assert broken == 0


@pytest.mark.slow
def test_means_of_kinds_break_nothing_beside_tables_by_staff_group():
    broken, tried, stated = kinds_attacked(range(1, 5), per_municipality=4, low=40, high=90, by_group=True)
    assert stated
    assert tried > 50
    assert broken == 0


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_kind_states_the_mean_of_exactly_its_printed_communities(seed):
    """What the attacker reads is what was counted, so the statements are true."""
    region, collected, publication = laid_out(seed, per_municipality=6)
    counts, sums = who_answered(region, collected)
    reading = read_attacker_knowledge(publication, publication.measure("control"))
    members = [{reading.leaves[leaf].unit for leaf in statement.leaves} for statement in reading.statements]
    for item in publication.kinds:
        rows = {row for row, unit in enumerate(region.units) if unit.kind is item.kind}
        printed = {
            row
            for row in rows
            if publication.disclosure_state_of(Cell(Level.COMMUNITY, region.units[row].id)) is DisclosureState.SHOWN
        }
        assert len(printed) == item.communities >= kinds.MIN_COMMUNITIES
        assert printed in members
        places = [place for place in counts["control"] if place[0] in printed]
        real = sum(sums[place] for place in places) / sum(counts["control"][place] for place in places)
        assert item.mean == pytest.approx(real, abs=(item.grain or 1) / 2 + 0.01)
