"""A pulse, a survey of a part of the region or a correction changes no other community's list, seats or feedback."""

import re
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.cli.demo.courses import demo_catalogue_csv
from app.core.accounts import Grant, Role
from app.core.instruments import parse
from app.core.languages import Language
from app.core.matching.networking import Consent, ConsentSide
from app.core.matching.seat_requests import SeatRequest
from app.core.publication import Cell, Level
from app.core.rounds import RoundKind
from app.reports import publication_lookup
from app.reports.unit_report import build_cell_report
from app.services import catalogue, dossier, followup, matching, networking, seats
from app.store import course_participation
from tests.follow_ups import planned
from tests.publications import NOON, WELLBEING, made, store
from tests.web.staff_client import signed_in

PULSE_SOURCE = (Path(__file__).parents[2] / "surveys" / "pulse.toml").read_text(encoding="utf-8")
PULSE = parse(PULSE_SOURCE, name="pulse")
ASKED = ("pine", "fir")
OTHERS = ("small", "tiny", "full", "other-0", "other-1")
# "pine" is the first unit of the region, and units are shared out between two towns in turn.
TOWN = {"pine": "south", "fir": "north", "small": "south", "tiny": "north", "full": "south"}
TOWN |= {"other-0": "north", "other-1": "south"}
TOKEN = re.compile(r'(name="csrf_token" value=|nonce=)"[^"]*"')


@pytest.fixture
def survey(app, session):
    """A released survey in which several communities differ, a catalogue, wishes and consents."""
    catalogue.import_courses(session, demo_catalogue_csv(NOON.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOON)
    moods = {"pine": -1.0, "fir": -0.8, "full": -1.1, "other-0": -0.9, "other-1": 0.9}
    first = store(session, made(moods=moods))
    offering = seats.requestable_offerings(session, now=NOON)[0][1]
    for community in (*ASKED, *OTHERS):
        seats.save_seat_requests(
            session, community, [SeatRequest(community, offering.external_id, 2, 1)], by=None, now=NOON
        )
    for dimension in sorted(networking.shareable_strengths(session, "other-1")):
        given = [Consent("other-1", dimension, ConsentSide.SHARES, "kim@example.test")]
        networking.save_consents(session, "other-1", given, by=None, now=NOON)
    session.commit()
    return first


@pytest.fixture
def look(app):
    """Read every page and service that speaks of the needs of some communities."""
    desks = {}

    def pages(communities):
        found = {}
        # All accounts are there before the first page is read: lists follow the languages of principals.
        for one in (*ASKED, *OTHERS):
            if one not in desks:
                desks[one] = signed_in(app, Grant(Role.PRINCIPAL, TOWN[one], one), email=f"{one}@example.test")
        for one in communities:
            desk = desks[one]
            for place in ("matching", "seats", "network"):
                answer = desk.get(f"/staff/{place}/community/{one}")
                assert answer.status_code == 200, (place, one)
                found[place, one] = TOKEN.sub("", answer.text)
            for place in ("results", "followup"):
                found[place, one] = desk.get(f"/staff/{place}/").location
        return found

    return pages


def feedback(app):
    """The own feedback of somebody who answers the survey, in each language."""
    sent = {"questionnaire": WELLBEING.digest, "marks": "4" * len(WELLBEING.items), "place": "north"}
    found = {}
    for language in ("fi", "sv", "en"):
        answer = app.test_client().post(f"/{language}/profile", data=sent)
        assert answer.status_code == 200
        found[language] = TOKEN.sub("", answer.text)
    assert "Region" in found["en"] or "region" in found["en"]
    return found


def needs_of(session, communities):
    desk = seats.allocation_inputs(session, now=NOON)
    weighed = {one.community: one.weights for one in desk.applicants}
    return {one: (weighed[one], networking.shareable_strengths(session, one)) for one in communities}


def own_parts(pages):
    """What rests on a community's own results alone: its figures, whom it may help, its results and follow-up.

    The courses on its list do not: seats and lists are shared out over the whole region.
    """
    kept = {(place, one): page for (place, one), page in pages.items() if place in ("network", "results", "followup")}
    for (place, one), page in pages.items():
        if place == "matching":
            section = page.partition('id="needs"')[2].partition("</section>")[0]
            kept[place, one] = sorted(
                item.partition(". ")[0].rstrip(".") for item in re.findall(r"<li>([^<]+)</li>", section)
            )
            assert kept[place, one]
    return kept


def strengths_of(session, communities):
    return {one: networking.shareable_strengths(session, one) for one in communities}


def pulse(session, first):
    """A released pulse of two communities whose single items say the opposite of the survey."""
    made_of = made(
        2,
        title="Pulse",
        kind=RoundKind.PULSE,
        only=ASKED,
        instrument=PULSE,
        earlier=(first,),
        days=60,
        lift=1.5,
    )
    return store(session, made_of, instrument=PULSE, source=PULSE_SOURCE)


def part(session, first, *, days=60):
    """A released survey of the same two communities, which are well by now."""
    moods = dict.fromkeys(ASKED, 1.2)
    return store(session, made(3, title="Part", only=ASKED, moods=moods, earlier=(first,), days=days))


def test_a_pulse_changes_nothing_for_anybody(app, session, survey, look):
    everybody = (*ASKED, *OTHERS)
    before = look(everybody), feedback(app), needs_of(session, everybody)
    told = repr(matching.gap_map(session, now=NOON)), repr(dossier.gather_funding_dossier(session, now=NOON))
    assert all(page for page in before[0].values())
    pulse(session, survey)
    assert (look(everybody), feedback(app), needs_of(session, everybody)) == before
    assert (repr(matching.gap_map(session, now=NOON)), repr(dossier.gather_funding_dossier(session, now=NOON))) == told


def test_a_survey_of_a_part_changes_only_the_needs_of_that_part(app, session, survey, look):
    before = own_parts(look(OTHERS)), feedback(app), strengths_of(session, OTHERS)
    asked = look(ASKED)
    weighed = needs_of(session, ASKED)
    later = part(session, survey)
    assert (own_parts(look(OTHERS)), feedback(app), strengths_of(session, OTHERS)) == before
    after = look(ASKED)
    for one in ASKED:
        assert "Autumn 2026" in asked["matching", one] and "Part" in after["matching", one]
        assert after["results", one] == f"/staff/results/{later.round}/community/{one}"
        assert needs_of(session, ASKED)[one] != weighed[one]


def test_a_correction_of_a_part_replaces_the_results_of_that_part_alone(app, session, survey, look):
    before = own_parts(look(OTHERS)), strengths_of(session, OTHERS)
    later = part(session, survey, days=0)
    assert (own_parts(look(OTHERS)), strengths_of(session, OTHERS)) == before
    assert matching.newest_result_of_community(session, "pine").publication.round == later.round


def test_a_community_that_did_not_take_part_keeps_its_results(app, session, survey, look):
    before = own_parts(look(["pine"]))["matching", "pine"]
    second = store(session, made(2, title="Spring 2027", silent=("pine",), earlier=(survey,), days=180))
    pages = look(["pine", "full"])
    assert own_parts(pages)["matching", "pine"] == before
    assert "Autumn 2026" in pages["matching", "pine"]
    assert "Spring 2027" in pages["matching", "full"]
    assert matching.newest_result_of_community(session, "full").publication.round == second.round
    assert "Spring 2027" in signed_in(app, Grant(Role.COORDINATOR)).get("/staff/matching/").text


def test_the_page_of_a_pulse_shows_the_courses_of_the_survey_and_says_so(app, session, survey):
    asked = pulse(session, survey)
    desk = signed_in(app, Grant(Role.PRINCIPAL, "south", "pine"))
    there = desk.get(f"/staff/results/{asked.round}/community/pine").text
    assert "The list is based only on the released results of “Autumn 2026”" in there
    here = desk.get(f"/staff/results/{survey.round}/community/pine").text
    assert "The list is based only on" not in here
    assert _courses(there) == _courses(here) != []


def _courses(page):
    page = page[page.index('id="recommended"') :]
    return re.findall(r'href="(/(?:staff/)?(?:courses|catalogue)/[^"]+)"', page)


def test_coordinators_see_which_surveys_the_needs_rest_on(app, session, survey):
    desk = signed_in(app, Grant(Role.COORDINATOR))
    part(session, survey)
    page = desk.get("/staff/matching/").text
    assert "“Autumn 2026” (15 communities), “Part” (2 communities)." in page
    assert desk.get("/staff/dossier/en.xlsx").status_code == 200


def test_whoever_reads_a_municipality_comes_to_the_newest_survey_that_asked_it(app, session, survey):
    store(session, made(4, title="One town", only=("pine", "small"), earlier=(survey,), days=60))
    north = signed_in(app, Grant(Role.COORDINATOR, "north"))
    assert north.get("/staff/results/").location == f"/staff/results/{survey.round}"


def test_nobody_reads_the_list_of_one_that_stands_alone_since(app, session, survey):
    """Who read two joined communities together reads neither's own list after they were parted."""
    joined = [one for one in survey.region.units if one.id not in ("small", "tiny")]
    whole = next(one for one in survey.region.units if one.id == "small")
    both = replace(whole, communities=("small", "tiny"), name="Both")
    first = replace(survey, region=replace(survey.region, units=(*joined, both)), title="Joined")
    first = store(session, replace(first, opened_at=NOON.replace(year=2025)))
    desk = signed_in(app, Grant(Role.PRINCIPAL, "south", "tiny"))
    page = desk.get(f"/staff/results/{first.round}/community/small")
    assert page.status_code == 200
    assert "Courses that may help" not in page.text


def test_a_survey_of_others_neither_ends_nor_hides_a_follow_up(app, session, survey):
    planned(session, survey.round, "full")
    later = part(session, survey)
    clock = followup.follow_up_of_unit(session, survey.round, "full")
    assert clock.next_round is None
    assert followup.follow_up_of_unit(session, survey.round, "pine").next_round == later.round
    rounds = {one.unit.id: one.round for one in followup.newest_follow_up_of_each_unit(session)}
    assert (rounds["full"], rounds["pine"]) == (survey.round, later.round)
    late = followup.due_reminders(session, now=NOON.replace(year=2027, month=2))
    assert {one.round for one in late if one.unit == "other-1"} == {survey.round}
    told = signed_in(app, Grant(Role.COORDINATOR)).get("/staff/timelines/").text
    assert "Autumn 2026, Part" in told
    assert f"/staff/followup/{survey.round}/full" in told
    assert f"/staff/followup/{later.round}/pine" in told
    assert f"/staff/followup/{survey.round}/pine" not in told


def test_the_review_of_courses_begins_with_the_last_two_surveys_of_the_region(app, session, survey):
    second = store(session, made(2, title="Spring 2027", earlier=(survey,), days=180))
    part(session, second, days=200)
    desk = signed_in(app, Grant(Role.COORDINATOR))
    course = next(one for one in catalogue.courses(session) if one.dimensions)
    page = desk.get(f"/staff/effect/course/{course.external_id}").text
    chosen = re.findall(r'<option value="(\d+)" selected', page)
    assert chosen == [str(survey.round), str(second.round)]
    desk.post(f"/staff/effect/course/{course.external_id}", data={"took": ["full"]})
    assert course_participation.participation_by_community(session, course.external_id)["full"]


def test_a_line_of_figures_is_not_broken_by_a_survey_of_others(app, session, survey):
    between = part(session, survey)
    third = store(session, made(5, title="Autumn 2027", earlier=(survey, between), days=360))
    found = publication_lookup.find_publication_context(session, third.round)
    assert [one.title for one in found.earlier] == ["Autumn 2026", "Part"]
    lines = {}
    for unit in ("full", "pine"):
        cell = Cell(Level.COMMUNITY, unit)
        own = build_cell_report(third, cell, instrument=found.instrument, earlier=found.earlier, language=Language.EN)
        lines[unit] = [(one.title, one.is_continued) for one in own.rows[0].earlier_rounds]
    assert lines == {"full": [("Autumn 2026", True)], "pine": [("Autumn 2026", True), ("Part", True)]}
