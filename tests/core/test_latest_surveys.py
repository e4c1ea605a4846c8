"""Which survey a community's needs rest on, when surveys asked different parts of the region."""

from dataclasses import replace
from datetime import timedelta

from numpy.random import default_rng

from app.core.catalogue import DIMENSIONS
from app.core.matching.gaps import build_gap_map
from app.core.matching.ranking import prepare_candidates, rank_courses_for_unit
from app.core.organisations import Municipality, ReportingUnit
from app.core.publication import Cell, DisclosureState, Level, ReleasedSurveys
from app.core.rounds import RoundId, RoundKind
from tests.core.matching.publication_needs import publication_needs
from tests.core.matching.synthetic_region import NOON, REGION_MEANS, TODAY, course, measure, publication, shown, unit

TOWNS = [Municipality("m", "Tyrskylä"), Municipality("p", "Ostaja", False)]
ALL = (unit("a", "m"), unit("b", "m"), unit("c", "p"), unit("d", "p"))


def survey(number, units=ALL, *, silent=(), kind=RoundKind.SURVEY, **means):
    """A survey in which `units` have the region's means, or `means` by community in practices."""
    figures = []
    for one in units:
        for scale, mean in REGION_MEANS.items():
            own = means.get(one.id, mean) if scale == "practices" else mean
            figure = shown(Cell(Level.COMMUNITY, one.id), scale, own)
            figures.append(replace(figure, state=DisclosureState.WITHHELD, mean=None) if one.id in silent else figure)
    made = publication(figures, units=units, municipalities=TOWNS, round_id=number)
    return replace(made, title=f"Round {number}", kind=kind, counted_at=NOON + timedelta(days=number))


def numbers(latest, *communities):
    return [latest.newest_result_of(one).publication.round for one in communities]


def test_a_pulse_is_no_survey():
    latest = ReleasedSurveys.from_publications([survey(1), survey(2, ALL[:2], kind=RoundKind.PULSE)])
    assert numbers(latest, "a", "b", "c", "d") == [1, 1, 1, 1]
    assert latest.newest_of_whole_region.round == 1


def test_a_survey_of_a_part_replaces_only_the_results_of_that_part():
    latest = ReleasedSurveys.from_publications([survey(1), survey(2, ALL[:1])])
    assert numbers(latest, "a", "b", "c", "d") == [2, 1, 1, 1]
    assert latest.newest_of_whole_region.round == 1


def test_a_correction_replaces_the_results_of_those_that_it_corrects():
    first = survey(1)
    correction = replace(survey(2, ALL[2:3]), counted_at=first.counted_at)
    latest = ReleasedSurveys.from_publications([first, correction])
    assert numbers(latest, "a", "b", "c", "d") == [1, 1, 2, 1]


def test_a_community_without_a_result_keeps_its_earlier_one():
    latest = ReleasedSurveys.from_publications([survey(1), survey(2, silent=("b",))])
    assert numbers(latest, "a", "b") == [2, 1]
    region = latest.region_results({"a", "b", "c", "d"})
    assert [(one.unit.id, one.publication.round) for one in region.results] == [("a", 2), ("b", 1), ("c", 2), ("d", 2)]


def test_a_community_that_never_had_a_result_reads_the_newest_survey_that_asked_it():
    latest = ReleasedSurveys.from_publications([survey(1, silent=("b",)), survey(2, silent=("b",)), survey(3, ALL[:1])])
    assert numbers(latest, "b") == [2]
    assert latest.newest_result_of("nowhere") is None


def test_a_community_that_was_joined_since_is_read_with_those_it_joined():
    joined = ReportingUnit("a", "A + B", "m", ("a", "b"), {"teachers": 40})
    latest = ReleasedSurveys.from_publications([survey(1), survey(2, (joined, *ALL[2:]))])
    assert latest.newest_result_of("b").unit == joined
    region = latest.region_results({"a", "b", "c", "d"})
    assert [one.unit.id for one in region.results] == ["a", "c", "d"]


def test_no_community_is_in_the_region_twice_and_closed_ones_are_not_in_it():
    parted = survey(3, ALL[1:2])
    joined = ReportingUnit("a", "A + B", "m", ("a", "b"), {"teachers": 40})
    latest = ReleasedSurveys.from_publications([survey(1), survey(2, (joined, *ALL[2:])), parted])
    region = latest.region_results({"a", "b", "c"})
    assert [(one.unit.id, one.publication.round) for one in region.results] == [("a", 1), ("c", 2), ("b", 3)]


def test_the_survey_that_follows_is_the_next_that_asked_the_community():
    latest = ReleasedSurveys.from_publications([survey(1), survey(2, ALL[:1]), survey(3)])
    assert latest.next_survey_of_community(RoundId(1), "a").round == 2
    assert latest.next_survey_of_community(RoundId(1), "b").round == 3
    assert latest.next_survey_of_community(RoundId(3), "a") is None


def test_a_survey_that_nobody_answered_does_not_stand_for_the_region():
    silent = survey(2, silent=("a", "b", "c", "d"))
    nothing = tuple(replace(one, state=DisclosureState.WITHHELD, mean=None) for one in silent.figures)
    latest = ReleasedSurveys.from_publications([survey(1), replace(silent, figures=nothing)])
    assert latest.newest_of_whole_region.round == 1
    assert numbers(latest, "a", "d") == [1, 1]


def gaps(*surveys):
    region = ReleasedSurveys.from_publications(surveys).region_results({"a", "b", "c", "d"})
    return build_gap_map(region, [course()], today=TODAY, chance=default_rng(1))


def test_the_map_weighs_each_community_by_its_own_newest_survey():
    whole = survey(1, a=40.0, c=40.0)
    before = gaps(whole)
    after = gaps(whole, survey(2, ALL[:1], a=64.0))
    rows = [next(one for one in found.rows if one.dimension == "practices") for found in (before, after)]
    (first, _other), (later, _same) = ([cell.need for cell in row.cells] for row in rows)
    assert later < first
    assert [cell.staff for cell in rows[0].cells] == [cell.staff for cell in rows[1].cells] == [40, 40]
    assert after.municipalities == before.municipalities == (("m", "Tyrskylä"), ("p", "Ostaja"))
    assert [(title.main, count) for title, count in after.surveys] == [("Round 1", 3), ("Round 2", 1)]
    assert (before.rounds, after.rounds) == (1, 1)


def with_hidden(mean):
    hidden = replace(measure("followup"), dimension="followup")
    made = survey(1)
    figures = [shown(Cell(Level.COMMUNITY, one.id), "followup", mean) for one in ALL]
    figures.append(shown(made.region_cell, "followup", 60.0))
    return replace(made, measures=(*made.measures, hidden), figures=(*made.figures, *figures))


def test_a_scale_about_the_follow_up_is_no_need_and_steers_no_list():
    made = with_hidden(5.0)
    assert set(publication_needs(made).needs_of_unit("a")) == set(REGION_MEANS) <= set(DIMENSIONS)
    candidates = prepare_candidates([course()], today=TODAY)
    lists = [
        rank_courses_for_unit(publication_needs(one).needs_of_unit("a"), ALL[0], candidates, today=TODAY)
        for one in (made, with_hidden(95.0), survey(1))
    ]
    assert len({repr(one) for one in lists}) == 1
    assert [one.course.external_id for one in lists[0].recommended] == ["k"]
