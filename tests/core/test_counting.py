import json
from datetime import timedelta

import numpy as np
import pytest

from app.core.counting import (
    CountError,
    OpenedBallots,
    build_publication,
    empty_ballot_sums,
    publication_builder,
    sum_ballots,
)
from app.core.disclosure.policy import Policy
from app.core.instruments import Scoring, scale_scores
from app.core.publication import (
    AttackCheck,
    Capped,
    Cell,
    ChangeLabel,
    DisclosureState,
    Level,
    Placement,
    from_json,
    to_json,
)
from app.core.rounds import RoundId
from tests.core.synthetic_region import (
    NOON,
    answers,
    published,
    questionnaire,
    random_region,
    region_of,
    round_on,
    scale,
)

SCHOOL = Cell(Level.COMMUNITY, "school")
DAYCARE = Cell(Level.COMMUNITY, "daycare")
RNG = np.random.default_rng(4)


def ratings(region, by_unit, *, items=4):
    """Give every unit's people the same rating on each item: {unit: [option of person 1, ...]}."""
    names = [unit.id for unit in region.units]
    units = [names.index(unit) for unit, people in by_unit.items() for _ in people]
    rows = [[option] * items for people in by_unit.values() for option in people]
    table = np.array(rows, np.uint8).reshape(len(units), items)
    return OpenedBallots(np.array(units, np.int32), np.full(len(units), 255, np.uint8), table)


def two_places(school=30, daycare=9):
    return region_of({"m": {"school": school, "daycare": daycare, "other": 40}})


def test_means_are_printed_as_whole_numbers_with_both_intervals_outwards():
    region = two_places(school=120)
    people = ([0] * 4 + [1] * 6 + [2] * 6 + [4] * 6) * 4
    figure = published(region, ratings(region, {"school": people})).figure(SCHOOL, "control")
    scores = np.array(people) * 25.0
    half = 1.98761 * scores.std(ddof=1) / np.sqrt(88)
    assert figure.mean == round(scores.mean())
    assert figure.interval_conditions == (np.floor(scores.mean() - half), np.ceil(scores.mean() + half))
    corrected = half * np.sqrt(1 - 88 / 120)
    assert figure.interval == (np.floor(scores.mean() - corrected), np.ceil(scores.mean() + corrected))


def one_question(people, **changes):
    instrument = questionnaire((scale("control", ("a",), **changes),))
    region = two_places(school=120)
    return published(region, ratings(region, {"school": people}, items=1), instrument=instrument)


@pytest.mark.parametrize(
    ("people", "grain", "mean"),
    [([1, 2, 2, 3, 3] * 3, 15, 50), ([1, 2, 2, 3, 3] * 5, 3, 56), ([1, 2, 2, 3, 3] * 17, None, 55)],
)
def test_few_answers_to_one_question_are_printed_coarsely_and_their_intervals_say_no_more(people, grain, mean):
    figure = one_question(people).figure(SCHOOL, "control")
    assert (figure.grain, figure.mean) == (grain, mean)
    if grain is not None:
        low, high = figure.interval_conditions
        assert (low + high) / 2 == mean and (high - mean) % grain == 0
        assert low <= np.mean(people) * 25 <= high


def test_raw_means_of_few_answers_are_printed_to_a_tenth_of_their_range():
    figure = one_question([1, 2, 2, 3, 3] * 2, scoring=Scoring.MEAN).figure(SCHOOL, "control")
    assert (figure.grain, figure.mean) == (0.5, 3.0)
    low = one_question([0, 0, 0, 1] * 3, scoring=Scoring.MEAN).figure(SCHOOL, "control")
    assert (low.capped, low.mean) == (Capped.LOW, 2.2)


def test_a_change_between_a_coarse_and_a_whole_number_is_made_of_what_is_printed():
    instrument = questionnaire((scale("control", ("a",)),))
    region = two_places(school=40)
    coarse = published(region, ratings(region, {"school": [1, 2, 2] * 4}, items=1), instrument=instrument)
    whole = published(
        region,
        ratings(region, {"school": [2, 3, 3] * 10}, items=1),
        instrument=instrument,
        earlier=(coarse,),
        id=RoundId(2),
    )
    now = whole.figure(SCHOOL, "control")
    then = coarse.figure(SCHOOL, "control")
    assert (then.grain, now.grain) == (15, 3)
    assert now.trends[0].difference == now.mean - then.mean


def test_who_asked_everybody_gets_a_sentence_instead_of_an_interval():
    region = two_places(school=22)
    publication = published(region, ratings(region, {"school": [0, 4] * 11}))
    assert publication.participation_of(SCHOOL).everyone_answered
    assert publication.participation_of(SCHOOL).response_band == "100"
    assert publication.figure(SCHOOL, "control").interval is None
    assert publication.figure(SCHOOL, "control").interval_conditions is not None


@pytest.mark.parametrize(("option", "cap", "which"), [(0, 12.0, Capped.LOW), (4, 88.0, Capped.HIGH)])
@pytest.mark.parametrize("n", [25, 80])
def test_near_the_ends_only_the_cap_is_said(option, cap, which, n):
    region = two_places(school=100)
    figure = published(region, ratings(region, {"school": [option] * n})).figure(SCHOOL, "control")
    assert (figure.mean, figure.capped) == (cap, which)
    assert figure.interval is None and figure.interval_conditions is None and figure.smallest_change is None


@pytest.mark.parametrize(("option", "cap", "which"), [(0, 27.0, Capped.LOW), (4, 73.0, Capped.HIGH)])
def test_of_few_answers_only_means_a_step_from_the_ends_are_said(option, cap, which):
    region = two_places()
    figure = published(region, ratings(region, {"school": [option] * 24})).figure(SCHOOL, "control")
    assert (figure.mean, figure.capped, figure.interval) == (cap, which, None)


def test_raw_means_are_printed_to_a_tenth_and_capped_at_one_and_a_half():
    region = two_places(school=80)
    instrument = questionnaire((scale("control", ("a", "b"), scoring=Scoring.MEAN),))
    publication = published(
        region, ratings(region, {"school": [1, 2] * 30, "other": [0] * 40}, items=2), instrument=instrument
    )
    assert publication.figure(SCHOOL, "control").mean == 2.5
    assert publication.figure(Cell(Level.COMMUNITY, "other"), "control").mean == 1.5
    assert publication.figure(Cell(Level.COMMUNITY, "other"), "control").capped is Capped.LOW


def test_five_to_nine_answers_are_only_placed():
    region = two_places()
    publication = published(region, ratings(region, {"school": [3] * 20, "daycare": [1] * 9}))
    figure = publication.figure(DAYCARE, "control")
    assert figure.placement is Placement.BELOW
    assert (figure.state, figure.mean, figure.interval, figure.distribution) == (
        DisclosureState.PLACEMENT,
        None,
        None,
        None,
    )
    assert publication.participation_of(DAYCARE).answers_band == "5-9"


@pytest.mark.parametrize(("option", "expected"), [(1, "below"), (2, "same"), (3, "above")])
def test_half_a_step_from_the_region_is_a_clear_difference(option, expected):
    region = two_places()
    publication = published(region, ratings(region, {"school": [1, 3] * 10, "daycare": [option] * 6}))
    assert publication.figure(DAYCARE, "control").placement == expected


def test_under_five_answers_nothing_is_said_and_nothing_is_stored():
    region = two_places()
    publication = published(region, ratings(region, {"school": [2] * 20, "daycare": [4] * 4}))
    assert publication.figure(DAYCARE, "control").state is DisclosureState.WITHHELD
    part = publication.participation_of(DAYCARE)
    assert (part.state, part.answers_band, part.response_band, part.invited) == (
        DisclosureState.WITHHELD,
        None,
        None,
        None,
    )


def test_what_is_stored_holds_nothing_of_a_withheld_cell():
    """Two rounds that differ only in the answers of a withheld daycare are stored alike, byte for byte."""
    region = two_places()
    stored = {
        to_json(published(region, ratings(region, {"school": [1, 2, 3] * 7, "daycare": [option] * 4})))
        for option in range(5)
    }
    assert len(stored) == 1


def test_what_is_stored_holds_no_exact_count_of_a_cell():
    """Whether 21 or 24 answered alike is not stored: only bands and the whole region's total are."""
    region = region_of({"m": {"school": 200, "other": 200}})
    plain = []
    for n in (21, 24):
        written = json.loads(to_json(published(region, ratings(region, {"school": [0] * n, "other": [4] * (45 - n)}))))
        schools = [figure for figure in written["figures"] if figure["cell"]["level"] == "community"]
        plain.append([written["counted"], written["participation"], schools])
    assert plain[0] == plain[1]


def test_distributions_items_and_quadrants_need_twenty_answers():
    region = two_places()
    publication = published(region, ratings(region, {"school": [0] * 4 + [2] * 6 + [4] * 10, "other": [1, 2, 3] * 6}))
    assert publication.figure(SCHOOL, "control").distribution.high == 50
    assert publication.figure(SCHOOL, "c1") is not None and publication.quadrants_of(SCHOOL) is not None
    other = Cell(Level.COMMUNITY, "other")
    assert publication.figure(other, "control").mean is not None
    assert publication.figure(other, "control").distribution is None
    assert publication.figure(other, "c1") is None and publication.quadrants_of(other) is None


def test_sensitive_scales_need_twenty_answers_and_are_never_placed():
    region = two_places()
    instrument = questionnaire((scale("control", ("a", "b")), scale("harassment", ("x", "y"), sensitive=True)))
    people = {"school": [1, 2] * 9, "daycare": [1] * 7, "other": [1, 3] * 11}
    publication = published(region, ratings(region, people), instrument=instrument)
    assert publication.figure(SCHOOL, "control").state is DisclosureState.SHOWN
    assert publication.figure(SCHOOL, "harassment").state is DisclosureState.WITHHELD
    assert publication.figure(DAYCARE, "harassment").state is DisclosureState.WITHHELD
    assert publication.figure(Cell(Level.COMMUNITY, "other"), "harassment").state is DisclosureState.SHOWN


def test_the_balance_is_the_difference_of_printed_means():
    region = two_places()
    collected = answers(region, {"school": 25, "other": 25}, instrument=questionnaire(), rng=np.random.default_rng(3))
    publication = published(region, collected)
    assert publication.balances
    for balance in publication.balances:
        control, demands = (publication.figure(balance.cell, name).mean for name in ("control", "demands"))
        assert balance.difference == control - demands


def test_scores_in_print_equal_the_questionnaires_own_scoring():
    region = two_places()
    instrument = questionnaire()
    collected = answers(region, {"school": 30, "other": 33}, instrument=instrument, rng=np.random.default_rng(8))
    collected.ratings[::7, 0] = 255
    publication = published(region, collected, instrument=instrument)
    for figure in publication.scale_figures_in(publication.region_cell):
        scores = scale_scores(instrument, instrument.scale(figure.measure), collected.ratings)
        assert abs(figure.mean - np.nanmean(scores)) <= 1.5  # of 63 answers, in threes about 50
        assert (figure.mean - 50) % 3 == 0


def rounds_apart(first, second, **changes):
    region = two_places()
    before = published(region, ratings(region, first), counted_at=NOON - timedelta(days=365), id=RoundId(1))
    return before, published(region, ratings(region, second), earlier=(before,), id=RoundId(2), **changes)


def test_a_large_change_is_clear_and_a_small_one_cannot_be_told():
    low = [1, 1, 2] * 9
    high = [2, 2, 3] * 9
    _, later = rounds_apart({"school": low, "other": low}, {"school": high, "other": [1, 1, 2] * 8 + [1, 1, 1]})
    clear, none = (later.figure(Cell(Level.COMMUNITY, unit), "control").trends[0] for unit in ("school", "other"))
    assert (clear.label, clear.difference, clear.since, clear.comparisons) == (ChangeLabel.CLEAR, 27, 1, 2)
    assert none.label is ChangeLabel.CANNOT_TELL


def test_a_change_is_the_difference_of_printed_figures():
    before, later = rounds_apart({"school": [0, 1, 2, 2] * 6}, {"school": [1, 2, 3, 3, 4] * 5})
    trend = later.figure(SCHOOL, "control").trends[0]
    assert trend.difference == later.figure(SCHOOL, "control").mean - before.figure(SCHOOL, "control").mean


def test_a_changed_word_breaks_the_line():
    region = two_places()
    people = ratings(region, {"school": [1, 2, 3] * 8})
    before = published(region, people, counted_at=NOON - timedelta(days=365))
    other_words = questionnaire((scale("control", ("c1", "new")), scale("demands", ("d1", "d2"))))
    later = published(region, people, instrument=other_words, earlier=(before,), id=RoundId(2))
    assert later.figure(SCHOOL, "control").trends == ()
    assert later.figure(SCHOOL, "demands").trends != ()
    assert later.figure(SCHOOL, "c1").trends != ()


def test_a_unit_that_was_joined_with_another_is_not_compared_with_its_former_self():
    region = two_places()
    people = ratings(region, {"school": [1, 2, 3] * 8})
    before = published(region, people, counted_at=NOON - timedelta(days=365))
    school, *rest = region.units
    joined = type(region)(
        region.id, region.name, region.municipalities,
        (type(school)("school", "School", "m", ("school", "annex"), {"teacher": 34}), *rest),
    )  # fmt: skip
    later = published(joined, people, earlier=(before,), id=RoundId(2))
    assert later.figure(SCHOOL, "control").trends == ()
    assert later.figure(later.region_cell, "control").trends != ()


def test_reliability_is_said_only_from_a_hundred_answers():
    region = region_of({"m": {f"u{n}": 40 for n in range(5)}})
    instrument = questionnaire()
    for each, expected in ((19, 0), (20, 2)):
        collected = answers(
            region, {f"u{n}": each for n in range(5)}, instrument=instrument, rng=np.random.default_rng(1)
        )
        assert len(published(region, collected, instrument=instrument).quality) == expected


@pytest.mark.parametrize(("shown", "said"), [(1, False), (4, False), (5, True)])
def test_agreement_is_said_of_five_communities_or_more_and_never_of_one_that_is_known(shown, said):
    sizes = {f"big{n}": 40 for n in range(shown)} | {f"small{n}": 9 for n in range(12)}
    counts = {name: 25 if name.startswith("big") else 8 for name in sizes}
    region = region_of({"m": sizes})
    instrument = questionnaire()
    collected = answers(region, counts, instrument=instrument, rng=np.random.default_rng(1))
    quality = published(region, collected, instrument=instrument).quality[0]
    assert quality.alpha is not None
    told = (quality.icc1, quality.icc2, quality.rwg_median, quality.between_variance, quality.communities_differ)
    assert [one is not None for one in told] == [said] * 5


def test_ballots_of_another_questionnaire_are_refused():
    region = two_places()
    with pytest.raises(CountError, match="20 x 4 ratings"):
        published(region, ratings(region, {"school": [1] * 20}, items=3))


def test_a_round_that_never_opened_cannot_be_counted():
    region = two_places()
    with pytest.raises(CountError, match="not been opened"):
        build_publication(
            sum_ballots(ratings(region, {"school": [1] * 20}), region, questionnaire()), round=round_on(None),
            instrument=questionnaire(), policy=Policy(), earlier=(), counted_at=NOON, issued=0,
        )  # fmt: skip


def test_sums_of_other_communities_are_refused():
    with pytest.raises(CountError, match="not those of this round"):
        build_publication(
            empty_ballot_sums(questionnaire(), units=9), round=round_on(two_places()), instrument=questionnaire(),
            policy=Policy(), earlier=(), counted_at=NOON, issued=0,
        )  # fmt: skip


def test_a_round_without_answers_is_counted_and_says_nothing():
    region = two_places()
    publication = published(region, ratings(region, {}))
    assert {part.state for part in publication.participation} == {DisclosureState.WITHHELD}
    assert publication.items == () and publication.counted == 0
    assert from_json(to_json(publication)) == publication


def test_tables_by_group_carry_the_attackers_verdict_and_fall_when_it_breaks_a_set(monkeypatch):
    region, counts, rng = random_region(2, low=60, high=90)
    collected = answers(region, counts, instrument=questionnaire(), rng=rng)
    tables = published(region, collected, by_group=True)
    assert tables.check.sets > 0 and tables.check.broken == 0
    by_group = [part for part in tables.participation if part.cell.level is Level.COMMUNITY and part.cell.group]
    assert by_group
    monkeypatch.setattr(
        publication_builder,
        "attack_knowing_exact_counts",
        lambda *_, **__: AttackCheck(sets=9, broken=1, narrowest=0.1),
    )
    fallen = published(region, collected, by_group=True)
    assert fallen.withdrawn == ("m0", "m1", "m2")
    assert not [part for part in fallen.participation if part.cell.level is Level.COMMUNITY and part.cell.group]
