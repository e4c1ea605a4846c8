"""What would be printed at a given response is what the count prints when so many answer."""

import numpy as np
import pytest

from app.core.counting import RESPONSES, OpenedBallots, forecast_at_response_rate
from app.core.disclosure.policy import Policy, policy_for_promised_k
from app.core.publication import Cell, DisclosureState, Level
from tests.core.synthetic_region import published, questionnaire, random_region, region_of


@pytest.mark.parametrize("response", RESPONSES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_count_prints_what_was_forecast(seed, response):
    region, _, rng = random_region(seed, low=4, high=45)
    told = forecast_at_response_rate(region, Policy(), response=response)
    answers = [unit.invited_count * response // 100 for unit in region.units]
    units = np.repeat(np.arange(len(answers), dtype=np.int32), answers)
    ratings = rng.integers(0, 5, (len(units), len(questionnaire().items))).astype(np.uint8)
    found = published(region, OpenedBallots(units, np.full(len(units), 255, np.uint8), ratings))
    for unit in region.units:
        part = found.participation_of(Cell(Level.COMMUNITY, unit.id))
        one = told.units[unit.id]
        assert (part.state, part.detail) == (one.state, one.detail)
    for municipality in region.municipalities:
        part = found.participation_of(Cell(Level.MUNICIPALITY, municipality.id))
        assert part.covers == told.covers.get(municipality.id)
    assert found.participation_of(found.region_cell).covers == told.region


def test_units_without_staff_are_left_out_and_the_promise_of_the_round_counts():
    region = region_of({"a": {"big": 40, "nobody": 0}, "b": {"small": 13}})
    told = forecast_at_response_rate(region, policy_for_promised_k(25), response=70)
    assert set(told.units) == {"big", "small"}
    assert (told.units["big"].state, told.units["small"].state) == (DisclosureState.SHOWN, DisclosureState.PLACEMENT)
    assert (told.units["big"].counted, told.units["small"].counted) == (True, False)
    assert told.covers == {"a": (1, 1)}
    assert told.region == (1, 2)
    assert [
        told.unit_count_in_state(state)
        for state in (DisclosureState.SHOWN, DisclosureState.PLACEMENT, DisclosureState.WITHHELD)
    ] == [1, 1, 0]
    assert forecast_at_response_rate(region_of({"a": {"nobody": 0}}), Policy(), response=50).region is None
