import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.cli.demo.courses import demo_catalogue_csv
from app.core.accounts import Grant, Role
from app.services import catalogue
from tests.services.test_catalogue import csv_of
from tests.web.page_checks import audit
from tests.web.staff_client import signed_in

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
COURSE = {
    "external_id": "UUSI-1", "title_fi": "Uusi kurssi", "area": "wellbeing", "target": "team", "audience": "everyone",
    "evidence_grade": "C", "languages": ["fi", "sv"], "provider": "Keksitty", "course_status": "active",
    "relevance-control": "3", "second-control": "1",
}  # fmt: skip
TIME = {
    "offering_id": "UUSI-1-a", "mode": "onsite", "capacity": "20", "status": "active",
    "sessions": "2027-01-31T14:00 2027-01-31T16:00\n2027-02-07T14:00 2027-02-07T16:00",
}  # fmt: skip


@pytest.fixture
def desk(app):
    return signed_in(app, Grant(Role.COORDINATOR))


def stored(session):
    session.expire_all()
    return {one.external_id: one for one in catalogue.courses(session)}


def test_a_course_is_added_and_changed_with_two_views(desk, session):
    assert desk.post("/staff/catalogue/new", data=COURSE).status_code == 302
    course = stored(session)["UUSI-1"]
    assert (course.title.sv, course.dimensions[0].value, course.dimensions[0].second) == ("Uusi kurssi", 3, 1)
    desk.post("/staff/catalogue/course/UUSI-1", data={**COURSE, "title_sv": "Ny kurs", "second-control": ""})
    course = stored(session)["UUSI-1"]
    assert (course.title.sv, course.dimensions[0].second) == ("Ny kurs", None)
    assert "Uusi kurssi" in desk.get("/staff/catalogue/").text


def test_an_identifier_that_is_taken_is_refused(desk, session):
    desk.post("/staff/catalogue/new", data=COURSE)
    answer = desk.post("/staff/catalogue/new", data={**COURSE, "title_fi": "Toinen"})
    assert answer.status_code == 422
    assert stored(session)["UUSI-1"].title.fi == "Uusi kurssi"


def test_faults_stand_beside_their_fields(desk, session):
    answer = desk.post("/staff/catalogue/new", data={**COURSE, "title_fi": "", "hours": "many", "evidence_url": "x"})
    assert answer.status_code == 422
    for field in ("title_fi", "hours", "evidence_url"):
        assert f'id="{field}-error"' in answer.text
    assert stored(session) == {}


def test_a_time_is_added_changed_and_removed(desk, session):
    desk.post("/staff/catalogue/new", data=COURSE)
    assert desk.post("/staff/catalogue/course/UUSI-1/time", data=TIME).status_code == 302
    (offering,) = stored(session)["UUSI-1"].offerings
    assert (offering.capacity, len(offering.sessions)) == (20, 2)
    page = desk.get("/staff/catalogue/course/UUSI-1/time/UUSI-1-a")
    assert "2027-02-07T14:00" in page.text
    desk.post("/staff/catalogue/course/UUSI-1/time/UUSI-1-a", data={**TIME, "capacity": "30"})
    assert stored(session)["UUSI-1"].offerings[0].capacity == 30
    desk.post("/staff/catalogue/course/UUSI-1", data={**COURSE, "title_fi": "Muu"})
    assert len(stored(session)["UUSI-1"].offerings) == 1
    desk.post("/staff/catalogue/course/UUSI-1/time/UUSI-1-a/remove")
    assert stored(session)["UUSI-1"].offerings == ()
    desk.post("/staff/catalogue/course/UUSI-1/remove")
    assert stored(session) == {}


def test_nothing_is_removed_before_it_was_asked(desk, session):
    desk.post("/staff/catalogue/new", data=COURSE)
    desk.post("/staff/catalogue/course/UUSI-1/time", data=TIME)
    for path, told in (
        ("/staff/catalogue/course/UUSI-1/time/UUSI-1-a/remove", "Remove an offering of Uusi kurssi?"),
        ("/staff/catalogue/course/UUSI-1/remove", "Remove Uusi kurssi?"),
    ):
        asked = desk.get(path)
        assert told in asked.text and "This cannot be undone." in asked.text and not audit(asked)
        assert "UUSI-1" in stored(session)
    desk.post("/staff/catalogue/course/UUSI-1/remove")
    assert stored(session) == {}
    assert desk.get("/staff/catalogue/course/UUSI-1/remove").status_code == 404


def test_a_faulty_time_changes_nothing(desk, session):
    desk.post("/staff/catalogue/new", data=COURSE)
    answer = desk.post("/staff/catalogue/course/UUSI-1/time", data={**TIME, "sessions": "soon", "capacity": "-2"})
    assert answer.status_code == 422
    assert 'id="sessions-error"' in answer.text
    assert stored(session)["UUSI-1"].offerings == ()


def test_a_file_is_checked_previewed_and_confirmed(desk, session):
    sent = {"file": (io.BytesIO(demo_catalogue_csv(NOW.date())), "courses.csv")}
    answer = desk.post("/staff/catalogue/import", data=sent, content_type="multipart/form-data")
    assert stored(session) == {}
    page = desk.get(answer.location)
    assert "No errors in courses.csv" in page.text
    desk.post(answer.location)
    assert len(stored(session)) >= 40


def test_a_file_that_is_given_up_changes_nothing(desk, session):
    sent = {"file": (io.BytesIO(csv_of({})), "courses.csv")}
    answer = desk.post("/staff/catalogue/import", data=sent, content_type="multipart/form-data")
    desk.post(answer.location, data={"give_up": "1"})
    assert stored(session) == {}
    assert desk.get(answer.location).status_code == 404


def test_every_fault_of_a_file_is_named(desk, session):
    sent = {"file": (io.BytesIO(csv_of({"capacity": "many", "area": "sport"})), "courses.csv")}
    answer = desk.post("/staff/catalogue/import", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Row 2, column capacity" in answer.text
    assert "Row 2, column area" in answer.text


@pytest.mark.parametrize(
    "name", ["template.csv", "template.xlsx", "catalogue.csv", "catalogue.xlsx", "catalogue.jsonld"]
)
def test_files_are_handed_out(desk, name):
    answer = desk.get(f"/staff/catalogue/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"


def test_a_principal_reads_and_changes_nothing(app, session):
    catalogue.import_courses(session, csv_of({"status": "active"}), zone=ZoneInfo("Europe/Helsinki"), now=NOW)
    client = signed_in(app, Grant(Role.PRINCIPAL, "m", "a"))
    assert client.get("/staff/catalogue/").status_code == 200
    assert client.post("/staff/catalogue/new", data=COURSE).status_code == 403
    assert client.get("/staff/catalogue/import").status_code == 403
    assert client.get("/staff/catalogue/catalogue.csv").status_code == 403
    assert client.post("/staff/catalogue/course/K1/remove").status_code == 403
    assert "K1" in stored(session)
