"""Attack 8: whole people gave whole answers; solve for them, beginning with the worst known sets."""

import pytest

from app.core.disclosure.attack import _known, attack
from app.core.disclosure.policy import Policy
from app.core.disclosure.statements import read
from app.core.disclosure.whole_answers import whole_bounds
from tests.attacks.attackers import laid_out, take_the_gate_away, who_answered


def solved(seed, worst, **options):
    """How many of the worst sets have only one possible sum, and how many were searched to the end."""
    region, collected, publication = laid_out(seed, **options)
    counts, _ = who_answered(region, collected)
    reading = read(publication, publication.scales[0])
    known = _known(reading, counts["control"])
    places = {leaf: index for index, leaf in enumerate(reading.leaves)}
    sets = [
        [places[leaf] for leaf in target.leaves] for target in attack(publication, counts=counts, exact=True).targets
    ]
    found = [whole_bounds(reading, known, leaves) for leaves in sets[:worst]]
    finished = [bounds for bounds in found if bounds is not None]
    return sum(low == high for low, high in finished), len(finished)


def test_no_set_has_only_one_solution():
    unique, finished = solved(2, 10)
    assert finished > 0 and unique == 0


@pytest.mark.slow
def test_none_of_the_worst_fifty_has_only_one_solution():
    unique, finished = solved(1, 50)
    assert finished > 25 and unique == 0


def test_without_the_gate_some_sets_are_solved(monkeypatch):
    take_the_gate_away(monkeypatch)
    unique, _ = solved(1, 10, by_group=True, policy=Policy(k=5))
    assert unique > 0
