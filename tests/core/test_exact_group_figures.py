"""Staff groups of the region, raw means and joined units, counted again in whole fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.counting import OpenedBallots
from app.core.instruments import Scoring
from app.core.organisations import ReportingUnit
from app.core.publication import Cell, DisclosureState, Level
from tests.core.synthetic_region import GROUPS, published, questionnaire, region_of, scale

pytestmark = pytest.mark.slow

TRIALS = settings(deadline=None, max_examples=50)
NONE_GIVEN = 255


@st.composite
def grouped(draw, *, groups=None):
    """Three units whose people are of one group only, of several, or name none; no answer is skipped."""
    names = groups or draw(st.sampled_from([GROUPS[:1], GROUPS[:2], GROUPS]))
    chance = np.random.default_rng(draw(st.integers(0, 10**6)))
    sizes = [draw(st.sampled_from([4, 9, 10, 20, 33])) for _ in range(3)]
    shares = draw(st.sampled_from([(1.0, 0.0), (0.5, 0.1), (0.9, 0.05)]))  # of the first group, and of none given
    units = np.repeat(np.arange(3), sizes)
    others = np.where(chance.random(len(units)) < shares[1], NONE_GIVEN, chance.integers(0, len(names), len(units)))
    of_groups = np.where(chance.random(len(units)) < shares[0], 0, others).astype(np.uint8)
    table = chance.integers(0, 5, (len(units), 4)).astype(np.uint8)
    return names, sizes, OpenedBallots(units.astype(np.int32), of_groups, table)


def region(names, sizes):
    return region_of({"t": {f"u{n}": dict.fromkeys(names, size) for n, size in enumerate(sizes)}})


@TRIALS
@given(grouped())
def test_a_group_of_the_region_has_the_mean_of_its_people_or_nothing(made):
    names, sizes, collected = made
    publication = published(region(names, sizes), collected, instrument=questionnaire(groups=names))
    whole = publication.participation_of(publication.region_cell)
    for place, name in enumerate(names):
        cell = Cell(Level.REGION, "region", name)
        people = collected.ratings[collected.groups == place].astype(int)
        figure = publication.figure(cell, "control")
        if len(people) < 10 or whole.state is DisclosureState.WITHHELD:
            assert figure.state is DisclosureState.WITHHELD and figure.mean is None
        elif figure.state is DisclosureState.SHOWN and whole.covers == (3, 3) and figure.grain is None:
            exact = Fraction(int(people[:, :2].sum()) * 25, 2 * len(people))
            assert figure.mean == min(max(round(exact), 12), 88)
    rest = len(collected) - sum(
        int((collected.groups == place).sum())
        for place, name in enumerate(names)
        if publication.disclosure_state_of(Cell(Level.REGION, "region", name)) is DisclosureState.SHOWN
    )
    shown = any(
        publication.disclosure_state_of(Cell(Level.REGION, "region", name)) is DisclosureState.SHOWN for name in names
    )
    assert not shown or whole.covers != (3, 3) or rest == 0 or rest >= 20  # twice what a number needs


@TRIALS
@given(grouped())
def test_raw_means_lie_within_half_a_tenth_of_those_of_whole_fractions(made):
    names, sizes, collected = made
    raw = tuple(scale(name, (f"{name}1", f"{name}2"), scoring=Scoring.MEAN) for name in ("control", "demands"))
    publication = published(
        region(names, sizes), collected, instrument=questionnaire(raw, groups=names)
    )  # fmt: skip
    for place in range(3):
        people = collected.ratings[collected.units == place].astype(int)
        figure = publication.figure(Cell(Level.COMMUNITY, f"u{place}"), "control")
        if figure.state is DisclosureState.SHOWN:
            exact = Fraction(int(people[:, :2].sum()), 2 * len(people)) + 1
            half = Fraction(str(figure.grain or 0.1)) / 2
            capped = min(max(exact, Fraction(3, 2)), Fraction(9, 2))
            assert abs(Fraction(str(figure.mean)) - capped) <= half
            assert (figure.capped is None) or figure.interval is None


@TRIALS
@given(grouped(groups=GROUPS), st.integers(2, 9))
def test_two_that_are_joined_have_the_mean_of_both_and_none_of_their_own(made, second):
    names, sizes, collected = made
    few = np.flatnonzero(collected.units == 1)[:second]
    kept = np.sort(np.concatenate([np.flatnonzero(collected.units != 1), few]))
    units = np.where(collected.units[kept] == 2, 1, 0).astype(np.int32)
    plain = region(names, sizes)
    first, annex, last = plain.units
    staff = {name: first.invited[name] + annex.invited[name] for name in names}
    joined = ReportingUnit("u0", "U0 and U1", "t", ("u0", "u1"), staff)
    area = type(plain)(plain.id, plain.name, plain.municipalities, (joined, last))
    answers = OpenedBallots(units, collected.groups[kept], collected.ratings[kept])
    publication = published(area, answers, instrument=questionnaire(groups=names))
    both = answers.ratings[units == 0].astype(int)
    figure = publication.figure(Cell(Level.COMMUNITY, "u0"), "control")
    if len(both) >= 10 and figure.grain is None:
        assert figure.mean == min(max(round(Fraction(int(both[:, :2].sum()) * 25, 2 * len(both))), 12), 88)
    assert (
        publication.participation_of(Cell(Level.COMMUNITY, "u0")).state is not DisclosureState.WITHHELD or len(both) < 5
    )
    assert publication.participation_of(Cell(Level.COMMUNITY, "u1")) is None
