import io
import re
import zipfile
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent
from app.core.errors import CodedError
from app.core.organisations import Community, CommunityKind, Municipality
from app.core.rounds import RoundFault, RoundId, RoundState, TransitionFault
from app.services import answering, rounds
from app.store import audit, secret_fingerprint
from app.store import organisations as store
from app.store.database import database, read_session
from app.vault.round_keys import KeyFault
from app.web.shared import round_faults
from app.web.shared.app_context import AppContext
from app.web.staff.rounds import slips
from tests.conftest import NOON
from tests.web.staff_client import signed_in

PLAN = {
    "title_en": "Autumn round",
    "instrument": "pulse",
    "opens_on": "2026-11-24",
    "closes_on": "2026-12-04",
    "key_mode": "automatic",
}


@pytest.fixture(autouse=True)
def region(app):
    session = database.session()
    staff = {"teachers": 12}
    store.upsert(
        session,
        municipalities=[Municipality("m1", "Järvelä"), Municipality("m2", "Mäkelä")],
        communities=[
            Community("c1", "Järvelän koulu", "m1", CommunityKind.SCHOOL, staff),
            Community("c2", "Äijälä", "m1", CommunityKind.SCHOOL, {"teachers": 3}),
            Community("c3", "Mäkelän lukio", "m2", CommunityKind.UPPER_SECONDARY, {"teachers": 9, "cooks": 2}),
            Community("c4", "Tyhjä", "m2", CommunityKind.SCHOOL, {}),
        ],
        region=("region", "Lakeland"),
    )
    session.commit()


@pytest.fixture
def coordinator(app):
    return signed_in(app, Grant(Role.COORDINATOR))


def later(app, **span):
    door = app.extensions["voimavara"]
    moment = door.clock() + timedelta(**span)
    app.extensions["voimavara"] = AppContext(settings=door.settings, clock=lambda: moment, secret=door.secret)


def plan(client, **chosen):
    return client.post("/staff/rounds/plan", data=PLAN | chosen)


def state():
    return rounds.get_round(database.session(), RoundId(1)).state


def codes_of(pdf):
    text = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)
    return re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", text)


def words_of(page):
    return "\n".join(re.findall(r"<li>((?:[a-z]+ ){4}[a-z]+)</li>", page))


def answer(app, code):
    session = database.session()
    secret = app.extensions["voimavara"].secret
    now = app.extensions["voimavara"].clock()
    ratings = {"control_heard": 3}
    answering.submit(session, code, ratings=ratings, group="teachers", comment=None, secret=secret, now=now)
    session.commit()


def test_a_round_goes_its_whole_way_with_the_key_in_the_service(app, coordinator):
    assert plan(coordinator).location == "/staff/rounds/1"
    coordinator.post("/staff/rounds/1/open")
    assert state() is RoundState.OPEN
    codes = codes_of(coordinator.post("/staff/rounds/1/slips/unit/c1").data)
    assert len(set(codes)) == 12
    for code in codes[:11]:
        answer(app, code)
    assert coordinator.get("/staff/rounds/1/release").status_code == 200
    coordinator.post("/staff/rounds/1/close")
    assert state() is RoundState.CLOSED
    done = coordinator.post("/staff/rounds/1/count")
    assert done.location == "/staff/rounds/1/certificate"
    page = coordinator.get(done.location).text
    assert re.search(r"Ballots counted</dt><dd>11<", page)
    assert re.search(r"People invited</dt><dd>26<", page)
    coordinator.post("/staff/rounds/1/release")
    assert state() is RoundState.RELEASED
    noted = {AuditEvent.RESULTS_READ, AuditEvent.FILE_EXPORTED, AuditEvent.ROUND_PREPARED}
    deeds = [one.event for one in audit.entries(database.session()) if one.event not in noted]
    assert deeds == [
        AuditEvent.ROUND_RELEASED,
        AuditEvent.ROUND_COUNTED,
        AuditEvent.ROUND_CLOSED,
        AuditEvent.CODES_ISSUED,
        AuditEvent.ROUND_OPENED,
        AuditEvent.ROUND_PLANNED,
    ]


def test_a_planned_round_shows_what_would_be_printed(coordinator):
    plan(coordinator)
    for page in ("/staff/rounds/1", "/staff/rounds/1/open"):
        assert "/staff/rounds/1/forecast" in coordinator.get(page).text
    page = coordinator.get("/staff/rounds/1/forecast").text
    assert [f"{share} %" in page for share in (50, 70, 90)] == [True] * 3
    assert "placement only" in page and "numbers" in page and "The whole municipality" in page
    coordinator.post("/staff/rounds/1/open")
    assert coordinator.get("/staff/rounds/1/forecast").location == "/staff/rounds/1"


@pytest.mark.parametrize("split", [False, True])
def test_a_trustee_counts_with_the_words_of_the_sheet(app, coordinator, split):
    plan(coordinator, key_mode="trustee")
    key = coordinator.post("/staff/rounds/1/open", data={"split": "1"} if split else {}).text
    words = words_of(key).splitlines()
    sheets = ["\n".join(words[:4]), "\n".join(words[4:])]
    assert len(words) == (8 if split else 4)
    assert "data:image/svg+xml" in key
    carried = re.findall(r'name="sheet" value="([^"]+)"', key)
    paper = coordinator.post("/staff/rounds/1/key/sheet.pdf", data={"sheet": carried})
    assert (paper.mimetype, len(PdfReader(io.BytesIO(paper.data)).pages)) == ("application/pdf", 1 + split)
    assert coordinator.post("/staff/rounds/1/key/sheet.pdf", data={"sheet": "nothing"}).status_code == 400
    early = coordinator.post("/staff/rounds/1/slips/unit/c1", follow_redirects=True)
    assert (early.mimetype, "Test the key sheet first" in early.text) == ("text/html", True)
    wrong = coordinator.post("/staff/rounds/1/key", data={"first": "one two three"})
    assert (wrong.status_code, "A key sheet has 20 words; 3 were entered." in wrong.text) == (422, True)
    files = [(io.BytesIO(one.encode()), f"{number}.txt") for number, one in enumerate(carried)]
    tried = coordinator.post("/staff/rounds/1/key", data={"files": files})
    assert tried.status_code == 302
    answer(app, codes_of(coordinator.post("/staff/rounds/1/slips/unit/c1").data)[0])
    coordinator.post("/staff/rounds/1/close")
    trustee = signed_in(app, Grant(Role.TRUSTEE), email="trustee@example.test")
    assert "Count" in trustee.get("/staff/").text
    assert trustee.post("/staff/rounds/1/count", data={"first": sheets[0][::-1]}).status_code == 422
    assert state() is RoundState.CLOSED
    stopped = trustee.post("/staff/rounds/1/count", data={"first": sheets[0], "second": sheets[1]})
    assert stopped.status_code == 422
    assert "Nothing was erased" in stopped.text
    assert "2 of 2 communities with enough staff would have no numbers." in stopped.text
    assert state() is RoundState.CLOSED
    assert 'name="anyway"' in stopped.text
    counted = trustee.post("/staff/rounds/1/count", data={"first": sheets[0], "second": sheets[1], "anyway": "yes"})
    assert counted.location == "/staff/rounds/1/certificate"
    assert trustee.get(counted.location).status_code == 200
    assert trustee.get("/staff/rounds/1/certificate.pdf").mimetype == "application/pdf"


def test_the_key_is_shown_once(coordinator):
    plan(coordinator, key_mode="trustee")
    words = words_of(coordinator.post("/staff/rounds/1/open").text)
    again = coordinator.post("/staff/rounds/1/open", follow_redirects=True)
    assert words
    assert not words_of(again.text)
    assert "nothing was done" in again.text


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("title_en", "", "Write the title in at least one language."),
        ("opens_on", "", "Choose a day."),
        ("closes_on", "2026-11-23", "This day has passed."),
        ("opens_on", "2026-12-05", "The last day is before the first."),
        ("instrument", "nothing", "Not a valid choice."),
        ("key_mode", "nobody", "Not a valid choice."),
    ],
)
def test_a_bad_plan_is_told_beside_its_field(coordinator, field, value, told):
    page = plan(coordinator, **{field: value})
    assert (page.status_code, told in page.text) == (422, True)
    assert rounds.rounds(database.session()) == ()


def test_the_plan_suggests_two_weeks_from_monday(coordinator):
    page = coordinator.get("/staff/rounds/plan").text
    assert 'value="2026-11-30"' in page
    assert 'value="2026-12-11"' in page


def test_the_check_names_what_is_small_empty_or_unknown(coordinator):
    plan(coordinator)
    page = coordinator.get("/staff/rounds/1/open").text
    assert re.search(r"Reporting units</dt><dd>3<", page)
    assert "Äijälä: 3" in page
    assert "Tyhjä" in page
    assert "cooks" in page
    assert state() is RoundState.DRAFT


def test_opening_freezes_the_boundaries(coordinator):
    plan(coordinator)
    coordinator.post("/staff/rounds/1/open")
    form = {"name": "Äijälä", "kind": "school", "joined_to": "c1", "staff_teachers": "3"}
    assert coordinator.post("/staff/organisations/community/c2", data=form).status_code == 302
    assert rounds.get_round(database.session(), RoundId(1)).get_unit("c2").invited_count == 3


def test_a_municipality_gets_its_slips_in_one_bundle(coordinator):
    plan(coordinator)
    coordinator.post("/staff/rounds/1/open")
    answer = coordinator.post("/staff/rounds/1/slips/municipality/m1")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        assert sorted(len(codes_of(packed.read(name))) for name in packed.namelist()) == [3, 12]


def test_printing_again_ends_the_slips_of_before(app, coordinator):
    plan(coordinator)
    coordinator.post("/staff/rounds/1/open")
    first = codes_of(coordinator.post("/staff/rounds/1/slips/unit/c2").data)
    coordinator.post("/staff/rounds/1/slips/unit/c2", data={"again": "1"})
    with pytest.raises(answering.InvalidCode):
        answer(app, first[0])


@pytest.mark.parametrize("place", ["unit/c2", "municipality/m1"])
def test_slips_that_may_be_in_hands_are_not_ended_before_it_was_asked(app, coordinator, place):
    plan(coordinator)
    coordinator.post("/staff/rounds/1/open")
    assert "printed" not in coordinator.get("/staff/rounds/1/slips").text.partition("<table")[2]
    first = codes_of(coordinator.post("/staff/rounds/1/slips/unit/c2").data)
    assert coordinator.get("/staff/rounds/1/slips").text.count(">printed</span>") == 1
    asked = coordinator.post(f"/staff/rounds/1/slips/{place}")
    assert asked.mimetype == "text/html" and "stop working immediately" in asked.text
    answer(app, first[0])
    assert coordinator.post(f"/staff/rounds/1/slips/{place}", data={"again": "1"}).mimetype != "text/html"
    with pytest.raises(answering.InvalidCode):
        answer(app, first[1])


def test_codes_of_before_stay_valid_when_the_printing_fails(app, coordinator, monkeypatch):
    plan(coordinator)
    coordinator.post("/staff/rounds/1/open")
    codes = codes_of(coordinator.post("/staff/rounds/1/slips/unit/c2").data)
    monkeypatch.setattr(slips, "slips_pdf", lambda *_batch, **_more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        coordinator.post("/staff/rounds/1/slips/unit/c2", data={"again": "1"})
    answer(app, codes[0])


def test_participation_is_shown_in_bands_alone(app, coordinator):
    plan(coordinator)
    coordinator.post("/staff/rounds/1/open")
    codes = codes_of(coordinator.post("/staff/rounds/1/slips/unit/c1").data)
    for code in codes[:5]:
        answer(app, code)
    assert "0–79" not in coordinator.get("/staff/rounds/1").text
    rounds.refresh_participation(database.session(), now=NOON + timedelta(days=1))
    database.session().commit()
    page = coordinator.get("/staff/rounds/1").text
    assert "0–79" in page
    assert "not shown" in page


def test_a_coordinator_of_one_municipality_prints_its_slips_and_moves_nothing(app, coordinator):
    plan(coordinator)
    coordinator.post("/staff/rounds/1/open")
    local = signed_in(app, Grant(Role.COORDINATOR, "m2"), email="local@example.test")
    assert local.post("/staff/rounds/1/slips/unit/c3").status_code == 200
    assert local.post("/staff/rounds/1/slips/unit/c1").status_code == 403
    assert local.post("/staff/rounds/1/slips/municipality/m1").status_code == 403
    assert "Järvelä" not in local.get("/staff/rounds/1/slips").text
    for move in ("close", "count", "release", "key"):
        assert local.post(f"/staff/rounds/1/{move}").status_code == 403
    assert local.get("/staff/rounds/plan").status_code == 403
    assert state() is RoundState.OPEN


def test_confirmations_ask_before_they_do(coordinator):
    plan(coordinator)
    coordinator.post("/staff/rounds/1/open")
    for move in ("close", "count", "release"):
        assert coordinator.get(f"/staff/rounds/1/{move}").status_code == 200
    assert state() is RoundState.OPEN
    assert "nothing was done" in coordinator.post("/staff/rounds/1/count", follow_redirects=True).text


def test_no_slips_are_printed_after_the_last_day(app, coordinator):
    plan(coordinator, closes_on="2026-11-24")
    coordinator.post("/staff/rounds/1/open")
    later(app, minutes=45, hours=11)
    coordinator = signed_in(app, Grant(Role.COORDINATOR), email="late@example.test")
    assert "Slips cannot be printed now" in coordinator.get("/staff/rounds/1/slips").text
    late = coordinator.post("/staff/rounds/1/slips/unit/c1", follow_redirects=True)
    assert (late.mimetype, "no codes can be issued any more" in late.text) == ("text/html", True)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_questionnaire_is_shown_in_each_language(coordinator, language):
    plan(coordinator)
    for path in ("/staff/rounds/questionnaires/wellbeing", "/staff/rounds/1/questionnaire"):
        page = coordinator.get(f"{path}?text={language}")
        assert f'<div lang="{language}">' in page.text


def test_an_unknown_round_or_unit_is_not_found(coordinator):
    plan(coordinator)
    for path in ("/staff/rounds/9", "/staff/rounds/9/open", "/staff/rounds/questionnaires/none"):
        assert coordinator.get(path).status_code == 404
    assert coordinator.post("/staff/rounds/1/slips/unit/c9").status_code == 404
    assert coordinator.post("/staff/rounds/1/slips/municipality/m9").status_code == 404


def no_one(_app):
    run_sql("UPDATE head_count SET number = 0")


def last_day_passed(app):
    later(app, days=20)


def another_secret(app):
    session = database.session()
    secret_fingerprint.replace(session, bytes(32))
    session.commit()


def opened_by_another(app):
    signed_in(app, Grant(Role.COORDINATOR), email="other@example.test").post("/staff/rounds/1/open")


def run_sql(statement):
    with database.engine.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("hindered", "reason"),
    [
        (no_one, "No one has been invited"),
        (last_day_passed, "last day has passed"),
        (another_secret, "secret key of this server does not match"),
        (opened_by_another, "had already changed"),
    ],
)
def test_why_a_round_does_not_open_is_told_truly(app, coordinator, hindered, reason):
    plan(coordinator)
    hindered(app)
    client = signed_in(app, Grant(Role.COORDINATOR), email="second@example.test")
    told = client.post("/staff/rounds/1/open", follow_redirects=True).text
    assert reason in told
    assert ("had already changed" in told) is (hindered is opened_by_another)
    assert state() is (RoundState.OPEN if hindered is opened_by_another else RoundState.DRAFT)


def test_a_key_file_that_is_not_here_is_told_as_such(app, coordinator):
    plan(coordinator)
    coordinator.post("/staff/rounds/1/open")
    coordinator.post("/staff/rounds/1/close")
    for path in app.extensions["voimavara"].settings.keys.iterdir():
        path.unlink()
    told = coordinator.post("/staff/rounds/1/count", follow_redirects=True)
    assert (told.status_code, "is not on this server" in told.text) == (422, True)
    assert state() is RoundState.CLOSED


def test_a_recovery_sheet_is_offered_shown_once_and_counts_a_round_whose_server_was_lost(app, coordinator):
    plan(coordinator)
    offered = coordinator.get("/staff/rounds/1/open").text
    assert "One server keeps the key of this round." in offered
    shown = coordinator.post("/staff/rounds/1/open", data={"recovery": "1"}).text
    assert "The recovery sheet is shown only this once." in shown
    words = words_of(shown)
    assert len(words.splitlines()) == 4
    carried = re.findall(r'name="sheet" value="([^"]+)"', shown)
    paper = coordinator.post("/staff/rounds/1/key/sheet.pdf", data={"sheet": carried})
    assert "Recovery sheet" in PdfReader(io.BytesIO(paper.data)).pages[0].extract_text()
    assert "Codes are issued only after" not in coordinator.get("/staff/rounds/1/key").text
    tested = coordinator.post("/staff/rounds/1/key", data={"first": words}, follow_redirects=True).text
    assert "The recovery sheet works. Keep it under lock until the count" in tested
    with read_session() as session:
        assert "round:1 recovery sheet" in session.scalars(text("SELECT subject FROM audit_entry")).all()
    answer(app, codes_of(coordinator.post("/staff/rounds/1/slips/unit/c1").data)[0])
    coordinator.post("/staff/rounds/1/close")
    for path in app.extensions["voimavara"].settings.keys.iterdir():
        path.unlink()
    silent = coordinator.get("/staff/rounds/1").text
    assert "so they cannot be counted. Tell the IT support" in silent and "no answers are received" not in silent
    assert "It waits for a server that can open the answers" in silent and "counted automatically" not in silent
    assert 'name="second"' not in coordinator.get("/staff/rounds/1/count").text
    assert "so they cannot be counted. Tell the IT support now." in coordinator.get("/staff/").text
    counted = coordinator.post("/staff/rounds/1/count", data={"first": words, "anyway": "yes"})
    assert counted.location == "/staff/rounds/1/certificate"
    assert "If a recovery sheet was printed for this round, destroy it now." in coordinator.get(counted.location).text
    assert state() is RoundState.COUNTED


def test_no_recovery_sheet_is_shown_to_who_did_not_ask(coordinator):
    plan(coordinator)
    assert coordinator.post("/staff/rounds/1/open").location == "/staff/rounds/1"


@pytest.mark.parametrize("faults", [RoundFault, TransitionFault, KeyFault])
def test_every_fault_of_a_round_has_its_sentence_and_takes_its_values(faults):
    values = dict.fromkeys(
        ("round", "title", "sets", "items", "unit", "room", "given", "promised", "due", "line", "file"), "7"
    )
    for fault in faults:
        assert round_faults.fault_sentence(CodedError(fault, **values))


def test_a_title_that_cannot_be_printed_is_told_before_the_round_opens(coordinator):
    answer = plan(coordinator, title_en="Syksy 🍁 1\ufe0f\u20e3")
    told = "Some characters cannot be printed; slips and PDFs show □ instead: 🍁"
    assert told in coordinator.get(answer.location).text
    assert told in coordinator.get(f"{answer.location}/open").text
