"""Bands of answers and response rates: for every size up to 200 no pair of them pins a count."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from app.core.counting import OpenedBallots
from app.core.counting.bands import (
    CountBand,
    band_midpoints,
    count_band,
    open_round_rate_band_text,
    parent_band,
    unit_band,
)
from app.core.disclosure.count_check import consistent_counts, find_narrowed_counts
from app.core.publication import Cell, DisclosureState, Level, Participation, Publication
from tests.core.synthetic_region import GROUPS, published, random_region, region_of
from tests.core.test_counting import ratings

K = 10
SIZES = range(10, 201)
PINE = Cell(Level.COMMUNITY, "pine")


def printed(n, invited):
    """Return what is printed of a community's count."""
    band = unit_band(n, invited, k=K)
    return Participation(
        PINE,
        DisclosureState.SHOWN,
        band.published_band_text,
        band.response_rate_band_text(invited),
        invited,
        band.everyone,
    )


def seen(part):
    return part.answers_band, part.response_band, part.everyone_answered


def required(invited):
    """Three counts, or as many as numbers from ten answers on leave possible at all."""
    return min(3, invited - K + 1)


@pytest.mark.parametrize("invited", SIZES)
def test_the_printed_pair_leaves_three_counts_possible(invited):
    alike = defaultdict(set)
    for n in range(K, invited + 1):
        alike[seen(printed(n, invited))].add(n)
    for (_answers, _rate, everyone), counts in alike.items():
        if everyone:
            assert counts == {invited}
        else:
            assert len(counts) >= required(invited)
            silent = {invited - n for n in counts}
            assert len(silent) >= required(invited)


@pytest.mark.parametrize("invited", SIZES)
def test_the_attackers_reading_of_the_pair_finds_three_counts_too(invited):
    """Read from the strings, as somebody who does not know how they were made; the true count is among them."""
    for n in range(K, invited + 1):
        part = printed(n, invited)
        counts = consistent_counts(part, least=K)
        assert n in counts
        assert part.everyone_answered or len(counts) >= required(invited)


@pytest.mark.parametrize("invited", SIZES)
def test_the_middle_that_later_figures_use_tells_no_more_than_the_band(invited):
    alike = defaultdict(set)
    for n in range(K, invited):
        band = unit_band(n, invited, k=K)
        middle = band_midpoints(np.array([n]), np.array([band.start]), np.array([band.top]))[0]
        alike[seen(printed(n, invited))].add(int(middle))
    assert all(len(found) == 1 for found in alike.values())


def test_the_pairs_that_gave_counts_away_are_gone():
    """Before: "10-14 answered" and "80-89 % of 15" gave 12 or 13, "5-9" and "80-89 % of 10" exactly 8."""
    assert unit_band(12, 15, k=K).response_rate_band_text(15) == "60-99"
    assert count_band(8, least=5, most=9).response_rate_band_text(10) is None
    assert count_band(7, least=5, most=9).response_rate_band_text(9) is None


def test_the_attacker_finds_the_pairs_that_were_printed_before():
    before = Participation(PINE, DisclosureState.SHOWN, "20-24", "80-89", 30)
    assert consistent_counts(before, least=K) == (24,)
    placed = Participation(PINE, DisclosureState.PLACEMENT, "5-9", "80-89", 10)
    assert consistent_counts(placed, least=5) == (8,)


@pytest.mark.parametrize("invited", range(10, 201))
def test_an_open_round_tells_bands_of_three_people_or_more_and_no_rate_under_ten_answers(invited):
    alike = defaultdict(set)
    for n in range(invited + 1):
        alike[open_round_rate_band_text(n, invited)].add(n)
    assert all(len(counts) >= 3 for counts in alike.values())
    assert any(set(range(10)) <= counts for counts in alike.values())


@pytest.mark.parametrize("invited", range(10, 201))
def test_the_last_band_of_an_open_round_and_the_published_one_pin_nothing_together(invited):
    """More may answer after the last refresh, so the open band is a lower bound of the count."""
    opened = defaultdict(set)
    closed = defaultdict(set)
    for n in range(K, invited + 1):
        opened[open_round_rate_band_text(n, invited)].add(n)
        closed[seen(printed(n, invited))].add(n)
    for first in opened.values():
        for (_answers, _rate, everyone), second in closed.items():
            both = {n for n in second if n >= min(first)}
            assert everyone or not both or len(both) >= required(invited)


def parts_of(chance, number):
    """Draw communities with all, most or few of their people answering."""
    found = []
    for _ in range(number):
        invited = int(chance.integers(13, 60))
        n = int(chance.choice([invited, invited - 1, chance.integers(K, invited), 14, 10]))
        n = min(max(n, K), invited)
        found.append((n, invited, unit_band(n, invited, k=K)))
    return found


def narrowed(parent, parts):
    """Return how many counts are left for the parent and for each part, given all the others."""
    low = sum(part.low for part in parts)
    high = sum(part.high for part in parts)
    least = max(parent.low, low)
    most = min(parent.high, high)
    left = [min(part.high, most - (low - part.low)) - max(part.low, least - (high - part.high)) + 1 for part in parts]
    return most - least + 1, left


@pytest.mark.parametrize("seed", range(20))
def test_a_parent_less_its_printed_parts_pins_nothing(seed):
    chance = np.random.default_rng(seed)
    for _ in range(100):
        parts = parts_of(chance, int(chance.integers(2, 9)))
        bands = [band for _n, _invited, band in parts]
        total = sum(n for n, _invited, _band in parts)
        parent = parent_band(total, sum(invited for _n, invited, _band in parts), bands)
        assert parent.low <= total <= parent.high
        if all(band.everyone for band in bands):
            continue
        left, of_parts = narrowed(parent, bands)
        assert left >= 3
        for (_n, _invited, band), counts in zip(parts, of_parts, strict=True):
            assert band.everyone or counts >= 3


def test_plain_bands_of_five_would_pin_every_part():
    """Five communities of "10-14" and "70-74" together: all have fourteen."""
    parts = [count_band(14, least=10, most=39)] * 5
    plain = CountBand(70, 74, 0, 70)
    assert narrowed(plain, parts) == (1, [1] * 5)
    assert narrowed(parent_band(70, 200, parts), parts) == (6, [5] * 5)


def answers(counts, **groups):
    return {unit: [1, 2, 3][:3] * (n // 3) + [2] * (n % 3) for unit, n in counts.items()}


@pytest.mark.parametrize("seed", range(6))
def test_no_count_of_a_whole_publication_is_pinned(seed):
    chance = np.random.default_rng(seed)
    members = {}
    counts = {}
    for place in range(3):
        of_place = {}
        for number in range(5):
            invited = int(chance.choice([8, 13, 15, 24, 31, 36, 47]))
            name = f"m{place}s{number}"
            of_place[name] = invited
            counts[name] = int(chance.choice([invited, invited - 1, int(0.8 * invited), min(14, invited)]))
        members[f"m{place}"] = of_place
    region = region_of(members)
    publication = published(region, ratings(region, answers(counts)))
    assert find_narrowed_counts(publication) == ()
    for unit in region.units:
        part = publication.participation_of(Cell(Level.COMMUNITY, unit.id))
        if part.state is DisclosureState.SHOWN:
            assert counts[unit.id] in consistent_counts(part, least=K)


@pytest.mark.parametrize("rate", [0.7, 0.97, 1.0])
def test_no_count_of_regions_with_staff_groups_is_pinned(rate):
    for seed in range(4):
        region, counts, chance = random_region(seed, low=8, high=40, rate=rate)
        rows = [
            (place, group)
            for place, unit in enumerate(region.units)
            for group, name in enumerate(GROUPS)
            for _person in range(counts[unit.id][name])
        ]
        units, groups = np.array(rows).T
        table = chance.integers(0, 5, (len(rows), 4)).astype(np.uint8)
        publication = published(region, OpenedBallots(units.astype(np.int32), groups.astype(np.uint8), table))
        assert find_narrowed_counts(publication) == ()


def test_the_attacker_finds_a_count_that_a_publication_gives_away():
    region = region_of({"m": {"pine": 30, "oak": 60}})
    publication = published(region, ratings(region, answers({"pine": 24, "oak": 41})))
    exact = tuple(
        replace(part, response_band="80-89") if part.cell == PINE else part for part in publication.participation
    )
    # `told` would hide this pair: the attacker has to find it in what is given to it.
    given = _Untold(publication, exact)
    assert [one.cell for one in find_narrowed_counts(given)] == [PINE]


class _Untold:
    """A publication that tells its stored participation as it is."""

    def __init__(self, publication: Publication, parts: tuple[Participation, ...]) -> None:
        self._publication = publication
        self._parts = {part.cell: part for part in parts}

    def participation_of(self, cell: Cell) -> Participation | None:
        return self._parts.get(cell)

    def __getattr__(self, name: str) -> object:
        return getattr(self._publication, name)


def test_under_ten_answers_no_response_rate_is_told():
    region = region_of({"m": {"pine": 10, "oak": 60}})
    for n in range(5, 10):
        publication = published(region, ratings(region, answers({"pine": n, "oak": 41})))
        part = publication.participation_of(PINE)
        assert (part.state, part.answers_band) == (DisclosureState.PLACEMENT, "5-9")
        assert (part.response_band, part.everyone_answered, part.silent_shift) == (None, False, None)


@pytest.mark.parametrize("n", range(5, 9))
def test_a_placed_community_where_all_answered_is_not_told_so(n):
    region = region_of({"m": {"pine": n, "oak": 60}})
    part = published(region, ratings(region, answers({"pine": n, "oak": 41}))).participation_of(PINE)
    assert (part.answers_band, part.response_band, part.everyone_answered) == ("5-9", None, False)


@pytest.mark.parametrize("invited", [10, 11, 12])
def test_everyone_is_not_told_where_fewer_than_three_other_counts_are_possible(invited):
    region = region_of({"m": {"pine": invited, "oak": 60}})
    publication = published(region, ratings(region, answers({"pine": invited, "oak": 41})))
    part = publication.participation_of(PINE)
    assert not part.everyone_answered and part.response_band != "100"
    assert publication.figure(PINE, "control").interval is not None


def test_what_was_stored_earlier_is_told_by_the_same_rule():
    group = Participation(
        Cell(Level.REGION, "r", "cook"), DisclosureState.SHOWN, "10-14", "100", 12, everyone_answered=True
    )
    shown = group.without_private_counts
    assert (shown.response_band, shown.invited, shown.everyone_answered) == (None, None, False)
    few = Participation(PINE, DisclosureState.PLACEMENT, "5-9", "80-89", 10, silent_shift=2.0)
    shown = few.without_private_counts
    assert (shown.response_band, shown.silent_shift, shown.answers_band) == (None, None, "5-9")
    pinned = Participation(PINE, DisclosureState.SHOWN, "20-24", "80-89", 30)
    assert pinned.without_private_counts.response_band is None
    fine = Participation(PINE, DisclosureState.SHOWN, "70-74", "70-79", 100)
    assert fine.without_private_counts == fine
