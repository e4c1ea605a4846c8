"""Attack 8: whole people gave whole answers; solve for them, beginning with the worst known sets."""

import pytest

from app.core.disclosure.attack import _known, attack_publication
from app.core.disclosure.policy import Policy
from app.core.disclosure.statements import read_attacker_knowledge
from tests.attacks.attackers import ONE_ITEM, SKIPPED_BY, UNEQUAL, laid_out, take_the_gate_away, who_answered
from tests.attacks.integer_attack import integer_bounds


def solved(seed, worst, *, measure="control", instrument=ONE_ITEM, **options):
    """How many of the worst sets have only one possible sum, and how many were searched to the end."""
    region, collected, publication = laid_out(seed, instrument=instrument, **options)
    counts, _ = who_answered(region, collected, measure, instrument=instrument)
    reading = read_attacker_knowledge(publication, publication.measure(measure))
    known = _known(reading, counts[measure])
    places = {leaf: index for index, leaf in enumerate(reading.leaves)}
    report = attack_publication(publication, measures=[reading.measure], counts=counts, exact=True)
    sets = [[places[leaf] for leaf in target.leaves] for target in report.targets]
    found = [integer_bounds(reading, known, leaves) for leaves in sets[:worst]]
    finished = [bounds for bounds in found if bounds is not None]
    return sum(low == high for low, high in finished), len(finished)


def test_no_set_has_only_one_solution():
    unique, finished = solved(2, 10)
    assert finished > 0 and unique == 0


@pytest.mark.parametrize("measure", ["control", "followup"])
def test_no_set_has_only_one_solution_where_scales_were_answered_by_unequal_numbers(measure):
    unique, finished = solved(2, 10, measure=measure, instrument=UNEQUAL, skipped=SKIPPED_BY)
    assert finished > 0 and unique == 0


@pytest.mark.slow
@pytest.mark.parametrize("measure", ["control", "followup"])
def test_none_has_only_one_solution_in_twenty_regions_of_unequal_numbers(measure):
    results = [solved(seed, 5, measure=measure, instrument=UNEQUAL, skipped=SKIPPED_BY) for seed in range(1, 21)]
    assert sum(finished for _, finished in results) > 50
    assert sum(unique for unique, _ in results) == 0


@pytest.mark.slow
def test_none_of_the_worst_fifty_has_only_one_solution():
    unique, finished = solved(1, 50)
    assert finished > 25 and unique == 0


def test_without_the_gate_some_sets_are_solved(monkeypatch):
    take_the_gate_away(monkeypatch)
    unique, _ = solved(1, 10, by_group=True, policy=Policy(k=5))
    assert unique > 0
