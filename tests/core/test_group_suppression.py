"""What stands beside too few, so that nobody reckons them out of a municipality's number."""

import numpy as np
import pytest

from app.core.counting import OpenedBallots
from app.core.publication import Capped, Cell, DisclosureState, Level
from tests.core.synthetic_region import published, questionnaire, region_of, scale

MUNICIPALITY = Cell(Level.MUNICIPALITY, "m")


def answered(few, option=0, **rest):
    """One community of forty who chose the best option, and eight of too few, who chose another: `few` in all."""
    sizes = [40, *[4] * 7, few - 28]
    region = region_of({"m": {f"u{place}": size for place, size in enumerate(sizes)}})
    units = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    ratings = np.where(units[:, None] == 0, 4, option).astype(np.uint8).repeat(4, axis=1)
    return published(region, OpenedBallots(units, np.full(len(units), 255, np.uint8), ratings), **rest)


@pytest.mark.parametrize(("few", "counted"), [(29, False), (30, True)])
def test_too_few_are_counted_in_their_municipality_only_where_twenty_others_stand_beside_ten(few, counted):
    figure = answered(few).figure(MUNICIPALITY, "control")
    assert figure.state is DisclosureState.SHOWN
    assert counted == (figure.capped is not Capped.HIGH)


@pytest.mark.parametrize(("few", "counted"), [(39, False), (40, True)])
def test_of_what_needs_twenty_answers_twenty_others_stand_beside_twenty(few, counted):
    instrument = questionnaire((scale("control", ("a", "b")), scale("harassment", ("x", "y"), sensitive=True)))
    figure = answered(few, instrument=instrument).figure(MUNICIPALITY, "harassment")
    assert figure.state is DisclosureState.SHOWN
    assert counted == (figure.capped is not Capped.HIGH)
