"""The page that exports and imports data packages: each role its own parts, checked before anything is stored."""

import io

import pytest
from flask_babel import force_locale

from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent
from app.core.data_package import DataPart
from app.services import accounts, organisations, rounds
from app.services.data_package.archive import unpack
from app.store.audit import entries
from app.store.database import database
from app.web.staff.data_package.forms import NEVER_EXPORTED
from tests.services.filled import filled_package
from tests.web.staff_client import signed_in

BOTH = (Grant(Role.COORDINATOR), Grant(Role.ADMINISTRATOR))
PARTS = {
    Role.COORDINATOR: set(DataPart) - {DataPart.PEOPLE, DataPart.FOLLOW_UP},  # minutes are their community's own
    Role.ADMINISTRATOR: {DataPart.COMMUNITIES, DataPart.PEOPLE, DataPart.SUPPORT, DataPart.OTHER_SURVEYS},
}


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    return filled_package(tmp_path_factory.mktemp("filled"), without={DataPart.FOLLOW_UP})[0]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return filled_package(tmp_path_factory.mktemp("whole"))[0]


def hand_in(client, content, name="data.zip"):
    return client.post("/staff/data/", data={"file": (io.BytesIO(content), name)})


def is_empty():
    session = database.session()
    session.expire_all()
    return not organisations.communities(session) and not rounds.rounds(session)


def test_a_package_is_checked_then_confirmed(app, content):
    client = signed_in(app, *BOTH)
    checked = hand_in(client, content)
    assert checked.status_code == 302 and is_empty()
    preview = client.get(checked.location).text
    assert "Planned rounds, and rounds with released results" in preview and is_empty()
    done = client.post(checked.location, follow_redirects=True).text
    assert "The data package was imported." in done
    session = database.session()
    assert len(rounds.rounds(session)) == 3
    assert accounts.find_account_by_email(session, "p@b.example") is not None
    assert "already been imported or cancelled" in client.post(checked.location, follow_redirects=True).text
    recorded = [(entry.event, entry.account) for entry in entries(session, limit=None)]
    importer = accounts.find_account_by_email(session, "kim@example.test").id
    assert (AuditEvent.ORGANISATIONS_IMPORTED, importer) in recorded
    assert (AuditEvent.ROUND_RELEASED, importer) in recorded


def test_imported_results_are_read_on_their_page(app, content):
    client = signed_in(app, *BOTH)
    client.post(hand_in(client, content).location)
    page = client.get("/staff/results/2")
    assert page.status_code == 200 and "Autumn, corrected" in page.text


def test_a_package_that_is_given_up_changes_nothing(app, content):
    client = signed_in(app, *BOTH)
    checked = hand_in(client, content)
    client.post(checked.location, data={"give_up": "1"})
    assert is_empty()


def test_a_bad_file_is_told_and_nothing_waits(app):
    client = signed_in(app, *BOTH)
    answer = hand_in(client, b"email;name\r\n")
    assert answer.status_code == 422 and "This is not a data package." in answer.text


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_page_lists_what_no_package_contains(app, language):
    page = signed_in(app, *BOTH, language=language).get("/staff/data/").text
    with app.test_request_context(headers={"Accept-Language": language}), force_locale(language):
        assert [text for text in map(str, NEVER_EXPORTED.values()) if f"<li>{text}</li>" not in page] == []


@pytest.mark.parametrize("role", PARTS)
def test_each_role_exports_its_own_parts_and_the_export_is_recorded(app, role):
    client = signed_in(app, Grant(role))
    answer = client.get("/staff/data/voimavara-data.zip")
    assert set(unpack(answer.data)[0]) == PARTS[role]
    assert entries(database.session())[0].event is AuditEvent.FILE_EXPORTED


@pytest.mark.parametrize("role", PARTS)
def test_a_part_of_another_role_is_refused_and_named(app, whole, role):
    answer = hand_in(signed_in(app, Grant(role)), whole)
    assert answer.status_code == 422 and is_empty()
    for part in set(DataPart) - PARTS[role]:
        assert f"The package contains the part “{part}”" in answer.text


def test_minutes_and_plans_of_communities_are_on_no_package_of_the_page(app, whole):
    client = signed_in(app, *BOTH)
    parts = unpack(client.get("/staff/data/voimavara-data.zip").data)[0]
    assert set(parts) == set(DataPart) - {DataPart.FOLLOW_UP}
    assert "each community reads only its own" in client.get("/staff/data/").text
    answer = hand_in(client, whole)
    assert answer.status_code == 422 and is_empty()


@pytest.mark.parametrize("grant", [Grant(Role.COORDINATOR, "town"), Grant(Role.ADMINISTRATOR, "town")])
def test_whoever_works_for_one_municipality_has_no_package(app, content, grant):
    client = signed_in(app, grant)
    assert client.get("/staff/data/").status_code == 403
    assert client.get("/staff/data/voimavara-data.zip").status_code == 403
    assert hand_in(client, content).status_code == 403


def test_a_waiting_package_is_only_for_whoever_handed_it_in(app, content):
    checked = hand_in(signed_in(app, *BOTH), content)
    other = signed_in(app, *BOTH, email="other@example.test")
    assert other.get(checked.location).status_code == 404
    assert "already been imported or cancelled" in other.post(checked.location, follow_redirects=True).text
    assert is_empty()
