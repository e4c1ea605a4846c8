"""Days of other surveys are entered by those who answer for a municipality; planning a round warns of them."""

import io

import pytest

from app.core.accounts import Grant, Role
from app.core.organisations import Community, CommunityKind, Municipality
from app.core.rounds import RoundId
from app.services import other_surveys, rounds
from app.store import organisations
from app.store.database import database
from tests.conftest import NOON
from tests.publications import made, store
from tests.web.staff_client import signed_in

FORM = {"title": "Kunta10", "first": "2027-01-11", "last": "2027-01-31"}
ROUND = {
    "title_en": "Winter round",
    "instrument": "wellbeing",
    "opens_on": "2027-02-22",
    "closes_on": "2027-03-05",
    "key_mode": "automatic",
}
HEADER = "survey;dimension;scale_fi;scale_sv;scale_en;good_end;source\n"
TABLE = HEADER + "Kunta10;demands;Kuormittavuus;Belastning;Strain;low;\nKunta10;control;Hallinta;;;high;Manual\n"
NEAR = "The same people would be asked again within eight weeks."


@pytest.fixture
def region(app):
    session = database.session()
    organisations.upsert(
        session,
        municipalities=[Municipality("m1", "Järvelä"), Municipality("m2", "Mäkelä")],
        communities=[
            Community("c1", "Järvelän koulu", "m1", CommunityKind.SCHOOL, {"teachers": 12}),
            Community("c2", "Mäkelän koulu", "m2", CommunityKind.SCHOOL, {"teachers": 12}),
        ],
        region=("region", "Lakeland"),
    )
    session.commit()


@pytest.fixture
def coordinator(app, region):
    return signed_in(app, Grant(Role.COORDINATOR))


@pytest.fixture
def director(app, region):
    return signed_in(app, Grant(Role.COORDINATOR, "m1"), email="director@example.test")


def stored():
    database.session.commit()
    return [(one.municipality, one.title, str(one.first)) for one in other_surveys.other_surveys(database.session())]


def plain(answer):
    return " ".join(answer.text.replace("\xa0", " ").split())


def seen(page):
    return page.split('name="seen"')[1].split('value="')[1].split('"')[0]


def test_a_director_enters_changes_and_deletes_days_of_the_own_municipality(director):
    assert "No other survey has been entered." in director.get("/staff/other-surveys/").text
    assert director.post("/staff/other-surveys/in/m1", data=FORM).location == "/staff/other-surveys/"
    page = plain(director.get("/staff/other-surveys/"))
    assert "Kunta10</a>: 11 January 2027 – 31 January 2027" in page
    assert "Mäkelä" not in page and "/crosswalk/import" not in page
    edit = director.get("/staff/other-surveys/1").text
    changed = FORM | {"first": "2027-01-12", "seen": seen(edit)}
    assert director.post("/staff/other-surveys/1", data=changed).status_code == 302
    assert stored() == [("m1", "Kunta10", "2027-01-12")]
    late = director.post("/staff/other-surveys/1", data=changed)
    assert late.status_code == 422 and "Someone else changed or deleted this survey" in late.text
    delete = director.get("/staff/other-surveys/1/delete").text
    assert director.post("/staff/other-surveys/1/delete", data={"seen": "x"}).status_code == 302
    assert len(stored()) == 1
    assert director.post("/staff/other-surveys/1/delete", data={"seen": seen(delete)}).status_code == 302
    assert stored() == []
    assert director.get("/staff/other-surveys/1").status_code == 404


def test_a_director_reaches_no_other_municipality_and_no_crosswalk(director, coordinator):
    coordinator.post("/staff/other-surveys/in/m2", data=FORM)
    assert director.get("/staff/other-surveys/in/m2").status_code == 403
    assert director.post("/staff/other-surveys/in/m2", data=FORM).status_code == 403
    for page in ("1", "1/delete"):
        assert director.get(f"/staff/other-surveys/{page}").status_code == 403
        assert director.post(f"/staff/other-surveys/{page}", data=FORM).status_code == 403
    assert director.get("/staff/other-surveys/crosswalk/import").status_code == 403
    assert stored() == [("m2", "Kunta10", "2027-01-11")]
    assert coordinator.get("/staff/other-surveys/in/nowhere").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"title": ""}, "Fill this in."),
        ({"title": "x" * 121}, "At most 120 characters."),
        ({"title": "\x07"}, "Fill this in."),
        ({"last": "2027-01-10"}, "The last day is before the first."),
        ({"first": "soon"}, "Not a valid date value."),
    ],
)
def test_what_is_wrong_is_told_beside_the_field_and_nothing_is_stored(director, wrong, told):
    answer = director.post("/staff/other-surveys/in/m1", data=FORM | wrong)
    assert answer.status_code == 422 and told in answer.text
    assert stored() == []


def test_planning_warns_of_other_surveys_and_names_the_nearest_days(coordinator):
    coordinator.post("/staff/other-surveys/in/m1", data=FORM)
    warned = coordinator.post("/staff/rounds/plan", data=ROUND)
    assert warned.status_code == 422 and NEAR in warned.text
    assert "Kunta10 (Järvelä): 11 January 2027 – 31 January 2027" in plain(warned)
    assert "30 March 2027 – 10 April 2027" in plain(warned)
    assert coordinator.post("/staff/rounds/plan", data=ROUND | {"is_confirmed": "y"}).status_code == 302
    for page in ("/staff/rounds/", "/staff/rounds/1", "/staff/rounds/1/open"):
        shown = plain(coordinator.get(page))
        assert NEAR in shown and "Kunta10 (Järvelä)" in shown and "30 March 2027 – 10 April 2027" in shown


def test_suggested_days_are_accepted_without_a_warning(coordinator):
    coordinator.post("/staff/other-surveys/in/m1", data=FORM)
    kept = ROUND | {"opens_on": "2027-03-30", "closes_on": "2027-04-10"}
    assert coordinator.post("/staff/rounds/plan", data=kept).status_code == 302
    for page in ("/staff/rounds/", "/staff/rounds/1", "/staff/rounds/1/open"):
        assert NEAR not in coordinator.get(page).text


def test_an_open_round_is_not_warned_of(app, coordinator):
    coordinator.post("/staff/other-surveys/in/m1", data=FORM)
    coordinator.post("/staff/rounds/plan", data=ROUND | {"is_confirmed": "y"})
    coordinator.post("/staff/rounds/1/open")
    assert rounds.get_round(database.session(), RoundId(1)).boundaries is not None
    assert NEAR not in coordinator.get("/staff/rounds/").text


def hand_in(client, text):
    return client.post("/staff/other-surveys/crosswalk/import", data={"file": (io.BytesIO(text.encode()), "t.csv")})


def test_a_crosswalk_is_checked_then_confirmed_and_its_export_changes_nothing(coordinator):
    checked = hand_in(coordinator, TABLE)
    assert checked.status_code == 302
    assert "Kuormittavuus" not in coordinator.get("/staff/other-surveys/").text
    assert "Strain" in coordinator.get(checked.location).text
    assert coordinator.post(checked.location).location == "/staff/other-surveys/"
    page = plain(coordinator.get("/staff/other-surveys/"))
    assert "Strain" in page and "(low is good)" in page and "Manual" in page
    for kind in ("csv", "xlsx"):
        content = coordinator.get(f"/staff/other-surveys/crosswalk.{kind}").data
        again = other_surveys.check_crosswalk(database.session(), content)
        assert (len(again.unchanged), again.added, again.changed, again.removed) == (2, (), (), ())
        assert coordinator.get(f"/staff/other-surveys/template.{kind}").status_code == 200


def test_a_crosswalk_with_faults_is_told_with_row_column_and_remedy(coordinator):
    answer = hand_in(coordinator, TABLE.replace("demands", "hurry").replace(";high;", ";up;"))
    assert answer.status_code == 422
    told = plain(answer)
    assert "Row 2, column dimension: “hurry” is not known." in told and "control, demands" in told
    assert "Row 3, column good_end: “up” is not known." in told and "high, low" in told
    assert "column is missing" in hand_in(coordinator, "survey;dimension\n").text


def test_the_results_page_names_scales_that_resemble_and_shows_no_figures_of_them(app, session):
    publication = store(session, made())
    hand_in(signed_in(app, Grant(Role.COORDINATOR)), TABLE)
    other_surveys.import_crosswalk(session, TABLE.encode(), by=None, now=NOON)
    session.commit()
    principal = signed_in(app, Grant(Role.PRINCIPAL, "north", "fir"), email="p@example.test")
    address = f"/staff/results/{publication.round}/community/fir"
    assert "Other surveys in the municipality" not in principal.get(address).text
    client = signed_in(app, Grant(Role.COORDINATOR, "north"), email="north@example.test")
    assert client.post("/staff/other-surveys/in/north", data=FORM).status_code == 302
    shown = plain(principal.get(address))
    assert "“Manageable workload” resembles the scale “Strain” of the survey Kunta10." in shown
    assert "In that survey, a low number is good." in shown
    assert "“Control over work” resembles the scale “Hallinta” of the survey Kunta10." in shown
    assert "do not compare the numbers" in shown
    elsewhere = signed_in(app, Grant(Role.PRINCIPAL, "south", "pine"), email="s@example.test")
    assert "resembles the scale" not in elsewhere.get(f"/staff/results/{publication.round}/community/pine").text
    area = client.get(f"/staff/results/{publication.round}/area/municipality/north").text
    assert "resembles the scale" in area
