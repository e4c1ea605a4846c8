"""A question that few answer is withheld by itself, and takes no other with it."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from app.config import ROOT
from app.core.counting import OpenedBallots
from app.core.disclosure.policy import Policy
from app.core.instruments import Theme
from app.core.organisations import mark_surveyed_units
from app.core.publication import Cell, DisclosureState, Level, from_json, to_json
from app.store.instruments import read_questionnaire_file
from tests.core.synthetic_region import GROUPS, published, questionnaire, region_of, scale, text

SIZES = (11, 15, 19, 23, 28, 32, 36, 40)
FOLLOWUP = questionnaire((scale("control", ("c1", "c2")), scale("demands", ("d1", "d2")), scale("followup", ("f1",))))
OPTIONAL = FOLLOWUP.item_ids.index("f1")


def region_of_eight():
    return region_of({f"m{half}": {f"u{2 * n + half}": SIZES[2 * n + half] for n in range(4)} for half in range(2)})


def answered(region, sizes, share, *, instrument=FOLLOWUP, seed=1, **changes):
    """Everybody answers everything but the optional item, which `share` of them answer."""
    rng = np.random.default_rng(seed)
    units = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    ratings = rng.integers(0, 5, (len(units), len(instrument.items))).astype(np.uint8)
    ratings[rng.random(len(units)) >= share, OPTIONAL] = 255
    groups = rng.integers(0, 2, len(units)).astype(np.uint8)
    return published(region, OpenedBallots(units, groups, ratings), instrument=instrument, **changes)


def shown(publication, measure, level=Level.COMMUNITY):
    return [one.cell.unit for one in publication.figures
            if one.measure == measure and one.cell.level is level and one.cell.group is None
            and one.state is DisclosureState.SHOWN]  # fmt: skip


def sizes_of(region):
    return [unit.invited_count for unit in region.units]


def test_nobody_answers_the_optional_question_and_everything_else_is_printed():
    region = region_of_eight()
    publication = answered(region, sizes_of(region), 0.0)
    for measure in ("control", "demands"):
        assert len(shown(publication, measure)) == 8
        assert shown(publication, measure, Level.MUNICIPALITY) == ["m0", "m1"]
        assert shown(publication, measure, Level.REGION) == ["region"]
    for level in Level:
        assert shown(publication, "followup", level) == []
    assert not [
        one for one in publication.figures if one.measure == "followup" and one.state is not DisclosureState.WITHHELD
    ]
    assert all(
        publication.disclosure_state_of(Cell(Level.COMMUNITY, unit.id)) is DisclosureState.SHOWN
        for unit in region.units
    )
    assert {one.measure for one in publication.items} == {"c1", "c2", "d1", "d2"}
    assert len(publication.quadrants) > 3 and len(publication.balances) > 10
    assert {one.scale for one in publication.quality} == {"control", "demands"}
    assert {one.cell.group for one in publication.figures if one.state is DisclosureState.SHOWN} == {None, *GROUPS[:2]}
    assert from_json(to_json(publication)) == publication


@pytest.mark.parametrize("share", [1.0, 0.7, 0.5, 0.2, 0.0])
def test_the_other_scales_are_the_same_figures_however_many_answer_the_optional_one(share):
    region = region_of_eight()
    whole, some = (answered(region, sizes_of(region), one) for one in (1.0, share))
    for kind in ("figures", "items"):
        before, after = (
            [one for one in getattr(publication, kind) if one.measure not in ("followup", "f1")]
            for publication in (whole, some)
        )
        assert before == after
    assert (whole.quadrants, whole.balances) == (some.quadrants, some.balances)
    assert [one for one in whole.participation] == [one for one in some.participation]


def test_of_659_answers_in_34_communities_none_is_lost_to_an_optional_question():
    rng = np.random.default_rng(659)
    sizes = np.maximum(rng.multinomial(659, rng.dirichlet([3.0] * 34)), 1)
    region = region_of({f"m{m}": {f"u{m}_{n}": int(sizes[m * 9 + n]) + 4 for n in range(9 if m < 3 else 7)}
                        for m in range(4)})  # fmt: skip
    found = [len(shown(answered(region, sizes, share), "control")) for share in (1.0, 0.7, 0.5, 0.0)]
    assert found[0] == np.count_nonzero(sizes >= 10) > 15
    assert len(set(found)) == 1


def test_a_community_with_numbers_is_not_placed_in_a_scale_that_few_of_it_answered():
    region = region_of({"m": {"big": 60, "one": 30}})
    ratings = np.full((90, len(FOLLOWUP.items)), 3, np.uint8)
    ratings[60 + 7 :, OPTIONAL] = 255
    units = np.repeat(np.arange(2, dtype=np.int32), (60, 30))
    publication = published(region, OpenedBallots(units, np.full(90, 255, np.uint8), ratings), instrument=FOLLOWUP)
    one = Cell(Level.COMMUNITY, "one")
    assert publication.figure(one, "control").state is DisclosureState.SHOWN
    assert publication.figure(one, "followup").state is DisclosureState.WITHHELD


def test_a_figure_says_how_many_answered_it_and_which_communities_it_counts():
    region = region_of({"m": {"big": 60, "one": 30}})
    ratings = np.full((90, len(FOLLOWUP.items)), 2, np.uint8)
    ratings[60 + 7 :, OPTIONAL] = 255
    ratings[:10, OPTIONAL] = 255
    units = np.repeat(np.arange(2, dtype=np.int32), (60, 30))
    publication = published(region, OpenedBallots(units, np.full(90, 255, np.uint8), ratings), instrument=FOLLOWUP)
    parent = Cell(Level.MUNICIPALITY, "m")
    big = Cell(Level.COMMUNITY, "big")
    assert publication.participation_of(parent).covers == (2, 2)
    assert publication.unit_coverage_of_mean(publication.figure(parent, "control")) == (2, 2)
    assert publication.unit_coverage_of_mean(publication.figure(parent, "followup")) == (1, 2)
    assert publication.figure(parent, "control").covers is None
    assert publication.answers_band_of(publication.figure(big, "control")) == "60-64"
    assert publication.answers_band_of(publication.figure(big, "followup")) == "50-54"
    worst = [publication.figure(big, name).worst_case for name in ("control", "followup")]
    assert worst[0] is None and worst[1] == (40.0, 60.0)  # of a mean in threes


def test_an_item_that_many_skip_leaves_the_other_items_their_distributions():
    region = region_of({"m": {"one": 40, "two": 45}})
    ratings = np.full((85, len(FOLLOWUP.items)), 3, np.uint8)
    ratings[:30, FOLLOWUP.item_ids.index("c2")] = 255
    units = np.repeat(np.arange(2, dtype=np.int32), (40, 45))
    publication = published(region, OpenedBallots(units, np.full(85, 255, np.uint8), ratings), instrument=FOLLOWUP)
    printed = Counter(figure.measure for figure in publication.items if figure.cell == Cell(Level.COMMUNITY, "one"))
    assert printed == {"c1": 1, "d1": 1, "d2": 1, **({} if "f1" not in printed else {"f1": 1})}
    figures = publication.scale_figures_in(Cell(Level.COMMUNITY, "one"))
    assert all(figure.distribution is not None for figure in figures)


OVERLAPPING = questionnaire(
    (
        scale("whole", ("a", "b", "c", "d"), min_answered=2),
        scale("first", ("a", "b"), min_answered=2),
        scale("second", ("c", "d"), min_answered=2),
        scale("apart", ("e", "f")),
    )
)


def test_a_scale_is_printed_only_where_the_smaller_scales_of_its_items_are():
    """Whole, first and second of the same people: two of them in print would give the third away."""
    region = region_of({"m": {"small": 12, "big": 60}})
    ratings = np.full((72, 6), 3, np.uint8)
    ratings[:3, 0] = 255  # nine of twelve have a score in the first
    units = np.repeat(np.arange(2, dtype=np.int32), (12, 60))
    publication = published(region, OpenedBallots(units, np.full(72, 255, np.uint8), ratings), instrument=OVERLAPPING)
    cell = Cell(Level.COMMUNITY, "small")
    states = {figure.measure: figure.state for figure in publication.scale_figures_in(cell)}
    assert states == {
        "whole": DisclosureState.WITHHELD,
        "first": DisclosureState.WITHHELD,
        "second": DisclosureState.SHOWN,
        "apart": DisclosureState.SHOWN,
    }


def test_a_sensitive_scale_that_few_answer_leaves_the_other_sensitive_one():
    instrument = questionnaire(
        (scale("control", ("a",)), scale("threats", ("b",), sensitive=True), scale("unfair", ("c",), sensitive=True))
    )
    region = region_of({"m": {"one": 40, "two": 45}})
    ratings = np.full((85, 3), 3, np.uint8)
    ratings[:30, 1] = 255
    units = np.repeat(np.arange(2, dtype=np.int32), (40, 45))
    publication = published(
        region, OpenedBallots(units, np.full(85, 255, np.uint8), ratings), instrument=instrument, policy=Policy()
    )
    states = {figure.measure: figure.state for figure in publication.scale_figures_in(Cell(Level.COMMUNITY, "one"))}
    assert states == {
        "control": DisclosureState.SHOWN,
        "threats": DisclosureState.WITHHELD,
        "unfair": DisclosureState.SHOWN,
    }


def test_what_was_not_asked_in_a_first_survey_counts_as_not_asked_whatever_a_ballot_says():
    later = replace(
        FOLLOWUP,
        themes=(
            Theme("now", text("Now"), text(""), ("c1", "c2", "d1", "d2")),
            Theme("last", text("Last"), text(""), ("f1",), from_second_survey=True),
        ),
    )
    region = region_of({"m": {"new": 40, "old": 45}})
    region = mark_surveyed_units(region, surveyed={"old"})
    ratings = np.full((85, 5), 3, np.uint8)
    units = np.repeat(np.arange(2, dtype=np.int32), (40, 45))
    publication = published(region, OpenedBallots(units, np.full(85, 255, np.uint8), ratings), instrument=later)
    assert shown(publication, "followup") == ["old"]
    assert shown(publication, "control") == ["new", "old"]
    municipality = publication.figure(Cell(Level.MUNICIPALITY, "m"), "followup")
    assert publication.answers_band_of(municipality) == "45-49"
    assert publication.unit_coverage_of_mean(municipality) == (1, 2)
    assert (ratings == 3).all()  # what was handed over is left alone
    assert from_json(to_json(publication)) == publication


def test_a_questionnaire_for_a_first_survey_has_fewer_pages_and_the_same_places():
    for file, items, scales in (("wellbeing", {"followup_effect"}, {"followup"}),
                                ("pulse", {"change_noticed", "change_helped"}, {"noticed", "helped"})):  # fmt: skip
        whole = read_questionnaire_file(ROOT / "surveys" / f"{file}.toml")
        first = whole.without_second_survey_themes
        assert whole.items_from_second_survey == items
        assert len(first.themes) == len(whole.themes) - 1
        assert {one.id for one in whole.scales} - {one.id for one in first.scales} == scales
        assert (first.item_ids, first.digest) == (whole.item_ids, whole.digest)
