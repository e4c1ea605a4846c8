"""Whatever the answers, what is printed is what whole fractions say of them, in whatever order the ballots lay.

Nothing of the count is used to work out what is expected: scores, means and quadrants are fractions without any
rounding on the way.
"""

from collections import Counter
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.counting import OpenedBallots
from app.core.publication import Cell, DisclosureState, Level, to_json
from tests.core.synthetic_region import published, questionnaire, region_of, scale

pytestmark = pytest.mark.slow

SKIPPED = 255
SIZES = (0, 1, 4, 5, 9, 10, 11, 19, 20, 21, 30)  # on both sides of every threshold
MANNERS = ("as they like", "all alike", "all skip", "at the two ends", "half of the items")
TRIALS = settings(deadline=None, max_examples=60)


@st.composite
def asked(draw):
    """A questionnaire of demands and control with some items turned, and its number of options."""
    options = draw(st.integers(2, 7))
    items = draw(st.integers(1, 4))
    scales = [
        scale(name, names, reversed=draw(st.frozensets(st.sampled_from(names), max_size=items)))
        for name in ("control", "demands")
        for names in [tuple(f"{name[0]}{number}" for number in range(items))]
    ]
    return questionnaire(tuple(scales), options=options), options


@st.composite
def rounds(draw):
    """A round of one or two towns, its ballots, and by unit the rows of option positions."""
    instrument, options = draw(asked())
    width = len(instrument.items)
    chance = np.random.default_rng(draw(st.integers(0, 10**6)))
    towns = {}
    rows = {}
    for town in range(draw(st.integers(1, 2))):
        for number in range(draw(st.integers(1, 4))):
            unit = f"t{town}u{number}"
            answers = draw(st.sampled_from(SIZES))
            towns.setdefault(f"t{town}", {})[unit] = max(answers + draw(st.sampled_from([0, 0, 1, 7])), 1)
            rows[unit] = given_in(draw(st.sampled_from(MANNERS)), (answers, width), options, chance)
    region = region_of(towns)
    units = [index for index, unit in enumerate(region.units) for _ in rows[unit.id]]
    table = np.concatenate([rows[unit.id] for unit in region.units]).astype(np.uint8)
    return instrument, options, region, rows, (np.array(units, np.int32), table), chance


def given_in(manner, shape, options, chance):
    table = chance.integers(0, options, shape)
    if manner == "all alike":
        table[:] = chance.integers(0, options)
    if manner == "all skip":
        table[:] = SKIPPED
    if manner == "at the two ends":
        table = chance.integers(0, 2, shape) * (options - 1)
    if manner == "half of the items":  # at the very limit of what a score needs
        half = shape[1] // 2  # of both scales together
        for row in table:
            for first in (0, half):
                row[first + chance.permutation(half)[: half // 2]] = SKIPPED
    return table


def count(instrument, region, units, table):
    collected = OpenedBallots(units, np.full(len(units), SKIPPED, np.uint8), table)
    return published(region, collected, instrument=instrument)


def score(instrument, which, row, options):
    """One person's score on 0-100 as a fraction, or None."""
    found = []
    for item in which.items:
        position = int(row[instrument.item_ids.index(item)])
        if position < options:
            turned = options - 1 - position if item in which.reversed else position
            found.append(Fraction(100 * turned, options - 1))
    return sum(found) / len(found) if 2 * len(found) >= len(which.items) and found else None


def scores(instrument, number, rows, options):
    every = (score(instrument, instrument.scales[number], row, options) for row in rows)
    return [one for one in every if one is not None]


@TRIALS
@given(rounds())
def test_means_are_those_of_whole_fractions_and_ties_go_up(made):
    instrument, options, region, rows, (units, table), _chance = made
    publication = count(instrument, region, units, table)
    for unit in region.units:
        found = [scores(instrument, number, rows[unit.id], options) for number in range(2)]
        fewest = min(map(len, found))
        wanted = (
            DisclosureState.SHOWN
            if fewest >= 10
            else DisclosureState.PLACEMENT
            if fewest >= 5
            else DisclosureState.WITHHELD
        )
        assert publication.disclosure_state_of(Cell(Level.COMMUNITY, unit.id)) is wanted
        for which, mine in zip(instrument.scales, found, strict=True):
            figure = publication.figure(Cell(Level.COMMUNITY, unit.id), which.id)
            if figure.state is DisclosureState.SHOWN and figure.grain is None:
                assert figure.mean == min(max(floor(sum(mine) / len(mine) + Fraction(1, 2)), 12), 88)
            for ends in (figure.interval, figure.interval_conditions, figure.worst_case):
                assert ends is None or 0 <= ends[0] <= figure.mean <= ends[1] <= 100


@TRIALS
@given(rounds())
def test_quadrants_are_those_of_whole_fractions_and_the_cut_is_neither_high_nor_low(made):
    instrument, options, region, rows, (units, table), _chance = made
    publication = count(instrument, region, units, table)
    for unit in region.units:
        printed = publication.quadrants_of(Cell(Level.COMMUNITY, unit.id))
        people = [[score(instrument, one, row, options) for one in instrument.scales] for row in rows[unit.id]]
        whole = [(demands > 50, control < 50) for control, demands in people if None not in (control, demands)]
        told = [sum(one is not None for one in column) for column in zip(*people, strict=True)]
        assert (printed is not None) == (
            min([len(whole), *told]) >= 20
        )  # nested in both means; single items take nothing away
        if printed is None:
            continue
        numbers = Counter(whole)
        for share, kind in zip(
            (printed.high_strain, printed.active, printed.passive, printed.low_strain),
            ((True, True), (True, False), (False, True), (False, False)),
            strict=True,
        ):
            assert share == min(max(5 * round(Fraction(20 * numbers[kind], len(whole))), 10), 90)


def test_a_score_of_thirds_at_the_cut_is_at_the_cut():
    """With four options (1/3 + 2/3) / 2 is a hair under a half in decimals of the machine."""
    instrument = questionnaire(options=4)
    region = region_of({"t": {"u": 40}})
    rows = np.array([[1, 2, 2, 1]] * 21, np.uint8)
    printed = count(instrument, region, np.zeros(21, np.int32), rows).quadrants_of(Cell(Level.COMMUNITY, "u"))
    assert (printed.low_strain, printed.passive, printed.active, printed.high_strain) == (90, 10, 10, 10)


@TRIALS
@given(rounds())
def test_the_order_of_the_ballots_changes_nothing(made):
    instrument, _options, region, _rows, (units, table), chance = made
    order = chance.permutation(len(units))
    plain = count(instrument, region, units, table)
    shuffled = count(instrument, region, units[order], table[order])
    assert to_json(plain) == to_json(shuffled)


def test_a_tie_is_not_decided_by_the_order_of_the_ballots():
    """Scores of three items are thirds, and sums of thirds miss a half by a bit, now below it and now above."""
    control = scale("control", ("c1", "c2", "c3"))
    instrument = questionnaire((control, scale("demands", ("d1",))))
    region = region_of({"t": {"u": 90}})
    chance = np.random.default_rng(1)
    means = set()
    people = {(4, 4, 4): 4, (4, 4, 3): 5, (4, 3, 3): 5, (3, 3, 2): 4, (3, 2, 2): 1, (2, 2, 2): 1}
    rows = np.array([[*row, 1] for row, number in people.items() for _ in range(4 * number)], np.uint8)
    exact = sum(scores(instrument, 0, rows, 5)) / 80
    assert exact == Fraction(165, 2)
    for _ in range(40):
        order = chance.permutation(80)
        publication = count(instrument, region, np.zeros(80, np.int32), rows[order])
        means.add(publication.figure(Cell(Level.COMMUNITY, "u"), "control").mean)
    assert means == {83.0}


@TRIALS
@given(rounds())
def test_no_two_figures_contradict_each_other(made):
    instrument, _options, region, _rows, (units, table), _chance = made
    publication = count(instrument, region, units, table)
    for figure in (*publication.figures, *publication.items):
        part = publication.participation_of(figure.cell)
        assert (figure.mean is not None) == (figure.state is DisclosureState.SHOWN)
        if figure.interval is not None:
            own = figure.interval
            wide = figure.interval_conditions
            assert wide[0] <= own[0] <= own[1] <= wide[1]
        if figure.distribution is not None:
            shares = figure.distribution
            assert 90 <= shares.low + shares.middle + shares.high <= 120  # each to five, and 10 for none
            assert part.detail
        if figure.state is not DisclosureState.SHOWN:
            assert not figure.trends and figure.shrunken is figure.worst_case is figure.smallest_change is None
