"""Means of communities of one kind: when they are printed, of whom, and how old publications are read."""

from dataclasses import replace

import numpy as np
import pytest

from app.core.organisations import Community, CommunityKind, Municipality, build_region
from app.core.publication import Capped, from_json, to_json
from app.store.rounds import region_from_json, region_to_json
from tests.core.synthetic_region import answers, published, questionnaire, region_of, scale

SCHOOL = CommunityKind.SCHOOL
EARLY = CommunityKind.EARLY_CHILDHOOD
ONE = questionnaire((scale("control", ("a", "b")),))


def survey(units, *, kind=SCHOOL, each=20, instrument=ONE, mood=None, skipped=()):
    """A publication of `units` communities of a kind; `skipped` names those who leave the first scale open."""
    names = [f"u{number}" for number in range(units)]
    region = region_of({"m": dict.fromkeys(names, each + 4)}, dict.fromkeys(names, kind))
    ballots = answers(
        region, dict.fromkeys(names, each), instrument=instrument, rng=np.random.default_rng(1), mood=mood
    )
    for name in skipped:
        ballots.ratings[ballots.units == names.index(name), :2] = 255
    return region, ballots, published(region, ballots, instrument=instrument)


@pytest.mark.parametrize(("units", "told"), [(4, False), (5, True), (12, True)])
def test_a_kind_needs_five_communities_with_numbers(units, told):
    _, _, publication = survey(units)
    assert (publication.kind_mean(SCHOOL, "control") is not None) is told


def test_the_mean_is_that_of_all_answers_as_the_mean_of_the_region():
    _, ballots, publication = survey(6, each=25, mood={"u0": 0.5, "u1": 3.5})
    mean = publication.kind_mean(SCHOOL, "control")
    assert mean.communities == 6
    assert mean.grain == 3.0  # by sixty answers, the least that six communities with numbers can have
    assert mean.mean == pytest.approx(ballots.ratings.mean() * 25, abs=1.5)


def test_a_community_that_did_not_answer_a_scale_is_not_counted_in_it():
    two = questionnaire((scale("control", ("a", "b")), scale("demands", ("c", "d"))))
    _, _, publication = survey(6, instrument=two, skipped=("u0",))
    assert publication.kind_mean(SCHOOL, "control").communities == 5
    assert publication.kind_mean(SCHOOL, "demands").communities == 6
    _, _, fewer = survey(6, instrument=two, skipped=("u0", "u1"))
    assert fewer.kind_mean(SCHOOL, "control") is None


def test_other_communities_are_not_alike():
    assert survey(8, kind=CommunityKind.OTHER)[2].kinds == ()
    assert survey(8, kind=None)[2].kinds == ()


def test_a_mean_near_the_end_is_told_as_a_bound():
    names = [f"u{number}" for number in range(8)]
    _, _, publication = survey(8, mood=dict.fromkeys(names, 9))
    mean = publication.kind_mean(SCHOOL, "control")
    assert mean.capped is Capped.HIGH
    assert mean.mean == 88


def test_a_community_too_small_for_numbers_does_not_move_the_mean_of_its_kind():
    names = [f"u{number}" for number in range(8)]
    region = region_of({"m": dict.fromkeys(names, 24)}, dict.fromkeys(names, SCHOOL))
    counts = dict.fromkeys(names, 20) | {"u7": 9}
    ballots = answers(region, counts, instrument=ONE, rng=np.random.default_rng(1))
    turned = replace(ballots, ratings=ballots.ratings.copy())
    turned.ratings[ballots.units == 7] = 4 - turned.ratings[ballots.units == 7]
    first, second = (published(region, each, instrument=ONE) for each in (ballots, turned))
    assert first.kinds == second.kinds
    assert first.kinds[0].communities == 7


def test_means_of_kinds_are_stored_and_read_again():
    _, _, publication = survey(6)
    assert from_json(to_json(publication)) == publication


def test_a_publication_without_kinds_is_written_and_read_as_before():
    """A publication of an earlier version has neither the means nor the kinds of its units."""
    _, _, publication = survey(6, kind=None)
    text = to_json(publication)
    assert 'kind":"school' not in text
    assert "kinds" not in text
    assert from_json(text).kind_mean(SCHOOL, "control") is None
    assert from_json(text).kind_mean(None, "control") is None


def opened(*communities):
    return build_region("r", "R", municipalities=(Municipality("m", "M"),), communities=communities)


def test_the_kind_is_frozen_with_the_boundaries():
    region = opened(Community("a", "A", "m", SCHOOL, {"teacher": 5}), Community("b", "B", "m", EARLY, {"teacher": 5}))
    assert [unit.kind for unit in region.units] == [SCHOOL, EARLY]
    assert region_from_json(region_to_json(region)) == region


def test_boundaries_that_were_stored_without_kinds_are_still_read():
    region = opened(Community("a", "A", "m", SCHOOL, {"teacher": 5}))
    older = region_to_json(region).replace(', "kind": "school"', "").replace('"kind": "school", ', "")
    assert "kind" not in older
    assert region_from_json(older).units[0].kind is None


def test_communities_of_different_kinds_that_are_joined_have_none():
    first = Community("a", "A", "m", SCHOOL, {"teacher": 5})
    same = Community("b", "B", "m", SCHOOL, {"teacher": 5}, joined_to="a")
    assert opened(first, same).units[0].kind is SCHOOL
    assert opened(first, replace(same, kind=EARLY)).units[0].kind is None
