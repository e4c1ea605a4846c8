"""Staff groups: ticked by the respondent, head counts from the employer, so no rate and no correction."""

import numpy as np
import pytest

from app.core.counting import OpenedBallots
from app.core.publication import Cell, DisclosureState, Level
from app.core.rounds import RoundId
from tests.core.synthetic_region import GROUPS, published, questionnaire, region_of

TWO = GROUPS[:2]


@pytest.fixture(scope="module")
def publication():
    """Two schools of 40 and 40; of the second group, 12 are invited in each and all 12 answered."""
    invited = {TWO[0]: 28, TWO[1]: 12}
    region = region_of({"m": {"pine": invited, "oak": invited}})
    units = np.repeat([0, 1], 36).astype(np.int32)
    groups = np.tile(np.repeat([0, 1], [24, 12]), 2).astype(np.uint8)
    table = np.random.default_rng(1).integers(0, 5, (72, 4)).astype(np.uint8)
    collected = OpenedBallots(units, groups, table)
    return published(region, collected, instrument=questionnaire(groups=TWO), by_group=True, id=RoundId(1))


def group_cells(publication):
    return [part.cell for part in publication.participation if part.cell.group is not None]


def test_there_are_groups_on_every_level(publication):
    shown = {
        cell.level
        for cell in group_cells(publication)
        if publication.disclosure_state_of(cell) is DisclosureState.SHOWN
    }
    assert shown == {Level.REGION, Level.MUNICIPALITY, Level.COMMUNITY}


def test_no_response_rate_no_head_count_and_no_everyone_for_any_group(publication):
    for part in publication.participation:
        if part.cell.group is not None:
            told = (part.response_band, part.invited, part.everyone_answered, part.silent_shift)
            assert told == (None, None, False, None)


def test_no_finite_population_correction_for_any_group(publication):
    looked_at = 0
    for figure in (*publication.figures, *publication.items):
        if figure.cell.group is not None and figure.interval_conditions is not None:
            assert figure.interval == figure.interval_conditions
            assert figure.worst_case is None
            looked_at += 1
    assert looked_at >= 4


def test_the_whole_community_keeps_its_rate_and_its_correction(publication):
    pine = Cell(Level.COMMUNITY, "pine")
    part = publication.participation_of(pine)
    assert (part.invited, part.response_band) == (40, "80-99")
    figure = publication.figure(pine, "control")
    assert figure.interval[1] - figure.interval[0] < figure.interval_conditions[1] - figure.interval_conditions[0]
