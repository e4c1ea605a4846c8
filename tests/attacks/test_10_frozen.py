"""Attack 10, the part of the count: nothing that happens later changes a byte of what was published."""

from dataclasses import FrozenInstanceError, replace

import pytest

from app.core.publication import digest, from_json, to_json
from tests.attacks.attackers import laid_out


def test_a_publication_cannot_be_changed():
    _, _, publication = laid_out(1)
    with pytest.raises(FrozenInstanceError):
        publication.figures = ()
    with pytest.raises(FrozenInstanceError):
        publication.figures[0].mean = 50.0


def test_reading_every_cell_leaves_every_byte_as_it_was():
    _, _, publication = laid_out(2)
    before = to_json(publication)
    for part in publication.participation:
        for measure in publication.measures:
            publication.figure(part.cell, measure.id)
    assert to_json(publication) == before
    assert digest(from_json(before)) == digest(publication)


def test_a_changed_region_changes_the_seal():
    _, _, publication = laid_out(2)
    without_one = replace(publication.region, units=publication.region.units[1:])
    assert digest(replace(publication, region=without_one)) != digest(publication)
