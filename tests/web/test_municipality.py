"""The page of one municipality: its needs as on the map, its issues, its seats, and who answers for shared staff."""

import io
from zoneinfo import ZoneInfo

import pytest
from pptx import Presentation
from pypdf import PdfReader

from app.cli.demo.courses import demo_catalogue_csv
from app.core.accounts import Grant, Role
from app.core.followup import MunicipalityAnswerKind
from app.core.languages import PartlyTranslatedText
from app.core.matching.supply_case import SupplyPlanRequest
from app.core.organisations import LONGEST_RESPONSIBLE, SharedService
from app.services import catalogue, followup, matching, municipality, supply
from app.services.followup.staff_page import access_phrase
from tests.conftest import NOON
from tests.follow_ups import planned
from tests.publications import made, store
from tests.web.open_round import own_secret
from tests.web.staff_client import add_account, client_of, signed_in
from tests.web.visitor import Visitor


@pytest.fixture
def released(app, session):
    catalogue.import_courses(session, demo_catalogue_csv(NOON.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOON)
    return store(session, made())


@pytest.fixture
def director(app, released):
    visitor = Visitor(app)
    visitor.client = client_of(app, add_account(Grant(Role.COORDINATOR, "north")))
    return visitor


def text(visitor):
    return " ".join(visitor.response.text.split())


def test_a_director_comes_straight_to_the_own_municipality_and_reads_the_figures_of_the_map(director, session):
    page = director.get("/staff/municipality/")
    assert page.h1 == "Pohjanlahti"
    gaps = matching.gap_map(session, now=NOON)
    report = municipality.municipality_report(session, "north", now=NOON)
    cells = {cell.dimension: cell for row in gaps.rows for cell in row.cells if cell.municipality == "north"}
    assert {need.row.dimension: need.cell for need in report.needs} == cells
    for need in report.needs:
        assert f">{round(100 * need.cell.need)}<br>" in text(director)
    assert [need.row.dimension for need in report.needs if need.is_own_to_answer] == ["demands"]


def test_communities_are_said_with_what_their_needs_rest_on_and_none_of_another_municipality(director, released):
    director.get("/staff/municipality/north")
    here = [unit.name for unit in released.region.units if unit.municipality == "north"]
    elsewhere = [unit.name for unit in released.region.units if unit.municipality != "north"]
    assert all(f">{name}</a>" in text(director) for name in here)
    assert not [name for name in elsewhere if f">{name}<" in text(director)]
    assert "own numbers" in text(director)


def test_a_community_of_which_nothing_may_be_said_shows_no_need_of_its_own(session, released):
    report = municipality.municipality_report(session, "north", now=NOON)
    south = municipality.municipality_report(session, "south", now=NOON)
    bases = {one.unit.id: one.need_basis.value for one in (*report.communities, *south.communities)}
    assert bases["tiny"] == "municipality" and bases["small"] == "placement" and bases["pine"] == "own"


def test_issues_that_wait_for_the_municipality_stand_first_and_lead_to_the_answer(director, session, released):
    for unit in ("fir", "pine"):
        number = planned(session, released.round, unit, power="municipality")
        followup.escalate(session, released.round, unit, number, "Two groups are too large.", by=None, now=NOON)
    session.commit()
    north = municipality.municipality_report(session, "north", now=NOON)
    assert [matter.unit for matter in north.waiting] == ["fir"] and north.answered == 0
    (matter,) = north.waiting
    director.get("/staff/municipality/north")
    assert f'href="/staff/inbox/{matter.id}">{matter.what}</a>' in text(director) and "due on" in text(director)
    followup.answer_escalation(
        session,
        matter.id,
        MunicipalityAnswerKind.WILL_DO,
        PartlyTranslatedText("From January on."),
        seen_answer_at=None,
        by=None,
        now=NOON,
    )
    session.commit()
    director.get("/staff/municipality/north")
    assert "No issue of a community is waiting" in text(director) and "One issue was answered" in text(director)


def test_its_part_of_the_plan_is_that_of_the_plan(director, session, released):
    number = supply.run_plan(session, SupplyPlanRequest(hours=60.0, seconds=1.0), by=None, now=NOON)
    session.commit()
    plan = supply.find_plan(session, number).plan
    seats = municipality.municipality_report(session, "north", now=NOON).seats
    assert (seats.planned, seats.region_planned) == (plan.seats_of_municipality("north"), plan.seats)
    promised = {floor.municipality: floor.promised for floor in plan.floors}
    assert seats.promised == promised["north"]
    assert seats.granted is None
    director.get("/staff/municipality/north")
    assert "Guaranteed at least" in text(director) and "not shared yet" in text(director)


def test_who_answers_for_shared_staff_is_set_for_each_community_and_shown_beside_its_plan(
    app, director, session, released
):
    director.get("/staff/municipality/north/shared-staff")
    home = next(unit for unit in released.region.units if unit.municipality == "north" and unit.id == "fir")
    director.post(
        "/staff/municipality/north/shared-staff",
        {f"kitchen|{home.id}": "  Food services,\n service manager ", "cleaning|pine": "Somebody in the south"},
    )
    session.rollback()
    assert municipality.shared_staff_responsibilities(session, home.communities) == (
        (SharedService.KITCHEN, "Food services, service manager"),
    )
    assert municipality.shared_staff_responsibilities(session, ["pine"]) == ()
    director.get("/staff/municipality/north")
    assert "Kitchen: Food services, service manager" in text(director)
    principal = signed_in(app, Grant(Role.PRINCIPAL, "north", home.id), email="principal@example.test")
    shown = principal.get(f"/staff/followup/{released.round}/{home.id}").text
    assert "Kitchen: Food services, service manager." in " ".join(shown.split())
    director.post("/staff/municipality/north/shared-staff", {f"kitchen|{home.id}": ""})
    session.rollback()
    assert municipality.shared_staff_responsibilities(session, home.communities) == ()


WHO = "Food services, Maija Meri"
SAID = f"Shared staff here have a supervisor elsewhere. Kitchen: {WHO}."


@pytest.fixture
def shared_kitchen(session, released):
    """A community of which it is said who answers for the kitchen, with results that its staff may read."""
    municipality.save_shared_staff_responsibilities(
        session, "south", {"pine": {SharedService.KITCHEN: WHO}}, by=None, now=NOON
    )
    planned(session, released.round, "pine")
    return released


@pytest.mark.parametrize(
    "page",
    [
        "/staff/results/{round}/community/pine",
        "/staff/results/{round}/community/pine/questions/",
        "/staff/matching/community/pine",
        "/staff/followup/{round}/pine",
        "/staff/meetings/{round}/pine/show/answered",
    ],
)
def test_every_page_with_results_of_shared_staff_says_who_answers_for_them(app, session, shared_kitchen, page):
    client = signed_in(app, Grant(Role.PRINCIPAL, "south", "pine"))
    address = page.format(round=shared_kitchen.round)
    assert SAID in " ".join(client.get(address).text.split())
    municipality.save_shared_staff_responsibilities(session, "south", {"pine": {}}, by=None, now=NOON)
    session.commit()
    assert "Shared staff here" not in client.get(address).text


def test_staff_read_who_answers_for_shared_staff_beside_their_results(app, session, shared_kitchen):
    visitor = Visitor(app, anonymous=True)
    visitor.get("/en/community")
    word = access_phrase(session, shared_kitchen.round, "pine", secret=own_secret(app))
    session.commit()
    visitor.press("Continue", word=word)
    assert SAID in text(visitor)


@pytest.mark.parametrize("unit", ["pine", "small"])
def test_papers_of_a_meeting_say_it_too_and_the_handout_stays_one_page(app, session, shared_kitchen, unit):
    long = dict.fromkeys(SharedService, "Someone with a very long title " * 4)
    municipality.save_shared_staff_responsibilities(
        session, "south", {unit: {each: who[:LONGEST_RESPONSIBLE] for each, who in long.items()}}, by=None, now=NOON
    )
    session.commit()
    client = signed_in(app, Grant(Role.PRINCIPAL, "south", unit))
    folder = f"/staff/meetings/{shared_kitchen.round}/{unit}"
    (page,) = PdfReader(io.BytesIO(client.get(f"{folder}/handout.pdf").data)).pages
    assert "Shared staff here have a supervisor elsewhere. Cleaning: Someone" in " ".join(page.extract_text().split())
    slides = Presentation(io.BytesIO(client.get(f"{folder}/slides.pptx").data)).slides
    told = " ".join(shape.text_frame.text for slide in slides for shape in slide.shapes if shape.has_text_frame)
    assert "Shared staff here have a supervisor elsewhere. Cleaning: Someone" in told


def test_a_text_that_is_too_long_is_told_and_kept_in_the_form(director, session, released):
    long = "x" * (LONGEST_RESPONSIBLE + 1)
    director.post("/staff/municipality/north/shared-staff", {"kitchen|fir": long, "cleaning|fir": "y"}, status=422)
    assert "at most 120 characters" in text(director) and long in text(director)
    assert municipality.shared_staff_responsibilities(session, ["fir"]) == ()


def test_nobody_else_reads_or_changes_the_page_of_a_municipality(app, released):
    for grant in (Grant(Role.PRINCIPAL, "north", "fir"), Grant(Role.COORDINATOR, "south"), Grant(Role.TRUSTEE)):
        client = signed_in(app, grant, email=f"{grant.role}@example.test")
        assert client.get("/staff/municipality/north").status_code == 403
        assert client.post("/staff/municipality/north/shared-staff", data={}).status_code == 403
    region = signed_in(app, Grant(Role.COORDINATOR), email="region@example.test")
    assert region.get("/staff/municipality/north").status_code == 200
    assert region.get("/staff/municipality/nowhere").status_code == 404
    assert "Municipalities" in region.get("/staff/municipality/").text


def test_before_the_first_results_the_page_says_so(app, session):
    store(session, made(), released=False)
    client = signed_in(app, Grant(Role.COORDINATOR, "north"))
    assert "Nothing can be said before the first results" in client.get("/staff/municipality/north").text
