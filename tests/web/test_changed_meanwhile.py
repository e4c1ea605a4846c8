"""Somebody else removes or changes what a form is about: a message, nothing half done, and no word lost.

Each save of the staff area is tried twice: the row goes between the opening of the form and the save, and it goes
after the page has looked for it, right before its transaction begins.
"""

import io
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from app.config import ROOT
from app.core.accounts import Grant, Role
from app.core.organisations import Community, CommunityKind, Municipality
from app.core.other_surveys import OtherSurvey
from app.services import catalogue, organisations, other_surveys, rounds
from app.store import organisations as places
from app.store.database import database, write_session
from app.store.instruments import read_questionnaire_file
from tests.conftest import NOON
from tests.databases import both_databases
from tests.follow_ups import ACTION, PINE, planned
from tests.publications import made, store
from tests.services.factories import CLOSES, OPENS
from tests.services.test_catalogue import csv_of
from tests.web.staff_client import add_account, signed_in
from tests.web.test_catalogue_pages import COURSE, TIME
from tests.web.test_organisations_pages import GOOD

ZONE = ZoneInfo("Europe/Helsinki")
WORDS = "Words that took an hour to write"
COORDINATOR = Grant(Role.COORDINATOR)
ADMINISTRATOR = Grant(Role.ADMINISTRATOR)


def run(statement, **values):
    with database.engine.begin() as connection:
        connection.execute(text(statement), values)


def lay_out_course(session):
    catalogue.import_courses(session, csv_of({}), zone=ZONE, now=NOON)
    session.commit()
    (course,) = catalogue.courses(session)
    return {"course": course.external_id, "time": course.offerings[0].external_id}


def lay_out_person(_session):
    return {"person": add_account(Grant(Role.PRINCIPAL, "m1", "c1"), email="person@example.test").id}


def lay_out_round(session):
    file = ROOT / "surveys" / "wellbeing.toml"
    number = rounds.plan_round(
        session,
        title="Autumn",
        instrument=read_questionnaire_file(file),
        source=file.read_text(encoding="utf-8"),
        opens_at=OPENS,
        closes_at=CLOSES,
    )
    session.commit()
    return {"round": number}


def lay_out_action(session):
    number = store(session, made(1)).round
    return {"round": number, "action": planned(session, number, "pine", power="municipality")}


def lay_out_survey(session):
    days = OtherSurvey(0, "m1", "Kunta10", NOON.date(), NOON.date())
    number = other_surveys.add_other_survey(session, days, by=None, now=NOON)
    session.commit()
    return {"survey": number}


def form_of_action(**changed):
    return ACTION | {"version": "1", "what": WORDS} | changed


NO_COURSE = "DELETE FROM course WHERE external_id = :course"
NO_TIME = "DELETE FROM offering WHERE external_id = :time"
NO_PERSON = "DELETE FROM account WHERE id = :person"
NO_ROUND = "DELETE FROM round WHERE id = :round"
NO_SURVEY = "DELETE FROM other_survey WHERE id = :survey"
NO_ACTION = "DELETE FROM plan_action WHERE id = :action"

# Who saves, what is laid out, the address, what is sent, and the statement that takes it away.
SAVES = {
    "catalogue.edit": (
        COORDINATOR,
        lay_out_course,
        "/catalogue/course/{course}",
        COURSE | {"description_en": WORDS},
        NO_COURSE,
    ),
    "catalogue.add_or_edit_offering": (
        COORDINATOR,
        lay_out_course,
        "/catalogue/course/{course}/time/{time}",
        TIME | {"place": WORDS},
        NO_TIME,
    ),
    "catalogue.add_or_edit_offering of no course": (
        COORDINATOR,
        lay_out_course,
        "/catalogue/course/{course}/time/{time}",
        TIME | {"place": WORDS},
        NO_COURSE,
    ),
    "catalogue.add_or_edit_offering, new": (
        COORDINATOR,
        lay_out_course,
        "/catalogue/course/{course}/time",
        TIME | {"place": WORDS},
        NO_COURSE,
    ),
    "catalogue.remove": (COORDINATOR, lay_out_course, "/catalogue/course/{course}/remove", {}, NO_COURSE),
    "catalogue.remove_offering": (
        COORDINATOR,
        lay_out_course,
        "/catalogue/course/{course}/time/{time}/remove",
        {},
        NO_TIME,
    ),
    "people.grant": (
        ADMINISTRATOR,
        lay_out_person,
        "/people/{person}/grant",
        {"role": "coordinator", "place": "region"},
        NO_PERSON,
    ),
    "people.revoke": (ADMINISTRATOR, lay_out_person, "/people/{person}/revoke", {"grant": "principal c:c1"}, NO_PERSON),
    "people.create_one_time_code": (ADMINISTRATOR, lay_out_person, "/people/{person}/invite", {}, NO_PERSON),
    "people.second_step_off": (ADMINISTRATOR, lay_out_person, "/people/{person}/second-step/off", {}, NO_PERSON),
    "people.close": (ADMINISTRATOR, lay_out_person, "/people/{person}/close", {}, NO_PERSON),
    "people.reopen": (ADMINISTRATOR, lay_out_person, "/people/{person}/reopen", {}, NO_PERSON),
    "people.end_one_or_all_sessions": (ADMINISTRATOR, lay_out_person, "/people/{person}/sessions/end", {}, NO_PERSON),
    "role_transfer.hand_over": (
        ADMINISTRATOR,
        lay_out_person,
        "/people/{person}/hand-over/c1",
        {"email": "heir@example.test", "name": WORDS, "language": "fi"},
        NO_PERSON,
    ),
    "other_surveys.edit": (
        COORDINATOR,
        lay_out_survey,
        "/other-surveys/{survey}",
        {"title": WORDS, "first": "2026-11-24", "last": "2026-12-04"},
        NO_SURVEY,
    ),
    "other_surveys.delete": (COORDINATOR, lay_out_survey, "/other-surveys/{survey}/delete", {}, NO_SURVEY),
    "rounds.edit": (
        COORDINATOR,
        lay_out_round,
        "/rounds/{round}/edit",
        {
            "title_en": WORDS,
            "instrument": "wellbeing",
            "opens_on": "2026-11-24",
            "closes_on": "2026-12-04",
            "key_mode": "automatic",
        },
        NO_ROUND,
    ),
    "rounds.delete": (COORDINATOR, lay_out_round, "/rounds/{round}/delete", {}, NO_ROUND),
    "transitions.open_": (COORDINATOR, lay_out_round, "/rounds/{round}/open", {}, NO_ROUND),
    "transitions.close": (COORDINATOR, lay_out_round, "/rounds/{round}/close", {}, NO_ROUND),
    "transitions.count": (COORDINATOR, lay_out_round, "/rounds/{round}/count", {}, NO_ROUND),
    "transitions.release": (COORDINATOR, lay_out_round, "/rounds/{round}/release", {}, NO_ROUND),
    "lost_keys.give_up_round": (COORDINATOR, lay_out_round, "/rounds/{round}/give-up", {"lost": "1"}, NO_ROUND),
    "lost_keys.renew": (COORDINATOR, lay_out_round, "/rounds/{round}/key/anew", {}, NO_ROUND),
    "messages.edit_sender": (COORDINATOR, lay_out_round, "/rounds/{round}/letters/sender", {"name": WORDS}, NO_ROUND),
    "messages.plan_reminder": (
        COORDINATOR,
        lay_out_round,
        "/rounds/{round}/letters/reminders",
        {"day": "2026-11-26"},
        NO_ROUND,
    ),
    "messages.plan_thanks_or_results_news": (
        COORDINATOR,
        lay_out_round,
        "/rounds/{round}/letters/once/thanks",
        {},
        NO_ROUND,
    ),
    "contacts.delete_uninvited": (COORDINATOR, lay_out_round, "/rounds/{round}/contacts/forget", {}, NO_ROUND),
    "comments.review": (COORDINATOR, lay_out_round, "/comments/{round}", {}, NO_ROUND),
    "deadlines.edit": (
        COORDINATOR,
        lay_out_round,
        "/timelines/{round}/days",
        {
            "preview": "5",
            "meeting": "20",
            "plan": "20",
            "first_step": "30",
            "pulse_from": "30",
            "pulse_by": "60",
            "review": "30",
            "answer": "30",
        },
        NO_ROUND,
    ),
    "plans.edit": (PINE, lay_out_action, "/followup/{round}/pine/action/{action}", form_of_action(), NO_ACTION),
    "plans.escalate": (
        PINE,
        lay_out_action,
        "/followup/{round}/pine/action/{action}/hand-on",
        {"why": WORDS},
        NO_ACTION,
    ),
}
# Saves whose subject cannot go: what they are about is never removed, or they add something of their own.
NEVER_GONE = {
    "allocations": "allocations and their tasks are kept; offerings that are gone are refused with the reason",
    "clock": "no jump is no error: the time is trusted then",
    "home.choose_language": "one's own account",
    "own_account": "one's own account",
    "tokens": "one's own account; a token that is gone is told",
    "signin": "nobody is signed in yet",
    "single_signon": "nobody is signed in yet",
    "catalogue.new": "adds",
    "catalogue.upload_and_check": "adds a file",
    "catalogue.confirm": "see the tests of waiting files below",
    "organisations.upload_and_check": "adds a file",
    "organisations.confirm": "see the tests of waiting files below",
    "data_package.show_export_or_check_upload": "adds a file",
    "data_package.confirm": "checks everything in the transaction itself; see the tests of its page",
    "organisations.edit": "communities and municipalities are never removed",
    "other_surveys.add": "adds",
    "other_surveys.upload_and_check_crosswalk": "adds a file",
    "other_surveys.confirm_crosswalk": "see the tests of waiting files below",
    "support.edit": "communities and municipalities are never removed",
    "networking.show_matches_and_save_consents": "communities and municipalities are never removed",
    "seats.edit_seat_requests": "an offering that is gone is refused with the reason",
    "seats.replace_request_with_alternative": "one that is gone is refused with the reason; see test_seat_alternatives",
    "contacts.upload_and_check": "adds a file",
    "contacts.confirm": "see the tests of waiting files below",
    "effect.save_participating_communities": "looks for the course in the transaction itself",
    "people.add": "adds",
    "people.invite_by_mail": "as people.invite",
    "transitions.verify_key_backups": "an open round is never removed",
    "messages.issue_codes_and_invite": "an open round is never removed",
    "messages.cancel": "a batch that is gone is told",
    "messages.cancel_waiting_and_withdraw_codes": "a batch that is gone is told",
    "messages.reinvite_or_delete_unreached_addresses": "an open round is never removed",
    "municipality.edit_shared_staff_responsibility": "communities and municipalities are never removed",
    "supply": "plans are kept; an offering that is gone is refused with the reason",
    "slips": "an open round is never removed",
    "key_backups.key_sheets_pdf_from_form": "stores nothing",
    "imports": "adds a round; nothing of it was stored before",
    "limesurvey": "stores nothing",
    "questionnaires.complete_scoring_key": "writes the whole questionnaire, whether it was there or not",
    "questionnaires.remove_completed_scoring_key": "what is gone is gone",
    "rounds.plan": "adds",
    "followup": "a released round is never removed",
    "plans.add": "a released round is never removed",
    "plans.edit_minutes": "a released round is never removed",
    "votes": "a released round is never removed",
    "followup_overview.plan_pulse": "adds",
    "inbox.answer_escalation": "matters are never removed",
    "weights.new_version": "adds a version",
}


def test_every_save_of_the_staff_area_is_tried_or_cannot_lose_its_subject(app):
    saves = {
        rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods and rule.rule.startswith("/staff/")
    }
    tried = {name.partition(",")[0].partition(" ")[0] for name in SAVES}
    assert tried <= saves
    left = saves - tried
    assert not {name for name in left if not {name, name.partition(".")[0]} & NEVER_GONE.keys()}


@contextmanager
def removed_before_the_transaction(monkeypatch, statement, values):
    """Let another person's statement come in between what a page looks up and the transaction that follows."""
    done = []

    @contextmanager
    def late():
        if not done:
            done.append(True)
            run(statement, **values)
        with write_session() as session:
            yield session

    replaced = 0
    for name, module in list(sys.modules.items()):
        if name.startswith("app.web.staff.") and hasattr(module, "write_session"):
            monkeypatch.setattr(module, "write_session", late)
            replaced += 1
    assert replaced > 10  # under another name nothing would come in between, and nearly every test would pass
    yield
    monkeypatch.undo()


def prepared(app, session, name):
    who, lay_out, address, sent, statement = SAVES[name]
    places.upsert(
        session,
        municipalities=[Municipality("m1", "Järvelä")],
        communities=[Community("c1", "Järvelän koulu", "m1", CommunityKind.SCHOOL, {"teachers": 12})],
        region=("region", "Lakeland"),
    )
    session.commit()
    values = lay_out(session)
    client = signed_in(app, who, email="writer@example.test")
    needed = {word: value for word, value in values.items() if f":{word}" in statement}
    return client, "/staff" + address.format(**values), dict(sent), statement, needed


def require_told(answer, sent):
    """Require a page or a way on, never an error of the service, and the words that were written."""
    assert answer.status_code in {302, 404, 409, 422}, answer.status_code
    if answer.status_code != 302 and WORDS in sent.values():
        assert WORDS in answer.text
    if answer.status_code in {404, 409} and WORDS in sent.values():
        assert "nothing was saved" in answer.text


@both_databases
@pytest.mark.parametrize("name", SAVES)
def test_what_went_while_the_form_was_open_is_told(app, session, name):
    client, address, sent, statement, values = prepared(app, session, name)
    assert client.get(address).status_code in {200, 302, 405}
    run(statement, **values)
    require_told(client.post(address, data=sent), sent)


@both_databases
@pytest.mark.parametrize("name", SAVES)
def test_what_goes_during_the_save_itself_is_told(app, session, monkeypatch, name):
    client, address, sent, statement, values = prepared(app, session, name)
    with removed_before_the_transaction(monkeypatch, statement, values):
        require_told(client.post(address, data=sent), sent)


@pytest.mark.parametrize("name", ["catalogue.edit", "catalogue.add_or_edit_offering of no course"])
def test_a_course_that_was_removed_does_not_come_back_by_a_save(app, session, monkeypatch, name):
    client, address, sent, statement, values = prepared(app, session, name)
    with removed_before_the_transaction(monkeypatch, statement, values):
        assert client.post(address, data=sent).status_code == 409
    session.expire_all()
    assert catalogue.courses(session) == ()


def test_a_new_time_does_not_take_the_place_of_one_with_the_same_identifier(app, session):
    client, _address, sent, _statement, _values = prepared(app, session, "catalogue.add_or_edit_offering")
    (course,) = catalogue.courses(session)
    taken = sent | {"offering_id": course.offerings[0].external_id}
    answer = client.post(f"/staff/catalogue/course/{course.external_id}/time", data=taken)
    assert (answer.status_code, "appears twice" in answer.text) == (422, True)
    session.expire_all()
    assert catalogue.courses(session) == (course,)


def hand_in(client, address, content):
    sent = {"file": (io.BytesIO(content), "table.csv")}
    answer = client.post(address, data=sent, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.text
    return answer.location


OTHER_COURSE = {"external_id": "K2", "title_fi": "Toinen", "offering_id": "K1-a"}


def join_c3(session):
    """Join the community under which the waiting table reports another one to a third."""
    known = {one.id: one for one in organisations.communities(session)}
    towns = [Municipality("m1", "Järvelä")]
    counts = {"teachers": 9}
    third = Community("c9", "Yhdeksäs", "m1", CommunityKind.SCHOOL, counts, joined_to="c2")
    fresh = Community("c2", "Äijälä", "m1", CommunityKind.SCHOOL, counts)
    assert "c2" not in known
    places.upsert(session, municipalities=towns, communities=[fresh, third], region=("region", "Lakeland"))
    session.commit()


def take_identifier(session):
    """Let another course take the identifier of a time in the waiting table."""
    catalogue.import_courses(session, csv_of(OTHER_COURSE), zone=ZONE, now=NOON)
    session.commit()


WAITING = {
    "communities": ("/staff/organisations/import", GOOD.encode(), join_c3, "joined"),
    "courses": ("/staff/catalogue/import", csv_of({}), take_identifier, "K2"),
}


@both_databases
@pytest.mark.parametrize("what", WAITING)
def test_a_waiting_file_that_no_longer_fits_is_told_in_the_preview_and_at_the_confirmation(app, session, what):
    address, content, change, told = WAITING[what]
    client = signed_in(app, COORDINATOR)
    waiting = hand_in(client, address, content)
    assert "No errors in" in client.get(waiting).text
    change(session)
    stored = (organisations.communities(session), catalogue.courses(session))
    preview = client.get(waiting)
    confirmed = client.post(waiting)
    for page in (preview, confirmed):
        assert page.status_code == 422
        assert "No errors in" not in page.text
        assert told in page.text
    session.expire_all()
    assert (organisations.communities(session), catalogue.courses(session)) == stored
    assert client.get(waiting).status_code == 422  # the file goes on waiting: what stood in its way may go again


@both_databases
def test_of_two_that_confirm_a_file_at_once_one_imports_it(app):
    client = signed_in(app, COORDINATOR)
    waiting = hand_in(client, "/staff/organisations/import", GOOD.encode())
    clients = [client, *(client_again(app, client) for _ in range(3))]
    with ThreadPoolExecutor(len(clients)) as threads:
        answers = list(threads.map(lambda one: one.post(waiting), clients))
    assert sorted(answer.location for answer in answers) == [
        "/staff/organisations/",
        *["/staff/organisations/import"] * 3,
    ]
    assert [one.id for one in organisations.communities(database.session())] == ["c1", "c2"]


def client_again(app, known):
    """The same session in another window."""
    other = app.test_client()
    other._cookies = copy(known._cookies)
    other.environ_base = dict(known.environ_base)
    return other
