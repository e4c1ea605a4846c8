"""A change of a municipality or the region: what may be said where other communities are counted than before."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from app.core.counting import OpenedBallots
from app.core.counting.coverage import RoundCoverage, RoundCoverageOverlap
from app.core.counting.trends import with_trends
from app.core.instruments import Theme
from app.core.publication import (
    Cell,
    ChangeLabel,
    DisclosureState,
    Figure,
    Level,
    Participation,
    from_json,
    to_json,
    with_lead_ins,
)
from app.core.rounds import RoundId
from tests.core.synthetic_region import NOON, published, questionnaire, region_of, text

TOWN = Cell(Level.MUNICIPALITY, "town")
LOW = [0, 1, 1, 2] * 8
MIDDLE = [1, 2, 2, 3] * 8
HIGH = [2, 3, 3, 4] * 8


def ratings(region, by_unit):
    """{unit: [the option that a person chose throughout, ...]}."""
    names = [unit.id for unit in region.units]
    units = [names.index(unit) for unit, people in by_unit.items() for _ in people]
    rows = np.array([[option] * 4 for people in by_unit.values() for option in people], np.uint8)
    return OpenedBallots(np.array(units, np.int32), np.full(len(units), 255, np.uint8), rows)


def town(communities=5):
    return region_of({"town": {f"u{number}": 40 for number in range(communities)}})


def two_rounds(first, second, region=None, later_region=None):
    region = region or town()
    later_region = later_region or region
    before = published(region, ratings(region, first), counted_at=NOON - timedelta(days=365), opens_at=None)
    return before, published(later_region, ratings(later_region, second), earlier=(before,), id=RoundId(2))


def trend(publication, cell, measure="control"):
    return publication.figure(cell, measure).trends[0]


def test_a_town_whose_weakest_communities_are_no_longer_counted_has_not_clearly_improved():
    low = {"u0": LOW, "u1": LOW}
    high = {"u2": HIGH, "u3": HIGH, "u4": HIGH}
    before, later = two_rounds(low | high, {"u0": LOW[:7], "u1": LOW[:7]} | high)
    assert (before.participation_of(TOWN).covers, later.participation_of(TOWN).covers) == ((5, 5), (3, 5))
    for cell in (TOWN, later.region_cell):
        change = trend(later, cell)
        assert change.difference >= 5 and change.interval[0] > 0
        assert change.label is ChangeLabel.POSSIBLE
    assert trend(later, Cell(Level.COMMUNITY, "u2")).difference == 0


def test_a_town_of_the_same_communities_may_change_clearly():
    first, second = ({f"u{n}": people for n in range(5)} for people in (LOW, HIGH))
    _, later = two_rounds(first, second)
    assert trend(later, TOWN).label is ChangeLabel.CLEAR
    assert trend(later, later.region_cell, "c1").label is ChangeLabel.CLEAR


def test_a_joined_community_is_another_one_for_its_town():
    region = town()
    first, *rest = region.units
    joined = type(region)(
        region.id, region.name, region.municipalities,
        (type(first)("u0", "U0", "town", ("u0", "annex"), {"teacher": 40}), *rest),
    )  # fmt: skip
    people, higher = ({f"u{n}": people for n in range(5)} for people in (LOW, HIGH))
    _, later = two_rounds(people, higher, later_region=joined)
    assert trend(later, TOWN).label is ChangeLabel.POSSIBLE


def test_communities_that_neither_round_counts_are_no_hindrance():
    people, higher = ({f"u{n}": people for n in range(5)} | {"u5": [1] * 3} for people in (LOW, HIGH))
    before, later = two_rounds(people, higher, region=town(6))
    assert before.participation_of(TOWN).covers == later.participation_of(TOWN).covers == (5, 6)
    assert trend(later, TOWN).label is trend(later, TOWN, "c1").label is ChangeLabel.CLEAR


def sizes(**units):
    return region_of({"town": units})


@pytest.mark.parametrize(("staff", "label"), [(12, ChangeLabel.CLEAR), (40, ChangeLabel.POSSIBLE)])
def test_a_community_that_comes_and_goes_matters_by_its_staff(staff, label):
    """One of six is shown first and has but three answers then: of 212 people a twentieth, of 240 a sixth."""
    region = sizes(**{f"u{n}": 40 for n in range(5)}, small=staff)
    low, high = ({f"u{n}": people for n in range(5)} for people in (LOW, HIGH))
    before, later = two_rounds(low | {"small": LOW[:12]}, high | {"small": HIGH[:3]}, region=region)
    assert (before.participation_of(TOWN).covers, later.participation_of(TOWN).covers) == ((6, 6), (5, 6))
    assert trend(later, TOWN).label is label


NOTHING = RoundCoverage({}, lambda _cell: None, lambda _cell, _measure: None)


def test_of_communities_that_are_counted_unseen_the_largest_may_be_others():
    """Four small ones are counted without being shown, then three: which one is gone is not told."""
    region = sizes(big=300, **{f"s{n}": 14 for n in range(6)}, other=40)
    measure = published(region, ratings(region, {"big": MIDDLE * 4})).measure("control")
    parts = {
        cell: Participation(cell, state, "40-44", "50-59", None, covers=covers)
        for cell, state, covers in (
            (TOWN, DisclosureState.SHOWN, (5, 8)),
            (Cell(Level.COMMUNITY, "big"), DisclosureState.SHOWN, None),
        )
    }
    big = Cell(Level.COMMUNITY, "big")
    figures = {(big, "control"): Figure(big, "control", DisclosureState.SHOWN, mean=50.0)}
    side = RoundCoverage({(Level.MUNICIPALITY, "town"): region.units}, parts.get, lambda *key: figures.get(key))
    sure, most = side.certain_staff_and_possible_total(TOWN, measure)
    assert (sum(sure.values()), most) == (300, 300 + 40 + 3 * 14)
    # 300 of 382 are too few to be sure.
    assert not RoundCoverageOverlap(side, side).figures_cover_mostly_same_staff(TOWN, (measure, measure))
    assert NOTHING.certain_staff_and_possible_total(TOWN, measure) == ({}, 0)
    assert not RoundCoverageOverlap(NOTHING, NOTHING).figures_cover_mostly_same_staff(TOWN, (measure, measure))


def with_numbers(publication, mean, interval):
    shown = (one for one in publication.figures if one.state is DisclosureState.SHOWN)
    figures = (replace(one, mean=mean, interval_conditions=interval, trends=()) for one in shown)
    return replace(publication, figures=tuple(figures))


@pytest.mark.parametrize(
    ("interval", "told", "label"),
    [((53.0, 59.0), 0.0, ChangeLabel.POSSIBLE), ((54.0, 59.0), 1.0, ChangeLabel.CLEAR)],
)
def test_the_label_is_that_of_the_interval_in_print(interval, told, label):
    before, later = two_rounds({"u0": MIDDLE}, {"u0": MIDDLE}, region=town(1))
    before = with_numbers(before, 50.0, (45.0, 55.0))
    later = with_numbers(later, 56.0, interval)
    parts = {part.cell: part for part in later.participation}
    found = with_trends(later.figures, later.measures, (before,), region=later.region, parts=parts)
    assert {one.trends[0].interval[0] for one in found} == {told}  # 0.17 and 0.61 before it is rounded
    assert {one.trends[0].label for one in found} == {label}


def led_in(words):
    """The made-up questionnaire with these words above its items."""
    plain = questionnaire()
    return replace(plain, themes=(Theme("page", text("Page"), text(words), tuple(plain.item_ids)),))


def in_two_rounds(first, second):
    people = ratings(town(), {f"u{n}": MIDDLE for n in range(5)})
    before = published(town(), people, counted_at=NOON - timedelta(days=365), opens_at=None, instrument=led_in(first))
    return before, published(town(), people, earlier=(before,), id=RoundId(2), instrument=led_in(second))


def test_the_same_items_under_another_lead_in_do_not_join_the_line():
    assert in_two_rounds("Think of the month.", "Think of the month.")[1].figure(TOWN, "control").trends
    before, later = in_two_rounds("Think of the month.", "Think of an ordinary day.")
    assert not any(figure.trends for figure in (*later.figures, *later.items))
    pairs = zip(before.measures, later.measures, strict=True)
    assert all(one.identity == other.identity and one.comparison_key != other.comparison_key for one, other in pairs)


def test_publications_without_lead_ins_get_them_from_their_questionnaire_and_go_on():
    before, later = in_two_rounds("Think of the month.", "Think of the month.")
    old = replace(before, measures=tuple(replace(one, lead_in=None) for one in before.measures))
    assert '"lead_in"' not in to_json(old)
    assert with_lead_ins(from_json(to_json(old)), led_in("Think of the month.")) == before
    parts = {part.cell: part for part in later.participation}
    plain = [replace(one, trends=()) for one in later.figures]
    for words, goes_on in (("Think of the month.", True), ("Think of an ordinary day.", False)):
        filled = with_lead_ins(old, led_in(words))
        found = with_trends(plain, later.measures, (filled,), region=later.region, parts=parts)
        assert any(figure.trends for figure in found) is goes_on
