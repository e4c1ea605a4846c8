"""Attack 9: everybody, or nearly everybody, answered alike; what does the page say of each one?"""

from collections import defaultdict
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from app.core.counting import OpenedBallots, figure_columns, totals
from app.core.publication import Cell, Level
from tests.attacks.attackers import ONE_ITEM
from tests.core.synthetic_region import published, region_of

OPTIONS = 5


def every_way_to_answer(n):
    """Every possible set of answers of n people to one question of five options: how many chose each."""
    for cuts in combinations(range(n + OPTIONS - 1), OPTIONS - 1):
        ends = (-1, *cuts, n + OPTIONS - 1)
        yield [ends[place + 1] - ends[place] - 1 for place in range(OPTIONS)]


def possible_answers(n, invited, *, silent=0):
    """Publish one community for each way to answer; return, by what is printed, the answers still possible.

    `silent` more people of each community send a ballot and leave the question open.
    """
    ways = list(every_way_to_answer(n))
    region = region_of({"m": {f"u{index}": invited for index in range(len(ways))}})
    ratings = np.concatenate([np.repeat(np.arange(OPTIONS), way) for way in ways]).astype(np.uint8)[:, None]
    units = np.repeat(np.arange(len(ways)), n).astype(np.int32)
    ratings = np.concatenate([ratings, np.full((silent * len(ways), 1), 255, np.uint8)])
    units = np.concatenate([units, np.repeat(np.arange(len(ways), dtype=np.int32), silent)])
    groups = np.full(len(units), 255, np.uint8)
    publication = published(region, OpenedBallots(units, groups, ratings), instrument=ONE_ITEM)
    left = defaultdict(set)
    for index, way in enumerate(ways):
        cell = Cell(Level.COMMUNITY, f"u{index}")
        nowhere = Cell(Level.COMMUNITY, "somewhere")
        figure = replace(publication.figure(cell, "control"), cell=nowhere, shrunken=None)
        item = publication.figure(cell, "a")
        printed = figure, item and replace(item, cell=nowhere), publication.participation_of(cell).response_band
        left[printed] |= {option for option in range(OPTIONS) if way[option]}
    return list(left.values())


@pytest.mark.parametrize(("n", "invited"), [(10, 10), (10, 14), (11, 16), (13, 19)])
def test_every_member_keeps_three_possible_answers(n, invited):
    assert min(len(options) for options in possible_answers(n, invited)) >= 3


@pytest.mark.parametrize(("n", "silent", "invited"), [(10, 4, 14), (10, 9, 22), (13, 12, 30)])
def test_every_member_keeps_three_possible_answers_where_others_left_the_question_open(n, silent, invited):
    assert min(len(options) for options in possible_answers(n, invited, silent=silent)) >= 3


def test_without_limits_on_the_spread_whole_communities_are_laid_bare(monkeypatch):
    monkeypatch.setattr(totals, "bounded_standard_deviations", lambda sd, *_: sd)
    monkeypatch.setattr(figure_columns, "rounding_step", lambda *_: None)
    assert min(len(options) for options in possible_answers(10, 14)) == 1
